"""The reward model: a card that counts by sample and by method, beside what surface alone gets on the same pairs."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tasks.lineage.errors import UserError
from tasks.training.reward_model import held_out_pairs
from tasks.training.scoring import Calibration, load_reward
from tasks.training.steps import make_reward_model
from tests.training.conftest import REWARD, Told
from tests.training.tables import World


def test_card_ranks_held_out_pairs_by_method_beside_the_baselines(chain: SimpleNamespace, tables: World) -> None:
    card = json.loads((chain.folders["reward_model"] / "card.json").read_text(encoding="utf-8"))
    held_out = [row for row in tables.tables["pairs"] if row["split"] == "val"]
    figures = card["held_out"]
    assert figures["all"]["pairs"] == len(held_out)
    assert sum(figures[method]["pairs"] for method in figures.keys() - {"all"}) == len(held_out)
    assert figures["all"].keys() == {"pairs", "reward_model", "length_only", "character_ngrams"}
    assert all(0 <= row["reward_model"] <= 1 for row in figures.values())
    assert card["calibration"]["deviation"] > 0
    assert card["saved_largest_logit_gap"] < 1e-3


def test_score_is_the_same_alone_and_in_a_batch(chain: SimpleNamespace, tables: World) -> None:
    scorer, _ = load_reward(chain.folders["reward_model"], REWARD)
    rows = tables.tables["preference"][:9]
    prompts, answers = [row["prompt"] for row in rows], [row["chosen"] for row in rows]
    together = scorer.scores(prompts, answers)
    alone = [scorer.scores([prompt], [text])[0] for prompt, text in zip(prompts, answers, strict=True)]
    assert together == pytest.approx(alone, abs=1e-4)
    assert len(set(together)) > 1


def test_scorer_is_frozen(chain: SimpleNamespace) -> None:
    scorer, _ = load_reward(chain.folders["reward_model"], REWARD)
    assert not any(weight.requires_grad for weight in scorer.model.parameters())


def test_bounded_score_keeps_order_and_stays_between_zero_and_one() -> None:
    calibration = Calibration(mean=2.0, deviation=0.5)
    bounded = [calibration.bounded(score) for score in (-1e6, 1.5, 2.0, 2.5, 1e6)]
    assert bounded == sorted(bounded)
    assert bounded[2] == 0.5
    assert 0 < bounded[0] < bounded[-1] < 1


def test_pairs_of_train_products_and_of_other_types_are_not_held_out(tables: World) -> None:
    params = REWARD.model_copy(update={"content_types": ("paid_ad_pas",)})
    rows = held_out_pairs(tables.inputs(params))
    assert rows
    assert {(row["split"], row["content_type"]) for row in rows} == {("val", "paid_ad_pas")}


def test_pairs_too_long_for_the_model_are_an_error_and_not_dropped(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="rows are longer than 60 tokens"):
        make_reward_model(tables.inputs(REWARD.model_copy(update={"max_length": 60}), chain.folders), tmp_path, Told())
