"""Differences between two systems content type by content type, after Holm. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.judging.claims import Adjusted, family_of
from tasks.judging.comparison import DIFFERENCE_BOUNDS, item_differences
from tasks.lineage.step import Row


@dataclass(frozen=True, slots=True)
class TypeDifference:
    """Left's pass rate of the judged gates minus right's on one content type; the family is all types of the pair."""

    content_type: str
    left: str
    right: str
    difference: Adjusted


def differences_by_type(verdicts: Sequence[Row], pairs: Iterable[tuple[str, str]]) -> list[TypeDifference]:
    """Return the differences of every pair, types in alphabetical order; types without a shared item are missing."""
    found = []
    for left, right in pairs:
        groups: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for (product, content_type), value in sorted(item_differences(verdicts, left, right).items()):
            groups[content_type].append((product, value))
        family = family_of(groups, DIFFERENCE_BOUNDS)
        found += [TypeDifference(name, left, right, adjusted) for name, adjusted in sorted(family.items())]
    return found
