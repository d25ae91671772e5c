"""Write a table, as the last run left it, to a file of the kind that people and trainers read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from flows.steps import steps_of_home
from tasks.datasets.table_files import FORMATS, write_table
from tasks.lineage.errors import UserError
from tasks.lineage.records import Record
from tasks.lineage.step import FolderStep, Row
from tasks.lineage.store import Store
from tasks.lineage.tables import ROW_DIGEST

UNMARKED = "  for internal use: no AI label, no 广告 mark, no release; to publish, add --channel"


def export_table(home: Path, name: str, format_: str, file: Path, console: Console) -> None:
    """Write the current rows of a table, without internal columns.

    Raises:
        UserError: no such table or format, or the table is not made yet.
    """
    if format_ not in FORMATS:
        raise UserError(f"--format {format_}", "no such format", f"one of {', '.join(FORMATS)}", "name one of these")
    rows = current_rows(home, name)
    write_table([{key: value for key, value in row.items() if key != ROW_DIGEST} for row in rows], file, format_)
    console.print(f"{len(rows):,} rows of {name} -> {file}", highlight=False, soft_wrap=True)
    if name == "copy":
        console.print(UNMARKED, highlight=False, soft_wrap=True)


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
