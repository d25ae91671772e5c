"""Rows to a file that people and trainers read: JSONL, CSV or Parquet.

Invariants: the file appears whole or not at all. JSONL and Parquet hold every value as it is. CSV is for people: it
opens in Excel (UTF-8 with BOM), lists and structs are JSON, a missing value is empty, and a text that a spreadsheet
would run as a formula (first character = + - @, tab or return) gets a leading apostrophe, as OWASP advises: the texts
come from a model. That is the one lossy thing here, and `load_products` undoes it; programs read JSONL or Parquet.
"""

from __future__ import annotations

import csv
import errno
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.lineage.errors import UserError
from tasks.lineage.files import replacing
from tasks.lineage.step import Row

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Writer = Callable[[Sequence[Row], list[str], pa.Schema | None, Path], None]


def write_table(rows: Sequence[Row], path: Path, format_: str, schema: pa.Schema | None = None) -> None:
    """Write rows to `path`; see `writing_table`."""
    with writing_table(rows, path, format_, schema):
        pass


@contextmanager
def writing_table(rows: Sequence[Row], path: Path, format_: str, schema: pa.Schema | None = None) -> Iterator[None]:
    """Write rows beside `path`; they take its place when the block ends well: time to record what is about to appear.

    Args:
        rows: with the same columns, in the order of the file.
        format_: `jsonl`, `csv` or `parquet`.
        schema: the columns, their types and (Parquet) the file's metadata; without it they are those of the rows (a
            table without rows has none).
    Raises:
        UserError: no such format, or the file cannot be written there.
    """
    if format_ not in WRITERS:
        raise UserError(f"format {format_}", "no such format", f"one of {', '.join(FORMATS)}", "name one of these")
    columns = list(schema.names) if schema is not None else list(dict.fromkeys(name for row in rows for name in row))
    try:
        if path.is_dir():  # else it would be seen at the very end only, when the block has run
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with replacing(path) as temporary:
            WRITERS[format_](rows, columns, schema, temporary)
            yield
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise UserError(str(path), found, "a writable place", "name another") from error


def write_jsonl(rows: Sequence[Row], columns: list[str], schema: pa.Schema | None, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False) + "\n")


def write_csv(rows: Sequence[Row], columns: list[str], schema: pa.Schema | None, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([csv_cell(row.get(name)) for name in columns] for row in rows)


def write_parquet(rows: Sequence[Row], columns: list[str], schema: pa.Schema | None, path: Path) -> None:
    if schema is None:
        schema = inferred_schema(rows, columns)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path, compression="zstd")


def inferred_schema(rows: Sequence[Row], columns: list[str]) -> pa.Schema:
    """Return the types that the values of all rows show; columns and lists of nothing are of text."""
    shown = ((name, pa.array([row.get(name) for row in rows]).type) for name in columns)
    return pa.schema([(name, typed(kind)) for name, kind in shown])


def typed(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.list_(typed(kind.value_type))
    return pa.string() if pa.types.is_null(kind) else kind


def csv_cell(value: Any) -> str:
    """Return a value as a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return json.dumps(value, ensure_ascii=False)


WRITERS: dict[str, Writer] = {"jsonl": write_jsonl, "csv": write_csv, "parquet": write_parquet}
FORMATS = tuple(WRITERS)
