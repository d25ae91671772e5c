"""Every step of the main job and of a recipe in order, and the part that one step needs. This imports no torch."""

from __future__ import annotations

from pathlib import Path

from tasks.brief.steps import PRODUCTS
from tasks.copywriting.steps import COPY, DRAFTS
from tasks.datasets.steps import GRPO, KTO, PREFERENCE, REWARD_ROWS, SFT
from tasks.judging.steps import ANSWERS, DUELS, PLANTS, SCORES, TRIALS, VERDICTS
from tasks.lineage.errors import UserError
from tasks.lineage.step import Step
from tasks.lineage.store import Store
from tasks.preferences.steps import JUDGE_TRIAL, NEGATIVES, PAIRS
from tasks.recipes.steps import EXAMPLES
from tasks.recipes.steps import STEPS as RECIPE
from tasks.reporting.steps import REPORT
from tasks.training.steps import BASE, GRPO_MODEL, REWARD_MODEL, SFT_MODEL

DATASET: tuple[Step, ...] = (
    PRODUCTS, DRAFTS, COPY, JUDGE_TRIAL, NEGATIVES, PAIRS, SFT, PREFERENCE, KTO, GRPO, REWARD_ROWS,
)  # fmt: skip
TRAINING: tuple[Step, ...] = (BASE, SFT_MODEL, REWARD_MODEL, GRPO_MODEL)
JUDGING: tuple[Step, ...] = (PLANTS, TRIALS, ANSWERS, VERDICTS, SCORES, DUELS, REPORT)
PIPELINE: tuple[Step, ...] = (*DATASET, *TRAINING, *JUDGING)
Steps = tuple[Step, ...]

# How many of a step's rows are called in a sentence ("9 drafts, 9 texts").
NOUNS = {
    "copy": "texts",
    "judge_trial": "trials of the judge",
    "plants": "plants",
    "trials": "questions to the judge",
    "products": "products",
    "scores": "scores",
    "duels": "duels",
    "answers": "answers",
}


def steps_for(recipe: str) -> Steps:
    """Return the steps of a recipe's job, or of the main job where none is named."""
    return RECIPE if recipe else PIPELINE


def steps_of_home(home: Path) -> Steps:
    """Return the steps that made what a home holds; those of the main job where it holds nothing."""
    return RECIPE if Store(home).current_record(EXAMPLES.name) else PIPELINE


def step_named(name: str, steps: Steps = PIPELINE) -> Step:
    """Return a step by name.

    Raises:
        UserError: there is no such step; the message lists them.
    """
    for step in steps:
        if step.name == name:
            return step
    raise UserError(f"step {name!r}", "no such step", f"one of {', '.join(s.name for s in steps)}", "name one of these")


def needed_for(name: str, steps: Steps = PIPELINE) -> Steps:
    """Return the step and all it rests on, in order; all steps for an empty name."""
    if not name:
        return steps
    wanted = {step_named(name, steps).name}
    for step in reversed(steps):
        if step.name in wanted:
            wanted |= set(step.reads)
    return tuple(step for step in steps if step.name in wanted)


def users_of(name: str, steps: Steps = PIPELINE) -> Steps:
    """Return the steps that rest on a step, directly or not, in order."""
    found = {name}
    for step in steps:
        if found & set(step.reads):
            found.add(step.name)
    return tuple(step for step in steps if step.name in found - {name})
