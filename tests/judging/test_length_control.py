"""The win rate at equal length against closed forms and simulation; where it is not identifiable it says why."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize

from tasks.judging.length_control import length_controlled, maximum_likelihood, separated


def items(rows: list[tuple[int, float, float]]) -> tuple[dict, dict]:
    """Return points and lengths of (product, points, left's extra characters) rows."""
    keys = [(f"p{product:02d}", str(place)) for place, (product, _, _) in enumerate(rows)]
    points = {key: won for key, (_, won, _) in zip(keys, rows, strict=True)}
    return points, {key: extra for key, (_, _, extra) in zip(keys, rows, strict=True)}


def logit(share: float) -> float:
    return math.log(share / (1 - share))


def test_two_lengths_give_the_mean_of_the_two_log_odds():
    """With d = +40 or -40 the model is saturated: theta = (logit .75 + logit .4) / 2, whatever tanh and sigma are."""
    rows = [(n % 10, float(n % 4 > 0), 40.0) for n in range(20)] + [
        (n % 10, float(n % 5 < 2), -40.0) for n in range(20)
    ]
    found = length_controlled(*items(rows))
    theta, phi = (logit(0.75) + logit(0.4)) / 2, (logit(0.75) - logit(0.4)) / 2 / math.tanh(1)
    assert found.reason == ""
    assert found.rate.value == pytest.approx(1 / (1 + math.exp(-theta)), abs=1e-6)
    assert found.phi.value == pytest.approx(phi, abs=1e-5)
    assert (found.sigma, found.left_longer, found.right_longer) == (40.0, 0.5, 0.5)
    assert 0 < found.rate.low < found.rate.value < found.rate.high < 1


def test_judge_that_only_likes_length_leaves_an_even_rate():
    draw = np.random.default_rng(2)
    rows = []
    for place in range(400):
        extra = draw.normal(30, 60)
        rows.append((place % 40, float(draw.random() < 1 / (1 + math.exp(-2 * math.tanh(extra / 60)))), extra))
    found = length_controlled(*items(rows))
    raw = np.mean([won for _, won, _ in rows])
    assert raw > 0.58
    assert found.rate.low < 0.5 < found.rate.high
    assert found.phi.low > 0


def test_ties_are_half_a_win_and_half_a_loss():
    rows = [(n, 0.5, 10.0 if n % 2 else -10.0) for n in range(12)]
    found = length_controlled(*items(rows))
    assert (found.rate.value, found.phi.value) == pytest.approx((0.5, 0.0), abs=1e-6)
    split = [(p, won, extra) for p, _, extra in rows for won in (0.0, 1.0)]
    assert length_controlled(*items(split)).rate.value == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize(("rows", "reason"), [
    ([], "no_duels"),
    ([(1, 1.0, 5.0), (1, 0.0, -5.0), (1, 0.0, 5.0), (1, 1.0, -5.0)], "one_product"),
    ([(n, float(n % 3 > 0), 5.0 + n) for n in range(20)], "one_sided"),
    ([(n, float(n % 3 > 0), -5.0 if n < 2 else 5.0 + n) for n in range(20)], "one_sided"),
    ([(n, float(n % 3 > 0), 0.0) for n in range(20)], "one_sided"),
    ([(n, 1.0, float(n) - 10) for n in range(20)], "separated"),
    ([(n, float(n >= 10), float(n) - 9.5) for n in range(20)], "separated"),
    ([(n, float(n < 10), float(n) - 9.5) for n in range(20)], "separated"),
])  # fmt: skip
def test_not_identifiable_says_why(rows, reason):
    found = length_controlled(*items(rows))
    assert (found.rate, found.phi, found.reason) == (None, None, reason)


def test_fifteen_percent_of_both_signs_is_enough():
    rows = [(n, float(n % 3 > 0), -5.0 if n < 3 else 5.0 + n) for n in range(20)]
    assert length_controlled(*items(rows)).reason == ""


def test_separation_needs_overlap_and_a_tie_overlaps():
    extra = np.array([-2.0, -1.0, 1.0, 2.0])
    assert separated(np.array([0.0, 0, 1, 1]), extra)
    assert separated(np.array([0.0, 0.5, 1, 1]), extra), "one point of contact still leaves no maximum"
    assert not separated(np.array([0.5, 0, 1, 0.5]), extra), "ties at both ends overlap"
    assert not separated(np.array([0.0, 1, 0, 1]), extra)


def test_items_without_a_length_are_left_out():
    points, lengths = items([(n, float(n % 3 > 0), (-1.0) ** n * (5 + n)) for n in range(20)])
    assert length_controlled(points, lengths).reason == ""
    found = length_controlled(points | {("p99", "x"): 1.0}, lengths)
    assert found.rate.rows == 20


def test_fit_is_the_maximum_that_another_optimiser_finds():
    draw = np.random.default_rng(8)
    design = np.column_stack([np.ones(80), draw.normal(0, 1, 80)])
    won = draw.choice([0.0, 0.5, 1.0], 80)
    other = optimize.minimize(lambda w: np.sum(np.logaddexp(0, design @ w) - won * (design @ w)), [0, 0], tol=1e-12,
                              method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x  # fmt: skip
    assert maximum_likelihood(design, won) == pytest.approx(other, abs=1e-5)


def simulated(draw: np.random.Generator, products: int, texts: int) -> tuple[dict, dict]:
    """Return items whose wins share a product effect; theta is 0.5 and phi is 1 on average."""
    own = draw.normal(0, 0.8, products)
    extra = draw.normal(10, 40, (products, texts))
    rates = 1 / (1 + np.exp(-(0.5 + own[:, None] + np.tanh(extra / 40))))
    won = draw.random((products, texts)) < rates
    places = [(p, t) for p in range(products) for t in range(texts)]
    return items([(p, float(won[p, t]), float(extra[p, t])) for p, t in places])


def coverage(products: int, texts: int, rounds: int, row_level: bool = False) -> float:
    draw = np.random.default_rng(products)
    true = length_controlled(*simulated(draw, 4000, 9)).rate.value
    held = []
    for _ in range(rounds):
        points, lengths = simulated(draw, products, texts)
        if row_level:  # every item a product of its own
            points, lengths = ({("".join(k), ""): v for k, v in table.items()} for table in (points, lengths))
        found = length_controlled(points, lengths)
        held += [] if found.rate is None else [found.rate.low <= true <= found.rate.high]
    assert len(held) == rounds
    return float(np.mean(held))


def test_interval_covers_what_it_says_only_when_clustered():
    assert 0.92 <= coverage(20, 9, 400) <= 0.98
    assert coverage(20, 9, 200, row_level=True) < 0.9
