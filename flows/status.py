"""What a home holds now, for a person: records, tables, journal, last runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from flows.services import journal_url
from flows.steps import Steps, steps_of_home
from tasks.lineage.errors import UserError
from tasks.lineage.store import Store
from tasks.teacher.journal import Journal


def show_status(home: Path, console: Console) -> None:
    """Print every step's current record, what the journal holds and the last runs.

    Raises:
        UserError: nothing was ever run here.
    """
    store = Store(home)
    if not store.root.exists():
        raise UserError(f"home {home}", "nothing was run here yet", "an artifacts/ folder", "start with `copymill run`")
    console.print(records_grid(store, steps_of_home(home)))
    with Journal(journal_url(home)) as journal:
        console.print(journal_grid(journal))
    for run in last_runs(store):
        made = [name for name, action in run["steps"].items() if action == "run"]
        bought = f"{run['calls']:,} answers bought, {run['seconds']:.0f} s"
        console.print(Text(f"{run['run']}  {run['flow']}: {len(made)} steps made, {bought}"))


def records_grid(store: Store, steps: Steps) -> Grid:
    grid = Grid(box=None, pad_edge=False)
    for column in ("step", "rows", "failed", "content", "code"):
        grid.add_column(column, justify="right" if column in ("rows", "failed") else "left")
    for step in steps:
        record = store.current_record(step.name)
        if record is None:
            grid.add_row(step.name, "", "", "not made", "", style="dim")
        else:
            rows = f"{record.rows:,}" if record.parts else f"{len(record.files)} files"
            grid.add_row(
                step.name, rows, f"{record.failed:,}", record.content[:12], str(record.notes.get("git", ""))[:10]
            )
    return grid


def journal_grid(journal: Journal) -> Grid:
    grid = Grid(box=None, pad_edge=False)
    for column in ("answers", "calls", "prompt tokens", "cached", "output tokens", "USD"):
        grid.add_column(column, justify="left" if column == "answers" else "right")
    for usage in journal.usage():
        cost = "unknown" if usage.cost is None else f"{usage.cost:,.4f}"
        tokens = (usage.prompt_tokens, usage.cache_hit_tokens, usage.completion_tokens)
        grid.add_row(f"{usage.purpose} ({usage.model})", f"{usage.calls:,}", *(f"{n:,}" for n in tokens), cost)
    return grid


def last_runs(store: Store, most: int = 5) -> list[dict[str, Any]]:
    """Return the newest manifests, newest first; run ids begin with their time."""
    files = sorted((store.root / "runs").glob("*.json"), reverse=True)[:most]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]
