"""What a trace reads, and the lines that it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text
from rich.tree import Tree

from flows.services import journal_url
from flows.steps import steps_of_home
from tasks.lineage.records import Record
from tasks.lineage.step import Row
from tasks.lineage.store import Store
from tasks.teacher.journal import Journal

SHOWN = 60  # characters of a text in one line


@dataclass
class Home:
    """The current tables of a home, read when they are first asked for."""

    path: Path

    def __post_init__(self) -> None:
        self.store, self.steps = Store(self.path), steps_of_home(self.path)
        self._rows: dict[str, list[Row]] = {}

    def record(self, step: str) -> Record | None:
        return self.store.current_record(step)

    def rows(self, name: str) -> list[Row]:
        if name not in self._rows:
            record, step = self.record(name), next(step for step in self.steps if step.name == name)
            self._rows[name] = self.store.rows(record, step.makes) if record else []  # type: ignore[attr-defined]
        return self._rows[name]

    def find(self, table: str, **wanted: object) -> list[Row]:
        return [row for row in self.rows(table) if all(row.get(key) == value for key, value in wanted.items())]


def answer_tree(home: Home, answer: Row) -> Tree:
    """Return an answer's way back to the model that gave it."""
    system = answer["system"]
    tree = Tree(Text(f"{answer['answer_id']}: answered by {system}", style="bold"))
    tree.add(Text(shortened(answer["text"])))
    step = {"base": "base", "sft": "sft_model", "grpo": "grpo_model"}.get(system, "copy")
    tree.add(step_back(home, step))
    return tree


def step_back(home: Home, name: str, depth: int = 0) -> Tree:
    """Return what a step's current output was made from, down to the sources."""
    record = home.record(name)
    step = next(step for step in home.steps if step.name == name)
    tree = Tree(Text(f"{name}: {made_of(record)}", style="bold" if depth == 0 else ""))
    if record is None:
        return tree
    for path, sha in record.components.prompts.items():
        tree.add(Text(f"prompts/{path} (sha256 {sha[:12]})"))
    for read in step.reads:
        if any(other.name == read for other in home.steps):
            tree.add(step_back(home, read, depth + 1))
        else:
            tree.add(Text(f"{read} {record.components.inputs[read][:12]}"))
    return tree


def add_calls(tree: Tree, home: Home, keys: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(keys))
    with Journal(journal_url(home.path)) as journal:
        entries = journal.calls_of(wanted)
    known = [entry.cost for entry in entries.values()]
    cost = "unknown" if None in known else f"USD {sum(filter(None, known)):.6f}"
    branch = tree.add(Text(f"{len(entries)} calls, {cost}"))
    for key in wanted:
        if key in entries:
            branch.add(Text(call_line(key, entries[key])))


def call_line(key: str, entry: Any) -> str:
    tokens = f"{entry.prompt_tokens:,} + {entry.completion_tokens:,} tokens"
    cost = "unknown" if entry.cost is None else f"USD {entry.cost:.6f}"
    return f"{entry.purpose} {key[:12]}: {entry.model}, {tokens}, {cost}, run {entry.run_id}"


def made_of(record: Record | None) -> str:
    if record is None:
        return "not made"
    size = f"{record.rows:,} rows" if record.parts else f"{len(record.files)} files"
    git = str(record.notes.get("git", "unknown"))[:12]
    names = f"content {record.content[:12]}, record {record.fingerprint[:12]}"
    return f"{size}, {names}, code {git}, run {record.notes.get('run')}"


def row_line(row: Row) -> str:
    said = [
        f"{key} {row[key]}"
        for key in ("method", "system", "selected", "status", "accepted")
        if row.get(key) is not None
    ]
    text = next((row[key] for key in ("rejected", "text", "prompt") if row.get(key)), "")
    return ", ".join([*said, shortened(text)]) if text else ", ".join(said) or "one row"


def shortened(text: str) -> str:
    flat = " ".join(str(text).split())
    return flat if len(flat) <= SHOWN else flat[:SHOWN] + "…"
