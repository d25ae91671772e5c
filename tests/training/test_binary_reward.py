"""The reward model as a classifier of single texts: its figures, and its use as a score like any other."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest

from tasks.lineage.errors import UserError
from tasks.training.binary_reward import classification
from tasks.training.config import Optimizer
from tasks.training.config_parts import Evaluation
from tasks.training.scoring import load_reward
from tasks.training.steps import make_grpo_model, make_reward_model
from tests.training.conftest import GRPO, REWARD, Told
from tests.training.rules import few_rules
from tests.training.tables import World

PARAMS = REWARD.model_copy(
    update={
        "kind": "binary",
        "optimizer": Optimizer(learning_rate=5e-3, steps=30, batch_size=16),
        "evaluation": Evaluation(share=0.2, every=10, patience=0),
    }
)


@pytest.fixture(scope="module")
def folder(chain: SimpleNamespace, tables: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("binary")
    make_reward_model(tables.inputs(PARAMS, chain.folders), out, Told())
    return out


def test_card_has_accuracy_precision_recall_and_f1_of_held_out_texts(folder: Path, tables: World) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    held_out = [row for row in tables.tables["pairs"] if row["split"] == "val"]
    assert card["kind"] == "binary"
    assert card["held_out_texts"].keys() == {"texts", "accuracy", "precision", "recall", "f1"}
    assert card["held_out_texts"]["texts"] == 2 * len(held_out)
    assert card["held_out_texts"]["accuracy"] > 0.5
    assert card["held_out"]["all"]["pairs"] == len(held_out)
    assert card["rows"] + card["evaluation"]["rows"] == len(tables.tables["reward_rows"])
    logged = {row["name"] for row in pq.read_table(folder / "metrics.parquet").to_pylist()}
    assert {"eval_accuracy", "eval_precision", "eval_recall", "eval_f1", "eval_loss"} <= logged


def test_score_is_of_the_text_alone(folder: Path) -> None:
    scorer, _ = load_reward(folder, PARAMS)
    assert scorer.scores(["写一则广告"], ["温和修护。"]) == scorer.scores(["另一项任务"], ["温和修护。"])


def test_grpo_takes_a_classifier_as_its_reward_model(
    folder: Path, chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    folders = {"sft_model": chain.folders["sft_model"], "reward_model": folder}
    make_grpo_model(tables.inputs(GRPO, folders, few_rules()), tmp_path, Told())
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert 0 < card["parts"]["reward_model"]["last"] < 1


def test_texts_too_long_for_the_model_are_an_error(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    params = PARAMS.model_copy(update={"max_length": 16})
    with pytest.raises(UserError, match="rows are longer than 16 tokens"):
        make_reward_model(tables.inputs(params, chain.folders), tmp_path, Told())


def test_figures_follow_their_definitions() -> None:
    said = np.array([True, True, True, False, False])
    label = np.array([True, True, False, True, False])
    assert classification(said, label) == {"accuracy": 0.6, "precision": 0.6667, "recall": 0.6667, "f1": 0.6667}
    assert classification(~label, label) == {"accuracy": 0.0, "precision": 0.0, "recall": 0.0, "f1": 0.0}
