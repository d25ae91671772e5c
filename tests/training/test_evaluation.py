"""Evaluation while training: on kept-back train products only; the best checkpoint is what is saved; early stops."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from tasks.lineage.errors import UserError
from tasks.training.config import GrpoParams, Optimizer, RewardParams, SftParams, profile_sections
from tasks.training.config_parts import Evaluation
from tasks.training.evaluation import chosen, even_batch, kept_back
from tasks.training.gate_evaluation import GateEvaluation
from tasks.training.generation import Generated
from tasks.training.model_files import load_writer
from tasks.training.rewards import Gates
from tasks.training.steps import make_grpo_model, make_reward_model, make_sft_model
from tests.training.conftest import GRPO, REWARD, SFT, Told
from tests.training.rules import few_rules
from tests.training.tables import World

EVALUATED = Evaluation(share=0.3, every=2, patience=0)
MAKERS = {"sft_model": make_sft_model, "reward_model": make_reward_model, "grpo_model": make_grpo_model}


def made(chain: SimpleNamespace, tables: World, out: Path, name: str, params: Any) -> tuple[dict[str, Any], list[Any]]:
    """Return the card and the metrics of a step with these params."""
    out.mkdir()
    MAKERS[name](tables.inputs(params, chain.folders, few_rules()), out, Told())
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    return card, pq.read_table(out / "metrics.parquet").to_pylist()


def series(metrics: list[Any], name: str) -> list[tuple[int, float]]:
    return [(row["step"], row["value"]) for row in metrics if row["name"] == name]


def test_rows_are_kept_back_by_train_product_and_by_seed(tables: World) -> None:
    rows = tables.tables["sft"]
    train, back = kept_back(rows, EVALUATED, 17, "sft_model")
    products = [{row["product_id"] for row in side} for side in (train, back)]
    assert len(train) + len(back) == len(rows)
    assert not products[0] & products[1]
    held_out = {row["product_id"] for row in tables.tables["products"] if row["split"] == "val"}
    assert not products[1] & held_out
    assert kept_back(rows, EVALUATED, 18, "sft_model")[1] != back
    assert kept_back(rows, Evaluation(), 17, "sft_model") == (rows, [])


def test_share_that_keeps_back_no_product_is_refused(tables: World) -> None:
    with pytest.raises(UserError, match=r"sft_model.evaluation.share: 0.001 keeps back 0 of 13 products"):
        kept_back(tables.tables["sft"], Evaluation(share=0.001), 17, "sft_model")


def test_early_stopping_is_off_in_tiny_and_on_in_the_real_profiles() -> None:
    models = {"sft_model": SftParams, "reward_model": RewardParams, "grpo_model": GrpoParams}
    for name in ("tiny", "small", "full"):
        sections = profile_sections(name)
        for section, model in models.items():
            assert (model(**sections[section]).evaluation.share > 0) == (name != "tiny")  # type: ignore[attr-defined]


def test_sft_that_gets_worse_stops_early_and_ends_with_its_best_weights(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    wild = Optimizer(learning_rate=0.3, steps=12, batch_size=8, warmup=0.0, scheduler="constant_with_warmup")
    params = SFT.model_copy(update={"optimizer": wild, "evaluation": Evaluation(share=0.3, every=1, patience=2)})
    card, metrics = made(chain, tables, tmp_path / "out", "sft_model", params)
    losses = dict(series(metrics, "eval_loss"))
    found = card["evaluation"]
    assert found["stopped_at"] < found["planned_steps"] == 12
    assert found["best_step"] == min(losses, key=losses.__getitem__) == found["stopped_at"] - 2
    assert found["best"] == losses[found["best_step"]]
    assert loss_on_back(tmp_path / "out", tables, params) == pytest.approx(found["best"], rel=1e-3)


def loss_on_back(folder: Path, tables: World, params: Any) -> float:
    """Return the saved model's loss on the kept-back answers, counted as the trainer does: a mean over batches."""
    import torch

    from tasks.training.chat import prompt_text
    from tasks.training.model_files import load_tokenizer

    model, tokenizer = load_writer(folder).eval(), load_tokenizer(folder)
    back = kept_back(tables.tables["sft"], params.evaluation, params.seed, "sft_model")[1]
    size = even_batch(len(back), params.optimizer.batch_size)
    means = []
    for start in range(0, len(back), size):
        losses = []
        for row in back[start : start + size]:
            prompt, answer = (turn["content"] for turn in row["messages"])
            begin = tokenizer(prompt_text(tokenizer, prompt), add_special_tokens=False)["input_ids"]
            rest = tokenizer(f"{answer}<|im_end|>\n", add_special_tokens=False)["input_ids"]
            with torch.no_grad():
                logits = model(torch.tensor([begin + rest])).logits[0, len(begin) - 1 : -1]
            losses.append(torch.nn.functional.cross_entropy(logits, torch.tensor(rest), reduction="none"))
        means.append(float(torch.cat(losses).mean()))
    return sum(means) / len(means)


