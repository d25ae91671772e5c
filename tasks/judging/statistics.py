"""Estimates with intervals for texts that come in clusters (a product's texts resemble each other).

Every interval here is clustered by product: row-level intervals cover far less than they say
(tests/judging/test_statistics.py simulates both).
Pure; scipy is imported when a quantile is first needed, so that planning never pays for it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal, TypeVar

LEVEL = 0.95
Cluster = TypeVar("Cluster", bound=Hashable)
Direction = Literal["higher", "lower", "unclear"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval. low, high: None where fewer than two clusters leave nothing to say.

    rows: observations behind it; clusters: products behind it.
    """

    value: float
    low: float | None
    high: float | None
    rows: int
    clusters: int

    @property
    def direction(self) -> Direction:
        """Return on which side of zero the whole interval lies."""
        if self.low is not None and self.low > 0:
            return "higher"
        if self.high is not None and self.high < 0:
            return "lower"
        return "unclear"


def optional(estimate: Estimate | None) -> dict[str, Any] | None:
    """Return an estimate as plain values; None where there is none."""
    return None if estimate is None else asdict(estimate)


@lru_cache(maxsize=512)
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """Return the two-sided t quantile of `freedom` degrees of freedom."""
    from scipy import stats

    return float(stats.t.ppf((1 + level) / 2, freedom))


@lru_cache(maxsize=8)
def z_quantile(level: float = LEVEL) -> float:
    from scipy import stats

    return float(stats.norm.ppf((1 + level) / 2))


def wilson(passed: float, rows: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's score interval of a share (Wilson 1927); `rows` may be an effective, fractional number.

    Raises:
        ValueError: no rows, or more passed than rows.
    """
    if rows <= 0 or not 0 <= passed <= rows:
        raise ValueError(f"wilson({passed}, {rows}): expected 0 <= passed <= rows and rows > 0")
    z = z_quantile(level)
    share, z2 = passed / rows, z * z
    centre = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    half = z / (1 + z2 / rows) * math.sqrt(share * (1 - share) / rows + z2 / (4 * rows * rows))
    return max(0.0, centre - half), min(1.0, centre + half)


def cluster_mean(
    values: Iterable[tuple[Hashable, float]], bounds: tuple[float, float], level: float = LEVEL
) -> Estimate | None:
    """Return the mean of the clusters' means with a t interval of G-1 degrees of freedom; None without values.

    Every product counts once, however many texts it has. Where all clusters agree to the digit, a t interval would
    have no width and claim certainty; then the interval allows the share of odd clusters that Wilson's bound for
    "0 of G" leaves open, each at the far end of `bounds`.

    Args:
        values: (cluster, value) pairs.
        bounds: the least and the largest value possible; the interval is cut there.
    """
    means, rows = _means_and_rows(values)
    groups = len(means)
    if not groups:
        return None
    mean = math.fsum(means) / groups
    if groups < 2:
        return Estimate(mean, None, None, rows, groups)
    variance = math.fsum((value - mean) ** 2 for value in means) / (groups - 1)
    low, high = bounds
    if variance <= 1e-18:
        odd = wilson(0, groups, level)[1]
        return Estimate(mean, mean - odd * (mean - low), mean + odd * (high - mean), rows, groups)
    half = t_quantile(groups - 1, level) * math.sqrt(variance / groups)
    return Estimate(mean, max(low, mean - half), min(high, mean + half), rows, groups)


def cluster_rate(values: Iterable[tuple[Hashable, float]], level: float = LEVEL) -> Estimate | None:
    """Return a pass rate (mean of the clusters' rates) with a Wilson interval of the effective number of rows.

    The effective number is p(1-p) / var(p), shrunk by (z/t)^2 for few clusters (Korn and Graubard 1998), never more
    than the rows there are; at 0 and 1 it is the number of clusters, as if a product's texts were all one.
    """
    means, rows = _means_and_rows(values)
    groups = len(means)
    if not groups:
        return None
    rate = min(1.0, max(0.0, math.fsum(means) / groups))
    if groups < 2:
        return Estimate(rate, None, None, rows, groups)
    variance = math.fsum((value - rate) ** 2 for value in means) / (groups - 1) / groups
    effective = float(groups)
    if variance > 1e-18 and 0 < rate < 1:
        shrink = (z_quantile(level) / t_quantile(groups - 1, level)) ** 2
        effective = min(float(rows), rate * (1 - rate) / variance * shrink)
    low, high = wilson(rate * effective, effective, level)
    return Estimate(rate, low, high, rows, groups)


def paired_difference(
    left: Mapping[Hashable, float],
    right: Mapping[Hashable, float],
    cluster_of: Mapping[Hashable, Hashable],
    bounds: tuple[float, float] = (-1.0, 1.0),
) -> Estimate | None:
    """Return left minus right over the items that both have, as a mean per cluster: the primary kind of figure."""
    shared = [item for item in left if item in right]
    return cluster_mean(((cluster_of[item], left[item] - right[item]) for item in shared), bounds)


def cluster_means(values: Iterable[tuple[Cluster, float]]) -> dict[Cluster, float]:
    """Return cluster -> mean of its values, in the order of first appearance."""
    clusters: dict[Cluster, list[float]] = defaultdict(list)
    for cluster, value in values:
        clusters[cluster].append(float(value))
    return {cluster: math.fsum(group) / len(group) for cluster, group in clusters.items()}


def _means_and_rows(values: Iterable[tuple[Hashable, float]]) -> tuple[list[float], int]:
    found = list(values)
    return list(cluster_means(found).values()), len(found)
