"""Methods by threshold, quotas exact: what an item gets depends on the item alone."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.lineage.params import undeclared_fields
from tasks.preferences.assignment import method_of, quotas, selected_ids, should_be_longer
from tasks.preferences.config import PairParams, Weights

PARAMS = PairParams()


def made(number: int, split: str = "train", params: PairParams = PARAMS) -> list[dict]:
    ids = [f"{split}{n}/paid_ad_cta/0" for n in range(number)]
    return [{"item_id": item_id, "method": method_of(item_id, params), "split": split} for item_id in ids]


def test_method_is_near_its_weight_over_many_items():
    counts = Counter(row["method"] for row in made(4_000))
    assert {method: round(number / 400) for method, number in counts.items()} == {
        "weak": 5,
        "exaggerated": 3,
        "fake": 2,
    }


@pytest.mark.parametrize(("seed", "method"), [(1, "weak"), (4, "exaggerated"), (9, "fake")])
def test_method_of_an_item_is_pinned(seed, method):
    assert method_of("净颜精华/paid_ad_cta/0", PairParams(seed=seed)) == method


def test_other_weights_move_only_items_across_a_threshold():
    more_fake = PairParams(weights=Weights(weak=50, exaggerated=25, fake=25))
    moved = [
        (before["method"], after["method"])
        for before, after in zip(made(2_000), made(2_000, params=more_fake), strict=True)
        if before["method"] != after["method"]
    ]
    assert set(moved) == {("exaggerated", "fake")} and 60 < len(moved) < 140


def test_selected_keep_the_weights_exactly_within_each_split():
    rows = [*made(500), *made(130, "val")]
    chosen = selected_ids(rows, PARAMS)
    for split, total in (("train", 500), ("val", 130)):
        counts = Counter(row["method"] for row in rows if row["split"] == split and row["item_id"] in chosen)
        assert counts["weak"] * 3 == counts["exaggerated"] * 5 and counts["weak"] * 2 == counts["fake"] * 5
        assert sum(counts.values()) > 0.8 * total


def test_new_items_move_few_selected_ones():
    before = selected_ids(made(500), PARAMS)
    after = selected_ids(made(512), PARAMS)
    assert len(before - after) <= 12


@given(
    st.fixed_dictionaries(dict.fromkeys(("weak", "exaggerated", "fake"), st.integers(0, 400))),
    st.tuples(*[st.integers(0, 60)] * 3).filter(any),
)
def test_quotas_are_exact_and_the_most_that_can_be(counts, shares):
    weights = Weights(**dict(zip(("weak", "exaggerated", "fake"), shares, strict=True)))
    found = quotas(counts, weights)
    by_method, whole = weights.by_method(), sum(shares)
    total = sum(found.values())
    assert all(found[method] <= counts[method] for method in found)
    assert set(found) == {method for method, weight in by_method.items() if weight}
    for method, number in found.items():
        assert abs(number - total * by_method[method] / whole) < 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((100, 100, 100), (100, 60, 40)),
        ((55, 30, 20), (50, 30, 20)),
        ((50, 30, 9), (20, 12, 8)),
        ((5, 3, 1), (4, 2, 1)),
        ((4, 0, 0), (1, 0, 0)),
        ((0, 5, 5), (0, 0, 0)),
    ],
)
def test_quotas_set_surplus_aside(counts, expected):
    methods = ("weak", "exaggerated", "fake")
    assert tuple(quotas(dict(zip(methods, counts, strict=True)), Weights())[method] for method in methods) == expected


def test_share_of_longer_rejected_texts_is_as_set():
    for share in (0.0, 0.5, 1.0):
        params = PairParams(longer_share=share)
        longer = sum(should_be_longer(f"p{n}", params) for n in range(2_000))
        assert abs(longer / 2_000 - share) < 0.03


def test_every_parameter_is_identity_or_runtime():
    assert undeclared_fields(PairParams) == [] == undeclared_fields(Weights)


def test_weights_of_nothing_are_refused():
    with pytest.raises(ValueError, match="weight"):
        Weights(weak=0, exaggerated=0, fake=0)
