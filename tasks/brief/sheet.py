"""The rows of a product list as a spreadsheet shows them, from CSV of any common dialect or from .xlsx.

Invariants: a row's number is the one that a spreadsheet shows (blank rows count, a quoted line end does not start a new
row); the header is found by the names in it, so a title above it does no harm; no cell of a product is changed here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.brief.cells import clean
from tasks.brief.columns import REQUIRED, fields_named
from tasks.brief.encoding import decoded
from tasks.brief.workbook import is_workbook, refuse_other_formats, sheets_of
from tasks.lineage.errors import UserError

DELIMITERS = (",", "\t", ";", "|")
FULL_WIDTH = str.maketrans("，；｜", ",;|")
WIDE = {",": "，", ";": "；", "|": "｜"}
HEADER_CHARS = 10_000  # a "line" longer than that is no header (and csv refuses fields over 131,072)
HEADER_WITHIN = 10  # rows that are not blank, among which the header is looked for


@dataclass(frozen=True)
class SheetRow:
    """One row. number: as a spreadsheet shows it. line: of a text file, from 1; 0 in a workbook. text: as it stood."""

    number: int
    line: int
    cells: tuple[str, ...]
    text: str

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """A header and the rows below it, blank ones left out. notes: what a reader should know of the reading."""

    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...] = ()


def read_sheet(path: Path) -> Sheet:
    """Return the header and rows of a CSV or .xlsx file.

    Raises:
        UserError: missing, a folder, unreadable, empty, another format or encoding, no header, a quote that never ends.
    """
    data = read_bytes(path)
    if is_workbook(data):
        return workbook_sheet(path.name, data)
    refuse_other_formats(path.name, data)
    return text_sheet(path.name, decoded(path.name, data))


def read_bytes(path: Path) -> bytes:
    expected, todo = "a CSV or .xlsx file", "correct the path"
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(str(path), "no such file", expected, todo) from error
    except IsADirectoryError as error:
        raise UserError(str(path), "it is a folder", expected, "name the file in it") from error
    except OSError as error:
        raise UserError(str(path), f"it cannot be read ({error.strerror})", expected, todo) from error
    if not data.strip():
        raise UserError(str(path), "the file is empty", "a header and products", "fill it in")
    return data


# -- text --------------------------------------------------------------------------------------------------------------


def text_sheet(subject: str, text: str) -> Sheet:
    """Return the sheet of CSV text: `,` `;` `|` or tab, full-width ones too, with or without Excel's `sep=` line."""
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    hidden = int(lines[0].strip().casefold().startswith("sep=")) if lines else 0
    place, delimiter = header_line(subject, lines)
    headings = tuple(map(clean, next(csv.reader([lines[place].translate(FULL_WIDTH)], delimiter=delimiter))))
    body = lines[place + 1 :]
    if WIDE.get(delimiter, "") in lines[place] and delimiter in WIDE:
        delimiter = likelier_delimiter(body, delimiter, len(headings))
    rows = csv_rows(subject, body, delimiter, first_row=place + 2 - hidden, first_line=place + 2)
    return Sheet(headings, tuple(row for row in rows if not row.blank))


def header_line(subject: str, lines: list[str]) -> tuple[int, str]:
    """Return the position of the line that names most fields, and the delimiter by which it does."""
    best, place, delimiter = 0, 0, ","
    filled = [place for place, line in enumerate(lines) if line.strip()][:HEADER_WITHIN]
    for candidate in filled:
        line = lines[candidate][:HEADER_CHARS].translate(FULL_WIDTH)
        for mark in DELIMITERS:
            named = fields_named(next(csv.reader([line], delimiter=mark)))
            if named > best:
                best, place, delimiter = named, candidate, mark
    if not best:
        raise no_header(subject, lines[filled[0]] if filled else "")
    return place, delimiter


def likelier_delimiter(body: list[str], narrow: str, width: int) -> str:
    """Return the delimiter, ASCII or full-width, by which more lines have as many cells as the header."""

    def fits(mark: str) -> int:
        try:
            return sum(len(row) == width for row in csv.reader(body, delimiter=mark))
        except csv.Error:  # told with its row when the rows are read
            return 0

    return max((narrow, WIDE[narrow]), key=fits)


def csv_rows(subject: str, lines: list[str], delimiter: str, first_row: int, first_line: int) -> Iterator[SheetRow]:
    """Yield the rows of CSV lines.

    Raises:
        UserError: a quote is not closed, or text follows a closing quote.
    """
    taken: list[str] = []
    reader = csv.reader(taking(lines, taken), delimiter=delimiter, strict=True, skipinitialspace=True)
    number, line = first_row, first_line
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            found = f"the row cannot be read ({error})"
            expected = "quotes only around whole cells, each one closed"
            raise UserError(f"{subject} row {number} (line {line})", found, expected, "correct its quotes") from error
        if cells is None:
            return
        yield SheetRow(number, line, tuple(cells), "".join(taken).rstrip("\r\n"))
        number, line = number + 1, line + len(taken)
        taken.clear()


def taking(lines: list[str], taken: list[str]) -> Iterator[str]:
    """Yield the lines, noting those that the reader has taken for its current row."""
    for line in lines:
        taken.append(line)
        yield line


# -- workbooks ---------------------------------------------------------------------------------------------------------


def workbook_sheet(subject: str, data: bytes) -> Sheet:
    """Return the first visible sheet of a workbook that has a header."""
    sheets = sheets_of(subject, data)
    first_filled: tuple[str, ...] = ()
    for title, rows in sheets.items():
        filled = [row for row in rows if any(cell.strip() for cell in row[1])]
        head = max(filled[:HEADER_WITHIN], key=lambda row: fields_named(row[1]), default=None)
        if head and fields_named(head[1]):
            others = ", ".join(other for other in sheets if other != title)
            notes = (f"{subject}: only sheet {title} was read, not {others}",) if others else ()
            below = (SheetRow(number, 0, cells, "\t".join(cells).rstrip()) for number, cells in filled)
            return Sheet(tuple(map(clean, head[1])), tuple(row for row in below if row.number > head[0]), notes)
        first_filled = first_filled or (filled[0][1] if filled else ())
    raise no_header(subject, ", ".join(first_filled))


def no_header(subject: str, first: str) -> UserError:
    found = f"no header (the first row is {clean(first)[:100]})" if clean(first) else "no row with text in it"
    return UserError(subject, found, f"a header with {', '.join(REQUIRED)}", "add a header row")
