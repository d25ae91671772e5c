"""A recipe's tables as pure functions of its data: every row as an example with its prompt and side, and the training
sets of the train side.

Invariants: a row's side and task depend on its input and the seed alone, so rows of one input are on one side in every
table, and a new row moves no old one; the training sets hold no row of the val side.
"""

from __future__ import annotations

import pyarrow as pa

from tasks.brief.split import split_of
from tasks.lineage.canonical import digest, unit_hash
from tasks.lineage.step import Inputs, Row, Table
from tasks.recipes.data_files import DataRow
from tasks.recipes.model import Recipe

TEXT, WHOLE = pa.string(), pa.int64()
VALUES = pa.list_(pa.struct([("name", TEXT), ("value", TEXT)]))
MESSAGES = pa.list_(pa.struct([("role", TEXT), ("content", TEXT)]))
ID_DIGITS = 16


def table(id_column: str, ledger: pa.Schema | None = None, **columns: pa.DataType) -> Table:
    """Return a table of the id column, subject, task and the given columns."""
    start = [(id_column, TEXT), ("subject", TEXT), ("task", TEXT)]
    content = pa.schema([*start, *columns.items()])
    return Table(id=id_column, content=content, ledger=ledger or pa.schema([]), partition="subject")


EXAMPLES_TABLE = table(
    "example_id", pa.schema([("source_row", WHOLE)]),
    source=TEXT, split=TEXT, inputs=VALUES, prompt=TEXT, text=TEXT, label=WHOLE,
)  # fmt: skip
SFT_TABLE = table("item_id", messages=MESSAGES)
REWARD_ROWS_TABLE = table("id", prompt=TEXT, text=TEXT, label=WHOLE)
GRPO_TABLE = table("item_id", prompt=TEXT, inputs=VALUES)


def example_rows(inputs: Inputs) -> list[Row]:
    """Return one row for each row of the data."""
    recipe: Recipe = inputs.source("recipe")
    tables: dict[str, list[DataRow]] = inputs.source("data_files").tables
    return [example(recipe, name, row) for name, rows in tables.items() for row in rows]


def example(recipe: Recipe, source: str, row: DataRow) -> Row:
    values = [row.inputs[name] for name in recipe.inputs]
    subject = f"i_{digest(values)[:ID_DIGITS]}"
    task = task_of(recipe, subject)
    return {
        "example_id": f"{source}/{subject}/{digest(row.text)[:ID_DIGITS]}",
        "subject": subject,
        "task": task,
        "source": source,
        "split": split_of(subject, recipe.split.seed, recipe.split.val_share),
        "inputs": [{"name": name, "value": value} for name, value in row.inputs.items()],
        "prompt": recipe.prompt(task, row.inputs),
        "text": row.text,
        "label": row.label,
        "source_row": row.number,
    }


def task_of(recipe: Recipe, subject: str) -> str:
    """Return the way in which an input is asked, equally often each."""
    names = list(recipe.tasks)
    return names[int(unit_hash(recipe.split.seed, "task", subject) * len(names))]


def examples_of(inputs: Inputs, stage: str, split: str) -> list[Row]:
    """Return the examples of one side whose table trains a stage."""
    tables = getattr(inputs.source("recipe").trains, stage)
    return [row for row in inputs.rows("examples") if row["split"] == split and row["source"] in tables]


def sft_rows(inputs: Inputs) -> list[Row]:
    """Return the train side's good texts as chats."""
    return [
        {
            "item_id": row["example_id"], "subject": row["subject"], "task": row["task"],
            "messages": [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["text"]}],
        }
        for row in examples_of(inputs, "sft", "train")
        if row["label"] != 0
    ]  # fmt: skip


def reward_rows(inputs: Inputs) -> list[Row]:
    """Return the train side's labelled texts."""
    return [reward_row(inputs, row) for row in examples_of(inputs, "reward", "train")]


def held_out_rows(inputs: Inputs) -> list[Row]:
    """Return the val side's labelled texts, in the shape of the reward rows."""
    return [reward_row(inputs, row) for row in examples_of(inputs, "reward", "val")]


def reward_row(inputs: Inputs, row: Row) -> Row:
    prompt = row["prompt"] if inputs.source("recipe").reward_reads == "dialogue" else None
    named = {name: row[name] for name in ("subject", "task", "text", "label")}
    return {"id": row["example_id"], "prompt": prompt, **named}


def grpo_rows(inputs: Inputs) -> list[Row]:
    """Return the train side's inputs, each asked once."""
    return list(asked(inputs, "train").values())


def asked(inputs: Inputs, split: str) -> dict[str, Row]:
    """Return item id -> what is asked of each input of one side, in the shape of the grpo rows."""
    found: dict[str, Row] = {}
    for row in examples_of(inputs, "grpo", split):
        item_id = f"{row['subject']}/{row['task']}"
        named = {name: row[name] for name in ("subject", "task", "prompt", "inputs")}
        found.setdefault(item_id, {"item_id": item_id, **named})
    return found
