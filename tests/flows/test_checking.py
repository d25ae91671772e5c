"""`copymill check` over files and single texts: what it prints, its exit status, how it tells its progress."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows.checking import check_file, check_text, columns_of, one_subject, output_format
from flows.cli import app
from flows.explaining import explain_rule
from flows.reading import EVERY, ReadingProgress
from tasks.lineage.errors import UserError
from tests.flows.homes import AD, NOTE, console, said, shop

ROWS = [
    ("泛醇修护精华", "note", NOTE),
    ("角鲨烷面霜", "ad", AD),
    ("泛醇修护精华", "note", "用了三天，这是神器，真是神器。"),
]


@pytest.fixture
def demo(tmp_path):
    return shop(tmp_path)


def texts(demo, rows=ROWS):
    path = demo.folder / "texts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("product_name", "content_type", "text"), *rows])
    return path


def told(demo, rows=ROWS, show=0) -> tuple[int, str]:
    printed = console()
    return check_file(texts(demo, rows), demo.bench(), [], "text", 1, show, printed, console()), said(printed)


def test_clean_file_has_status_0_and_no_findings(demo):
    status, text = told(demo, ROWS[:2])
    assert status == 0 and text == "2 texts checked, 0 not accepted (0.0%)\n"


def test_finding_shows_its_piece_within_its_context(demo):
    status, text = told(demo)
    assert status == 1
    assert "row 3 block brand_forbidden_word 用了三天，这是«神器»，真是神器。" in text
    assert "brand rule" in text and "→" in text


def test_summary_counts_findings_texts_and_share_by_rule(demo):
    lines = told(demo, [ROWS[2], *ROWS[:2], ROWS[0]])[1].splitlines()
    (line,) = [line.split() for line in lines if line.startswith("  brand_forbidden_word")]
    assert line == ["brand_forbidden_word", "forbidden_word", "block", "2", "1", "25.0%"]
    assert "4 texts checked, 1 not accepted (25.0%)" in lines


def test_findings_over_the_limit_are_counted_not_printed(demo):
    _, text = told(demo, [ROWS[2]] * 5, show=1)
    assert text.count("«") == 1 and "more findings" in text and "5 texts checked" in text


def test_json_is_one_object_a_row_with_span_basis_and_suggestion(demo, capsys):
    status = check_file(texts(demo), demo.bench(), [], "json", 1, 0, console(), console())
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 1 and [row["accepted"] for row in rows] == [True, True, False]
    reason = next(reason for reason in rows[2]["reasons"] if reason["rule"] == "brand_forbidden_word")
    assert ROWS[2][2][reason["start"] : reason["end"]] == "神器"
    assert reason["basis"] and reason["suggestion"] and reason["message_en"] and reason["severity"] == "block"


def test_one_text_is_checked_like_a_row(demo):
    printed = console()
    assert check_text("这是神器。", "泛醇修护精华", "note", demo.bench(), "text", printed) == 1
    assert "«神器»" in said(printed)
    assert check_text(NOTE, "泛醇修护精华", "note", demo.bench(), "text", printed) == 0


def test_one_text_of_an_unknown_type_is_one_sentence(demo):
    with pytest.raises(UserError, match="note, ad"):
        check_text("好。", "泛醇修护精华", "nowhere", demo.bench(), "text", console())


def test_text_without_a_type_is_a_passage_that_no_rule_of_whole_texts_judges(demo):
    assert check_text("泛醇温和修护屏障", "泛醇修护精华", "", demo.bench(), "text", console()) == 0
    assert check_text("泛醇是修护界的神器", "泛醇修护精华", "", demo.bench(), "text", console()) == 1


def test_line_breaks_and_controls_in_a_text_do_not_break_the_lines(demo):
    text = told(demo, [("泛醇修护精华", "note", "第一行\n神器\x1b[31m。")])[1]
    assert "第一行⏎«神器»\\u001b[31m。" in text


@pytest.mark.parametrize("given", [{"FILE": False, "--text": False}, {"FILE": True, "--released": True}])
def test_nothing_or_two_things_to_check_is_one_sentence(given):
    with pytest.raises(UserError, match="one of FILE"):
        one_subject(given)


def test_options_that_say_nothing_are_one_sentence():
    with pytest.raises(UserError, match="text or json"):
        output_format("xml")
    with pytest.raises(UserError, match="text=output"):
        columns_of(["text="])


def test_rule_is_explained_with_basis_examples_and_how_to_switch_it_off(demo):
    printed = console()
    explain_rule(demo.bench().rules(), "absolute_rank", demo.brand, printed)
    text = said(printed)
    assert "yields   to the second reader, in a harmless sentence" in text
    assert (
        "广告法" in text and "fires" in text and "switch_off: [{id: absolute_rank" in text and "absolute_claim" in text
    )


def test_rule_that_the_brand_does_without_is_explained_by_its_reason(demo):
    (demo.brand / "rules").mkdir()
    (demo.brand / "rules" / "own.yaml").write_text("switch_off: [{id: absolute_rank, reason: 已有排名证明}]\n", "utf-8")
    printed = console()
    explain_rule(demo.bench().rules(), "absolute_rank", demo.brand, printed)
    assert "已有排名证明" in said(printed)


def test_what_the_second_reader_took_back_is_shown(demo):
    printed = console()
    text = "深夜一点，城市第二安静的时刻，第一安静是四点。"
    assert check_text(text, "", "", demo.bench(), "text", printed) == 0
    assert "taken back absolute_rank" in said(printed)
    assert "1 more taken back by the second reader" in said(printed)


def test_misspelt_rule_names_the_nearest(demo):
    with pytest.raises(UserError, match="absolute_rank"):
        explain_rule(demo.bench().rules(), "absolut_rank", demo.brand, console())


def test_progress_without_a_terminal_is_a_line_now_and_then():
    now = [0.0]
    printed = console()
    with ReadingProgress(printed, clock=lambda: now[0]) as progress:
        for row in range(1, 101):
            now[0] += EVERY / 40
            progress(row * 10, 1000)
    assert said(printed).splitlines() == ["40 rows read, 40% of the file", "80 rows read, 80% of the file"]


def test_progress_on_a_terminal_is_a_bar_that_goes_away():
    printed = Console(file=io.StringIO(), force_terminal=True, width=80)
    with ReadingProgress(printed) as progress:
        progress(500, 1000)
        progress.bar.refresh()
        assert "50%" in said(printed)
    assert said(printed).rstrip().endswith("\x1b[2K")


def test_commands_publish_judge_and_withdraw(demo):
    home, brand = ["--home", str(demo.home)], ["--brand", str(demo.brand)]
    products, run = ["--products", str(demo.products)], CliRunner().invoke
    out = str(demo.folder / "x.jsonl")
    made = run(app, ["export", "copy", "--channel", "weibo", "--out", out, *home, *brand])
    assert made.exit_code == 0 and "2 texts for weibo" in made.output
    assert run(app, ["check", "--released", *home, *brand, *products]).exit_code == 0
    demo.forbid("锁住水分")
    broken = run(app, ["check", "--released", *home, *brand, *products])
    assert broken.exit_code == 1 and "p2/ad/0" in broken.output
    release = next(demo.home.glob("artifacts/releases/*/record.json")).parent.name
    assert run(app, ["withdraw", release, "--reason", "已下架", *home]).exit_code == 0
    assert run(app, ["check", "--released", *home, *brand, *products]).exit_code == 0


def test_table_without_a_channel_is_told_to_be_unmarked(demo):
    out = str(demo.folder / "x.jsonl")
    made = CliRunner().invoke(app, ["export", "copy", "--out", out, "--home", str(demo.home)])
    assert "3 rows of copy" in made.output and "--channel" in made.output
    refused = CliRunner().invoke(app, ["export", "copy", "--out", out, "--home", str(demo.home), "--purchase-link"])
    assert isinstance(refused.exception, UserError)
