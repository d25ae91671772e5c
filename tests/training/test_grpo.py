"""GRPO: parts logged apart, one gate never rewarded, and sizes that do not divide are refused before anything loads."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from trl.trainer.utils import RepeatSampler

from tasks.lineage.errors import UserError
from tasks.training.config import Group, Optimizer, Weights
from tasks.training.grpo import EpochSampler
from tasks.training.rewards import GATES, PARTS, Gates, Rewards, part_weights
from tasks.training.scoring import Calibration
from tasks.training.steps import make_grpo_model
from tests.training.conftest import GRPO, Told
from tests.training.rules import few_rules
from tests.training.tables import World


def refused(tables: World, **changed: Any) -> pytest.ExceptionInfo[UserError]:
    """Run the step on folders that are not there: an error that is not a UserError means that something was loaded."""
    inputs = tables.inputs(GRPO.model_copy(update=changed), {}, few_rules())
    with pytest.raises(UserError) as found:
        make_grpo_model(inputs, Path("never-written"), Told())
    return found


def test_every_part_is_logged_apart_with_kl(chain: SimpleNamespace) -> None:
    names = {row["name"] for row in pq.read_table(chain.folders["grpo_model"] / "metrics.parquet").to_pylist()}
    assert {f"rewards/{part}/mean" for part in PARTS} | {"reward", "kl", "completions/clipped_ratio"} <= names


def test_card_names_what_was_never_rewarded(chain: SimpleNamespace) -> None:
    card = json.loads((chain.folders["grpo_model"] / "card.json").read_text(encoding="utf-8"))
    assert card["never_rewarded"] == ["format", "hashtags"]
    assert card["parts"].keys() == set(PARTS)
    assert card["relative_change"] > 1e-4
    assert card["saved_largest_logit_gap"] < 1e-3
    for name in ("reward.png", "kl.png"):
        assert (chain.folders["grpo_model"] / name).is_file()


def test_batch_that_is_no_whole_number_of_groups_is_refused_before_loading(tables: World) -> None:
    found = refused(tables, group=Group(size=5), optimizer=Optimizer(learning_rate=1e-3, steps=1, batch_size=8))
    assert "batch_size 8 is no multiple of group.size 5" in str(found.value)
    assert found.value.todo == "use batch_size 5"


def test_fewer_prompts_than_groups_are_refused_before_loading(tables: World) -> None:
    found = refused(tables, optimizer=Optimizer(learning_rate=1e-3, steps=1, batch_size=4096))
    assert "52 prompts and 1024 groups" in str(found.value)


def test_one_gate_must_stay_unrewarded(tables: World) -> None:
    assert "every gate is rewarded" in str(refused(tables, weights=Weights(hashtags=1, format=1)).value)
    assert "all are 0" in str(refused(tables, weights=Weights(**dict.fromkeys(PARTS, 0.0))).value)
    assert part_weights(Weights(length=2.0).model_dump())[PARTS.index("length")] == 2.0


def test_gates_are_the_violation_kinds_that_a_writer_can_help() -> None:
    assert len(GATES) == 9
    assert "sheet" not in GATES
    with pytest.raises(ValidationError, match="beauty"):
        Weights(beauty=1.0)  # type: ignore[call-arg]


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_prompts_of_a_resumed_epoch_come_in_the_order_that_they_would_have_had(epoch: int) -> None:
    def sampler() -> RepeatSampler:
        return RepeatSampler(range(11), mini_repeat_count=2, batch_size=3, repeat_count=2, seed=17)

    uninterrupted = sampler()
    orders = [list(uninterrupted) for _ in range(3)]
    resumed = EpochSampler(sampler(), SimpleNamespace(state=SimpleNamespace(epoch=epoch + 0.4)))
    assert list(resumed) == orders[epoch]
    assert len(resumed) == len(uninterrupted)
    assert orders[0] != orders[1]


class Fixed:
    """A reward model that gives every answer its length."""

    def scores(self, prompts: list[str], answers: list[str]) -> list[float]:
        return [float(len(answer)) for answer in answers]


@pytest.fixture
def rewards(tables: World) -> Rewards:
    rows = tables.tables["grpo"]
    gates = Gates(rows, tables.content_types, few_rules())
    return Rewards(gates, PARTS, Fixed(), Calibration(10.0, 5.0), [2])  # type: ignore[arg-type]


def rewarded(rewards: Rewards, row: dict[str, Any], text: str, ids: list[int]) -> dict[str, float]:
    """Return what each part gives one answer, asked as TRL asks."""
    asked = {
        "prompts": [[{"role": "user", "content": row["prompt"]}]],
        "completions": [[{"role": "assistant", "content": text}]],
        "completion_ids": [ids],
        "item_id": [row["item_id"]],
        "trainer_state": None,
    }
    return {function.__name__: function(**asked)[0] for function in rewards.functions()}


def test_good_ad_passes_all_gates_and_a_bad_one_loses_just_its_own(rewards: Rewards, tables: World) -> None:
    row = tables.tables["grpo"][0]
    good = next(item for item in tables.tables["copy"] if item["item_id"] == row["item_id"])["text"]
    clean = rewarded(rewards, row, good, [5, 2])
    assert {part: value for part, value in clean.items() if value != 1.0 and part != "reward_model"} == {}
    broken = rewarded(rewards, row, "这款神器，" + good, [5])
    assert (broken["forbidden_word"], broken["ended"]) == (0.0, 0.0)
    assert broken["framework_label"] == broken["call_to_action"] == 1.0


def test_reward_model_part_is_bounded_and_asked_with_the_plain_prompt(rewards: Rewards, tables: World) -> None:
    row = tables.tables["grpo"][0]
    assert rewarded(rewards, row, "十个字的答案在这里了", [2])["reward_model"] == 0.5
    assert rewarded(rewards, row, "好" * 500, [2])["reward_model"] < 1.0
