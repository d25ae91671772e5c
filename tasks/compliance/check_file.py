"""The checker over a file of texts: CSV or JSON lines in, one result a row out, in order and in bounded memory.

Rows are counted from 1 (the first row under a CSV's header; blank lines are none). A text is checked as it stands in
the file, so spans index the field's own code points.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from tasks.brief.model import ContentType, Product
from tasks.compliance.check import check
from tasks.compliance.findings import filled
from tasks.compliance.normal import dense_of
from tasks.compliance.rules import Rules
from tasks.compliance.sheet import united
from tasks.compliance.text_file import encoding_of
from tasks.compliance.verdict import Reason
from tasks.lineage.errors import UserError

COLUMNS = ("product_name", "content_type", "text")
UNKNOWN_PRODUCT = "product_unknown"  # id of the rule that tells it (packs/facts.yaml)
_REASON_KEYS = ("rule", "kind", "severity", "start", "end", "text", "message", "basis", "suggestion")
_JSON_LINES = (".jsonl", ".ndjson", ".json")
_LONGEST_FIELD = 2**24  # characters of one CSV field; a lost quote mark must not read the whole file into one field

Progress = Callable[[int, int], None]


def check_rows(
    path: Path,
    products: Iterable[Product],
    mapping: Mapping[str, str],
    rules: Rules,
    content_types: Mapping[str, ContentType],
    progress: Progress | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield `{row, accepted, reasons}` for every row of a CSV or JSON-lines file.

    Args:
        path: a CSV (comma, tab or semicolon; UTF-8, UTF-16 or GB18030) or JSON lines (.jsonl, .ndjson, .json).
        products: the product list; where two rows bear one name, a text is judged by the facts of both together.
        mapping: our column -> the file's column, where they differ (`{"text": "output"}`).
        progress: called with (bytes read, bytes in the file) as rows are read.
    Yields:
        row: int from 1. accepted: bool. reasons: list of dicts with rule, kind, severity, start, end, text, message,
        basis, suggestion. A product that is not on the list is a reason of kind `unknown_product` (warn), and its
        numbers are judged as if the sheet were empty.
    Raises:
        UserError: the file cannot be read, a column is missing, a row has no text or names an unknown content type;
            it names the row.
    """
    columns = _columns(path, mapping)
    by_name = _by_name(products)
    for number, values in _rows(path, columns, progress):
        content_type = content_types.get(values["content_type"].strip())
        if content_type is None:
            known = ", ".join(sorted(content_types))
            found = f"content type {values['content_type']!r} is unknown"
            raise UserError(f"{path} row {number}", found, f"one of {known}", "mend the row or add the type")
        name = values["product_name"].strip()
        product = by_name.get(dense_of(name).strip())
        verdict = check(values["text"], product or _unlisted(name), content_type, rules)
        reasons = [*verdict.reasons, *([] if product else _unknown(name, rules))]
        accepted = not any(reason.severity == "block" for reason in reasons)
        yield {"row": number, "accepted": accepted, "reasons": [_as_dict(reason) for reason in reasons]}


def _columns(path: Path, mapping: Mapping[str, str]) -> dict[str, str]:
    """Return our column -> the file's column."""
    for name in mapping:
        if name not in COLUMNS:
            raise UserError(f"mapping for {path}", f"{name!r} is no column of ours", f"{', '.join(COLUMNS)}", "mend it")
    return {name: mapping.get(name, name) for name in COLUMNS}


def _by_name(products: Iterable[Product]) -> dict[str, Product]:
    groups: dict[str, list[Product]] = {}
    for product in products:
        groups.setdefault(dense_of(product.product_name).strip(), []).append(product)
    return {name: rows[0] if len(rows) == 1 else united(rows) for name, rows in groups.items()}


def _unlisted(name: str) -> Product:
    return Product(product_id="", product_name=name, category="", core_ingredients=(), features=(), target_audience="")


def _unknown(name: str, rules: Rules) -> list[Reason]:
    """Return the reason that says so, unless the brand has switched that rule off."""
    values = {"product": name}
    return [
        Reason(
            rule=rule.id,
            kind=rule.kind,
            severity=rule.severity,
            start=0,
            end=0,
            text="",
            message=filled(rule.message, values),
            message_en=filled(rule.message_en, values),
            basis=rule.basis,
            suggestion=filled(rule.suggestion, values),
        )
        for rule in rules.rules
        if rule.id == UNKNOWN_PRODUCT
    ]


def _as_dict(reason: Reason) -> dict[str, Any]:
    return {key: getattr(reason, key) for key in _REASON_KEYS}


def _rows(path: Path, columns: dict[str, str], progress: Progress | None) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, our column -> text) for every row."""
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


def _json_rows(path: Path, file: IO[str], columns: dict[str, str]) -> Iterator[dict[str, Any]]:
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
                found = f"{len(cells)} fields under {len(header)} columns"
                raise UserError(f"{path} row {number}", found, "as many as columns", "quote the field with the comma")
            yield {name: cells[place] if place < len(cells) else None for name, place in places.items()}
    except csv.Error as error:
        raise UserError(f"{path} row {number + 1}", f"not CSV ({error})", "closed quotes", "mend the row") from error


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
