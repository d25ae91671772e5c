"""Whether people agree with each other and with the judge: Krippendorff's alpha and shares of equal verdicts.

A label row is one person's verdict on one duel item: product_id, content_type, left, right (systems), rater, winner
("left", "right" or "tie"). Which system stands left does not matter: (sft, base, left) and (base, sft, right) are one.
A rater's later row for the same item replaces the earlier. Every interval is clustered by product. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from tasks.judging.duels import agreed_winners
from tasks.judging.resampling import RESAMPLES, SEED, percentile_interval, resampled_counts
from tasks.judging.statistics import Estimate, cluster_rate
from tasks.lineage.step import Row

Unit = tuple[str, str, str, str]  # product_id, content_type, and the two systems in alphabetical order
Level = Literal["nominal", "ordinal"]
CODES: Mapping[str, float] = {"left": 0.0, "tie": 1.0, "right": 2.0}  # in the order that `ordinal` needs
FLIPPED = {"left": "right", "right": "left", "tie": "tie"}


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha with its product-resampled 95% interval.

    value: None where alpha is not defined; reason then says why ("no_overlap": no item has two raters;
    "no_variation": everybody said the same everywhere, so chance agreement is total). low, high: None without an
    interval (one product, or too many resamples without variation). units: items with two raters or more; raters and
    products: those behind these items.
    """

    value: float | None
    low: float | None
    high: float | None
    level: Level
    units: int
    raters: int
    products: int
    reason: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two verdicts on the same item are equal.

    decided: among the pairs where both name a winner (non-ties), as MT-Bench's 85% counts; None without such pairs.
    with_ties: among all pairs, a tie being an answer of its own. pairs: pairs of verdicts compared; with_tie: those in
    which at least one is a tie.
    """

    decided: Estimate | None
    with_ties: Estimate | None
    pairs: int
    with_tie: int


def krippendorff_alpha(
    ratings: Iterable[Row], level: Level = "nominal", resamples: int = RESAMPLES, seed: int = SEED
) -> Alpha:
    """Return Krippendorff's alpha of the label rows (Krippendorff 2018, chapter 12; computed by evalica).

    Args:
        ratings: label rows, as the module says; any number of raters, items that some did not label.
        level: nominal counts every inequality the same; ordinal counts left against right more than left against tie.
    Raises:
        ValueError: a winner that is none of left, right, tie.
    """
    units = {unit: found for unit, found in by_unit(ratings).items() if len(found) > 1}
    raters = sorted({rater for found in units.values() for rater in found})
    products = sorted({unit[0] for unit in units})
    counts = (len(units), len(raters), len(products))
    if not units:
        return Alpha(None, None, None, level, *counts, "no_overlap")
    matrix = np.array([[CODES.get(found.get(rater, ""), np.nan) for found in units.values()] for rater in raters])
    value = _alpha(matrix, level)
    if value is None:
        return Alpha(None, None, None, level, *counts, "no_variation")
    places = np.array([products.index(unit[0]) for unit in units])
    drawn = resampled_counts(len(products), resamples, seed)
    found = [_alpha(np.repeat(matrix, times[places], axis=1), level) for times in drawn]
    low, high = percentile_interval(np.array(found, dtype=float), len(products)) or (None, None)
    return Alpha(value, low, high, level, *counts, "")


def human_human_agreement(labels: Iterable[Row]) -> Agreement:
    """Return how often two raters of the same item say the same, over all pairs of raters."""
    return _agreement(
        (unit, first, second)
        for unit, found in by_unit(labels).items()
        for first, second in combinations((found[rater] for rater in sorted(found)), 2)
    )


def judge_human_agreement(labels: Iterable[Row], duels: Sequence[Row]) -> Agreement:
    """Return how often a label says what the judge says; every label of a duelled item is one pair.

    Args:
        labels: label rows, as the module says.
        duels: duel rows; the judge's verdict is the winner that both orders name, else a tie. Items that were not
            judged in both orders are left out.
    """
    judged = {_unit(*key)[0]: _turned(_unit(*key)[1], winner) for key, winner in agreed_winners(duels).items()}
    return _agreement(
        (unit, judged[unit], winner)
        for unit, found in by_unit(labels).items()
        if unit in judged
        for winner in found.values()
    )


def by_unit(labels: Iterable[Row]) -> dict[Unit, dict[str, str]]:
    """Return item -> rater -> winner, the systems in alphabetical order and the winner turned to fit.

    Raises:
        ValueError: a winner that is none of left, right, tie.
    """
    found: dict[Unit, dict[str, str]] = defaultdict(dict)
    for row in labels:
        if row["winner"] not in CODES:
            raise ValueError(f"label by {row['rater']}: winner {row['winner']!r}; expected one of {list(CODES)}")
        unit, turned = _unit(row["product_id"], row["content_type"], row["left"], row["right"])
        found[unit][row["rater"]] = _turned(turned, row["winner"])
    return dict(found)


def _unit(product_id: str, content_type: str, left: str, right: str) -> tuple[Unit, bool]:
    first, second = sorted((left, right))
    return (product_id, content_type, first, second), (first, second) != (left, right)


def _turned(turned: bool, winner: str) -> str:
    return FLIPPED[winner] if turned else winner


def _alpha(matrix: np.ndarray, level: Level) -> float | None:
    """Return alpha of a (raters, units) matrix of codes; None where all codes are one (evalica would say 1)."""
    import evalica
    import pandas as pd

    if len(np.unique(matrix[~np.isnan(matrix)])) < 2:
        return None
    return float(evalica.alpha(pd.DataFrame(matrix), distance=level).alpha)


def _agreement(pairs: Iterator[tuple[Unit, str, str]]) -> Agreement:
    found = list(pairs)
    decided = [(unit[0], float(a == b)) for unit, a, b in found if "tie" not in (a, b)]
    everything = [(unit[0], float(a == b)) for unit, a, b in found]
    return Agreement(cluster_rate(decided), cluster_rate(everything), len(found), len(found) - len(decided))
