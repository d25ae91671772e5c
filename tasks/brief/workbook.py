"""Excel workbooks as rows of text cells. The only module that knows openpyxl."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

from tasks.lineage.errors import UserError

ZIP, OLE2 = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
OTHER_FORMATS = ((OLE2, "an old .xls or password-protected workbook"), (b"PAR1", "a Parquet file"), (b"%PDF", "a PDF"))

NumberedRow = tuple[int, tuple[str, ...]]


def is_workbook(data: bytes) -> bool:
    return data.startswith(ZIP)


def refuse_other_formats(subject: str, data: bytes) -> None:
    """Raise a UserError for formats that are told by their first bytes and that nobody can read as text."""
    for mark, name in OTHER_FORMATS:
        if data.startswith(mark):
            raise UserError(subject, name, "a CSV or .xlsx file", "save it as .xlsx or CSV UTF-8")


def sheets_of(subject: str, data: bytes) -> dict[str, list[NumberedRow]]:
    """Return title -> rows (number from 1, cells as text) of the visible sheets, in order.

    Raises:
        UserError: not a workbook that can be read.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return {sheet.title: rows_of(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"}
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        found = f"a workbook that cannot be read ({type(error).__name__})"
        raise UserError(subject, found, "an .xlsx file", "open it in Excel and save it again as .xlsx") from error


def rows_of(sheet: object) -> list[NumberedRow]:
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # other programs write wrong ones, and rows would be cut off
    rows = sheet.iter_rows(values_only=True)  # type: ignore[attr-defined]
    return [(number, tuple(map(cell_text, cells))) for number, cells in enumerate(rows, start=1)]


def cell_text(value: object) -> str:
    """Return a cell as a person sees it: 3.0 is `3`, a date is ISO."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)
