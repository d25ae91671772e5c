"""Every step of the main job in order, and the part of it that one step needs. Importing this imports no torch."""

from __future__ import annotations

from tasks.brief.steps import PRODUCTS
from tasks.copywriting.steps import COPY, DRAFTS
from tasks.datasets.steps import GRPO, KTO, PREFERENCE, REWARD_ROWS, SFT
from tasks.judging.steps import ANSWERS, DUELS, SCORES, VERDICTS
from tasks.lineage.errors import UserError
from tasks.lineage.step import Step
from tasks.preferences.steps import JUDGE_TRIAL, NEGATIVES, PAIRS
from tasks.reporting.steps import REPORT
from tasks.training.steps import BASE, GRPO_MODEL, REWARD_MODEL, SFT_MODEL

DATASET: tuple[Step, ...] = (
    PRODUCTS, DRAFTS, COPY, JUDGE_TRIAL, NEGATIVES, PAIRS, SFT, PREFERENCE, KTO, GRPO, REWARD_ROWS,
)  # fmt: skip
TRAINING: tuple[Step, ...] = (BASE, SFT_MODEL, REWARD_MODEL, GRPO_MODEL)
JUDGING: tuple[Step, ...] = (ANSWERS, VERDICTS, SCORES, DUELS, REPORT)
PIPELINE: tuple[Step, ...] = (*DATASET, *TRAINING, *JUDGING)

# How many of a step's rows are called in a sentence ("9 drafts, 9 texts").
NOUNS = {
    "copy": "texts",
    "judge_trial": "trials of the judge",
    "products": "products",
    "scores": "scores",
    "duels": "duels",
    "answers": "answers",
}


def step_named(name: str) -> Step:
    """Return a step by name.

    Raises:
        UserError: there is no such step; the message lists them.
    """
    for step in PIPELINE:
        if step.name == name:
            return step
    raise UserError(
        f"step {name!r}", "no such step", f"one of {', '.join(s.name for s in PIPELINE)}", "name one of these"
    )


def needed_for(name: str) -> tuple[Step, ...]:
    """Return the step and all it rests on, in pipeline order; all steps for an empty name."""
    if not name:
        return PIPELINE
    wanted = {step_named(name).name}
    for step in reversed(PIPELINE):
        if step.name in wanted:
            wanted |= set(step.reads)
    return tuple(step for step in PIPELINE if step.name in wanted)


def users_of(name: str) -> tuple[Step, ...]:
    """Return the steps that rest on a step, directly or not, in pipeline order."""
    found = {name}
    for step in PIPELINE:
        if found & set(step.reads):
            found.add(step.name)
    return tuple(step for step in PIPELINE if step.name in found - {name})
