"""p-values, Holm and the detectable difference against scipy, published examples, simulation; one product's weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tasks.judging.claims import claim, detectable_difference, detectable_t, holm, p_value
from tasks.judging.influence import leave_one_out
from tasks.judging.statistics import cluster_mean, wilson

BOUNDS = (-1.0, 1.0)


def test_p_is_scipys_one_sample_t_test_of_the_products_means():
    values = [("a", 1.0), ("a", 0.0), ("b", 0.5), ("c", 0.25), ("c", 0.5), ("d", 0.9)]
    found = claim(values, BOUNDS)
    assert found.p == pytest.approx(stats.ttest_1samp([0.5, 0.5, 0.375, 0.9], 0).pvalue)
    assert found.estimate == cluster_mean(values, BOUNDS)


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([-1.0, 0.0, 0.5, 1.0])), min_size=1, max_size=40))
def test_p_is_below_five_percent_exactly_where_the_interval_leaves_zero_out(values):
    found = claim(values, BOUNDS)
    if found.p is None:
        assert found.estimate.clusters == 1
    else:
        assert 0 <= found.p <= 1
        assert (found.p < 0.05) == (found.estimate.direction != "unclear")


def test_p_of_products_that_all_agree_is_where_wilsons_bound_reaches_zero():
    for share, bounds in ((1.0, BOUNDS), (0.25, BOUNDS), (-0.5, (-0.5, 0.5))):
        p = p_value([share] * 8, bounds)
        far = bounds[0] if share > 0 else bounds[1]
        odd = wilson(0, 8, 1 - p)[1]
        assert share + odd * (far - share) == pytest.approx(0, abs=1e-9)
    assert p_value([0.0] * 8, BOUNDS) == 1.0


def test_one_product_has_no_p_and_nothing_detectable():
    found = claim([("a", 1.0), ("a", 0.0)], BOUNDS)
    assert (found.p, found.detectable) == (None, None)
    assert claim([], BOUNDS) is None


def test_holm_gives_the_published_example():
    """p .01 .04 .03 .005 at 5%: the first and the fourth are rejected (Wikipedia, Holm-Bonferroni method)."""
    adjusted = holm({"h1": 0.01, "h2": 0.04, "h3": 0.03, "h4": 0.005})
    assert adjusted == pytest.approx({"h1": 0.03, "h2": 0.06, "h3": 0.06, "h4": 0.02})


def test_holm_leaves_out_what_could_not_be_tested():
    assert holm({"a": 0.02, "b": None, "c": 0.9}) == {"a": 0.04, "b": None, "c": 0.9}
    assert holm({}) == {}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_monotone_between_the_p_and_bonferroni(values):
    adjusted = list(holm(dict(enumerate(values))).values())
    assert all(p <= a <= min(1.0, p * len(values)) + 1e-12 for p, a in zip(values, adjusted, strict=True))
    order = np.argsort(values, kind="stable")
    assert list(np.array(adjusted)[order]) == sorted(adjusted)


def null_p_values(draw: np.random.Generator, types: int, products: int) -> list[float]:
    """Return p of `types` true null hypotheses whose texts share product effects."""
    shared = draw.normal(0, 0.2, (products, 1)) + draw.normal(0, 0.3, (products, types))
    return [p_value(list(column), (-9.0, 9.0)) for column in shared.T]


def test_holm_keeps_the_chance_of_any_false_claim_below_five_percent():
    draw = np.random.default_rng(3)
    families = [null_p_values(draw, 9, 18) for _ in range(500)]
    after = np.mean([min(holm(dict(enumerate(family))).values()) < 0.05 for family in families])
    alone = np.mean([min(family) < 0.05 for family in families])
    assert after <= 0.07  # 0.05 and two standard errors of 500 rounds
    assert alone > 0.2, "without Holm every fifth report of nothing would claim something"


def test_detectable_difference_is_g_powers_example():
    """A paired t test of an effect of 0.5 standard deviations needs 34 pairs for 80% (Faul et al. 2007, G*Power)."""
    assert detectable_t(33) / np.sqrt(34) < 0.5 < detectable_t(32) / np.sqrt(33)


@pytest.mark.parametrize("products", [6, 18, 40])
def test_power_at_the_detectable_difference_is_eighty_percent(products):
    draw = np.random.default_rng(products)
    true = detectable_t(products - 1) * 0.3 / np.sqrt(products)
    found = stats.ttest_1samp(draw.normal(true, 0.3, (20_000, products)), 0, axis=1).pvalue < 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.012)  # four standard errors


def test_detectable_difference_uses_the_observed_variance_and_the_level_of_the_test():
    means = [0.1, 0.4, -0.2, 0.3, 0.0]
    plain, strict = detectable_difference(means), detectable_difference(means, level=1 - 0.05 / 9)
    assert plain == pytest.approx(detectable_t(4) * np.std(means, ddof=1) / np.sqrt(5))
    assert strict > plain
    assert detectable_difference([0.3] * 5) is None
    shifted = detectable_difference([mean + 5 for mean in means])
    assert shifted == pytest.approx(plain), "the size of what was seen tells nothing about power"


def test_leaving_one_out_gives_the_range_and_the_product_that_decides():
    values = [("a", 0.0), ("b", 0.1), ("c", 0.2), ("d", 1.0), ("d", 0.8)]
    found = leave_one_out(values, BOUNDS)
    assert (found.low, found.high) == pytest.approx(((0 + 0.1 + 0.2) / 3, (0.1 + 0.2 + 0.9) / 3))
    assert found.product == "d"
    assert found.without == cluster_mean(values[:3], BOUNDS)


def test_products_that_turn_the_claim_are_named():
    values = [("a", 0.2), ("b", 0.3), ("c", 0.25), ("d", 0.3), ("e", -0.12)]
    assert cluster_mean(values, BOUNDS).direction == "unclear"
    found = leave_one_out(values, BOUNDS)
    assert (found.product, found.turning) == ("e", ("e",))
    assert found.without.direction == "higher"


def test_equal_influence_names_the_first_product_and_two_products_have_none():
    equal = leave_one_out([("c", 0.5), ("a", 0.5), ("b", 0.5)], BOUNDS)
    assert (equal.product, equal.low, equal.high) == ("a", 0.5, 0.5)
    assert leave_one_out([("a", 1.0), ("b", 0.0), ("b", 1.0)], BOUNDS) is None
