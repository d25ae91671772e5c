"""How much one product decides: the figure again with each product left out in turn. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

from tasks.judging.statistics import Estimate, cluster_mean, cluster_means

ENOUGH = 3  # with two products, leaving one out leaves no interval to compare


@dataclass(frozen=True, slots=True)
class Influence:
    """A mean with each product left out in turn.

    low, high: the least and the largest of these means. product: the one whose absence moves the mean most (of equals
    the first by name); without: the estimate without it. turning: the products without any one of which the interval
    lies otherwise to zero (a claim appears, disappears or is reversed).
    """

    low: float
    high: float
    product: str
    without: Estimate
    turning: tuple[str, ...]


def leave_one_out(values: Iterable[tuple[Hashable, float]], bounds: tuple[float, float]) -> Influence | None:
    """Return the influence of single products on a clustered mean; None for fewer than three products.

    Args:
        values: (product, value) pairs.
        bounds: as in cluster_mean.
    """
    found = [(str(product), value) for product, value in values]
    means, rows = dict(sorted(cluster_means(found).items())), Counter(product for product, _ in found)
    if len(means) < ENOUGH:
        return None
    whole = cluster_mean(found, bounds)
    assert whole is not None
    left_out = {name: replace(_without(name, means, bounds), rows=len(found) - rows[name]) for name in means}
    product = max(means, key=lambda name: abs(left_out[name].value - whole.value))
    return Influence(
        min(one.value for one in left_out.values()),
        max(one.value for one in left_out.values()),
        product,
        left_out[product],
        tuple(name for name, one in left_out.items() if one.direction != whole.direction),
    )


def _without(product: str, means: Mapping[str, float], bounds: tuple[float, float]) -> Estimate:
    found = cluster_mean(((name, mean) for name, mean in means.items() if name != product), bounds)
    assert found is not None
    return found
