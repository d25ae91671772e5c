"""Alarms over GRPO's log, on planted logs; and a planted reward hack that stops a real, small run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.lineage.errors import UserError
from tasks.training.alarms import LENGTH, Watch, alarm_at
from tasks.training.config import Alarms, Group, Optimizer, Weights
from tasks.training.rewards import GATES, PARTS, distinct_pairs
from tasks.training.scoring import Scorer
from tasks.training.steps import make_grpo_model, make_reward_model, make_sft_model
from tests.training.conftest import GRPO, REWARD, SFT, Told
from tests.training.rules import few_rules
from tests.training.tables import World

RULES = Alarms(window=5)
WEIGHTS = Weights().model_dump()


def log(steps: int = 20, **ends: tuple[float, float]) -> list[dict[str, Any]]:
    """Return a trainer's log in which each figure goes from its first to its second value, a little shaken."""
    figures = {"reward": (8.0, 8.0), "kl": (0.0, 0.05), "entropy": (2.0, 1.5), LENGTH: (40.0, 42.0)}
    figures |= {f"rewards/{gate}/mean": (0.9, 0.9) for gate in GATES}
    figures |= {name.replace("__", "/"): value for name, value in ends.items()}
    return [
        {
            name: first + (last - first) * step / (steps - 1) + 0.004 * abs(first) * ((step * 7) % 5 - 2)
            for name, (first, last) in figures.items()
        }
        for step in range(steps)
    ]


def kind(history: list[dict[str, Any]], rules: Alarms = RULES, **weights: float) -> str | None:
    found = alarm_at(history, rules, WEIGHTS | weights)
    return found.kind if found else None


def test_healthy_runs_are_left_alone() -> None:
    assert kind(log()) is None
    assert kind(log(reward=(7.0, 9.5), rewards__length__mean=(0.6, 0.95))) is None
    assert kind(log(reward=(7.0, 9.5), **{LENGTH: (90.0, 45.0)}, rewards__length__mean=(0.3, 0.95))) is None


def test_kl_that_runs_away() -> None:
    found = alarm_at(log(kl=(0.0, 1.4)), RULES, WEIGHTS)
    assert found is not None
    assert found.kind == "kl"
    assert "nats a token" in found.found


def test_entropy_that_collapses() -> None:
    assert kind(log(80, entropy=(2.0, 0.0))) == "entropy"


def test_reward_that_rises_while_an_unrewarded_gate_falls() -> None:
    fallen = {"rewards__format__mean": (0.84, 0.48)}
    found = alarm_at(log(reward=(7.6, 8.4), **fallen), RULES, WEIGHTS)
    assert found is not None
    assert "the gate format, never rewarded, fell from 0.8" in found.found
    assert kind(log(reward=(7.6, 8.4), **fallen), format=1.0) is None, "a rewarded gate tells nothing"
    assert kind(log(reward=(8.4, 7.6), **fallen)) is None, "the reward fell with it"
    assert kind(log(reward=(7.6, 8.4), rewards__format__mean=(0.84, 0.82))) is None, "within the allowance"


@pytest.mark.parametrize("last", [80.0, 15.0])
def test_length_that_drifts_while_no_more_gates_are_passed(last: float) -> None:
    assert kind(log(reward=(3.0, 6.0), **{LENGTH: (40.0, last)})) == "length"
    assert kind(log(**{LENGTH: (40.0, last)})) is None, "the reward did not rise"
    assert kind(log(reward=(3.0, 6.0), **{LENGTH: (40.0, last)}), Alarms(window=5, length=5.0)) is None


def test_two_windows_are_needed_to_say_anything() -> None:
    assert kind(log(steps=9, kl=(3.0, 3.0))) is None


def test_distinct_pairs_tell_repetition_from_variety() -> None:
    assert distinct_pairs(["好好好好好"]) == 0.25
    assert distinct_pairs(["温和修护", "温和修护"]) == 0.5
    assert distinct_pairs(["", "一"]) == 0.0


def watched(rules: Alarms, history: list[dict[str, Any]]) -> Watch:
    watch = Watch(rules, WEIGHTS)
    for step in range(1, len(history) + 1):
        state = SimpleNamespace(global_step=step, log_history=history[:step])
        watch.on_log(None, state, None, logs=history[step - 1])
    return watch


def test_alarm_stops_the_run_or_is_kept_for_the_card() -> None:
    runaway = log(kl=(0.0, 1.4))
    with pytest.raises(UserError, match=r"step 10: the KL from the SFT model ran to .* lower the learning rate"):
        watched(RULES, runaway)
    kept = watched(RULES.model_copy(update={"stop": False}), runaway)
    assert [line.split(":")[0] for line in kept.found] == ["step 10", "step 15", "step 20"]
    assert watched(RULES, log()).found == []


def test_alarm_ends_a_real_run_and_no_model_is_left(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    optimizer = GRPO.optimizer.model_copy(update={"steps": 6, "warmup": 0.0})
    lively = Alarms(window=2, kl=1e-9)  # what is planted is the alarm: any training moves a model that far
    params = GRPO.model_copy(update={"optimizer": optimizer, "alarms": lively})
    with pytest.raises(UserError, match=r"grpo_model, step 4: the KL from the SFT model ran to"):
        make_grpo_model(tables.inputs(params, chain.folders, few_rules()), tmp_path, Told())
    assert list(tmp_path.iterdir()) == []


def likes_length(self: Scorer, prompts: list[str], answers: list[str]) -> list[float]:
    return [float(len(answer)) for answer in answers]


def writer_of_short_ads(chain: SimpleNamespace, tables: World, out: Path) -> Path:
    """Return an SFT model that has learnt to stop after some twenty characters, so that it has room to grow."""
    out.mkdir()
    rows = [
        row | {"messages": [row["messages"][0], row["messages"][1] | {"content": row["messages"][1]["content"][:24]}]}
        for row in tables.tables["sft"]
    ]
    optimizer = Optimizer(learning_rate=1.5e-2, steps=60, batch_size=16)
    params = SFT.model_copy(update={"optimizer": optimizer, "max_new_tokens": 80, "min_ended": 0.5})
    short = World(tables.tables | {"sft": rows}, tables.content_types)
    make_sft_model(short.inputs(params, chain.folders), out, Told())
    return out


@pytest.mark.slow
def test_reward_that_likes_length_stops_the_run_with_its_reason(
    chain: SimpleNamespace, tables: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {"sft_model": writer_of_short_ads(chain, tables, tmp_path / "sft")}
    monkeypatch.setattr(Scorer, "scores", likes_length)  # before the reward model's card, whose scale is then lengths
    (tmp_path / "reward").mkdir()
    make_reward_model(tables.inputs(REWARD, chain.folders), tmp_path / "reward", Told())
    folders["reward_model"] = tmp_path / "reward"
    params = GRPO.model_copy(
        update={
            "weights": Weights(**(dict.fromkeys(PARTS, 0.0) | {"reward_model": 1.0})),
            "optimizer": Optimizer(
                learning_rate=4e-3, steps=24, batch_size=16, warmup=0.0, scheduler="constant_with_warmup"
            ),
            "group": Group(size=8, max_new_tokens=80, temperature=0.7, top_p=1.0),
            "beta": 0.001,
            "alarms": Alarms(window=4, kl=1e9, entropy=0.0),
        }
    )
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match=r"grpo_model, step \d+: the reward rose from .* while the (answers|gate)"):
        make_grpo_model(tables.inputs(params, folders, few_rules()), tmp_path / "out", Told())
    assert not (tmp_path / "out" / "model.safetensors").exists()
