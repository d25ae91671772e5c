"""The val set for lm-evaluation-harness: documents, the task's YAML, and a metric that says what the checker says."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.model import ContentType, Product
from tasks.brief.products import load_products
from tasks.brief.steps import row_of
from tasks.compliance import check, load_rules
from tasks.datasets.task_prompt import task_prompt
from tasks.judging.lm_eval_metrics import MEASURED
from tasks.judging.lm_eval_task import val_documents, write_task
from tasks.lineage.errors import UserError

BRAND = Path(__file__).parents[2] / "brands" / "elemental_equation"
TYPES = load_content_types(BRAND)
ADS = ("paid_ad_cta", "paid_ad_pas")
PRODUCTS = [row.product for row in load_products(BRAND / "products.csv").rows[:4]]
ROWS = [{**row_of(product), "split": "val" if n < 3 else "train"} for n, product in enumerate(PRODUCTS)]
COPY = [
    {
        "product_id": product.product_id,
        "content_type": kind,
        "status": "accepted",
        "text": f"{product.product_name}，{n}",
    }
    for product in PRODUCTS
    for kind in (*ADS, "social_media_review")
    for n in range(2)
]
TEXTS = (
    "换季时脸颊发紧？配方精简，每一种成分都有来处，早晚洁面后取适量，轻按至吸收就好。点击了解详情。",
    "全网最好的护肤神器，三天治好敏感肌！",
    "【痛点】水润度提升87%，立即下单。",
    "",
    "温和" * 200,
)


def written(folder: Path, asked: tuple[str, ...] = ADS) -> Path:
    write_task(folder / "task", "copymill_demo", val_documents(ROWS, COPY, TYPES, asked), BRAND)
    return folder / "task"


def documents(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "val.jsonl").read_text(encoding="utf-8").splitlines()]


def metrics_of(folder: Path) -> ModuleType:
    """Return the metrics as the harness loads them: from the file beside the task."""
    spec = importlib.util.spec_from_file_location("written_metrics", folder / "metrics.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def loaded(folder: Path) -> dict[str, Any]:
    class Loader(yaml.SafeLoader):
        """YAML in which `!function` is a name."""

    Loader.add_constructor("!function", lambda loader, node: ("function", node.value))
    return yaml.load((folder / "copymill_demo.yaml").read_text(encoding="utf-8"), Loader)


def test_documents_are_the_val_items_with_the_prompt_that_models_know(tmp_path):
    found = documents(written(tmp_path))
    assert [row["id"] for row in found] == sorted(f"{p.product_id}/{kind}" for p in PRODUCTS[:3] for kind in ADS)
    for row in found:
        product = Product.model_validate_json(row["product"])
        content_type = ContentType.model_validate_json(row["content_type"])
        assert product in PRODUCTS and content_type == TYPES[content_type.id]
        assert row["prompt"] == task_prompt(product, content_type)
        assert row["reference"] == f"{product.product_name}，0", "the first sample, as everywhere"


def test_no_types_named_are_all_types():
    assert len(val_documents(ROWS, COPY, TYPES, ())) == 9


def test_quarantined_text_is_no_reference_and_nothing_left_is_an_error():
    with pytest.raises(UserError, match="no val product has an accepted text"):
        val_documents(ROWS, [{**row, "status": "quarantined"} for row in COPY], TYPES, ())


def test_every_function_and_metric_that_the_task_names_is_there(tmp_path):
    folder = written(tmp_path)
    config, metrics = loaded(folder), metrics_of(folder)
    named = [config["custom_dataset"], config["process_results"]]
    named += [entry["aggregation"] for entry in config["metric_list"] if entry["aggregation"] != "mean"]
    assert all(kind == "function" and hasattr(metrics, name.removeprefix("metrics.")) for kind, name in named)
    given = metrics.process_results(documents(folder)[0], [TEXTS[0]])
    assert given.keys() == {entry["metric"] for entry in config["metric_list"]}
    assert config["generation_kwargs"]["max_gen_toks"] >= max(TYPES[kind].max_chars for kind in ADS)


@pytest.mark.parametrize("text", TEXTS)
def test_metric_says_what_the_checker_says(tmp_path, text):
    folder = written(tmp_path)
    metrics, rules = metrics_of(folder), load_rules(load_brand(BRAND), BRAND)
    for document in documents(folder):
        product = Product.model_validate_json(document["product"])
        verdict = check(text, product, ContentType.model_validate_json(document["content_type"]), rules)
        kinds = {reason.kind for reason in verdict.blocking}
        found = metrics.process_results(document, [f" {text}\n"])
        assert found["accepted"] == float(verdict.accepted)
        for gate in MEASURED:
            if gate.id != "name":
                assert found[f"gate_{gate.id}"] == float(not kinds & set(gate.kinds)), gate.id
        assert found["bleu_zh"] == (document["reference"], text)


def test_good_and_bad_are_told_apart(tmp_path):
    folder = written(tmp_path)
    metrics, document = metrics_of(folder), documents(folder)[0]
    bad = metrics.process_results(document, [TEXTS[1]])
    assert (bad["accepted"], bad["judged"], bad["gate_words"]) == (0.0, 0.0, 0.0)
    assert metrics.process_results(document, [TEXTS[0]])["judged"] == 1.0


def test_gate_that_does_not_apply_is_left_out(tmp_path):
    folder = written(tmp_path, ("social_media_review",))
    assert "gate_call_to_action" not in metrics_of(folder).process_results(documents(folder)[0], [TEXTS[0]])


def test_brands_own_rules_go_along(tmp_path):
    brand = tmp_path / "brand"
    (brand / "rules").mkdir(parents=True)
    (brand / "brand.yaml").write_text((BRAND / "brand.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    own = "switch_off:\n  - id: label_bracket\n    reason: 标题习惯用方括号\n"
    (brand / "rules" / "own.yaml").write_text(own, encoding="utf-8")
    write_task(tmp_path / "task", "copymill_demo", val_documents(ROWS, COPY, TYPES, ADS), brand)
    found = metrics_of(tmp_path / "task").rules().digest
    assert found == load_rules(load_brand(brand), brand).digest != load_rules(load_brand(BRAND), BRAND).digest


def test_same_home_makes_the_same_bytes_and_no_path_of_this_machine(tmp_path):
    one, other = written(tmp_path / "a"), written(tmp_path / "b")
    for path in (path for path in one.rglob("*") if path.is_file()):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes()
        assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_folder_that_holds_something_is_refused(tmp_path):
    written(tmp_path)
    with pytest.raises(UserError, match="something lies there; expected a new or empty folder"):
        written(tmp_path)


@pytest.mark.slow
def test_harness_runs_the_task_on_a_tiny_model(tmp_path):
    """lm_eval itself, on random weights: its figures are those that the metric gives for its samples."""
    lm_eval = pytest.importorskip("lm_eval")
    pytest.importorskip("sacrebleu")
    from lm_eval.tasks import TaskManager

    from tests.training.models import random_writer

    folder, model = written(tmp_path), random_writer(tmp_path / "model")
    found = lm_eval.simple_evaluate(
        model="hf",
        model_args={"pretrained": str(model), "dtype": "float32", "enable_thinking": False},
        tasks=["copymill_demo"],
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        apply_chat_template=True,
        batch_size=4,
        device="cpu",
    )
    samples = found["samples"]["copymill_demo"]
    assert len(samples) == len(documents(folder))
    shown = {name.removesuffix(",none"): value for name, value in found["results"]["copymill_demo"].items()}
    assert shown["gate_length"] == pytest.approx(sum(row["gate_length"] for row in samples) / len(samples))
    metrics = metrics_of(folder)
    for row in samples:
        assert row["accepted"] == metrics.process_results(row["doc"], row["filtered_resps"])["accepted"]
    assert 0 <= shown["bleu_zh"] < 5 and 0 <= shown["chrf"] < 30, "noise"
    assert re.search(r"user\n写一篇.*assistant\n$", samples[0]["arguments"][0][0], re.S), "the chat format"
