"""The quality estimate: a sample that is spread, marks that belong to a wording, an interval that is Wilson's."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from tasks.judging.quality import (
    LEAST,
    Mark,
    quality_figures,
    read_marks,
    sample_rows,
    share_of,
    standing,
    wording_of,
)
from tasks.judging.statistics import wilson
from tasks.lineage.errors import UserError
from tests.judging.world import world

TABLES = world(count=30)
COPY, PRODUCTS = TABLES["copy"], TABLES["products"]
ACCEPTED = [row for row in COPY if row["status"] == "accepted"]


def sample(size: int = LEAST, seed: int = 1) -> list[dict]:
    return sample_rows(COPY, PRODUCTS, size, seed)


def written(path: Path, rows: list[dict]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def marked(rows: list[dict], bad: int = 4) -> list[dict]:
    return [{**row, "good": "0" if place < bad else "1", "note": "平淡" if place < bad else ""}
            for place, row in enumerate(rows)]  # fmt: skip


def test_sample_gives_every_type_its_share_and_spreads_over_products():
    rows = sample(60)
    types, found = Counter(row["content_type"] for row in ACCEPTED), Counter(row["content_type"] for row in rows)
    assert len(rows) == 60 == len({row["item_id"] for row in rows})
    assert all(abs(found[name] - 60 * count / len(ACCEPTED)) < 1 for name, count in types.items())
    products = Counter(row["item_id"].split("/")[0] for row in rows)
    assert set(products.values()) <= {1, 2, 3} and len(products) == 30


def test_sample_hangs_on_the_seed_and_not_on_the_order_of_rows():
    assert sample() == sample_rows(COPY[::-1], PRODUCTS[::-1], LEAST, 1)
    assert {row["item_id"] for row in sample(seed=2)} != {row["item_id"] for row in sample()}


def test_sample_holds_accepted_texts_with_the_facts_and_no_mark():
    texts = {row["item_id"]: row["text"] for row in ACCEPTED}
    for row in sample():
        assert (row["text"], row["good"], row["wording"]) == (texts[row["item_id"]], "", wording_of(row["text"]))
        assert row["sheet"].startswith("成分：")


@pytest.mark.parametrize(("size", "found"), [(LEAST - 1, "too few to estimate"), (100_000, "accepted texts; expected")])
def test_sample_of_too_few_or_too_many_is_refused(size, found):
    with pytest.raises(UserError, match=found):
        sample(size)


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("yes", "No"), ("是", "否"), ("合格", "不合格"), (" TRUE ", "false")]
)
def test_marks_are_read_as_people_write_them(tmp_path, yes, no):
    rows = [{**row, "good": no if place < 3 else yes} for place, row in enumerate(sample())]
    marks = read_marks(written(tmp_path / "q.csv", rows))
    assert [mark.good for mark in marks].count(False) == 3


def test_file_that_excel_saved_in_gb18030_is_read(tmp_path):
    path = written(tmp_path / "q.csv", marked(sample()))
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("gb18030"))
    assert len(read_marks(path)) == LEAST


def test_fewer_than_fifty_marks_are_refused(tmp_path):
    rows = marked(sample())
    rows[7]["good"] = " "
    with pytest.raises(UserError, match="49 rows are marked; expected at least 50"):
        read_marks(written(tmp_path / "q.csv", rows))


def test_mark_that_is_neither_and_text_marked_twice_are_named(tmp_path):
    rows = marked(sample())
    with pytest.raises(UserError, match=r"row 3: good is 'maybe'; expected 1 or 0"):
        read_marks(written(tmp_path / "q.csv", [*rows[:2], {**rows[2], "good": "Maybe"}, *rows[3:]]))
    with pytest.raises(UserError, match=f"{rows[0]['item_id']} is marked twice"):
        read_marks(written(tmp_path / "q.csv", [*rows, rows[0]]))
    with pytest.raises(UserError, match="no column good"):
        read_marks(written(tmp_path / "q.csv", [{"item_id": "a", "content_type": "b", "wording": "c"}]))


def test_share_has_wilsons_interval_in_all_and_by_type(tmp_path):
    figures = quality_figures(read_marks(written(tmp_path / "q.csv", marked(sample()))), COPY)
    found = figures["all"]
    assert (found["good"], found["marked"], found["share"]) == (46, 50, 0.92)
    assert (found["low"], found["high"]) == wilson(46, 50)
    assert round(found["low"], 3) == 0.812 and round(found["high"], 3) == 0.968
    assert sum(row["marked"] for row in figures["by_type"]) == 50
    assert [note["note"] for note in figures["notes"]] == ["平淡"] * 4


def test_mark_of_a_text_that_was_rewritten_counts_no_more():
    marks = [Mark(row["item_id"], row["content_type"], row["wording"], True) for row in sample()]
    changed = [{**row, "text": row["text"] + "。"} if row["item_id"] == marks[0].item_id else row for row in COPY]
    gone = [row for row in changed if row["item_id"] != marks[1].item_id]
    assert len(standing(marks, COPY)) == 50
    assert len(standing(marks, gone)) == 48
    figures = quality_figures(marks, gone)
    assert (figures["marked"], figures["standing"], figures["enough"]) == (50, 48, False)


def test_nothing_marked_is_nothing_known():
    assert share_of([]) is None
    assert quality_figures([], COPY)["all"] is None