def test_evaluations_that_are_no_numbers_are_an_error(tables: World) -> None:
    state = SimpleNamespace(best_model_checkpoint=None)
    trainer = SimpleNamespace(state=state, args=SimpleNamespace(metric_for_best_model="eval_loss"))
    with pytest.raises(UserError, match="eval_loss while training: no evaluation gave a number"):
        chosen(trainer, tables.tables["sft"])
    assert chosen(trainer, []) == {}


def test_reward_model_logs_accuracy_by_sample_on_kept_back_pairs(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    params = REWARD.model_copy(update={"evaluation": EVALUATED})
    card, metrics = made(chain, tables, tmp_path / "out", "reward_model", params)
    pairs = card["evaluation"]["rows"]
    assert card["rows"] + pairs == len(tables.tables["preference"])
    steps = [step for step, _ in series(metrics, "eval_accuracy")]
    assert steps == [2, 4]
    for _, accuracy in series(metrics, "eval_accuracy"):
        assert accuracy * pairs == pytest.approx(round(accuracy * pairs))
    assert card["evaluation"]["metric"] == "eval_loss"


def test_batch_of_evaluations_divides_the_rows() -> None:
    assert [even_batch(rows, 8) for rows in (16, 12, 7, 11, 0)] == [8, 6, 7, 1, 1]


def test_grpo_chooses_its_checkpoint_by_the_gates_and_not_by_the_reward(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    optimizer = GRPO.optimizer.model_copy(update={"steps": 4})
    params = GRPO.model_copy(update={"evaluation": EVALUATED, "optimizer": optimizer})
    card, metrics = made(chain, tables, tmp_path / "out", "grpo_model", params)
    names = {row["name"] for row in metrics}
    assert {"eval_gates", "eval_ended", "eval_distinct_2", "eval_gate/format", "eval_gate/length"} <= names
    gates = dict(series(metrics, "eval_gates"))
    assert list(gates) == [2, 4]
    assert card["evaluation"]["metric"] == "eval_gates"
    assert card["evaluation"]["best_step"] == max(gates, key=gates.__getitem__)


def test_checkpoint_with_the_best_gates_is_saved_whatever_the_reward(
    chain: SimpleNamespace, tables: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    optimizer = GRPO.optimizer.model_copy(update={"steps": 4})
    params = GRPO.model_copy(update={"evaluation": EVALUATED, "optimizer": optimizer})
    saved = {}
    for name, rates in {"falling": [0.9, 0.2], "rising": [0.2, 0.9]}.items():
        left = iter(rates)
        monkeypatch.setattr(GateEvaluation, "__call__", lambda self, model, left=left: {"eval_gates": next(left)})
        card, _ = made(chain, tables, tmp_path / name, "grpo_model", params)
        saved[name] = (card["evaluation"]["best_step"], card["adapter_sha256"])
    assert saved["falling"][0] == 2
    assert saved["rising"][0] == 4
    assert saved["falling"][1] != saved["rising"][1]


def test_gates_are_counted_over_the_answers_and_an_endless_one_is_not_fit(tables: World) -> None:
    rows = tables.tables["grpo"][:2]
    good = [item["text"] for item in tables.tables["copy"] if item["item_id"] in {row["item_id"] for row in rows}]
    judged = GateEvaluation(rows, Gates(rows, tables.content_types, few_rules()), None, GRPO)
    figures = judged.figures([Generated(good[0], True, 9), Generated(good[1], False, 9)])
    assert (figures["eval_gates"], figures["eval_ended"], figures["eval_gate/forbidden_word"]) == (0.5, 0.5, 1.0)
    broken = judged.figures([Generated(good[0], True, 9), Generated("这款神器，" + good[1], True, 9)])
    assert (broken["eval_gates"], broken["eval_gate/forbidden_word"], broken["eval_gate/length"]) == (0.5, 0.5, 1.0)
