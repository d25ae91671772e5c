"""DPO and KTO in the place of GRPO, by one word of the profile."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from tasks.lineage.errors import UserError
from tasks.lineage.store import folder_digests
from tasks.training.config import Optimizer
from tasks.training.config_parts import Evaluation
from tasks.training.model_files import load_writer
from tasks.training.steps import make_grpo_model
from tests.training.conftest import GRPO, Told
from tests.training.rules import few_rules
from tests.training.tables import World

OPTIMIZER = Optimizer(learning_rate=5e-3, steps=8, batch_size=8)


def trained(chain: SimpleNamespace, tables: World, out: Path, **changed: Any) -> dict[str, Any]:
    out.mkdir()
    params = GRPO.model_copy(update={"optimizer": OPTIMIZER} | changed)
    folders = {"sft_model": chain.folders["sft_model"]}  # no reward model is read
    make_grpo_model(tables.inputs(params, folders, few_rules()), out, Told())
    return json.loads((out / "card.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_method_learns_to_prefer_and_gives_a_merged_model(
    chain: SimpleNamespace, tables: World, tmp_path: Path, method: str
) -> None:
    card = trained(chain, tables, tmp_path / "out", method=method)
    assert card["method"] == method
    assert card["rows"] == len(tables.tables["preference" if method == "dpo" else "kto"])
    assert card["relative_change"] > 1e-4
    assert card["saved_largest_logit_gap"] < 1e-3
    metrics = pq.read_table(tmp_path / "out" / "metrics.parquet").to_pylist()
    margins = [row["value"] for row in metrics if row["name"] == "rewards/margins"]
    assert margins[-1] > margins[0]
    assert load_writer(tmp_path / "out").num_parameters() == load_writer(chain.folders["sft_model"]).num_parameters()
    assert (tmp_path / "out" / "reward.png").is_file()


def test_same_seed_gives_the_same_model(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    short = OPTIMIZER.model_copy(update={"steps": 2})
    for name in ("one", "two"):
        trained(chain, tables, tmp_path / name, method="kto", optimizer=short)
    assert folder_digests(tmp_path / "one") == folder_digests(tmp_path / "two")


def test_checkpoint_is_chosen_by_the_gates_here_too(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    evaluation = Evaluation(share=0.3, every=2, patience=0)
    short = OPTIMIZER.model_copy(update={"steps": 4})
    card = trained(chain, tables, tmp_path / "out", method="dpo", evaluation=evaluation, optimizer=short)
    assert card["evaluation"]["metric"] == "eval_gates"
    assert card["rows"] + card["evaluation"]["rows"] == len(tables.tables["preference"])


def test_rows_over_the_length_are_refused_and_not_cut(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"grpo_model: \d+ of 52 rows are longer than 60 tokens"):
        trained(chain, tables, tmp_path / "out", method="dpo", max_length=60)


def test_kto_with_single_rows_is_refused_before_anything_loads(tables: World) -> None:
    machine = GRPO.machine.model_copy(update={"micro_batch": 1})
    params = GRPO.model_copy(update={"method": "kto", "machine": machine})
    with pytest.raises(UserError, match="method kto with 1 row in a forward pass; expected at least 2"):
        make_grpo_model(tables.inputs(params, {}, few_rules()), Path("never-written"), Told())
