"""Differences by content type and of rubric scores: paired, clustered by product, after Holm."""

from __future__ import annotations

import pytest

from tasks.judging.by_type import differences_by_type
from tasks.judging.claims import claim, family_of, holm
from tasks.judging.score_differences import score_differences
from tests.judging.test_conclusion import home


def test_every_type_has_its_difference_and_only_the_strong_one_is_claimed():
    rows = home(12, lambda p, k: k == "strong" or p < 2, lambda p, k: p == 5, kinds=("strong", "weak"))
    strong, weak = differences_by_type(rows, [("sft", "base")])
    assert [(one.content_type, one.left, one.right) for one in (strong, weak)] == [
        ("strong", "sft", "base"), ("weak", "sft", "base")]  # fmt: skip
    assert strong.difference.estimate.value == pytest.approx(11 / 12)
    assert weak.difference.estimate.value == pytest.approx(1 / 12)
    assert (strong.difference.rejected, weak.difference.rejected) == (True, False)
    assert strong.difference.p_holm == pytest.approx(2 * strong.difference.p)
    assert weak.difference.p_holm == pytest.approx(weak.difference.p)
    assert strong.difference.estimate.rows == strong.difference.estimate.clusters == 12


def test_type_that_alone_would_be_claimed_is_not_claimed_among_many():
    values = [(n, float(n < 5)) for n in range(12)]
    nothing = [(n, float(n % 2) - 0.5) for n in range(12)]
    family = family_of({"hit": values} | {f"t{n}": nothing for n in range(8)}, (-1.0, 1.0))
    assert family["hit"].p < 0.05 < family["hit"].p_holm
    assert not family["hit"].rejected


def test_detectable_difference_is_that_of_holms_first_step():
    values = [(n, float(n < 5)) for n in range(12)]
    family = family_of({"a": values, "b": values, "none": []}, (-1.0, 1.0))
    assert set(family) == {"a", "b"}
    assert family["a"].detectable == claim(values, (-1.0, 1.0), 1 - 0.05 / 2).detectable
    assert family["a"].p_holm == holm({"a": family["a"].p, "b": family["b"].p})["a"]


def test_one_product_can_be_shown_and_not_claimed():
    (only,) = differences_by_type(home(1, lambda p, k: True, lambda p, k: False, kinds=("ad",)), [("sft", "base")])
    assert only.difference.estimate.value == 1
    assert (only.difference.p, only.difference.p_holm, only.difference.rejected) == (None, None, False)


def test_pair_without_shared_items_has_no_types():
    assert differences_by_type(home(3, lambda p, k: True, lambda p, k: False), [("grpo", "sft")]) == []


def scored(system: str, product: int, kind: str = "ad", status: str = "judged", **criteria: float) -> dict:
    mean = sum(criteria.values()) / len(criteria)
    entries = [{"name": name, "score": score} for name, score in criteria.items()]
    return {"system": system, "product_id": f"p{product}", "content_type": kind, "status": status,
            "criteria": entries, "score": mean}  # fmt: skip


def test_scores_are_compared_on_the_same_items_overall_and_by_criterion():
    rows = [scored("sft", p, tone=4 + p % 2, brevity=3 + p % 2) for p in range(8)]
    rows += [scored("base", p, tone=2, brevity=3 - p % 2) for p in range(6)]
    rows += [scored("base", 7, status="unparsed", tone=1, brevity=1)]
    (found,) = score_differences(rows, [("sft", "base"), ("grpo", "base")])
    assert (found.left, found.right, found.overall.estimate.rows) == ("sft", "base", 6)
    assert found.overall.estimate.value == pytest.approx((1 + 2.5) / 2)
    values = {name: one.estimate.value for name, one in found.criteria.items()}
    assert values == pytest.approx({"tone": 2.5, "brevity": 1.0})
    assert found.criteria["tone"].rejected
    assert found.overall.detectable > 0


def test_score_differences_by_type_cluster_a_products_texts():
    rows = [scored("sft", p, kind, a=4) for p in range(3) for kind in ("ad", "note")]
    rows += [scored("base", p, kind, a=1 + p) for p in range(3) for kind in ("ad", "note")]
    (found,) = score_differences(rows, [("sft", "base")])
    assert found.overall.estimate.clusters == 3
    assert set(found.by_type) == {"ad", "note"}
    assert found.by_type["ad"].estimate.value == 2
