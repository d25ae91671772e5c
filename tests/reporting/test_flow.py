"""The flow through the rounds: where each text stands after each stage, and bands that lose none of them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.reporting.flow import ENDS, GAP, HEIGHT, NAMED, NODE, WIDTH, drawing, flow_figures, moves

KIND = {name: name for name in ("number", "length", "label", "word", *"abcdefghij")}


def row(status: str, *stages: list[str], sheet: bool = False) -> dict:
    """Return a text: the reasons of its draft, of the draft after free repairs, then of each round."""
    written, rest = stages[0], stages[1:]
    history = [{"round": 0, "action": "draft", "text": "甲", "reasons": written, "call_key": ""}]
    if rest and rest[0] != written:
        history.append({"round": 0, "action": "mend", "text": "乙", "reasons": rest[0], "call_key": ""})
    for number, reasons in enumerate(rest[1:], 1):
        history.append({"round": number, "action": "repair", "text": "丙", "reasons": reasons, "call_key": ""})
    final = [{"rule": rule, "kind": "sheet" if sheet else rule} for rule in history[-1]["reasons"]]
    return {"item_id": "i", "status": status, "history": history, "reasons": final}


def states(*rows: dict) -> list[dict[str, int]]:
    return [{state: count for state, count in counts.items() if count} for counts in flow_figures(rows, KIND)["counts"]]


def test_text_is_followed_to_where_it_ends():
    assert states(row("accepted", ["label", "number"], ["number"], ["number"], [])) == [
        {"label": 1},
        {"number": 1},
        {"number": 1},
        {"accepted": 1},
    ]


def test_draft_that_free_repairs_made_pass_was_faulty_as_written():
    assert states(row("accepted", ["label"], [])) == [{"label": 1}, {"accepted": 1}]


def test_accepted_texts_stay_accepted_while_others_go_on():
    found = states(row("accepted", []), row("accepted", ["word"], ["word"], ["word"], []))
    assert found == [{"accepted": 1, "word": 1}] * 3 + [{"accepted": 2}]


def test_quarantined_and_failed_texts_end_where_they_ended():
    given_up = row("quarantined", ["word"], ["word"], ["word"], ["word"])
    broken_off = row("failed", ["word"], ["word"], ["word"])
    assert states(given_up) == [{"word": 1}] * 3 + [{"quarantined": 1}]
    assert states(broken_off) == [{"word": 1}] * 3 + [{"failed": 1}]
    assert states({**row("failed", []), "history": []}) == [{"failed": 1}] * 2


def test_text_held_up_by_the_name_of_its_product_is_told_from_one_with_a_word():
    assert states(row("quarantined", ["word"], ["word"], sheet=True)) == [{"sheet": 1}, {"quarantined": 1}]


def test_main_fault_is_the_one_that_most_texts_had():
    rows = [row("accepted", ["length"], ["length"], []), row("accepted", ["length", "word"], ["length", "word"], [])]
    assert states(*rows)[0] == {"length": 2}


def test_rare_kinds_share_a_band():
    rows = [row("accepted", [name], [name], []) for name in "abcdefghij"]
    found = flow_figures(rows, KIND)
    assert found["states"] == ["accepted", *"abcdefg", "other"]
    assert found["counts"][0]["other"] == 10 - NAMED


def test_moves_tell_every_state_that_goes_on():
    found = flow_figures([row("accepted", ["label"], []), row("accepted", ["label"], ["label"], [])], KIND)
    assert moves(found) == [(0, "label", [("accepted", 1), ("label", 1)]), (1, "label", [("accepted", 1)])]


def test_flow_of_nothing_draws_nothing():
    assert drawing(flow_figures([], KIND)).bands == []


kinds = st.lists(st.sampled_from("abcdefghij"), max_size=3, unique=True)
texts = st.builds(
    lambda status, stages: row(status, *stages, *([[]] if status == "accepted" else [["a"]])),
    st.sampled_from(["accepted", "quarantined", "failed"]),
    st.lists(kinds.filter(bool), min_size=2, max_size=5),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=30))
def test_no_text_is_lost_and_bands_join_the_boxes(rows):
    found = flow_figures(rows, KIND)
    assert {sum(counts.values()) for counts in found["counts"]} == {len(rows)}
    left, reached = Counter(), Counter()
    for stage, was, became, number in found["links"]:
        left[stage, was] += number
        reached[stage + 1, became] += number
    counts = {(at, state): n for at, each in enumerate(found["counts"]) for state, n in each.items() if n}
    assert left == {key: n for key, n in counts.items() if key[0] + 1 < len(found["counts"])}
    assert reached == {key: n for key, n in counts.items() if key[0]}
    assert all(was == became for _, was, became, _ in found["links"] if was in ENDS)


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=30))
def test_picture_keeps_its_frame_and_its_scale(rows):
    found = flow_figures(rows, KIND)
    drawn = drawing(found)
    unit = (HEIGHT - GAP * (len(found["states"]) - 1)) / len(rows)
    for node in drawn.nodes:
        assert 0 <= node.x <= WIDTH - NODE + 1e-6 and node.y >= 0 and node.y + node.height <= HEIGHT + 1e-6
        assert node.height == pytest.approx(node.texts * unit)
    for band in drawn.bands:
        numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", band.path)]
        assert all(-1e-6 <= number <= WIDTH for number in numbers)
    assert set(drawn.tones) == set(found["states"])
