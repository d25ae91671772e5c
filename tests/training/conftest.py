"""A micro chain (some thousand parameters, a handful of steps each), trained once for all tests of this room."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.training.config import (
    Architecture,
    BaseParams,
    Group,
    GrpoParams,
    Lora,
    Machine,
    Optimizer,
    RewardParams,
    SftParams,
)
from tasks.training.steps import make_base, make_grpo_model, make_reward_model, make_sft_model
from tests.training.rules import few_rules
from tests.training.tables import World, world

MACHINE = Machine(threads=1)
SHAPE = Architecture(
    vocabulary=500, hidden=32, layers=2, heads=2, kv_heads=1, head_dim=16, feed_forward=64, positions=512
)
BASE = BaseParams(
    architecture=SHAPE, documents=150, block=128, machine=MACHINE,
    optimizer=Optimizer(learning_rate=3e-3, steps=8, batch_size=8),
)  # fmt: skip
SFT = SftParams(
    lora=Lora(r=4, alpha=8, train_embeddings=True), max_new_tokens=12, eos_samples=4, min_ended=0.0, machine=MACHINE,
    optimizer=Optimizer(learning_rate=2e-3, steps=4, batch_size=4),
)  # fmt: skip
REWARD = RewardParams(
    lora=Lora(r=4, alpha=8), machine=MACHINE, optimizer=Optimizer(learning_rate=1e-3, steps=4, batch_size=4)
)
GRPO = GrpoParams(
    lora=Lora(r=4, alpha=8), group=Group(size=4, max_new_tokens=12), machine=MACHINE,
    optimizer=Optimizer(learning_rate=2e-3, steps=3, batch_size=8),
)  # fmt: skip


class Told:
    """Progress as a step reports it."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, note: str = "") -> None:
        self.lines.append((done, total, note))


@pytest.fixture(scope="session")
def tables() -> World:
    return world()


@pytest.fixture(scope="session")
def chain(tables: World, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The four models, made as the steps make them: name -> folder, and what was reported."""
    return made_chain(tables, tmp_path_factory.mktemp("chain"))


def made_chain(tables: World, root: Path, **changed: Any) -> SimpleNamespace:
    params = {"base": BASE, "sft_model": SFT, "reward_model": REWARD, "grpo_model": GRPO} | changed
    makers = {
        "base": make_base,
        "sft_model": make_sft_model,
        "reward_model": make_reward_model,
        "grpo_model": make_grpo_model,
    }
    folders: dict[str, Path] = {}
    told: dict[str, Told] = {}
    for name, make in makers.items():
        folders[name], told[name] = root / name, Told()
        folders[name].mkdir()
        make(tables.inputs(params[name], folders, few_rules()), folders[name], told[name])
    return SimpleNamespace(folders=folders, told=told, params=params)
