"""The four training steps, declared: what each reads, what it tolerates, and the one function that makes it.

Nothing here imports torch: a warm run reads these declarations and stops.
"""

from __future__ import annotations

from pathlib import Path

from tasks.lineage.step import FolderStep, Inputs, Report
from tasks.training.config import BaseParams, GrpoParams, RewardParams, SftParams
from tasks.training.launch import wherever
from tasks.training.runtime import prepare


def make_base(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the base model: built and pre-trained here, or a pointer to one."""
    prepare(inputs.params.machine)
    from tasks.training.base import build_base
    from tasks.training.pretraining_text import brand_text

    build_base(inputs, out, report, brand_text)


def make_sft_model(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the merged fine-tuned model; fails where it has not learnt to stop."""
    prepare(inputs.params.machine)
    from tasks.training.sft import fine_tune

    fine_tune(inputs, out, report)


def make_reward_model(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the frozen reward model and its card."""
    prepare(inputs.params.machine)
    from tasks.training.reward_model import pair_figures, train_reward

    train_reward(inputs, out, report, pair_figures)


def make_grpo_model(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the last model, by GRPO, DPO or KTO."""
    prepare(inputs.params.machine)
    from tasks.training.last_model import train_last
    from tasks.training.rewards import compliance_gates

    train_last(inputs, out, report, compliance_gates)


BASE_READS = ("products", "copy", "pairs", "content_types")
BASE = FolderStep(
    name="base",
    version=1,
    room="training",
    title="Base model",
    reads=BASE_READS,
    params=BaseParams,
    compute=wherever(make_base, BASE_READS),
    trains_on=("products", "copy", "pairs"),
    needs_torch=True,
)
SFT_MODEL_READS = ("base", "sft")
SFT_MODEL = FolderStep(
    name="sft_model",
    version=1,
    room="training",
    title="Supervised fine-tuning",
    reads=SFT_MODEL_READS,
    params=SftParams,
    compute=wherever(make_sft_model, SFT_MODEL_READS),
    trains_on=("sft",),
    needs_torch=True,
)
REWARD_MODEL_READS = ("sft_model", "preference", "reward_rows", "pairs")
REWARD_MODEL = FolderStep(
    name="reward_model",
    version=1,
    room="training",
    title="Reward model",
    reads=REWARD_MODEL_READS,
    params=RewardParams,
    compute=wherever(make_reward_model, REWARD_MODEL_READS),
    trains_on=("preference", "reward_rows", "pairs"),
    needs_torch=True,
)
GRPO_MODEL_READS = ("sft_model", "reward_model", "grpo", "preference", "kto", "content_types", "rules")
GRPO_MODEL = FolderStep(
    name="grpo_model",
    version=1,
    room="training",
    title="GRPO",
    reads=GRPO_MODEL_READS,
    params=GrpoParams,
    compute=wherever(make_grpo_model, GRPO_MODEL_READS),
    trains_on=("grpo", "preference", "kto"),
    tolerates=("rules",),
    needs_torch=True,
)
STEPS = (BASE, SFT_MODEL, REWARD_MODEL, GRPO_MODEL)
