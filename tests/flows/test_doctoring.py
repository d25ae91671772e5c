"""`copymill doctor`: a table for people, JSON for programs, exit 1 where a finding blocks."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.doctoring import examine
from flows.job import Job
from tasks.datasets.steps import KTO, SFT
from tasks.lineage.errors import UserError
from tests.flows.homes import NOTE, console, shop


def chat(number: int, answer: str) -> dict:
    return {
        "item_id": f"p{number}/paid_ad_cta/0", "product_id": f"p{number}", "content_type": "paid_ad_cta",
        "source": "brand",
        "messages": [{"role": "user", "content": f"写第{number}篇"}, {"role": "assistant", "content": answer}],
    }  # fmt: skip


@pytest.fixture
def demo(tmp_path):
    made = shop(tmp_path)
    made.hold_table(SFT, [chat(n, f"{NOTE}{n}") for n in range(4)])
    return made


def ran(demo, *arguments: str):
    return CliRunner().invoke(app, ["doctor", "--home", str(demo.home), *arguments])


def test_good_data_passes_and_the_missing_base_is_said(demo):
    result = ran(demo)
    assert result.exit_code == 0, result.output
    assert "nothing blocks training" in result.output
    assert "copymill run --only base" in result.output


def test_broken_text_blocks_with_its_rows_in_both_forms(demo):
    demo.hold_table(SFT, [chat(0, NOTE), chat(1, f"{NOTE}\ufffd")])
    told = ran(demo)
    assert told.exit_code == 1
    assert "block sft: 1 of 2 rows hold U+FFFD" in told.output and "p1/paid_ad_cta/0" in told.output
    asked = ran(demo, "--json")
    assert asked.exit_code == 1
    (sft,) = json.loads(asked.output)
    assert (sft["step"], sft["rows"], sft["tokens"]) == ("sft_model", 2, None)
    assert sft["findings"][0]["check"] == "replacement_character"


def test_table_that_no_step_trains_on_is_examined_too(demo):
    rows = [{"id": f"k{n}", "product_id": "p1", "content_type": "paid_ad_cta", "prompt": "写", "completion": f"文{n}",
             "label": n < 9} for n in range(10)]  # fmt: skip
    demo.hold_table(KTO, rows)
    result = ran(demo)
    assert result.exit_code == 0
    assert "warn kto: 1 of 10 rows are bad: the labels are out of balance" in result.output


def test_home_without_datasets_and_content_types_that_are_not_there_are_refused(demo, tmp_path):
    with pytest.raises(UserError, match="datasets: none is made"):
        examine(Job(home=str(tmp_path / "empty")), False, console())
    with pytest.raises(UserError, match="none of its 4 rows is of a content type"):
        examine(Job(home=str(demo.home), overrides={"sft_model.content_types": "[note]"}), False, console())
