"""The win rate at equal length: what is left of a preference once its taste for length is taken out.

logit P(left wins) = theta + phi tanh(d / sigma), where d is left's characters minus right's and sigma the standard
deviation of d over the items, after Dubois et al. 2024 (arXiv:2404.04475); their model has a term for each
instruction as well, which these few items could not carry. Fitted by maximum likelihood, a tie being half a win and
half a loss; the rate at equal length is 1 / (1 + exp(-theta)). Standard errors are the sandwich clustered by product.
Where the duels cannot tell length from quality there is a reason and no figure. Pure; scipy is imported late.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tasks.judging.statistics import LEVEL, Estimate, t_quantile

LEAST = 0.15  # of the items with left longer, and of those with right longer
Reason = Literal["", "no_duels", "one_product", "one_sided", "separated", "not_converged"]


@dataclass(frozen=True, slots=True)
class LengthControlled:
    """The win rate at equal length, or why it is not identifiable.

    rate: left's win rate at equal length. phi: log-odds for length (positive: the longer text is liked), with its
    interval. reason: "" or why there is neither: "one_sided" (fewer than 15% of the items have the left text longer,
    or the right one), "separated" (length alone, or the side alone, names every winner: no maximum likelihood),
    "one_product", "no_duels", "not_converged". left_longer, right_longer: shares of the items. sigma: characters.
    """

    rate: Estimate | None
    phi: Estimate | None
    reason: Reason
    left_longer: float
    right_longer: float
    sigma: float


def length_controlled(
    points: Mapping[tuple[str, str], float], lengths: Mapping[tuple[str, str], float]
) -> LengthControlled:
    """Return the length-controlled win rate of one pair of systems.

    Args:
        points: item (product_id, content_type) -> left's points: 1, 1/2 or 0.
        lengths: item -> left's characters minus right's; items without one are left out.
    """
    items = sorted(item for item in points if item in lengths)
    if not items:
        return LengthControlled(None, None, "no_duels", 0.0, 0.0, 0.0)
    won = np.array([points[item] for item in items])
    difference = np.array([lengths[item] for item in items], dtype=float)
    sigma = float(difference.std())
    described = (float((difference > 0).mean()), float((difference < 0).mean()), sigma)
    products = np.unique([item[0] for item in items], return_inverse=True)[1]
    if reason := refusal(won, difference, int(products.max()) + 1):
        return LengthControlled(None, None, reason, *described)
    design = np.column_stack([np.ones(len(items)), np.tanh(difference / sigma)])
    fitted = maximum_likelihood(design, won)
    if fitted is None:
        return LengthControlled(None, None, "not_converged", *described)
    theta, phi = _estimates(design, won, fitted, products)
    return LengthControlled(_as_rate(theta), phi, "", *described)


def refusal(won: np.ndarray, difference: np.ndarray, products: int) -> Reason:
    """Return why the fit is not identifiable; "" where it is."""
    if products < 2:
        return "one_product"
    if min((difference > 0).mean(), (difference < 0).mean()) < LEAST:
        return "one_sided"
    return "separated" if separated(won, difference) else ""


def separated(won: np.ndarray, difference: np.ndarray) -> bool:
    """Return whether side or length alone name every winner (Albert and Anderson 1984, in one dimension).

    A tie is both a win and a loss, so it can only prevent separation.
    """
    wins, losses = difference[won > 0], difference[won < 1]
    if not len(wins) or not len(losses):
        return True
    return bool(wins.min() >= losses.max() or losses.min() >= wins.max())


def maximum_likelihood(design: np.ndarray, won: np.ndarray) -> np.ndarray | None:
    """Return the logistic coefficients; None where the solver did not converge.

    The likelihood is strictly concave here, so that its maximum is the root of its gradient. Solving for the root and
    not for the maximum matters: near it the likelihood's own digits run out first, and optimisers then call a good fit
    a failure (scipy's trust-exact did in a quarter of simulated sets).

    Args:
        design: (items, coefficients). won: shares from 0 to 1.
    """
    from scipy import optimize, special

    found = optimize.root(
        lambda weights: design.T @ (special.expit(design @ weights) - won),
        np.zeros(design.shape[1]),
        jac=lambda weights: _information(design, special.expit(design @ weights)),
        tol=1e-10,
    )
    return found.x if found.success else None


def _information(design: np.ndarray, rates: np.ndarray) -> np.ndarray:
    return (design * (rates * (1 - rates))[:, None]).T @ design


def _estimates(design: np.ndarray, won: np.ndarray, fitted: np.ndarray, products: np.ndarray) -> list[Estimate]:
    """Return each coefficient with its t interval, G-1 degrees of freedom, from the clustered sandwich (CR1)."""
    rates = 1 / (1 + np.exp(-(design @ fitted)))
    groups = int(products.max()) + 1
    scores = np.zeros((groups, design.shape[1]))
    np.add.at(scores, products, design * (won - rates)[:, None])
    bread = np.linalg.inv(_information(design, rates))
    covariance = groups / (groups - 1) * bread @ scores.T @ scores @ bread
    half = t_quantile(groups - 1, LEVEL) * np.sqrt(np.diag(covariance))
    return [
        Estimate(float(value), float(value - reach), float(value + reach), len(won), groups)
        for value, reach in zip(fitted, half, strict=True)
    ]


def _as_rate(theta: Estimate) -> Estimate:
    assert theta.low is not None and theta.high is not None
    low, value, high = (1 / (1 + math.exp(-at)) for at in (theta.low, theta.value, theta.high))
    return Estimate(value, low, high, theta.rows, theta.clusters)
