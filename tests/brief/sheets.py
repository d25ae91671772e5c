"""Product files written for tests, in the dialects that people use."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl

HEADER = ["product_name", "category", "core_ingredients", "features", "target_audience"]
ROW = ["净屿精华", "精华", "5%烟酰胺|泛醇", "控油|清爽", "油性肌 混合肌"]


def write_csv(path: Path, rows: list[list[str]], header: list[str] | None = None, encoding: str = "utf-8") -> Path:
    """Write a header and rows as plain CSV."""
    path.write_bytes(csv_text([header or HEADER, *rows]).encode(encoding))
    return path


def csv_text(rows: list[list[str]], delimiter: str = ",", line_end: str = "\r\n") -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return buffer.getvalue()


def write_xlsx(path: Path, sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    book.save(path)
    return path
