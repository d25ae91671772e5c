"""Differences between two systems content type by content type, after Holm. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.judging.claims import Claim, claim, holm
from tasks.judging.comparison import DIFFERENCE_BOUNDS, item_differences
from tasks.judging.statistics import LEVEL, Estimate
from tasks.lineage.step import Row

ALPHA = 1 - LEVEL


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One claim among several that are read together.

    p: of this test alone. p_holm: after Holm over the family; rejected: p_holm < 0.05, the only thing that may be
    claimed. detectable: at 80% power at the level of Holm's first step (0.05 / size of the family), so that it is not
    smaller than what the corrected test can show.
    """

    estimate: Estimate
    p: float | None
    p_holm: float | None
    rejected: bool
    detectable: float | None


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


def family_of(
    groups: Mapping[str, Iterable[tuple[Hashable, float]]], bounds: tuple[float, float]
) -> dict[str, Adjusted]:
    """Return name -> claim after Holm over all names.

    Args:
        groups: name -> (product, difference) pairs; names without values are left out.
        bounds: as in claim.
    """
    values = {name: list(found) for name, found in groups.items()}
    first = {name: found for name, rows in values.items() if (found := claim(rows, bounds)) is not None}
    testable = sum(found.p is not None for found in first.values())
    level = 1 - ALPHA / max(1, testable)
    after = holm({name: found.p for name, found in first.items()})
    return {name: _adjusted(claim(values[name], bounds, level), after[name]) for name in first}


def _adjusted(found: Claim | None, p_holm: float | None) -> Adjusted:
    assert found is not None
    return Adjusted(found.estimate, found.p, p_holm, p_holm is not None and p_holm < ALPHA, found.detectable)
