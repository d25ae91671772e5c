"""The statistics against scipy, against closed forms, and against simulated clustered data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tasks.judging.statistics import cluster_mean, cluster_rate, paired_difference, t_quantile, wilson

BOUNDS = (-1.0, 1.0)


@pytest.mark.parametrize(("passed", "rows"), [(0, 10), (7, 12), (44, 45), (45, 45), (380, 420)])
def test_wilson_agrees_with_scipy(passed, rows):
    published = stats.binomtest(passed, rows).proportion_ci(method="wilson")
    assert wilson(passed, rows) == pytest.approx((published.low, published.high), abs=1e-12)


def test_wilson_refuses_impossible_counts():
    with pytest.raises(ValueError, match="expected 0 <= passed <= rows"):
        wilson(3, 2)


def test_cluster_mean_is_the_t_interval_of_cluster_means():
    values = [("a", 1.0), ("a", 0.0), ("b", 0.5), ("c", 0.25), ("c", 0.75), ("d", 0.9)]
    means = [0.5, 0.5, 0.5, 0.9]
    published = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    found = cluster_mean(values, BOUNDS)
    assert found.value == pytest.approx(np.mean(means))
    assert (found.low, found.high) == pytest.approx((published.low, min(1.0, published.high)))
    assert (found.rows, found.clusters) == (6, 4)


def test_one_cluster_gives_no_interval_and_no_direction():
    found = cluster_mean([("a", 1.0), ("a", 1.0)], BOUNDS)
    assert (found.low, found.high, found.direction) == (None, None, "unclear")


def test_no_values_give_no_estimate():
    assert cluster_mean([], BOUNDS) is None
    assert cluster_rate([]) is None


def test_clusters_that_all_agree_still_have_a_wide_interval():
    found = cluster_mean([(n, 1.0) for n in range(12)], BOUNDS)
    odd = stats.binomtest(0, 12).proportion_ci(method="wilson").high
    assert found.high == 1.0
    assert found.low == pytest.approx(1.0 - 2 * odd)
    tie = cluster_mean([(n, 0.0) for n in range(12)], BOUNDS)
    assert tie.direction == "unclear"
    assert (tie.low, tie.high) == pytest.approx((-odd, odd))


def test_rate_of_all_passed_is_bounded_by_products_not_texts():
    many_texts = cluster_rate([(n % 10, 1.0) for n in range(400)])
    assert many_texts.low == pytest.approx(stats.binomtest(10, 10).proportion_ci(method="wilson").low)


def test_rate_of_independent_texts_is_near_wilson_of_all_texts():
    draw = np.random.default_rng(5)
    values = [(n % 200, float(draw.random() < 0.8)) for n in range(800)]
    found, plain = cluster_rate(values), wilson(0.8 * 800, 800)
    assert found.high - found.low == pytest.approx(plain[1] - plain[0], rel=0.2)


def test_rate_of_identical_texts_is_as_wide_as_one_text_a_product():
    once = [(n, float(n % 4 > 0)) for n in range(40)]
    assert cluster_rate(once * 5).low == pytest.approx(cluster_rate(once).low, rel=0.02)


def test_difference_uses_shared_items_only():
    cluster_of = {("a", 1): "a", ("a", 2): "a", ("b", 1): "b"}
    left = {("a", 1): 1.0, ("a", 2): 1.0, ("b", 1): 1.0}
    right = {("a", 1): 0.0, ("b", 1): 0.5}
    found = paired_difference(left, right, cluster_of)
    assert (found.value, found.rows) == (0.75, 2)


@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from([0.0, 1.0])), min_size=1, max_size=60))
def test_intervals_hold_the_estimate_and_stay_in_bounds(values):
    for found in (cluster_mean(values, (0.0, 1.0)), cluster_rate(values)):
        assert 0 <= found.value <= 1
        if found.low is not None:
            assert 0 <= found.low <= found.value + 1e-9
            assert found.value - 1e-9 <= found.high <= 1


def simulated_coverage(method, clusters: int, texts: int, rounds: int) -> float:
    """Return how often a 95% interval holds the true rate .7 when a product's texts share a product effect."""
    draw = np.random.default_rng(11)
    hits = 0
    for _ in range(rounds):
        rates = draw.beta(0.7 * 4, 0.3 * 4, clusters)  # intra-class correlation 0.2
        passed = draw.random((clusters, texts)) < rates[:, None]
        found = method([(place, float(value)) for place, row in enumerate(passed) for value in row])
        hits += found.low <= 0.7 <= found.high
    return hits / rounds


def test_intervals_cover_what_they_say_on_clustered_data():
    assert 0.93 <= simulated_coverage(lambda v: cluster_mean(v, (0.0, 1.0)), 30, 4, 1500) <= 0.97
    assert 0.93 <= simulated_coverage(cluster_rate, 18, 4, 1500) <= 0.975


def test_row_level_interval_would_not_cover():
    def row_level(values):
        numbers = [value for _, value in values]
        low, high = wilson(sum(numbers), len(numbers))
        return type("Found", (), {"low": low, "high": high})

    assert simulated_coverage(row_level, 18, 9, 800) < 0.9


def paired_coverage(kind: str, products: int, texts: int, rounds: int, row_level: bool = False) -> float:
    """Return how often the primary figure's 95% interval holds the true difference of 0.2.

    A product's texts share an effect on either system, so that its differences resemble each other (gaussian: the
    intra-class correlation of the differences is 0.5; binary: rates are Beta with correlation 1/3 within a product).
    """
    draw, hits = np.random.default_rng(17), 0
    shape = (products, texts)
    places = [(product, text) for product in range(products) for text in range(texts)]
    cluster_of = {place: place if row_level else place[0] for place in places}
    for _ in range(rounds):
        if kind == "gaussian":
            left = 0.2 + draw.normal(0, 0.5, (products, 1)) + draw.normal(0, 0.5, shape)
            right = np.zeros(shape)
        else:
            left, right = (draw.random(shape) < draw.beta(2 * p, 2 * (1 - p), (products, 1)) for p in (0.7, 0.5))
        sides = [dict(zip(places, map(float, side.ravel()), strict=True)) for side in (left, right)]
        found = paired_difference(*sides, cluster_of, (-9.0, 9.0))
        hits += found.low <= 0.2 <= found.high
    return hits / rounds


@pytest.mark.parametrize("kind", ["gaussian", "binary"])
def test_primary_figure_covers_what_it_says_and_row_level_would_not(kind):
    assert 0.93 <= paired_coverage(kind, 18, 4, 1600) <= 0.97  # 0.95 and over three standard errors of 1600 rounds
    assert paired_coverage(kind, 18, 9, 200, row_level=True) < 0.85


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gaussian", "binary"])
@pytest.mark.parametrize("products", [8, 18, 34])
def test_primary_figure_covers_what_it_says_with_few_and_many_products(kind, products):
    assert 0.935 <= paired_coverage(kind, products, 9, 6000) <= 0.965


def test_t_quantile_agrees_with_the_table():
    assert t_quantile(17) == pytest.approx(2.1098, abs=1e-4)
