"""What the answers behind the tables cost, read from their ledger columns: a warm run shows the same as a cold one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tasks.lineage.step import Row

CALLS: dict[str, Callable[[Row], int]] = {  # step -> how many answers stand behind a row
    "drafts": lambda row: int(row["status"] != "failed"),
    "copy": lambda row: row["calls"] or 0,
    "judge_trial": lambda row: row["calls"] or 0,
    "negatives": lambda row: row["calls"] or 0,
    "trials": lambda row: len(row["call_keys"] or ()),
    "scores": lambda row: len(row["call_keys"] or ()),
    "duels": lambda row: len(row["call_keys"] or ()),
}


def spend_figures(tables: dict[str, Sequence[Row]]) -> dict[str, Any]:
    """Return answers, tokens and US dollars by purpose and in all; cost is None where a price was not known."""
    lines = [line(name, unshared(tables[name]), calls) for name, calls in CALLS.items()]
    return {
        "lines": lines,
        "calls": sum(entry["calls"] for entry in lines),
        "tokens": sum(entry["tokens"] for entry in lines),
        "cost": total(entry["cost"] for entry in lines),
    }


def unshared(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without those that rest on another row's very answers (two systems wrote the same text)."""
    kept: dict[Any, Row] = {}
    for place, row in enumerate(rows):
        keys = tuple(row.get("call_keys") or ())
        kept.setdefault(keys or place, row)
    return list(kept.values())


def line(name: str, rows: Sequence[Row], calls: Callable[[Row], int]) -> dict[str, Any]:
    prompt, completion = whole(rows, "prompt_tokens"), whole(rows, "completion_tokens")
    return {
        "step": name,
        "calls": sum(calls(row) for row in rows),
        "tokens": prompt + completion + whole(rows, "tokens"),
        "cached_share": whole(rows, "cache_hit_tokens") / prompt if prompt else None,
        "cost": total(row.get("cost") for row in rows if calls(row)),
    }


def whole(rows: Sequence[Row], column: str) -> int:
    return sum(row.get(column) or 0 for row in rows)


def total(costs: Iterable[float | None]) -> float | None:
    """Return the sum; None where a single price is unknown, since a part is not the whole."""
    listed = list(costs)
    known = [cost for cost in listed if cost is not None]
    return sum(known) if len(known) == len(listed) else None
