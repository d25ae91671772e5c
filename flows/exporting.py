"""Write a table, as the last run left it, to a file of the kind that people and trainers read; or its cards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from flows.steps import steps_of_home
from tasks.datasets.data_card import DATASETS, data_card
from tasks.datasets.exports import DATASET_INFO, export_dataset
from tasks.datasets.exports import FORMATS as TRAINERS
from tasks.datasets.table_files import FORMATS, write_table
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text
from tasks.lineage.records import Record
from tasks.lineage.step import FolderStep, Row
from tasks.lineage.store import Store
from tasks.lineage.tables import ROW_DIGEST
from tasks.preferences.pairs_card import pairs_card

UNMARKED = "  for internal use: no AI label, no 广告 mark, no release; to publish, add --channel"
CARD = "card"  # exported like a table: what the data holds, in figures


def export(home: Path, name: str, format_: str, out: Path, console: Console) -> None:
    """Write what is named in the format that is asked for, as the last run left it.

    Args:
        name: a table, or `card`. format_: of a file (jsonl, csv, parquet), of another trainer (verl, alpaca, sharegpt,
            ark), or "": jsonl, and json for the card.
        out: the file; the folder, for another trainer.
    Raises:
        UserError: no such table or format, no such format of this table, the table is not made yet, or `out` is the
            wrong kind of place.
    """
    if name == CARD:
        export_card(home, format_, out, console)
    elif format_ in TRAINERS:
        export_for_trainer(home, name, format_, out, console)
    else:
        export_table(home, name, format_ or "jsonl", out, console)


def export_table(home: Path, name: str, format_: str, file: Path, console: Console) -> None:
    """Write the current rows of a table, without internal columns."""
    if format_ not in FORMATS:
        known = ", ".join([*FORMATS, *TRAINERS])
        raise UserError(f"--format {format_}", "no such format", f"one of {known}", "name one of these")
    rows = current_rows(home, name)
    write_table([{key: value for key, value in row.items() if key != ROW_DIGEST} for row in rows], file, format_)
    say(console, f"{len(rows):,} rows of {name} -> {file}")
    if name == "copy":
        say(console, UNMARKED)


def export_for_trainer(home: Path, name: str, format_: str, folder: Path, console: Console) -> None:
    """Write a dataset for another trainer into a folder."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--out {folder}", "a file", f"a folder for {format_}", "name a folder")
    if name not in TRAINERS[format_]:
        made_for = ", ".join(TRAINERS[format_])
        raise UserError(f"{name} --format {format_}", f"{format_} has no form for it", made_for, "name one of these")
    rows = current_rows(home, name)
    for path in export_dataset(name, rows, format_, folder):
        say(console, f"{len(rows):,} rows of {name} -> {path}" if path.name != DATASET_INFO else f"described in {path}")


def export_card(home: Path, format_: str, file: Path, console: Console) -> None:
    """Write the cards of the data and of the pairs as JSON."""
    if format_ not in ("", "json"):
        raise UserError(f"card --format {format_}", "no form of the card", "json", "leave --format out")
    write_text(file, json.dumps(cards_of(home), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    say(console, f"data card -> {file}")


def cards_of(home: Path) -> dict[str, Any]:
    """Return the cards of the data and of the pairs, of the tables that are made; `products` and `copy` must be."""
    made = Store(home).current()
    tables = {name: current_rows(home, name) for name in ("products", "copy")}
    tables |= {name: current_rows(home, name) for name in ("judge_trial", "pairs", *DATASETS) if name in made}
    card = data_card(tables)
    if "pairs" in tables:
        card["pairs"] = pairs_card(tables["pairs"], card["copy"]["accepted"], tables.get("judge_trial", ()))
    return card


def say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def refuse_without_channel(given: Mapping[str, bool]) -> None:
    """Refuse options that mean something on a channel alone.

    Raises:
        UserError: one is given.
    """
    for name, there in given.items():
        if there:
            raise UserError(name, "no --channel", "a channel", "add --channel NAME or leave it out")


def current_rows(home: Path, name: str) -> list[Row]:
    """Return the rows of a table as the last run left it.

    Raises:
        UserError: no such table, or it is not made yet.
    """
    tables = [step for step in steps_of_home(home) if not isinstance(step, FolderStep)]
    step = next((step for step in tables if step.name == name), None)
    if step is None:
        known = ", ".join(table.name for table in tables)
        raise UserError(f"table {name!r}", "no such table", f"one of {known}", "name one of these")
    return Store(home).rows(current_record(home, name), step.makes)  # type: ignore[attr-defined]


def current_record(home: Path, name: str) -> Record:
    """Return the record of a step as the last run left it.

    Raises:
        UserError: it is not made yet.
    """
    record = Store(home).current_record(name)
    if record is None:
        raise UserError(f"table {name}", f"not made yet in {home}", "a run", f"run `copymill run --only {name}` first")
    return record
