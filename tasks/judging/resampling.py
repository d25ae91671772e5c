"""Product-resampled (cluster bootstrap) intervals, for figures that no t interval is known for. Seeded; pure.

Whole products are drawn with replacement, never single rows: a product's texts resemble each other.
"""

from __future__ import annotations

import math

import numpy as np

from tasks.judging.statistics import LEVEL, t_quantile

RESAMPLES = 1_000
SEED = 38
MAY_FAIL = 0.01  # the share of resamples that may have no value before there is no interval at all


def resampled_counts(clusters: int, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """Return how often each cluster was drawn: (resamples, clusters) whole numbers, every row's sum is `clusters`."""
    draw = np.random.default_rng(seed)
    return draw.multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples)


def percentile_interval(values: np.ndarray, clusters: int, level: float = LEVEL) -> tuple[float, float] | None:
    """Return the expanded percentile interval of a statistic's resampled values; None where it would be a guess.

    Plain percentiles of few clusters are too narrow, about as if z stood where t belongs and n where n-1 does. The
    expanded ones are taken at Phi(-sqrt(n/(n-1)) t) instead (Hesterberg 2015, The American Statistician 69:371-386).

    Args:
        values: one a resample; not finite where the resample has no value (more than 1% of those: no interval).
        clusters: how many there are to draw from.
    """
    finite = values[np.isfinite(values)]
    if clusters < 2 or len(finite) < len(values) * (1 - MAY_FAIL):
        return None
    reach = math.sqrt(clusters / (clusters - 1)) * t_quantile(clusters - 1, level)
    tail = math.erfc(reach / math.sqrt(2)) / 2
    low, high = np.quantile(finite, (tail, 1 - tail))
    return float(low), float(high)
