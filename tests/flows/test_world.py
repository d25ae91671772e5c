"""Every parameter is declared, every fault of the inputs is one sentence before anything is spent."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from pathlib import Path

import pytest

import tasks
from flows.job import DEFAULT_BRAND, Job
from flows.steps import PIPELINE, RECIPE, needed_for, step_named, users_of
from flows.world import check_overrides, load_world
from tasks.lineage.errors import UserError
from tasks.lineage.params import Params, undeclared_fields


def all_params() -> list[type[Params]]:
    for module in pkgutil.walk_packages(tasks.__path__, "tasks."):
        if module.name.endswith((".config", ".price")):
            importlib.import_module(module.name)
    found, waiting = [], [Params]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.append(kind)
    return [kind for kind in found if kind is not Params and kind.__module__.startswith("tasks.")]


@pytest.mark.parametrize("kind", all_params(), ids=lambda kind: kind.__name__)
def test_every_param_is_identity_or_runtime(kind):
    assert undeclared_fields(kind) == []


@pytest.mark.parametrize("steps", [PIPELINE, RECIPE], ids=["main job", "recipe"])
def test_steps_read_only_what_stands_above_them(steps):
    sources = {"products_file", "guide", "content_types", "rules", "teacher"} | {
        "recipe",
        "data_files",
        "gates",
        "about",
        "quality",
        "labels",
    }
    seen = set(sources)
    for step in steps:
        assert set(step.reads) <= seen, step.name
        seen.add(step.name)


def test_needed_for_pairs_stops_at_pairs():
    names = [step.name for step in needed_for("pairs")]
    assert names[-1] == "pairs" and {"products", "drafts", "copy"} < set(names)
    assert "sft_model" not in names


def test_users_of_products_are_all_steps_below():
    assert {"drafts", "copy", "sft_model", "report"} <= {step.name for step in users_of("products")}


def test_unknown_step_lists_the_known():
    with pytest.raises(UserError, match="one of products, drafts"):
        step_named("draft")


def test_override_reaches_its_step():
    world = load_world(Job(overrides={"copy.rounds": "6"}))
    assert world.params["copy"].rounds == 6


def test_model_gates_are_switched_on_by_name():
    world = load_world(Job(overrides={"copy.model_gates": "tone,entailment", "copy.tone_score": "4"}))
    assert world.params["copy"].model_gates == ("entailment", "tone") and world.params["copy"].tone_score == 4
    with pytest.raises(UserError, match=r"copy\.model_gates.*'entailment' or 'tone'"):
        load_world(Job(overrides={"copy.model_gates": "fluency"}))


@pytest.mark.parametrize("overrides", [{"copyy.rounds": "6"}, {"rounds": "6"}])
def test_override_of_nothing_is_refused(overrides):
    with pytest.raises(UserError, match="no such parameter"):
        check_overrides(Job(overrides=overrides))


def test_override_of_an_unknown_field_is_refused():
    with pytest.raises(UserError, match=r"copy\.rownds"):
        load_world(Job(overrides={"copy.rownds": "6"}))


def brand_copy(folder: Path) -> Path:
    shutil.copytree(DEFAULT_BRAND.parent, folder / "brands")
    return folder / "brands" / DEFAULT_BRAND.name


def test_bad_yaml_of_the_brand_is_one_sentence(tmp_path):
    brand = brand_copy(tmp_path)
    (brand / "brand.yaml").write_text("name: [unclosed\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_world(Job(brand=str(brand)))
    assert "brand.yaml" in str(caught.value) and "expected" in str(caught.value)


def test_bad_rows_are_told_all_together(tmp_path):
    products = tmp_path / "products.csv"
    products.write_text(
        "product_name,category,core_ingredients,features,target_audience\n甲,精华,,保湿,所有\n,面膜,泛醇,舒缓,所有\n",
        encoding="utf-8",
    )
    with pytest.raises(UserError) as caught:
        load_world(Job(products=str(products)))
    assert "row 2" in str(caught.value) and "row 3" in str(caught.value)


def test_missing_prompt_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr("flows.world.PROMPTS", tmp_path)
    with pytest.raises(UserError, match="no such file in prompts/"):
        load_world(Job())


def test_missing_key_is_one_sentence_and_no_fallback(monkeypatch):
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    teacher = load_world(Job(teacher="deepseek")).sources["teacher"].value
    with pytest.raises(UserError, match="DEEPSEEK_API_KEY"):
        teacher.api_key()


def test_a_new_word_list_touches_rules_and_no_prompt(tmp_path):
    brand = brand_copy(tmp_path)
    before = load_world(Job(brand=str(brand)))
    text = (brand / "brand.yaml").read_text(encoding="utf-8")
    assert "forbidden:" in text
    (brand / "brand.yaml").write_text(text.replace("forbidden:", "forbidden:\n  - 天花板级别", 1), encoding="utf-8")
    after = load_world(Job(brand=str(brand)))
    changed = {name for name in before.sources if before.sources[name].digest != after.sources[name].digest}
    assert changed == {"rules"}
