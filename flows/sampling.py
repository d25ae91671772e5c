"""`copymill sample-quality` and `copymill quality`: accepted texts out for people to mark, and what they said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from flows.exporting import current_rows
from flows.world import marks_of_home
from tasks.datasets.table_files import write_table
from tasks.judging.quality import COLUMNS, quality_figures, read_marks, sample_rows
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text
from tasks.lineage.store import Store


def sample_quality(home: Path, rows: int, seed: int, file: Path, console: Console) -> None:
    """Write a sample of accepted texts with their products' facts and an empty column `good`.

    Raises:
        UserError: no copy is made yet, too few rows are asked for or there, or the file is there already.
    """
    if file.exists():
        raise UserError(str(file), "a file that may hold marks", "a new file", "name another, or remove it")
    sample = sample_rows(current_rows(home, "copy"), current_rows(home, "products"), rows, seed)
    write_table([{name: row[name] for name in COLUMNS} for row in sample], file, "csv")
    say(console, f"{len(sample)} accepted texts -> {file}")
    say(console, "  mark each in the column `good`: 1 where you would publish it as it stands, 0 where not;")
    say(console, "  say why in `note`; leave `wording` alone. Save as CSV, then `copymill quality FILE`")


def import_quality(home: Path, file: Path, console: Console) -> None:
    """Print what people found of the accepted texts, and keep their marks in the home for the report.

    Raises:
        UserError: a fault of the file, fewer than 50 marks, or marks of too many texts that have changed since.
    """
    marks = read_marks(file)
    figures = quality_figures(marks, current_rows(home, "copy"))
    if not figures["enough"]:
        found = f"{figures['standing']} of {len(marks)} marks are of texts as {home} holds them now"
        raise UserError(str(file), found, f"at least {figures['least']}", "is --home right? else mark a new sample")
    say_figures(figures, console)
    kept = json.dumps([asdict(mark) for mark in marks], ensure_ascii=False, indent=1)
    write_text(Store(home).quality, kept + "\n")
    say(console, "kept in the home: the next report shows it")


def say_figures(figures: Mapping[str, Any], console: Console) -> None:
    grid = Grid(box=None, pad_edge=False)
    for column in ("type", "good", "marked", "share", "95% interval"):
        grid.add_column(column, justify="left" if column == "type" else "right")
    for row in [*figures["by_type"], {"content_type": "all", **figures["all"]}]:
        interval = f"{row['low']:.0%}–{row['high']:.0%}"
        grid.add_row(row["content_type"], str(row["good"]), str(row["marked"]), f"{row['share']:.0%}", interval)
    console.print(grid)
    if figures["standing"] < figures["marked"]:
        say(console, f"{figures['marked'] - figures['standing']} marks are of texts that have changed since: left out")


def quality_line(home: Path) -> str:
    """Return what is known of the quality of a home's texts, in a line."""
    marks = marks_of_home(home)
    if not marks:
        return "quality: no text was marked by people yet (copymill sample-quality --out FILE)"
    figures = quality_figures(marks, current_rows(home, "copy"))
    if not figures["enough"]:
        return f"quality: only {figures['standing']} marks are of today's texts; mark a new sample"
    found = figures["all"]
    return (
        f"quality: people found {found['good']} of {found['marked']} texts good, {found['share']:.0%} "
        f"({found['low']:.0%}–{found['high']:.0%})"
    )


def say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)
