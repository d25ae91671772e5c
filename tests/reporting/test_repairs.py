"""Before and after: the marks of a repair give both texts back, and the sample is the same every time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.reporting.repairs import EDGE, LONG, SHOWN, pieces, repaired_texts, shortened


def joined(found, *ways: str) -> str:
    return "".join(text for way, text in found if way in ways)


texts = st.lists(st.sampled_from(["护肤要慢慢来。", "点击了解。", "神器", "甲", "乙", "\n", "😀"]), max_size=14).map(
    "".join
)


@settings(max_examples=200, deadline=None)
@given(texts, texts)
def test_marks_give_both_texts_back(before, after):
    found = pieces(before, after)
    assert joined(found, "same", "new") == after
    assert joined(found, "same", "cut") == before or found == [("new", after)] or (found == [] and after == "")


def test_change_of_a_word_is_marked_and_nothing_else():
    before, after = "这支精华是控油神器，质地清爽。", "这支精华是控油帮手，质地清爽。"
    assert pieces(before, after) == [
        ("same", "这支精华是控油"),
        ("cut", "神器"),
        ("new", "帮手"),
        ("same", "，质地清爽。"),
    ]


def test_sameness_of_a_letter_within_a_change_is_part_of_it():
    found = pieces("早晚洁面后使用它。一二三四五六七。", "早晚洁面后使用它。甲乙三丙丁戊己。")
    assert [way for way, _ in found] == ["same", "cut", "new", "same"]


def test_text_written_anew_has_no_marks():
    assert pieces("油光来得快，怎么办？", "换季的时候，皮肤常常紧绷。") == [("new", "换季的时候，皮肤常常紧绷。")]


def test_long_sameness_shows_its_ends_beside_changes():
    long = "甲" * LONG + "乙"
    found = shortened([("same", long), ("cut", "丙"), ("same", long), ("new", "丁"), ("same", long)])
    assert found[:2] == [("gap", "…"), ("same", long[-EDGE:])]
    assert found[3:6] == [("same", long[:EDGE]), ("gap", "…"), ("same", long[-EDGE:])]
    assert found[-2:] == [("same", long[:EDGE]), ("gap", "…")]
    assert shortened([("same", "甲" * LONG)]) == [("same", "甲" * LONG)]


def row(number: int, rule: str) -> dict:
    history = [
        {"round": 0, "action": "draft", "text": f"【痛点】{number}", "reasons": [rule], "call_key": ""},
        {"round": 0, "action": "mend", "text": f"{number}", "reasons": [], "call_key": ""},
    ]
    names = {"item_id": f"i{number}", "product_name": "n", "content_type": "c", "status": "accepted", "reasons": []}
    return {**names, "history": history}


def test_sample_takes_kinds_in_turn_and_does_not_hang_on_the_order_of_rows():
    rows = [row(number, "label" if number else "length") for number in range(40)]
    found = repaired_texts(rows, {"label": "framework_label"})
    assert found == repaired_texts(rows[::-1], {"label": "framework_label"})
    assert len(found) == SHOWN and "i0" in {text["item_id"] for text in found[:2]}


def test_text_that_was_accepted_at_once_is_no_repair():
    whole = {
        **row(1, "label"),
        "history": [{"round": 0, "action": "draft", "text": "t", "reasons": [], "call_key": ""}],
    }
    assert repaired_texts([whole], {}) == []


def test_step_tells_what_blocked_it_and_how_long_it_is():
    first, second = repaired_texts([row(1, "label")], {"label": "framework_label"})[0]["steps"]
    assert (first["action"], first["kinds"], first["chars"]) == ("draft", ["framework_label"], 5)
    assert (second["action"], second["kinds"], second["round"]) == ("mend", [], 0)
