"""Bradley-Terry against evalica's published example and a logistic fit; what has no maximum has a reason."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import optimize

from tasks.judging.ranking import _resampled_strengths, bradley_terry, refusal, strengths_of
from tests.judging.test_agreement import duel

# evalica's food.csv and the scores that its README prints for it (github.com/dustalov/evalica).
FOOD = ("Pizza", "Sushi", "Burger", "Pasta", "Tacos")
PUBLISHED = {"Tacos": 2.509025136024378, "Sushi": 1.1011561298265815, "Burger": 0.8549063627182466,
             "Pasta": 0.7403814336665869, "Pizza": 0.5718366915548537}  # fmt: skip


def food_wins() -> np.ndarray:
    rows = """Pizza,Sushi,left Burger,Pasta,right Tacos,Pizza,left Sushi,Tacos,right Burger,Pizza,left Pasta,Sushi,right
    Tacos,Burger,left Pizza,Pasta,tie Sushi,Burger,right Pasta,Tacos,left Burger,Sushi,right Tacos,Pizza,left
    Sushi,Pasta,tie Burger,Tacos,left Pizza,Burger,right Pasta,Tacos,right Burger,Sushi,right Tacos,Pasta,left
    Pizza,Tacos,right Sushi,Burger,left Pasta,Pizza,right Burger,Sushi,right Tacos,Pasta,left Pizza,Sushi,left
    Sushi,Burger,right Pasta,Tacos,right Tacos,Pizza,left Burger,Pasta,right Sushi,Tacos,left Pizza,Burger,right"""
    wins = np.zeros((5, 5))
    for row in rows.split():
        left, right, winner = row.split(",")
        share = {"left": 1.0, "tie": 0.5, "right": 0.0}[winner]
        wins[FOOD.index(left), FOOD.index(right)] += share
        wins[FOOD.index(right), FOOD.index(left)] += 1 - share
    return wins


def logistic_fit(wins: np.ndarray) -> np.ndarray:
    """Return the centred Bradley-Terry strengths by maximising the likelihood directly."""

    def loss(strengths: np.ndarray) -> float:
        return float(np.sum(wins * np.logaddexp(0, strengths[None, :] - strengths[:, None])))

    found = optimize.minimize(loss, np.zeros(len(wins)), method="BFGS", options={"gtol": 1e-9}).x
    return found - found.mean()


def test_strengths_are_evalicas_published_ones():
    published = np.log([PUBLISHED[name] for name in FOOD])
    assert strengths_of(food_wins()) == pytest.approx(published, abs=1e-5)


def test_strengths_are_those_of_a_logistic_fit():
    draw = np.random.default_rng(4)
    for _ in range(5):
        wins = draw.integers(1, 30, (4, 4)) / 2
        np.fill_diagonal(wins, 0)
        assert strengths_of(wins) == pytest.approx(logistic_fit(wins), abs=1e-4)


def test_resamples_fitted_together_are_what_each_is_alone():
    draw = np.random.default_rng(9)
    stack = draw.integers(1, 12, (120, 4, 4)) * (1 - np.eye(4)) / 2
    stack[7, 1:, 0] = 0  # the first system never loses: no maximum
    together = _resampled_strengths(stack)
    assert np.isnan(together[7]).all()
    assert np.isfinite(np.delete(together, 7, axis=0)).all()
    for place in (0, 6, 49, 50, 119):
        assert together[place] == pytest.approx(logistic_fit(stack[place]), abs=1e-4)


def test_two_systems_have_the_log_odds_of_their_points():
    rows = [row for n in range(8) for row in duel(n, ("left", "left") if n < 5 else ("right", "right"))]
    rows += duel(8, ("left", "right"))
    found = bradley_terry(rows, 200)
    assert [one.system for one in found.strengths] == ["sft", "base"]
    assert found.strengths[0].value - found.strengths[1].value == pytest.approx(np.log(5.5 / 3.5), abs=1e-6)
    assert found.strengths[0].value == pytest.approx(-found.strengths[1].value)
    assert (found.reason, found.duels, found.products) == ("", 9, 9)
    assert found.strengths[0].low < found.strengths[0].value < found.strengths[0].high
    assert bradley_terry(rows, 200) == found, "seeded"


def test_every_winner_from_one_side_is_separated_and_has_no_strength():
    found = bradley_terry([row for n in range(9) for row in duel(n, ("left", "left"))])
    assert (found.strengths, found.reason, found.interval_reason) == ((), "separated", "no_fit")


def test_group_that_never_lost_to_the_rest_is_separated():
    rows = [*duel(1, ("left", "left")), *duel(2, ("right", "right"))]
    rows += [*duel(3, ("left", "left"), "reference", "sft"), *duel(4, ("left", "left"), "reference", "base")]
    assert bradley_terry(rows).reason == "separated"


def test_groups_that_never_met_are_not_connected():
    rows = [*duel(1, ("left", "right")), *duel(2, ("left", "right"), "grpo", "reference")]
    assert bradley_terry(rows).reason == "not_connected"


def test_no_duels_and_duels_of_one_order_have_no_strength():
    assert bradley_terry([]).reason == "no_duels"
    assert bradley_terry(duel(1, ("left",))).reason == "no_duels"


def test_all_ties_are_equal_strengths():
    found = bradley_terry([row for n in range(5) for row in duel(n, ("tie", "tie"))], 100)
    assert [one.value for one in found.strengths] == pytest.approx([0, 0])
    assert (found.strengths[0].low, found.strengths[0].high) == pytest.approx((0, 0))


def test_one_product_has_strengths_and_no_interval():
    rows = [*duel(1, ("left", "left")), *duel(1, ("right", "right"), kind="b")]
    found = bradley_terry(rows, 50)
    assert [one.value for one in found.strengths] == pytest.approx([0, 0])
    assert (found.strengths[0].low, found.interval_reason) == (None, "one_product")


def test_fit_that_hangs_on_one_product_has_no_interval():
    rows = [row for n in range(9) for row in duel(n, ("left", "left") if n else ("right", "right"))]
    found = bradley_terry(rows, 300)
    assert found.reason == ""
    assert (found.strengths[0].low, found.interval_reason) == (None, "resamples_separated")
    assert found.dropped / 300 == pytest.approx((8 / 9) ** 9, abs=0.1), "resamples that never draw the ninth product"


def test_matrix_reaches_all_along_a_ring_and_not_along_a_chain():
    chain = np.diag([1.0, 1.0, 1.0], k=1)
    ring = chain.copy()
    ring[3, 0] = 1
    assert (refusal(chain), refusal(ring)) == ("separated", "")


def simulated_duels(draw: np.random.Generator, products: int, items: int = 3) -> list[dict]:
    """Return duels of three systems whose strengths are 0.8, 0, -0.8 and shared by chance within a product."""
    rows, strengths = [], {"grpo": 0.8, "sft": 0.0, "base": -0.8}
    for product in range(products):
        own = {name: value + draw.normal(0, 0.7) for name, value in strengths.items()}
        for kind in range(items):
            for left, right in combinations(strengths, 2):
                won = draw.random() < 1 / (1 + np.exp(own[right] - own[left]))
                rows += duel(product, ("left", "left") if won else ("right", "right"), left, right, str(kind))
    return rows


def true_strengths() -> dict[str, float]:
    """Return what the fit tends to: strengths that vary by product give marginal odds nearer to even."""
    found = bradley_terry(simulated_duels(np.random.default_rng(0), 4000, 3), resamples=1)
    return {one.system: one.value for one in found.strengths}


def bootstrap_coverage(products: int, rounds: int, resamples: int) -> float:
    true, draw = true_strengths(), np.random.default_rng(products)
    held = []
    for _ in range(rounds):
        found = bradley_terry(simulated_duels(draw, products), resamples)
        held += [one.low <= true[one.system] <= one.high for one in found.strengths]
    return float(np.mean(held))


def test_interval_resamples_products_not_items():
    once = simulated_duels(np.random.default_rng(6), 20, 1)
    copied = [row | {"content_type": f"copy {copy}"} for row in once for copy in range(9)]
    widths = [found.strengths[0].high - found.strengths[0].low for found in map(bradley_terry, (once, copied))]
    assert widths[1] == pytest.approx(widths[0], rel=1e-3), "nine copies of a product's duel are no nine duels"


@pytest.mark.slow
@pytest.mark.parametrize("products", [18, 34])
def test_intervals_cover_about_what_they_say(products):
    assert 0.92 <= bootstrap_coverage(products, 400, 400) <= 0.98
