"""The models' cards and training curves, read from their folders; unknown card entries are shown as they are."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

POINTS = 160  # a curve is thinned to this many points: more cannot be seen and would weigh the page
# Curves that tell how a training went, in this order; the others are shown with the whole card.
TELLING = ("reward", "kl", "loss", "accuracy", "eval_loss", "eval_accuracy")


def model_figures(folder: Path) -> dict[str, Any]:
    """Return {card, facts, curves} of a model's folder; a folder without card or metrics gives empty ones."""
    card = read_card(folder / "card.json")
    return {"card": card, "facts": list(flattened(card)), "curves": curves(folder / "metrics.parquet")}


def read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    card = json.loads(path.read_text(encoding="utf-8"))
    return card if isinstance(card, dict) else {"card": card}


def flattened(card: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted name, value as people read it) of a card, nested entries one by one."""
    for name, value in card.items():
        if isinstance(value, Mapping) and value:
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", readable(value)


def readable(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(readable(item) for item in value) or "none"
    return "none" if value in (None, {}) else str(value)


def curves(path: Path) -> list[dict[str, Any]]:
    """Return the logged series, telling ones first: name, points (step, finite value; thinned), telling."""
    if not path.is_file():
        return []
    series: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in pq.read_table(path, columns=["step", "name", "value"]).to_pylist():
        if row["value"] is not None and math.isfinite(row["value"]):
            series[row["name"]].append((row["step"], row["value"]))
    return [
        {"name": name, "points": thinned(sorted(series[name])), "telling": name in TELLING}
        for name in sorted(series, key=rank)
        if len(series[name]) > 1
    ]


def rank(name: str) -> tuple[int, str]:
    return (TELLING.index(name) if name in TELLING else len(TELLING), name)


def thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return every n-th point and the last."""
    if len(points) <= POINTS:
        return points
    step = math.ceil(len(points) / POINTS)
    kept = points[::step]
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]
