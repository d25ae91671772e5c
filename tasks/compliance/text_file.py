"""A file of texts of unknown origin: its encoding, and its rows one by one in bounded memory.

Rows are counted from 1 (the first row under a CSV's header; blank lines are none).
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from tasks.lineage.errors import UserError

COLUMNS = ("product_name", "content_type", "text")
_JSON_LINES = (".jsonl", ".ndjson", ".json")
_LONGEST_FIELD = 2**24  # characters of one CSV field; a lost quote mark must not read the whole file into one field
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 2**20  # bytes

Progress = Callable[[int, int], None]


def read_rows(
    path: Path, mapping: Mapping[str, str], progress: Progress | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, our column -> text) for every row of a CSV or JSON-lines file, none read ahead.

    Args:
        path: a CSV (comma, tab or semicolon; UTF-8, UTF-16 or GB18030) or JSON lines (.jsonl, .ndjson, .json).
        mapping: our column -> the file's column, where they differ (`{"text": "output"}`).
        progress: called with (bytes read, bytes in the file) for each row.
    Raises:
        UserError: the file cannot be read, a column is missing, a row has no text; it names the row.
    """
    columns = _columns(path, mapping)
    size = path.stat().st_size if path.is_file() else 0
    read = _json_rows if path.suffix.lower() in _JSON_LINES else _csv_rows
    encoding = encoding_of(path)
    with path.open("rb") as raw, TextIOWrapper(raw, encoding, newline="" if read is _csv_rows else None) as file:
        for number, values in enumerate(read(path, file, columns), start=1):
            if progress:
                progress(min(raw.tell(), size), size)
            for name, value in values.items():
                if not isinstance(value, str):
                    found = f"{columns[name]} is {'missing' if value is None else type(value).__name__}"
                    raise UserError(f"{path} row {number}", found, "text", "fill it in or remove the row")
            yield number, values


def encoding_of(path: Path) -> str:
    """Return utf-8-sig or utf-16 by byte-order mark, else utf-8, else gb18030 (what Excel writes in China).

    Raises:
        UserError: the file is not there, or is in none of these.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UserError(str(path), f"cannot be read ({error.strerror})", "a file", "mend the path") from error
    named = [encoding for mark, encoding in _BOMS if start.startswith(mark)]
    for encoding in named or ["utf-8", "gb18030"]:
        if _decodes(path, encoding):
            return encoding
    raise UserError(str(path), "neither UTF-8, UTF-16 nor GB18030", "a text file", "save it as UTF-8")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _columns(path: Path, mapping: Mapping[str, str]) -> dict[str, str]:
    """Return our column -> the file's column."""
    for name in mapping:
        if name not in COLUMNS:
            raise UserError(f"mapping for {path}", f"{name!r} is no column of ours", f"{', '.join(COLUMNS)}", "mend it")
    return {name: mapping.get(name, name) for name in COLUMNS}


def json_objects(path: Path, file: IO[str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON object of each line that is not blank.

    Raises:
        UserError: a line is not JSON, or no object; it names the line.
    """
    for line_number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            found = f"not JSON ({error})"
            raise UserError(f"{path} line {line_number}", found, "one object a line", "mend the line") from error
        if not isinstance(value, dict):
            found = f"a JSON {type(value).__name__}"
            raise UserError(f"{path} line {line_number}", found, "one object a line", "write the file as JSON lines")
        yield value


def csv_objects(path: Path, file: IO[str]) -> Iterator[dict[str, Any]]:
    """Yield column -> text of each row of a comma-separated file (opened with newline=""), None where a row is short.

    Raises:
        UserError: a quote is not closed, or a row has more fields than there are columns; it names the row.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    number = 0
    reader = csv.DictReader(file, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if None in row:  # where DictReader puts what no column is for
                raise _too_many_fields(path, number, len(row) - 1 + len(row[None]), len(row) - 1)
            yield row
    except csv.Error as error:
        raise _no_csv(path, number + 1, error) from error


def _too_many_fields(path: Path, number: int, fields: int, columns: int) -> UserError:
    found = f"{fields} fields under {columns} columns"
    return UserError(f"{path} row {number}", found, "as many as columns", "quote the field with the comma")


def _no_csv(path: Path, number: int, error: csv.Error) -> UserError:
    return UserError(f"{path} row {number}", f"not CSV ({error})", "closed quotes", "mend the row")


def _json_rows(path: Path, file: IO[str], columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    for value in json_objects(path, file):
        yield {name: value.get(column) for name, column in columns.items()}


def _csv_rows(path: Path, file: IO[str], columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(_LONGEST_FIELD)
    header_line = file.readline()
    delimiter, header = _header(path, header_line, columns)
    places = {name: header.index(column) for name, column in columns.items()}
    reader = csv.reader(file, delimiter=delimiter)
    number = 0
    try:
        for cells in reader:
            if not cells:
                continue
            number += 1
            if len(cells) > len(header):
                raise _too_many_fields(path, number, len(cells), len(header))
            yield {name: cells[place] if place < len(cells) else None for name, place in places.items()}
    except csv.Error as error:
        raise _no_csv(path, number + 1, error) from error


def _header(path: Path, line: str, columns: dict[str, str]) -> tuple[str, list[str]]:
    """Return the delimiter under which the first line holds all our columns, and the file's columns."""
    wanted = list(columns.values())
    first: list[str] = []
    for delimiter in (",", "\t", ";"):
        names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
        first = first or names
        if all(names.count(name) == 1 for name in wanted):
            return delimiter, names
    missing = ", ".join(repr(name) for name in wanted if first.count(name) != 1)
    found = f"no single column {missing} among {', '.join(first) or 'none'}"
    raise UserError(str(path), found, f"the columns {', '.join(wanted)}", "name yours, e.g. --map text=output")
