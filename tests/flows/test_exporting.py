"""`copymill export`: a table to a file, a dataset for another trainer, the card of a home."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.exporting import export
from tasks.brief.steps import PRODUCTS
from tasks.datasets.steps import SFT
from tasks.judging.steps import ANSWERS
from tasks.lineage.errors import UserError
from tests.flows.homes import NOTE, answer, console, said, shop

ROW = {
    "item_id": "p1/note/0", "product_id": "p1", "content_type": "note", "source": "brand",
    "messages": [{"role": "user", "content": "写一篇笔记"}, {"role": "assistant", "content": NOTE}],
}  # fmt: skip


@pytest.fixture
def demo(tmp_path):
    made = shop(tmp_path)
    made.hold_table(SFT, [ROW])
    return made


def ran(demo, *arguments: str):
    return CliRunner().invoke(app, ["export", *arguments, "--home", str(demo.home)])


def test_dataset_for_verl_lands_in_the_folder(demo):
    result = ran(demo, "sft", "--format", "verl", "--out", str(demo.folder / "verl"))
    assert result.exit_code == 0, result.output
    (row,) = pq.read_table(demo.folder / "verl" / "sft_verl.parquet").to_pylist()
    assert row["messages"] == ROW["messages"]


def test_dataset_for_llama_factory_brings_its_description(demo):
    result = ran(demo, "sft", "--format", "sharegpt", "--out", str(demo.folder / "data"))
    assert "1 rows of sft" in result.output and "described in" in result.output
    assert "copymill_sft_sharegpt" in json.loads((demo.folder / "data" / "dataset_info.json").read_text())


def test_table_is_jsonl_where_no_format_is_named(demo):
    assert ran(demo, "sft", "--out", str(demo.folder / "sft.jsonl")).exit_code == 0
    (line,) = (demo.folder / "sft.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == ROW


def test_card_holds_what_is_made_and_leaves_out_what_is_not(demo):
    printed = console()
    export(demo.home, "card", "", demo.folder / "card.json", printed)
    card = json.loads((demo.folder / "card.json").read_text(encoding="utf-8"))
    assert card["copy"]["accepted"] == 2
    assert list(card["datasets"]) == ["sft"]
    assert "pairs" not in card
    assert "card.json" in said(printed)


@pytest.mark.parametrize(
    ("name", "format_", "found"),
    [
        ("sft", "excel", "no such format; expected one of jsonl, csv, parquet, verl, alpaca, sharegpt, ark"),
        ("copy", "verl", "verl has no form for it; expected sft, grpo"),
        ("preference", "ark", "ark has no form for it; expected sft"),
        ("kto", "alpaca", "not made yet"),
        ("card", "csv", "no form of the card; expected json"),
        ("nothing", "", "no such table"),
    ],
)
def test_what_cannot_be_exported_is_refused(demo, name, format_, found):
    with pytest.raises(UserError, match=found):
        export(demo.home, name, format_, demo.folder / "out", console())


def test_file_where_a_folder_must_be_is_refused(demo):
    place = demo.folder / "taken"
    place.write_text("mine")
    with pytest.raises(UserError, match="a file; expected a folder for verl"):
        export(demo.home, "sft", "verl", place, console())
    assert place.read_text() == "mine"


def test_val_set_for_lm_eval_holds_what_has_a_reference(demo):
    rows = [{**row, "split": "val"} for row in demo.listed()]
    demo.hold_table(PRODUCTS, rows)
    result = ran(demo, "lm-eval", "--out", str(demo.folder / "task"), "--brand", str(demo.brand))
    assert result.exit_code == 0, result.output
    assert "2 val items" in result.output and "--tasks copymill_demo" in result.output
    lines = (demo.folder / "task" / "val.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["p1/note", "p2/ad"], "the quarantined one is none"


def test_val_set_for_lm_eval_is_of_the_types_that_models_were_asked_for(demo):
    demo.hold_table(PRODUCTS, [{**row, "split": "val"} for row in demo.listed()])
    demo.hold_table(ANSWERS, [answer("base", "p2", "ad", "随便")])
    ran(demo, "lm-eval", "--out", str(demo.folder / "task"), "--brand", str(demo.brand))
    (line,) = (demo.folder / "task" / "val.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["id"] == "p2/ad"


def test_val_set_without_val_products_and_a_format_are_refused(demo):
    arguments = ("lm-eval", "--out", str(demo.folder / "task"), "--brand", str(demo.brand))
    assert "no val product has an accepted text" in str(ran(demo, *arguments).exception)
    assert "no form of it" in str(ran(demo, *arguments, "--format", "csv").exception)
    assert not (demo.folder / "task").exists()
