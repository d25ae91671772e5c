"""People's labels: Krippendorff's alpha against published examples, agreement of people with people and the judge."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.judging.agreement import _alpha, by_unit, human_human_agreement, judge_human_agreement, krippendorff_alpha
from tasks.teacher.duel import ORDERS

N = np.nan
# The documented example of the package `krippendorff` 0.9.0 (also Wikipedia, "Krippendorff's alpha").
SMALL = [[N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3], [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
         [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4]]  # fmt: skip
# Krippendorff's own four-observer example (Computing Krippendorff's alpha-reliability, 2011).
FOUR = [[1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N]]  # fmt: skip


def label(product: int, rater: str, winner: str, left: str = "sft", right: str = "base", kind: str = "ad") -> dict:
    return {"product_id": f"p{product:02d}", "content_type": kind, "left": left, "right": right, "rater": rater,
            "winner": winner}  # fmt: skip


def duel(product: int, winners: tuple[str, ...], left: str = "sft", right: str = "base", kind: str = "ad") -> list:
    base = {"product_id": f"p{product:02d}", "content_type": kind, "left": left, "right": right, "status": "judged"}
    return [base | {"order": order, "winner": winner} for order, winner in zip(ORDERS, winners, strict=False)]


@pytest.mark.parametrize(("data", "level", "published"), [
    (SMALL, "nominal", 0.691358), (FOUR, "nominal", 0.743), (FOUR, "ordinal", 0.815),
])  # fmt: skip
def test_alpha_is_the_published_one(data, level, published):
    assert _alpha(np.array(data, dtype=float), level) == pytest.approx(published, abs=5e-4)


def test_alpha_of_label_rows_is_the_hand_worked_one():
    """Two raters, 4 items: LL, LL, RR, LR. Observed disagreement 1/4, expected 2*5*3/(8*7) = 15/28: 1 - 7/15 = 8/15."""
    said = [("left", "left"), ("left", "left"), ("right", "right"), ("left", "right")]
    rows = [label(p, rater, winner) for p, pair in enumerate(said) for rater, winner in zip("ab", pair, strict=True)]
    found = krippendorff_alpha(rows)
    assert found.value == pytest.approx(8 / 15)
    assert (found.units, found.raters, found.products, found.reason) == (4, 2, 4, "")
    assert found.low is None or found.low <= found.value <= found.high


def test_alpha_ordinal_counts_a_reversal_more_than_a_tie():
    def alpha(odd: str) -> float:
        rows = [label(p, rater, ("left", "right", "tie")[p % 3]) for p in range(12) for rater in "ab"]
        return krippendorff_alpha([*rows, label(20, "a", "left"), label(20, "b", odd)], "ordinal", 10).value

    assert alpha("right") < alpha("tie") < alpha("left") == 1


def noisy_labels(products: int, same: float, seed: int, kinds: int = 3) -> list[dict]:
    draw = np.random.default_rng(seed)
    rows = []
    for product in range(products):
        for kind in range(kinds):
            first = str(draw.choice(["left", "right", "tie"]))
            second = first if draw.random() < same else str(draw.choice(["left", "right", "tie"]))
            rows += [label(product, "a", first, kind=str(kind)), label(product, "b", second, kind=str(kind))]
    return rows


def test_alpha_interval_holds_the_value_is_seeded_and_narrows_with_products():
    few, many = (krippendorff_alpha(noisy_labels(n, 0.7, 3), resamples=200) for n in (8, 60))
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert krippendorff_alpha(noisy_labels(8, 0.7, 3), resamples=200) == few


def test_alpha_interval_resamples_products_not_items():
    once = noisy_labels(12, 0.6, 5, kinds=1)
    copied = [row | {"content_type": f"{row['content_type']}{copy}"} for row in once for copy in range(8)]
    found = [krippendorff_alpha(rows, resamples=300) for rows in (once, copied)]
    widths = [one.high - one.low for one in found]
    assert widths[1] > 0.8 * widths[0], "eight copies of a product's label are no eight labels"


@pytest.mark.parametrize(("rows", "reason"), [
    ([], "no_overlap"),
    ([label(1, "a", "left"), label(2, "b", "left")], "no_overlap"),
    ([label(p, r, "tie") for p in (1, 2) for r in "ab"], "no_variation"),
])  # fmt: skip
def test_alpha_that_is_not_defined_says_why(rows, reason):
    found = krippendorff_alpha(rows)
    assert (found.value, found.low, found.reason) == (None, None, reason)


def test_alpha_of_one_product_has_no_interval():
    found = krippendorff_alpha(noisy_labels(1, 0.5, 2, kinds=9))
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_labels_meet_whichever_system_stood_left():
    rows = [label(1, "a", "left"), label(1, "b", "right", left="base", right="sft")]
    assert by_unit(rows) == {("p01", "ad", "base", "sft"): {"a": "right", "b": "right"}}
    assert human_human_agreement(rows).decided.value == 1


def test_later_label_of_a_rater_replaces_the_earlier():
    rows = [label(1, "a", "left"), label(1, "a", "right"), label(1, "b", "right")]
    found = human_human_agreement(rows)
    assert (found.pairs, found.decided.value) == (1, 1)


def test_unknown_winner_is_refused():
    with pytest.raises(ValueError, match="label by a: winner 'sft'"):
        by_unit([label(1, "a", "sft")])


def test_judge_and_people_are_compared_with_and_without_ties():
    duels = [*duel(1, ("left", "left")), *duel(2, ("right", "right")), *duel(3, ("left", "right")),
             *duel(4, ("tie", "tie")), *duel(5, ("left",))]  # fmt: skip
    labels = [label(1, "a", "left"), label(1, "b", "right"), label(2, "a", "right"), label(3, "a", "left"),
              label(4, "a", "tie"), label(5, "a", "left"), label(6, "a", "left")]  # fmt: skip
    found = judge_human_agreement(labels, duels)
    assert (found.pairs, found.with_tie) == (5, 2), "p05 has one order only and p06 was not judged"
    assert found.decided.value == pytest.approx((0.5 + 1) / 2), "each product counts once"
    assert found.with_ties.value == pytest.approx((0.5 + 1 + 0 + 1) / 4)
    assert found.decided.clusters == 2
    turned = [label(2, "a", "left", left="base", right="sft")]
    assert judge_human_agreement(turned, duels).decided.value == 1


def test_no_labels_give_no_agreement():
    found = judge_human_agreement([], duel(1, ("left", "left")))
    assert (found.decided, found.with_ties, found.pairs) == (None, None, 0)


def test_all_ties_leave_no_decided_pair():
    found = human_human_agreement([label(p, rater, "tie") for p in range(3) for rater in "ab"])
    assert (found.decided, found.with_ties.value, found.with_tie) == (None, 1.0, 3)
