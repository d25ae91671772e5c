"""A recipe's steps, declared: its tables, the same four training steps as a brand's, its answers and its report.

Nothing here imports torch: a warm run reads these declarations and stops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from tasks.lineage.step import FolderStep, Inputs, ItemStep, Report, Row, Step, Table, TableStep
from tasks.recipes import answers, tables
from tasks.recipes.config import (
    RecipeAnswerParams,
    RecipeBaseParams,
    RecipeGrpoParams,
    RecipeReportParams,
    RecipeRewardParams,
    RecipeScoreParams,
    RecipeSftParams,
    TableParams,
)
from tasks.recipes.report import SOURCES, STEPS_READ, write_report
from tasks.recipes.verdicts import compute_scores, compute_verdicts
from tasks.training import steps as training
from tasks.training.launch import wherever
from tasks.training.runtime import prepare

ROOM = "recipes"
TEXT, NUMBER, WHOLE, TRUTH, TEXTS = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.list_(pa.string())


def make_base(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the base model, pre-trained on the recipe's text or pointed to."""
    prepare(inputs.params.machine)
    from tasks.recipes.base_text import recipe_text
    from tasks.training.base import build_base

    build_base(inputs, out, report, recipe_text)


def make_reward_model(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the frozen classifier of good texts and its card."""
    prepare(inputs.params.machine)
    from tasks.recipes.held_out import label_figures
    from tasks.training.reward_model import train_reward

    train_reward(inputs, out, report, label_figures)


def make_grpo_model(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the last model, rewarded by the reward model and the recipe's gates."""
    prepare(inputs.params.machine)
    from tasks.recipes.gates import recipe_gates
    from tasks.training.last_model import train_last

    train_last(inputs, out, report, recipe_gates)


def training_set(name: str, title: str, makes: Table, compute: Callable[[Inputs], list[Row]]) -> TableStep:
    return TableStep(
        name=name, version=1, room=ROOM, title=title, reads=("examples", "recipe"), params=TableParams, makes=makes,
        compute=compute,
    )  # fmt: skip


def answer_table(id_column: str, **columns: pa.DataType) -> Table:
    return tables.table(id_column, **{"system": TEXT, **columns})


EXAMPLES = TableStep(
    name="examples",
    version=1,
    room=ROOM,
    title="The data's rows, with prompt and side",
    reads=("data_files", "recipe"),
    params=TableParams,
    makes=tables.EXAMPLES_TABLE,
    compute=tables.example_rows,
)
SFT = training_set("sft", "Good texts as chats", tables.SFT_TABLE, tables.sft_rows)
REWARD_ROWS = training_set("reward_rows", "Texts with a label", tables.REWARD_ROWS_TABLE, tables.reward_rows)
GRPO = training_set("grpo", "Inputs to write for", tables.GRPO_TABLE, tables.grpo_rows)
# Name, version and title are those of a brand's steps: what is trained, and how, is the same code.
BASE_READS = ("examples", "recipe")
BASE = replace(
    training.BASE,
    reads=BASE_READS,
    params=RecipeBaseParams,
    compute=wherever(make_base, BASE_READS),
    trains_on=("examples",),
)
SFT_MODEL = replace(training.SFT_MODEL, params=RecipeSftParams)
REWARD_MODEL_READS = ("sft_model", "reward_rows", "examples", "recipe")
REWARD_MODEL = replace(
    training.REWARD_MODEL,
    reads=REWARD_MODEL_READS,
    params=RecipeRewardParams,
    compute=wherever(make_reward_model, REWARD_MODEL_READS),
    trains_on=("reward_rows", "examples"),
)
GRPO_MODEL_READS = ("sft_model", "reward_model", "grpo", "gates")
GRPO_MODEL = replace(
    training.GRPO_MODEL,
    reads=GRPO_MODEL_READS,
    params=RecipeGrpoParams,
    compute=wherever(make_grpo_model, GRPO_MODEL_READS),
    trains_on=("grpo",),
    tolerates=("gates",),
)
ANSWERS = ItemStep(
    name="answers",
    version=1,
    room=ROOM,
    title="What the data, base, SFT and GRPO say to val inputs",
    reads=("examples", "recipe", "base", "sft_model", "grpo_model"),
    params=RecipeAnswerParams,
    makes=answer_table(
        "answer_id", item_id=TEXT, prompt=TEXT, text=TEXT, ended_by_eos=TRUTH, tokens=WHOLE, status=TEXT, error=TEXT
    ),
    wanted=answers.wanted_answers,
    compute=answers.make_answers,
    batch_size=1000,
)
VERDICTS = TableStep(
    name="verdicts",
    version=1,
    room=ROOM,
    title="The gates on every answer",
    reads=("examples", "recipe", "answers", "gates"),
    params=TableParams,
    makes=answer_table(
        "answer_id", gates=TEXTS, broken=TEXTS, passes=TRUTH, ended_by_eos=TRUTH, chars=WHOLE, known=TRUTH
    ),
    compute=compute_verdicts,
)
SCORES = TableStep(
    name="scores",
    version=1,
    room=ROOM,
    title="The reward model on every answer",
    reads=("answers", "reward_model"),
    params=RecipeScoreParams,
    makes=answer_table("answer_id", reward=NUMBER),
    compute=compute_scores,
    free=False,
)
REPORT = FolderStep(
    name="report",
    version=1,
    room=ROOM,
    title="The report",
    reads=(*STEPS_READ, *SOURCES),
    params=RecipeReportParams,
    compute=write_report,
)
DATASET: tuple[Step, ...] = (EXAMPLES, SFT, REWARD_ROWS, GRPO)
TRAINING: tuple[Step, ...] = (BASE, SFT_MODEL, REWARD_MODEL, GRPO_MODEL)
JUDGING: tuple[Step, ...] = (ANSWERS, VERDICTS, SCORES, REPORT)
STEPS: tuple[Step, ...] = (*DATASET, *TRAINING, *JUDGING)
