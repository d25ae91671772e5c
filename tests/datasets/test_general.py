"""Mixing: as many general rows as were asked for, the same ones in any order of the file, and marked as such."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from tasks.datasets.config import SftParams
from tasks.datasets.general import dialogues, general_rows, is_brand
from tasks.datasets.steps import SFT
from tasks.lineage.errors import UserError
from tasks.lineage.tables import with_digests
from tests.datasets.scene import inputs

TALKS = [[{"role": "user", "content": f"问题{n}"}, {"role": "assistant", "content": f"回答{n}"}] for n in range(40)]


def written(path: Path, talks: list = TALKS) -> Path:
    lines = [json.dumps({"messages": talk}, ensure_ascii=False) for talk in talks]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(("brand", "share", "count"), [(60, 0.25, 20), (60, 0.4, 40), (10, 0.15, 2), (0, 0.3, 0)])
def test_general_rows_are_the_share_of_all_rows(tmp_path, brand, share, count):
    rows = general_rows(written(tmp_path / "g.jsonl"), brand, share, seed=1)
    assert len(rows) == count
    assert not any(is_brand(row) for row in rows)
    assert len({row["item_id"] for row in rows}) == count


def test_choice_hangs_on_the_seed_and_not_on_the_order_of_the_file(tmp_path):
    one = general_rows(written(tmp_path / "a.jsonl"), 30, 0.25, seed=1)
    other = general_rows(written(tmp_path / "b.jsonl", TALKS[::-1]), 30, 0.25, seed=1)
    assert one == other
    assert general_rows(tmp_path / "a.jsonl", 30, 0.25, seed=2) != one
    larger = general_rows(tmp_path / "a.jsonl", 30, 0.4, seed=1)
    assert {row["item_id"] for row in one} < {row["item_id"] for row in larger}


def test_repeated_dialogue_counts_once(tmp_path):
    path = written(tmp_path / "g.jsonl", [TALKS[0]] * 30)
    with pytest.raises(UserError, match=r"1 different dialogues; expected 10 for a share of 0\.25; set sft"):
        general_rows(path, 30, 0.25, seed=1)


def test_jsonl_csv_and_parquet_of_the_same_dialogues_are_the_same_rows(tmp_path):
    columns = {"prompt": [f"问题{n}" for n in range(40)], "response": [f"回答{n}" for n in range(40)]}
    pq.write_table(pa.table(columns), tmp_path / "g.parquet")
    pq.write_table(pa.Table.from_pylist([{"messages": talk} for talk in TALKS]), tmp_path / "m.parquet")
    lines = ["prompt,response", *(f"{p},{r}" for p, r in zip(*columns.values(), strict=True))]
    (tmp_path / "g.csv").write_bytes("\n".join(lines).encode("gb18030"))
    files = [written(tmp_path / "g.jsonl"), tmp_path / "g.parquet", tmp_path / "m.parquet", tmp_path / "g.csv"]
    assert [list(dialogues(path)) for path in files] == [TALKS] * 4


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"text": "x"}, "row 1: columns text; expected a column `messages`"),
        ({"messages": [{"role": "user", "content": "问"}]}, "row 1: turns of user; expected user and assistant"),
        ({"messages": [{"role": "tool", "content": "问"}] * 2}, "row 1: turns of tool, tool"),
        ({"prompt": "问", "response": " "}, "row 1: a turn without text"),
        ({"messages": "[{"}, "row 1: messages is not JSON"),
    ],
)
def test_row_that_is_no_dialogue_is_named(tmp_path, row, found):
    path = tmp_path / "g.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(UserError, match=found):
        list(dialogues(path))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("prompt,response\n问,答\n问,答,多\n", "row 2: 3 fields under 2 columns; expected as many as columns"),
        ('prompt,response\n问,答\n问,"答\n', r"row 2: not CSV .*; expected closed quotes"),
        ("prompt,response\n问\n", "row 1: columns prompt, response; expected a column `messages`"),
    ],
)
def test_csv_row_that_does_not_fit_its_header_is_named(tmp_path, text, found):
    path = tmp_path / "g.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=found):
        list(dialogues(path))


def test_file_of_another_kind_and_empty_file_are_refused(tmp_path):
    (tmp_path / "g.txt").write_text("x")
    (tmp_path / "e.jsonl").write_text("\n")
    (tmp_path / "p.parquet").write_text("x")
    for name, found in (("g.txt", r"ends in \.txt"), ("e.jsonl", "no rows"), ("p.parquet", "not Parquet")):
        with pytest.raises(UserError, match=found):
            list(dialogues(tmp_path / name))


def test_sft_with_a_general_share_fits_its_table_and_marks_the_rows(tmp_path):
    params = SftParams(general_file=str(written(tmp_path / "g.jsonl")), general_share=0.4, system_prompt="品牌")
    rows = SFT.compute(inputs(params=params))
    assert [row["source"] for row in rows] == ["brand", "brand", "general"]
    assert [turn["role"] for turn in rows[2]["messages"]] == ["user", "assistant"], "the brand's prompt is the brand's"
    assert len(with_digests(rows, SFT.makes)) == 3


def test_identity_is_what_the_file_holds_and_not_where_it_lies(tmp_path):
    def identity(path: Path, share: float = 0.2) -> dict:
        return SftParams(general_file=str(path), general_share=share).identity()

    (tmp_path / "other").mkdir()
    one, moved = written(tmp_path / "g.jsonl"), written(tmp_path / "other" / "h.jsonl")
    assert identity(one) == identity(moved)
    assert identity(one) != identity(written(tmp_path / "c.jsonl", TALKS[:39]))
    assert identity(one, 0) == SftParams().identity(), "a file of which nothing is taken is no part of what is made"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"general_share": 0.2}, "names no file"),
        ({"general_share": 0.2, "general_file": "nowhere.jsonl"}, "is no file"),
        ({"general_share": 0.5, "general_file": __file__}, "less than or equal to 0.4"),
    ],
)
def test_share_without_a_file_or_too_large_is_refused(values, found):
    with pytest.raises(ValidationError, match=found):
        SftParams(**values)
