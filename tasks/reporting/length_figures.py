"""The judge's scores against length: does it like long texts? Points for a scatter plot, a panel a system.

Types differ in length by a factor of ten, so length is told in multiples of its type's median text, and the rank
correlation is taken within each type and then averaged: a judge that likes long types is not one that likes long texts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from tasks.judging.comparison import systems_of
from tasks.lineage.canonical import digest
from tasks.lineage.step import Row

SHOWN = 300  # points a panel: more are one blot, and would weigh the page
LEAST = 5  # texts of a type below which a rank correlation says nothing
Pairs = list[tuple[float, float]]


def length_figures(verdicts: Sequence[Row], scores: Sequence[Row]) -> list[dict[str, Any]]:
    """Return for each system: texts, correlation (None where no type has enough texts), points (times median, score).

    points: a sample of at most SHOWN, chosen by a hash of the answer.
    """
    chars = {row["answer_id"]: row["chars"] for row in verdicts}
    judged = [row for row in scores if row["status"] == "judged" and chars.get(row["answer_id"])]
    middle = medians(judged, chars)
    found = []
    for system in systems_of(judged):
        rows = sorted((row for row in judged if row["system"] == system), key=lambda row: digest(row["answer_id"]))
        placed = [(chars[row["answer_id"]] / middle[row["content_type"]], row["score"]) for row in rows]
        points = [(round(times, 3), round(score, 2)) for times, score in placed[:SHOWN]]
        found.append({"system": system, "texts": len(rows), "correlation": within(rows, chars), "points": points})
    return found


def medians(rows: Sequence[Row], chars: Mapping[str, int]) -> dict[str, float]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        groups[row["content_type"]].append(chars[row["answer_id"]])
    return {kind: median(lengths) for kind, lengths in groups.items()}


def within(rows: Sequence[Row], chars: Mapping[str, int]) -> float | None:
    """Return the mean of the types' rank correlations (Spearman 1904) of length and score, weighted by texts."""
    groups: dict[str, Pairs] = defaultdict(list)
    for row in rows:
        groups[row["content_type"]].append((chars[row["answer_id"]], row["score"]))
    known = [(value, len(group)) for group in groups.values() if (value := rank_correlation(group)) is not None]
    return math.fsum(value * size for value, size in known) / sum(size for _, size in known) if known else None


def rank_correlation(pairs: Pairs) -> float | None:
    """Return Spearman's coefficient; None for fewer than LEAST pairs or where one side never varies."""
    if len(pairs) < LEAST or any(len(set(side)) < 2 for side in zip(*pairs, strict=True)):
        return None
    from scipy import stats

    return float(stats.spearmanr(*zip(*pairs, strict=True)).statistic)
