"""`copymill label-page` and `label-import`: out as a page, back into the home, and into the report's inputs."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.job import Job
from flows.world import load_world
from tasks.judging.steps import ANSWERS
from tasks.lineage.errors import UserError
from tests.flows.homes import AD, NOTE, answer, shop
from tests.reporting.test_label_page import data_of

TEXTS = {("p1", "note"): NOTE, ("p2", "ad"): AD}
ROWS = [
    answer(system, *item, text if system == "reference" else f"{text}{system}写")
    for item, text in TEXTS.items()
    for system in ("reference", "base", "sft")
]


@pytest.fixture
def demo(tmp_path):
    made = shop(tmp_path)
    made.hold_table(ANSWERS, ROWS)
    return made


def ran(demo, *arguments: str):
    return CliRunner().invoke(app, [*arguments, "--home", str(demo.home)])


def paged(demo, *more: str):
    path = demo.folder / "page.html"
    result = ran(demo, "label-page", "--out", str(path), "--brand", str(demo.brand), "--pairs", "4", *more)
    assert result.exit_code == 0, result.output
    return data_of(path.read_text(encoding="utf-8"))


def exported(demo, name: str, data, winner: str = "first") -> str:
    lines = [
        {"pair": pair["id"], "first": pair["first"][0], "second": pair["second"][0], "winner": winner, "rater": name,
         "note": ""}
        for pair in data["pairs"]
    ]  # fmt: skip
    path = demo.folder / f"{name}.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return str(path)


def source(demo):
    return load_world(Job(home=str(demo.home), brand=str(demo.brand), products=str(demo.products))).sources["labels"]


def test_labels_of_two_raters_come_back_and_are_kept(demo):
    before, data = source(demo), paged(demo)
    assert len(data["pairs"]) == 4, "reference and SFT, SFT and base, for two items"
    result = ran(demo, "label-import", exported(demo, "x", data), exported(demo, "y", data))
    assert result.exit_code == 0, result.output
    assert "8 labels of 2 raters read" in result.output and "4 pairs have two raters" in result.output
    assert "the judge's preference until 50 pairs" in result.output
    assert source(demo).digest != before.digest, "the report is made again"


def test_second_import_adds_and_replaces_what_a_rater_said_before(demo):
    data = paged(demo)
    ran(demo, "label-import", exported(demo, "x", data), exported(demo, "y", data))
    assert ran(demo, "label-import", exported(demo, "x", data, "tie")).exit_code == 0
    said = [(label.rater, label.winner) for label in source(demo).value]
    assert sorted(said) == [("x", "tie")] * 4 + [("y", "first")] * 4


def test_labels_of_texts_that_changed_are_told_and_where_all_did_refused(demo):
    path = exported(demo, "x", paged(demo))
    changed = [{**row, "text": row["text"] + "。"} if row["content_type"] == "ad" else row for row in ROWS]
    demo.hold_table(ANSWERS, changed)
    result = ran(demo, "label-import", path)
    assert "2 are of texts that have changed since" in result.output
    demo.hold_table(ANSWERS, [{**row, "text": row["text"] + "！"} for row in ROWS])
    result = ran(demo, "label-import", path)
    assert isinstance(result.exception, UserError)
    assert "none of 4 labels is of texts as" in str(result.exception)


def test_page_never_overwrites_a_file_and_needs_answers(demo):
    paged(demo)
    result = ran(demo, "label-page", "--out", str(demo.folder / "page.html"), "--brand", str(demo.brand))
    assert "a file that may be with raters" in str(result.exception)
    result = ran(demo, "label-page", "--out", str(demo.folder / "more.html"), "--brand", str(demo.brand))
    assert "--pairs 100: 4 pairs of different texts" in str(result.exception)
    empty = shop(demo.folder / "other")
    result = ran(empty, "label-page", "--out", str(demo.folder / "more.html"))
    assert "table answers: not made yet" in str(result.exception)
    assert not (demo.folder / "more.html").exists()


def test_another_brands_types_are_named(demo):
    result = ran(demo, "label-page", "--out", str(demo.folder / "page.html"), "--pairs", "4")
    assert "no content type ad" in str(result.exception)


def test_damaged_labels_are_named(demo):
    (demo.home / "artifacts" / "labels.json").write_text("[{}]")
    with pytest.raises(UserError, match=r"labels\.json: not what `copymill label-import` wrote"):
        source(demo)
