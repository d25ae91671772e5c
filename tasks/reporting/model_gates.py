"""What the optional model gates did: texts judged and refused, answers that were of no use, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.copywriting.config import MODEL_GATES
from tasks.lineage.step import Row
from tasks.reporting.spend import total


def gate_figures(copy: Sequence[Row]) -> list[dict[str, Any]]:
    """Return one entry for each model gate that was asked; none where the gates are off.

    texts: texts that it judged; refused: those that it refused at least once; unread: answers of another form than was
    asked for; unquoted: quotes that stand nowhere in the text; cost: US dollars, None where a price is unknown.
    """
    found = [gate_line(gate, copy) for gate in MODEL_GATES]
    return [line for line in found if line["calls"]]


def gate_line(gate: str, copy: Sequence[Row]) -> dict[str, Any]:
    looks = [[asked for asked in answers(row) if asked["gate"] == gate] for row in copy]
    every = [asked for asked_of in looks for asked in asked_of]
    spent = [entry for row in copy for entry in row.get("gates") or () if entry["gate"] == gate]
    return {
        "gate": gate,
        "texts": sum(bool(asked_of) for asked_of in looks),
        "refused": sum(any(asked["outcome"] == "refused" for asked in asked_of) for asked_of in looks),
        "unread": sum(asked["outcome"] == "unread" for asked in every),
        "unquoted": sum(asked["unquoted"] for asked in every),
        "calls": sum(entry["calls"] for entry in spent),
        "tokens": sum(entry["tokens"] for entry in spent),
        "cost": total(entry["cost"] for entry in spent),
    }


def answers(row: Row) -> list[Row]:
    """Return what the model gates said of all forms of one text."""
    return [asked for entry in row["history"] or () for asked in entry.get("gates") or ()]
