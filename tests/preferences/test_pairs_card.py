"""The pairs card counts what the rows hold, says why pairs were dropped, and what surface and leaks there are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasks.preferences.negatives import last_faults
from tasks.preferences.pairs_card import pairs_card


def pair(number: int, method: str = "weak", **changed: Any) -> dict[str, Any]:
    row = {
        "item_id": f"p{number}/ad/{method}", "product_id": f"p{number}", "product_name": f"商品{number}",
        "content_type": "ad", "split": "val" if number % 5 == 4 else "train", "method": method,
        "chosen": f"第{number}款配方温和克制，适合日常。", "rejected": f"第{number}款神器秒杀一切，快冲快冲！",
        "status": "made", "error": "", "proven": method != "weak", "selected": True, "length_ratio": 1.0,
    }  # fmt: skip
    return row | changed


def dropped(number: int, error: str, method: str = "fake") -> dict[str, Any]:
    return pair(number, method, status="dropped", error=error, selected=False, proven=False, length_ratio=None)


def test_methods_count_only_made_pairs_as_selected() -> None:
    rows = [
        pair(0, length_ratio=0.9),
        pair(1, selected=False, length_ratio=1.1),
        dropped(2, "no proof in 1 attempts: no_false_fact"),
    ]
    card = pairs_card(rows, accepted=4)
    weak, fake = card["methods"]
    assert (card["all"], card["made"], card["selected"]) == (3, 2, 1)
    assert (weak["asked"], weak["selected"], weak["selected_share"], weak["proven"]) == (2, 1, 1.0, 0)
    assert (weak["length_ratio"], weak["shorter_share"]) == (1.0, 0.5)
    assert (fake["dropped"], fake["made"], fake["length_ratio"]) == (1, 0, None)


@pytest.mark.parametrize(("accepted", "enough"), [(10, True), (11, True), (12, False)])
def test_coverage_is_of_accepted_texts_and_wants_85_percent(accepted: int, enough: bool) -> None:
    card = pairs_card([pair(n) for n in range(10)], accepted)
    assert card["coverage"]["with_pair"] == 10
    assert card["coverage"]["share"] == 10 / accepted
    assert card["coverage"]["enough"] is enough


def test_proportion_of_selected_pairs_is_in_least_terms_by_split() -> None:
    counts = {"weak": 10, "exaggerated": 6, "fake": 4}
    rows = [pair(5 * n, method) for method, count in counts.items() for n in range(count)]
    card = pairs_card([*rows, pair(4), pair(9, "fake", selected=False)], accepted=30)
    assert card["ratios"]["train"] == {**counts, "proportion": "5 : 3 : 2"}
    assert card["ratios"]["val"]["proportion"] == "1 : 0 : 0"


def test_drops_are_counted_by_the_faults_of_the_last_attempt() -> None:
    rows = [
        dropped(0, "no proof in 3 attempts: malformed, then length_ratio, then no_false_fact+name_changed"),
        dropped(1, "no proof in 1 attempts: no_false_fact+name_changed"),
        dropped(2, "the chosen text breaks ad_length", "weak"),
    ]
    assert [(row["method"], row["reason"], row["count"]) for row in pairs_card(rows, 3)["dropped"]] == [
        ("fake", "no_false_fact+name_changed", 2),
        ("weak", "the chosen text breaks ad_length", 1),
    ]
    assert last_faults("402: no balance") == "402: no balance"


def test_surface_names_methods_that_words_alone_tell() -> None:
    rows = [pair(n, "exaggerated") for n in range(20)]
    rows += [pair(n, "fake", chosen=f"含{n % 7}%泛醇，很温和", rejected=f"含{n % 7}%泛醇，很湿润") for n in range(20)]
    surface = pairs_card(rows, 40)["surface"]
    assert list(surface["by_method"]) == ["exaggerated", "fake", "all"]
    assert surface["by_method"]["exaggerated"]["character_ngrams"] == 1.0
    assert surface["by_method"]["fake"]["longer_is_better"] == 0.5
    assert surface["by_method"]["all"]["pairs"] == 40


@pytest.mark.parametrize(("longer", "balanced"), [(9, False), (10, True), (11, True), (12, False)])
def test_length_is_balanced_between_45_and_55_percent(longer: int, balanced: bool) -> None:
    texts = {True: ("长一些的文案在此", "短"), False: ("短", "长一些的文案在此")}
    rows = [pair(n, chosen=texts[n < longer][0], rejected=texts[n < longer][1]) for n in range(21)]
    assert pairs_card(rows, 21)["surface"]["length_balanced"] is balanced


def test_repetition_counts_rejected_texts_of_one_template() -> None:
    template = "这款产品成分温和，适合日常护理，使用感受不错，可以考虑。"
    rows = [pair(n, rejected=template) for n in range(4)]
    (weak,) = pairs_card(rows, 4)["repetition"]
    assert weak["rejected"]["near_duplicates"] == 3
    assert weak["rejected"]["distinct_2"] < weak["chosen"]["distinct_2"]


def test_product_or_name_on_both_sides_is_a_leak() -> None:
    clean = [pair(0), pair(4)]
    assert pairs_card(clean, 2)["leakage"] == {"products": [], "names": [], "near_val": 0, "clean": True}
    leaked = pairs_card([*clean, pair(5, product_id="p4"), pair(6, product_name="商品 4")], 4)["leakage"]
    assert (leaked["products"], leaked["names"], leaked["clean"]) == (["p4"], ["商品4"], False)


def test_card_of_nothing_is_plain_json() -> None:
    card = pairs_card([], 0)
    assert card["coverage"] == {"accepted": 0, "with_pair": 0, "share": None, "wanted": 0.85, "enough": False}
    assert json.loads(json.dumps(card)) == card
