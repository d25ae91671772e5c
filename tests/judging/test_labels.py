"""Labels: what a file may hold, one label of a rater for a pair, and none for a text that has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.judging.labels import Label, joined, read_labels, standing
from tasks.lineage.errors import UserError
from tests.judging.labelling import labels_of, pairs_of
from tests.judging.world import world

TABLES = world(count=30)
A, B, C = "a" * 16, "b" * 16, "c" * 16
LINE = {"pair": A, "first": B, "second": C, "winner": "first", "rater": "李雷", "note": ""}


def written(path: Path, *lines: Any) -> list[Path]:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return [path]


def test_lines_become_labels_and_equal_ones_count_once(tmp_path):
    (label,) = read_labels(written(tmp_path / "l.jsonl", LINE, LINE))
    assert label == Label(A, B, C, "first", "李雷", "")
    assert label.chosen == B


def test_one_rater_in_other_capitals_or_width_is_one(tmp_path):
    names = ["Li  Lei", "ｌｉ lei", " li LEI "]
    labels = read_labels(written(tmp_path / "l.jsonl", *({**LINE, "rater": name} for name in names)))
    assert [label.rater for label in labels] == ["li lei"]


def test_same_choice_from_the_other_side_is_no_contradiction(tmp_path):
    turned = {**LINE, "first": C, "second": B, "winner": "second"}
    assert len(read_labels(written(tmp_path / "l.jsonl", LINE, turned))) == 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"pair": "sft-base/p1"}, "label 1: pair is 'sft-base/p1'; expected 16 hex digits"),
        ({"first": None}, "first is None"),
        ({"second": B}, "both sides hold the same text"),
        ({"winner": "left"}, "winner is 'left'; expected first, second, tie"),
        ({"winner": ["first"]}, "winner is"),
        ({"rater": "  "}, "expected a name of 1 to 40 characters"),
        ({"rater": "x" * 41}, "expected a name of 1 to 40 characters"),
        ({"rater": "a\u0000b"}, "expected a name of 1 to 40 characters"),
        ({"note": 5}, "note is 5; expected text"),
        ({"note": "长" * 1001}, "at most 1000 characters"),
    ],
)
def test_line_that_the_page_would_not_write_is_named(tmp_path, change, found):
    with pytest.raises(UserError, match=found):
        read_labels(written(tmp_path / "l.jsonl", {**LINE, **change}))


def test_two_things_said_of_one_pair_are_refused_with_both_places(tmp_path):
    one = written(tmp_path / "one.jsonl", LINE)
    other = written(tmp_path / "two.jsonl", {**LINE, "pair": B}, {**LINE, "winner": "tie"})
    with pytest.raises(
        UserError, match=r"two\.jsonl label 2: 李雷 says tie and at .*one\.jsonl label 1 something else"
    ):
        read_labels([*one, *other])


def test_file_that_is_no_json_lines_and_file_that_is_not_there_are_named(tmp_path):
    path = tmp_path / "l.jsonl"
    path.write_text("left,right\n")
    with pytest.raises(UserError, match="line 1: not JSON"):
        read_labels([path])
    with pytest.raises(UserError, match="cannot be read"):
        read_labels([tmp_path / "gone.jsonl"])


def test_newer_label_of_a_rater_takes_the_place_of_the_older():
    old = [Label(A, B, C, "first", "x"), Label(A, B, C, "tie", "y")]
    new = [Label(A, B, C, "second", "x"), Label(B, A, C, "tie", "x")]
    assert joined(old, new) == [new[0], new[1], old[1]]


def test_label_of_a_text_that_was_rewritten_counts_no_more():
    labels = labels_of(TABLES, 20, {"x": 0})
    pairs = pairs_of(TABLES)
    assert standing(labels, pairs) == labels
    answers = [{**row, "text": row["text"] + "。"} if row["system"] == "sft" else row for row in TABLES["answers"]]
    with_sft = {label.pair for label in labels if all("sft" in meeting for meeting in pairs[label.pair].meetings)}
    left = standing(labels, pairs_of({"answers": answers}))
    assert with_sft and {label.pair for label in left} == {label.pair for label in labels} - with_sft


def test_label_whose_wordings_are_not_the_pairs_own_does_not_stand():
    (label,) = labels_of(TABLES, 1, {"x": 0})
    assert standing([Label(label.pair, label.first, A, "first", "x")], pairs_of(TABLES)) == []
