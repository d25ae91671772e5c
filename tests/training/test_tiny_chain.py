"""The tiny profile as it stands, on eighty products: what it can learn it learns, and what it cannot is caught."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.compliance import check
from tasks.datasets.task_prompt import task_prompt
from tasks.lineage.errors import UserError
from tasks.training.config import (
    BaseParams,
    GenerationParams,
    GrpoParams,
    Lora,
    RewardParams,
    SftParams,
    profile_sections,
)
from tasks.training.generation import generate
from tasks.training.steps import make_sft_model
from tests.training.conftest import Told, made_chain
from tests.training.rules import few_rules
from tests.training.tables import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
LEARNABLE = ("forbidden_word", "framework_label", "length", "call_to_action")


@pytest.fixture(scope="module")
def many() -> World:
    return world(80)


@pytest.fixture(scope="module")
def tiny(many: World, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    sections = profile_sections("tiny")
    models = {"base": BaseParams, "sft_model": SftParams, "reward_model": RewardParams, "grpo_model": GrpoParams}
    params = {name: model(**sections[name]) for name, model in models.items()}
    return made_chain(many, tmp_path_factory.mktemp("tiny"), **params)


@pytest.fixture(scope="module")
def failing(many: World, tiny: SimpleNamespace) -> dict[str, Counter[str]]:
    """Return, for base, SFT and GRPO, how many val answers break each gate; `endless` counts those without an end."""
    params = GenerationParams(**profile_sections("tiny")["generation"])
    prompts = [task_prompt(*item) for item in many.val_items()]
    return {
        name: broken(many, generate(tiny.folders[name], prompts, params))
        for name in ("base", "sft_model", "grpo_model")
    }


def broken(many: World, answers: Sequence[Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (product, kind), answer in zip(many.val_items(), answers, strict=True):
        found.update({reason.kind for reason in check(answer.text, product, kind, few_rules()).blocking})
        found["endless"] += not answer.ended_by_eos
    return found


def test_base_has_not_learnt_to_stop_and_sft_has(many: World, failing: dict[str, Counter[str]]) -> None:
    items = len(many.val_items())
    assert failing["base"]["endless"] >= 0.9 * items
    assert failing["sft_model"]["endless"] <= 0.05 * items
    assert failing["grpo_model"]["endless"] <= 0.05 * items


def test_sft_beats_base_on_every_gate_that_it_can_learn(many: World, failing: dict[str, Counter[str]]) -> None:
    for gate in LEARNABLE:
        assert failing["sft_model"][gate] < failing["base"][gate], gate
    assert sum(failing["sft_model"][gate] for gate in LEARNABLE) <= 0.25 * len(many.val_items())


def test_grpo_is_no_worse_than_sft(many: World, failing: dict[str, Counter[str]]) -> None:
    worse = {gate: failing["grpo_model"][gate] - failing["sft_model"][gate] for gate in LEARNABLE}
    # Where SFT passes nearly everything, GRPO can only tie, and sampled answers differ by one or two from run to run:
    # seen here was one length fault in 256 checks. Two in a hundred is worse; less is chance.
    assert sum(worse.values()) <= 0.02 * len(LEARNABLE) * len(many.val_items()), worse


def test_reward_model_sees_style_on_held_out_pairs(tiny: SimpleNamespace) -> None:
    figures = json.loads((tiny.folders["reward_model"] / "card.json").read_text(encoding="utf-8"))["held_out"]
    assert figures["exaggerated"]["reward_model"] >= 0.9


def test_plain_lora_cannot_teach_this_base_to_stop(many: World, tiny: SimpleNamespace, tmp_path: Path) -> None:
    params = SftParams(**profile_sections("tiny")["sft_model"] | {"lora": Lora(train_embeddings=False)})
    with pytest.raises(UserError, match=r"before training.*set lora\.train_embeddings"):
        make_sft_model(many.inputs(params, tiny.folders), tmp_path / "never-written", Told())
    base = tmp_path / "base"  # the same weights as somebody else's, of which nothing is known: tried, and refused
    shutil.copytree(tiny.folders["base"], base)
    (base / "card.json").write_text('{"kind": "pretrained"}', encoding="utf-8")
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match=r"sampled answers end by themselves.*lora\.train_embeddings"):
        make_sft_model(many.inputs(params, {"base": base}), tmp_path / "out", Told())
