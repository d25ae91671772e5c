"""The whole main job on one page: product list and style guide in; checked copy, datasets, models and a verdict out.

Each `stage` brings one step up to date: nothing where its record still holds, else only what is missing, failed or
stale. Start reading here, then `tasks/<room>/steps.py` for how a step is declared.
"""

from __future__ import annotations

from typing import Any

from prefect import flow

from flows.job import Job
from flows.opened import Opened, opened
from flows.steps import DATASET, JUDGING, RECIPE, TRAINING

SETTINGS: dict[str, Any] = {"persist_result": True, "retries": 0, "validate_parameters": True}


@flow(name="main-job", flow_run_name="main job {job.profile}", **SETTINGS)
async def main_job(job: Job = Job()) -> dict[str, Any]:  # noqa: B008 - Prefect makes the UI's form of this default
    """Make the brand's assistant: write, check, pair, train, judge, report."""
    async with opened(job, "main-job") as run:
        await write_and_check(run)
        await train_models(run)
        await judge_and_report(run)
        return run.summary()


@flow(name="dataset", flow_run_name="dataset {job.profile}", **SETTINGS)
async def dataset(job: Job = Job()) -> dict[str, Any]:  # noqa: B008
    """Bring copy, pairs and datasets up to date: what the nightly schedule and a changed product list start."""
    async with opened(job, "dataset") as run:
        await write_and_check(run)
        return run.summary()


@flow(name="recipe", flow_run_name="recipe {job.profile}", **SETTINGS)
async def recipe_job(job: Job) -> dict[str, Any]:
    """Make a recipe's models from its data files: tables, the same training steps, answers, report."""
    async with opened(job, "recipe") as run:
        await run.stages(RECIPE)
        return run.summary()


async def write_and_check(run: Opened) -> None:
    """products -> drafts -> copy (cleaned until every gate passes) -> negatives -> pairs -> datasets."""
    await run.stages(DATASET)


async def train_models(run: Opened) -> None:
    """base -> SFT -> reward model -> GRPO."""
    await run.stages(TRAINING)


async def judge_and_report(run: Opened) -> None:
    """plants -> trials of the judge -> answers of all systems -> gates -> rubric scores and duels -> report."""
    await run.stages(JUDGING)
