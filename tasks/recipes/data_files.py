"""Read a recipe's data files: rows with the values of the input columns, the text, and the label where there is one.

Invariants: every fault is told with its row before anything is made; a row that stands twice counts once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from tasks.brief.encoding import decoded
from tasks.compliance.text_file import csv_objects, json_objects
from tasks.lineage.errors import InputErrors, UserError
from tasks.recipes.model import DataTable, Recipe

JSON_LINES = (".jsonl", ".ndjson")
LABELS = {"1": 1, "0": 0, "true": 1, "false": 0, "1.0": 1, "0.0": 0}
FAULTS_TOLD = 20


@dataclass(frozen=True)
class DataRow:
    """One row: its number in the file (from 1, under the header), input column -> value, text, label or None."""

    number: int
    inputs: dict[str, str]
    text: str
    label: int | None

    @property
    def content(self) -> list[Any]:
        """What of it counts: all but where it stands."""
        return [self.inputs, self.text, self.label]


@dataclass(frozen=True)
class Data:
    """Table -> rows, and what a reader should know of them."""

    tables: dict[str, list[DataRow]]
    warnings: list[str] = field(default_factory=list)


def load_data(recipe: Recipe, files: Mapping[str, Path], limit: int = 0) -> Data:
    """Return the rows of all tables of a recipe.

    Args:
        files: table -> file, .csv or .jsonl, in UTF-8, UTF-16 or GB18030. limit: first rows of each; 0 is all.
    Raises:
        UserError: a table has no file, a file no table, a column is missing, a value is empty or no label.
        InputErrors: several such faults in one file.
    """
    expected = ", ".join(f"--data {name}=FILE" for name in recipe.data)
    for name in files:
        if name not in recipe.data:
            raise UserError(f"--data {name}", f"recipe {recipe.id} has no such table", expected, "correct the name")
    tables, warnings = {}, []
    for name, table in recipe.data.items():
        if name not in files:
            wanted = ", ".join(columns_of(recipe, table))
            raise UserError(
                f"recipe {recipe.id}", f"no file for its table {name}", f"a .csv or .jsonl with the columns {wanted}",
                f"add --data {name}=FILE",
            )  # fmt: skip
        rows = read_rows(files[name], recipe, table)
        tables[name], twice = once_each(rows[:limit] if limit else rows)
        if twice:
            warnings.append(f"{files[name].name}: {twice:,} rows stand twice; each counts once")
    return Data(tables, warnings)


def columns_of(recipe: Recipe, table: DataTable) -> list[str]:
    return [*recipe.inputs, table.text, *([table.label] if table.label else [])]


def read_rows(path: Path, recipe: Recipe, table: DataTable) -> list[DataRow]:
    """Return the rows of one file."""
    try:
        text = decoded(str(path), path.read_bytes())
    except OSError as error:
        raise UserError(str(path), f"it cannot be read ({error.strerror})", "a data file", "correct --data") from error
    records = (
        json_objects(path, StringIO(text, newline=None))
        if path.suffix.lower() in JSON_LINES
        else csv_objects(path, StringIO(text, newline=""))
    )
    rows, faults = [], []
    for number, record in enumerate(records, start=1):
        if number == 1:
            refuse_missing(path, record, columns_of(recipe, table))
        try:
            rows.append(data_row(path, number, record, recipe, table))
        except UserError as error:
            faults.append(error)
    if not rows and not faults:
        raise UserError(str(path), "no rows in it", "a row under the header", "correct --data")
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(str(path), faults[:FAULTS_TOLD])
    return rows


def refuse_missing(path: Path, record: Mapping[str, Any], columns: list[str]) -> None:
    missing = [name for name in columns if name not in record]
    if missing:
        found = f"no column {', '.join(missing)} among {', '.join(map(str, record))}"
        raise UserError(str(path), found, f"the columns {', '.join(columns)}", "rename its columns, or the recipe's")


def data_row(path: Path, number: int, record: Mapping[str, Any], recipe: Recipe, table: DataTable) -> DataRow:
    """Return one row; values lose the space around them."""
    place = f"{path.name} row {number}"
    values = {name: str(record.get(name) if record.get(name) is not None else "").strip() for name in record}
    for name in columns_of(recipe, table):
        if not values.get(name):
            raise UserError(place, f"{name} is empty", "a value", "fill it in or remove the row")
    label = LABELS.get(values[table.label].lower()) if table.label else None
    if table.label and label is None:
        raise UserError(place, f"{table.label} is {values[table.label]!r}", "1 (good) or 0 (bad)", "correct it")
    return DataRow(number, {name: values[name] for name in recipe.inputs}, values[table.text], label)


def once_each(rows: list[DataRow]) -> tuple[list[DataRow], int]:
    """Return (the rows without those that stood before, how many these were); of two labels the first counts."""
    seen: dict[tuple[str, ...], DataRow] = {}
    for row in rows:
        seen.setdefault((*row.inputs.values(), row.text), row)
    return list(seen.values()), len(rows) - len(seen)
