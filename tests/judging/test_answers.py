"""Answers: which are wanted, what makes one stale, and that only a wanted model is ever asked."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass

import pytest

from tasks.judging.answers import make_answers, wanted_answers
from tasks.judging.config import AnswerParams
from tasks.judging.steps import ANSWERS, STEPS
from tasks.lineage.params import undeclared_fields
from tasks.lineage.planner import World, plan_step
from tasks.lineage.step import PENDING
from tasks.lineage.store import Store
from tasks.lineage.views import Source, View
from tests.judging.answering import silent
from tests.judging.brandbook import ADS
from tests.judging.world import FakeInputs, sources, world


@dataclass
class Written:
    text: str
    ended_by_eos: bool = True
    tokens: int = 7


def answer_inputs(**digests: str) -> FakeInputs:
    params = AnswerParams(content_types=ADS)
    return FakeInputs(world(10), params=params, sources=sources(), folders=FOLDERS, digests=digests)


FOLDERS = {"base": "BASE", "sft_model": "SFT", "grpo_model": "GRPO"}


@pytest.fixture
def asked(monkeypatch):
    """Stand in for torch: note what is generated from which folder."""
    calls = []

    def generate(folder, prompts, params, report):
        calls.append((folder, list(prompts)))
        return [Written(f"{folder}:{prompt[:12]}") for prompt in prompts]

    monkeypatch.setitem(sys.modules, "tasks.training.generation", types.SimpleNamespace(generate=generate))
    return calls


def test_models_answer_every_val_item_and_references_only_accepted_copy():
    inputs = answer_inputs()
    items = wanted_answers(inputs)
    val = [row["product_id"] for row in inputs.tables["products"] if row["split"] == "val"]
    wanted = {(product, kind) for product in val for kind in ADS}
    for system in ("base", "sft", "grpo"):
        assert {(i.data["product_id"], i.data["content_type"]) for i in items if i.data["system"] == system} == wanted
    accepted = {(r["product_id"], r["content_type"]) for r in inputs.tables["copy"] if r["status"] == "accepted"}
    references = {(i.data["product_id"], i.data["content_type"]) for i in items if i.data["system"] == "reference"}
    assert references == wanted & accepted


def test_changed_model_makes_its_own_answers_stale_alone():
    before = {item.id: item.key for item in wanted_answers(answer_inputs())}
    after = {item.id: item.key for item in wanted_answers(answer_inputs(sft_model="new"))}
    assert {name.split("/")[0] for name in before if before[name] != after[name]} == {"sft"}


def test_changed_ingredient_makes_its_product_stale_and_says_so():
    inputs, before = answer_inputs(), {item.id: item for item in wanted_answers(answer_inputs())}
    product = next(row for row in inputs.tables["products"] if row["split"] == "val")
    product["core_ingredients"] = ["5%传明酸"]
    changed = [item for item in wanted_answers(inputs) if item.key != before[item.id].key]
    assert {(item.data["product_id"], item.data["system"]) for item in changed} == {
        (product["product_id"], system) for system in ("base", "sft", "grpo")
    }
    old = before[changed[0].id].components
    named = {name for name, value in changed[0].components.items() if old[name] != value}
    assert named == {"product.core_ingredients", "task_prompt"}


def test_model_to_come_leaves_its_answers_pending():
    pending = {item.data["system"] for item in wanted_answers(answer_inputs(grpo_model=PENDING)) if item.pending}
    assert pending == {"grpo"}


def test_copy_to_come_leaves_its_reference_pending():
    inputs = answer_inputs()
    val = {row["product_id"] for row in inputs.tables["products"] if row["split"] == "val"}
    row = next(r for r in inputs.tables["copy"] if r["product_id"] in val and r["content_type"] in ADS)
    row |= {"text": None, "status": None, "row_digest": PENDING}
    expected = f"reference/{row['product_id']}/{row['content_type']}"
    assert [i.id for i in wanted_answers(inputs) if i.pending] == [expected]


async def test_only_models_of_wanted_items_are_asked(asked):
    inputs = answer_inputs()
    items = [item for item in wanted_answers(inputs) if item.data["system"] in ("reference", "sft")]
    rows = {row["answer_id"]: row for row in await make_answers(items, inputs, None, silent)}
    assert [folder for folder, _ in asked] == ["SFT"]
    assert set(rows) == {item.id for item in items}
    for row in rows.values():
        if row["system"] == "sft":
            assert row["text"].startswith("SFT:写一篇")
            assert (row["tokens"], row["status"]) == (7, "made")
        else:
            assert row["tokens"] is None
            assert row["text"] in {copy["text"] for copy in inputs.tables["copy"]}


def test_answers_are_planned_once_the_models_are_made(tmp_path):
    inputs = answer_inputs()
    views = {name: View(name, load=lambda name=name: inputs.rows(name)) for name in ("products", "copy")}
    views |= {name: View(f"digest of {name}", path=tmp_path, folder=True) for name in FOLDERS}
    known = {"content_types": Source("content_types", "d", inputs.source("content_types"))}
    plan = plan_step(ANSWERS, World(Store(tmp_path), {"answers": inputs.params}, known, {}), views)
    assert [item.id for item in plan.todo] == [item.id for item in wanted_answers(inputs)]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_parameter_is_identity_or_runtime(step):
    assert undeclared_fields(step.params) == []
    step.params().identity()
