"""The same training code makes a recipe's four models: micro models, for the mechanics."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.lineage.errors import UserError
from tasks.lineage.step import FolderStep
from tasks.recipes.config import (
    RecipeBaseParams,
    RecipeGrpoParams,
    RecipeRewardParams,
    RecipeScoreParams,
    RecipeSftParams,
)
from tasks.recipes.steps import TRAINING, make_base, make_grpo_model, make_reward_model
from tasks.recipes.tables import asked
from tasks.recipes.verdicts import compute_scores, compute_verdicts
from tasks.training.config import Architecture, Group, Lora, Machine, Optimizer
from tasks.training.launch import Snapshot, snapshot_of
from tasks.training.steps import make_sft_model
from tests.recipes.writing import Kitchen, kitchen

TWO = str(Path(__file__).resolve().parents[2] / "deployments" / "accelerate" / "tiny.yaml")
MACHINE = Machine(threads=1)
SHAPE = Architecture(
    vocabulary=500, hidden=32, layers=2, heads=2, kv_heads=1, head_dim=16, feed_forward=64, positions=512
)
LORA = Lora(r=4, alpha=8)
WEIGHTS = {"reward_model": 1.0, "ended": 1.0, "holds_words": 1.0, "length": 1.0, "no_loop": 1.0, "own_words": 0.0}
PARAMS: dict[str, Any] = {
    "base": RecipeBaseParams(
        architecture=SHAPE, documents=150, block=96, machine=MACHINE,
        optimizer=Optimizer(learning_rate=3e-3, steps=6, batch_size=8),
    ),
    "sft_model": RecipeSftParams(
        lora=Lora(r=4, alpha=8, train_embeddings=True), max_new_tokens=12, eos_samples=4, min_ended=0.0,
        machine=MACHINE, optimizer=Optimizer(learning_rate=2e-3, steps=4, batch_size=4),
    ),
    "reward_model": RecipeRewardParams(
        lora=LORA, machine=MACHINE, optimizer=Optimizer(learning_rate=1e-3, steps=4, batch_size=4)
    ),
    "grpo_model": RecipeGrpoParams(
        lora=LORA, group=Group(size=4, max_new_tokens=12), machine=MACHINE, weights=WEIGHTS,
        optimizer=Optimizer(learning_rate=2e-3, steps=3, batch_size=8),
    ),
}  # fmt: skip
MAKERS = {
    "base": make_base, "sft_model": make_sft_model, "reward_model": make_reward_model, "grpo_model": make_grpo_model,
}  # fmt: skip


def silent(done: int, total: int, note: str = "") -> None:
    """Watch nothing."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A kitchen with its four models, and their cards."""
    root = tmp_path_factory.mktemp("chain")
    place = kitchen(root, 80)
    for name, make in MAKERS.items():
        place.folders[name] = root / name
        place.folders[name].mkdir()
        make(place.inputs(PARAMS[name]), place.folders[name], silent)
    cards = {name: json.loads((root / name / "card.json").read_text(encoding="utf-8")) for name in MAKERS}
    return SimpleNamespace(place=place, cards=cards)


def test_reward_card_has_the_baselines_beside_the_model(made: SimpleNamespace) -> None:
    found = made.cards["reward_model"]["held_out_texts"]
    held_out = [row for row in made.place.tables["examples"] if row["source"] == "rated" and row["split"] == "val"]
    assert found["texts"] == len(held_out)
    assert found["good"] == sum(row["label"] for row in held_out)
    for judge in ("reward_model", "character_ngrams", "length_only", "majority"):
        assert set(found[judge]) == {"accuracy", "precision", "recall", "f1"}
    assert found["majority"]["accuracy"] == pytest.approx(found["good"] / found["texts"], abs=1e-4)
    assert made.cards["reward_model"]["with_prompt"] is True


def test_grpo_logs_the_recipes_gates_and_rewards_its_weights(made: SimpleNamespace) -> None:
    card = made.cards["grpo_model"]
    assert card["weights"] == WEIGHTS
    assert card["parts"].keys() == WEIGHTS.keys()
    assert card["never_rewarded"] == ["own_words"]


def test_every_gate_rewarded_is_refused_before_anything_loads(made: SimpleNamespace, tmp_path: Path) -> None:
    params = PARAMS["grpo_model"].model_copy(update={"weights": WEIGHTS | {"own_words": 1.0}})
    with pytest.raises(UserError, match="every gate is rewarded"):
        make_grpo_model(made.place.inputs(params), tmp_path, silent)


def launched(name: str, launch: str) -> Any:
    return PARAMS[name].model_copy(update={"machine": MACHINE.model_copy(update={"launch": launch})})


@pytest.mark.parametrize("step", TRAINING, ids=lambda step: step.name)
def test_every_step_trains_where_machine_launch_says(made: SimpleNamespace, step: FolderStep, tmp_path: Path) -> None:
    inputs = made.place.inputs(launched(step.name, "nowhere.yaml"))
    with pytest.raises(UserError, match=r"machine\.launch nowhere\.yaml: no such file"):
        step.compute(inputs, tmp_path, silent)
    snapshot = snapshot_of(MAKERS[step.name], step.reads, inputs, tmp_path, tmp_path)
    read: Snapshot = pickle.loads(pickle.dumps(snapshot))
    assert read == snapshot  # what another process is handed is what this one would have read
    assert {*read.tables, *read.folders, *read.sources} == set(step.reads)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", TRAINING, ids=lambda step: step.name)
def test_two_processes_train_a_recipes_models(made: SimpleNamespace, step: FolderStep, tmp_path: Path) -> None:
    step.compute(made.place.inputs(launched(step.name, TWO)), tmp_path, silent)
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert card["steps"] == PARAMS[step.name].optimizer.steps
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in made.place.folders[step.name].iterdir()}


def answered(place: Kitchen) -> list[dict]:
    """Return one answer to each val input, which is its headline's."""
    return [
        {"answer_id": f"sft/{item}", "system": "sft", "item_id": item, "subject": row["subject"], "task": row["task"],
         "prompt": row["prompt"], "text": row["inputs"][0]["value"], "ended_by_eos": True}
        for item, row in asked(place.inputs(), "val").items()
    ]  # fmt: skip


def test_verdicts_and_scores_are_one_an_answer(made: SimpleNamespace) -> None:
    place: Kitchen = made.place
    place.tables["answers"] = answered(place)
    verdicts, scores = (
        compute_verdicts(place.inputs()),
        compute_scores(place.inputs(RecipeScoreParams(machine=MACHINE))),
    )
    assert [row["answer_id"] for row in verdicts] == [row["answer_id"] for row in scores]
    assert all(0 < row["reward"] < 1 for row in scores)
    assert all("own_words" in row["broken"] and not row["passes"] for row in verdicts)
    assert {row["task"]: "holds_words" in row["gates"] for row in verdicts} == {"headline": False, "words": True}
