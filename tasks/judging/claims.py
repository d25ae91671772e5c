"""What a difference may be claimed on: its p-value, Holm's correction over many, what could have been detected.

Everything is tested against zero with the cluster t of tasks/judging/statistics.py: p < 0.05 exactly where the 95%
interval leaves zero out. Pure; scipy is imported when it is first needed.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tasks.judging.statistics import LEVEL, Estimate, cluster_mean, cluster_means

ALPHA = 1 - LEVEL
POWER = 0.8
FLAT = 1e-18  # a variance below this is none


@dataclass(frozen=True, slots=True)
class Claim:
    """A difference with what it can be claimed on.

    p: two-sided; None with fewer than two clusters. detectable: the smallest true difference that this many clusters,
    differing as much as they did here, would show with 80% probability; None where no variance was seen.
    """

    estimate: Estimate
    p: float | None
    detectable: float | None


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


def claim(values: Iterable[tuple[Hashable, float]], bounds: tuple[float, float], level: float = LEVEL) -> Claim | None:
    """Return the mean of the clusters' means, its test against zero and its detectable difference; None without values.

    Args:
        values: (cluster, difference) pairs.
        bounds: the least and the largest difference possible, on both sides of zero.
        level: of the test that `detectable` is for (the estimate's interval is always the 95% one).
    """
    found = list(values)
    estimate = cluster_mean(found, bounds)
    if estimate is None:
        return None
    means = list(cluster_means(found).values())
    return Claim(estimate, p_value(means, bounds), detectable_difference(means, level))


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


def p_value(means: Sequence[float], bounds: tuple[float, float]) -> float | None:
    """Return the two-sided p of a one-sample t test of the clusters' means against zero; None for fewer than two.

    Where all means agree there is no t; then p is where Wilson's bound, which the interval uses there, reaches zero:
    z^2 = G mean / |far bound|.
    """
    from scipy import stats

    groups = len(means)
    if groups < 2:
        return None
    mean, variance = _moments(means)
    if variance <= FLAT:
        return math.erfc(math.sqrt(groups * mean / (-bounds[0] if mean > 0 else -bounds[1]) / 2)) if mean else 1.0
    return float(2 * stats.t.sf(abs(mean) / math.sqrt(variance / groups), groups - 1))


def holm(p_values: Mapping[Hashable, float | None]) -> dict[Hashable, float | None]:
    """Return Holm's adjusted p-values (Holm 1979, Scandinavian Journal of Statistics 6:65-70), each at most 1.

    Rejecting where the adjusted p is below 0.05 keeps the chance of any false rejection below 5%, however the tests
    depend on each other. What could not be tested (None) is no part of the family and stays None.
    """
    known = sorted((p, place) for place, p in enumerate(p_values.values()) if p is not None)
    adjusted: dict[int, float] = {}
    largest = 0.0
    for rank, (p, place) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        adjusted[place] = largest
    return {name: adjusted.get(place) for place, name in enumerate(p_values)}


def detectable_difference(means: Sequence[float], level: float = LEVEL, power: float = POWER) -> float | None:
    """Return the true difference that a t test of these many clusters, of this variance, shows with `power`.

    In the unit of the means; None for fewer than two clusters or without variance. The variance is the observed one,
    the difference is not: a claim's own size tells nothing about the power of its test.
    """
    groups = len(means)
    if groups < 2:
        return None
    variance = _moments(means)[1]
    return None if variance <= FLAT else detectable_t(groups - 1, level, power) * math.sqrt(variance / groups)


@lru_cache(maxsize=512)
def detectable_t(freedom: int, level: float = LEVEL, power: float = POWER) -> float:
    """Return the noncentrality at which a two-sided t test has this power (the wrong side's share is neglected)."""
    from scipy import optimize, stats

    critical = float(stats.t.ppf((1 + level) / 2, freedom))

    def lacking(noncentrality: float) -> float:
        return float(stats.nct.sf(critical, freedom, noncentrality)) - power

    return float(optimize.brentq(lacking, 0.0, 4 * critical + 4))


def _moments(means: Sequence[float]) -> tuple[float, float]:
    mean = math.fsum(means) / len(means)
    return mean, math.fsum((value - mean) ** 2 for value in means) / (len(means) - 1)
