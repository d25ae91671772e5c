"""Win rates raw, gate-aware and where both pass; disagreement as a rate of its own."""

from __future__ import annotations

import pytest

from tasks.judging.duel_rates import duel_rates, gate_aware_points
from tests.judging.test_agreement import duel
from tests.judging.test_conclusion import verdict


def gates(system: str, product: int, passes: bool) -> dict:
    return verdict(system, product, "ad", () if passes else ("length",)) | {"product_id": f"p{product:02d}"}


def met(*items: tuple[tuple[str, ...], bool, bool]) -> tuple[list, list]:
    """Return duels and verdicts of one item a product: (winners by order, sft passes, base passes)."""
    duels = [row for n, (winners, _, _) in enumerate(items) for row in duel(n, winners)]
    return duels, [row for n, (_, a, b) in enumerate(items) for row in (gates("sft", n, a), gates("base", n, b))]


LEFT, RIGHT, SPLIT = ("left", "left"), ("right", "right"), ("left", "right")


def test_three_rates_stand_side_by_side():
    duels, verdicts = met((RIGHT, True, True), (RIGHT, True, False), (LEFT, False, False), (LEFT, True, True))
    (found,) = duel_rates(duels, verdicts)
    assert found.raw.value == 0.5
    assert found.gate_aware.value == pytest.approx((0 + 1 + 0.5 + 1) / 4), "a failing text loses, two of them tie"
    assert found.both_pass.value == 0.5
    assert (found.both_pass_items, found.one_fails, found.both_fail) == (2, 1, 1)
    assert found.both_pass.clusters == 2


@pytest.mark.parametrize(("points", "left", "right", "expected"), [
    (0.0, True, False, 1.0), (1.0, False, True, 0.0), (1.0, False, False, 0.5),
    (1.0, True, True, 1.0), (0.5, True, True, 0.5), (0.0, True, True, 0.0),
])  # fmt: skip
def test_gates_decide_before_the_judge(points, left, right, expected):
    assert gate_aware_points(points, left, right) == expected


def test_disagreement_is_a_rate_of_items_and_a_tie_in_both_orders_is_none():
    duels, verdicts = met((SPLIT, True, True), (LEFT, True, True), (("tie", "tie"), True, True), (SPLIT, True, True))
    (found,) = duel_rates(duels, verdicts)
    assert found.disagreement.value == 0.5
    assert 0 < found.disagreement.low < 0.5 < found.disagreement.high < 1
    assert found.raw.value == pytest.approx((0.5 + 1 + 0.5 + 0.5) / 4)


def test_all_ties_are_even_and_claim_nothing():
    (found,) = duel_rates(*met(*[(("tie", "tie"), True, True)] * 6))
    assert (found.raw.value, found.gate_aware.value, found.both_pass.value) == (0.5, 0.5, 0.5)
    assert (found.even.p, found.even.detectable) == (1.0, None)
    assert found.even.estimate.direction == "unclear"


def test_no_item_where_both_pass_gives_no_both_pass_rate():
    (found,) = duel_rates(*met((LEFT, True, False), (LEFT, False, False)))
    assert (found.both_pass, found.both_pass_items) == (None, 0)


def test_items_of_one_order_or_without_verdict_are_in_no_rate():
    duels, verdicts = met((LEFT, True, True), (("left",), True, True), (RIGHT, True, True))
    (found,) = duel_rates(duels, [row for row in verdicts if row["answer_id"] != "base/p2/ad"])
    assert (found.raw.rows, found.raw.value, found.without_verdict) == (1, 1.0, 1)
    assert (found.raw.low, found.even.p) == (None, None), "one product"


def test_win_rate_counts_every_product_once():
    duels = [*duel(1, LEFT), *duel(1, LEFT, kind="b"), *duel(1, LEFT, kind="c"), *duel(2, RIGHT)]
    verdicts = [verdict(s, 1, k) | {"product_id": "p01"} for s in ("sft", "base") for k in ("ad", "b", "c")]
    (found,) = duel_rates(duels, [*verdicts, gates("sft", 2, True), gates("base", 2, True)])
    assert (found.raw.value, found.raw.rows, found.raw.clusters) == (0.5, 4, 2)


def test_no_duels_give_no_rates():
    assert duel_rates([], []) == []
