"""Released copy against the rules, sheets and channels of today."""

from __future__ import annotations

import json

import pytest

from flows.publishing import publish
from flows.released import check_released, withdraw
from flows.releases import releases_of
from tasks.lineage.errors import UserError
from tests.flows.homes import COPY_ROWS, CREAM, SERUM, console, copy_row, said, shop

MARCH, APRIL, MAY = (f"2026-0{month}-01T08:00:00+00:00" for month in (3, 4, 5))
OTHER_AD = "角鲨烷面霜，滋养干性肌。点击了解详情。"


@pytest.fixture
def demo(tmp_path):
    made = shop(tmp_path)
    made.release = publish(made.order(), console(), MARCH)
    return made


def told(demo, now=APRIL) -> tuple[int, str]:
    printed = console()
    status = check_released(demo.home, demo.bench().today(), "text", printed, console(), now)
    return status, said(printed)


def results(demo, capsys, now=APRIL) -> list[dict]:
    check_released(demo.home, demo.bench().today(), "json", console(), console(), now)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_nothing_released_is_said_and_is_no_fault(tmp_path):
    fresh = shop(tmp_path)
    status, text = told(fresh)
    assert status == 0 and "Nothing was released" in text
    printed, err = console(), console()
    assert check_released(fresh.home, fresh.bench().today(), "json", printed, err, APRIL) == 0
    assert said(printed) == "" and "Nothing was released" in said(err)


def test_rules_of_another_brand_are_asked_about(demo):
    brand = demo.brand / "brand.yaml"
    brand.write_text(brand.read_text(encoding="utf-8").replace("id: demo", "id: other"), encoding="utf-8")
    err = console()
    check_released(demo.home, demo.bench().today(), "text", console(), err, APRIL)
    assert "released for demo" in said(err) and "--brand" in said(err)


def test_unchanged_rules_break_nothing(demo):
    status, text = told(demo)
    assert status == 0 and "2 released texts checked, 0 break" in text


def test_new_word_breaks_the_text_that_holds_it(demo, capsys):
    demo.forbid("锁住水分")
    status, text = told(demo)
    assert status == 1
    assert "p2/ad/0" in text and "角鲨烷面霜" in text and "released 2026-03-01" in text and "«锁住水分»" in text
    (result,) = results(demo, capsys)
    reason = result["reasons"][0]
    assert (result["item_id"], result["channel"], result["accepted"]) == ("p2/ad/0", "xiaohongshu", False)
    assert result["text"][reason["start"] : reason["end"]] == "锁住水分"
    assert (reason["rule"], reason["basis"]) == ("brand_forbidden_word", "brand rule")


def test_finding_is_new_once_and_then_told_since(demo, capsys):
    demo.forbid("锁住水分")
    assert results(demo, capsys, APRIL)[0]["reasons"][0]["told"] is None
    assert results(demo, capsys, MAY)[0]["reasons"][0]["told"] == APRIL
    status, text = told(demo, MAY)
    assert status == 1 and "told since 2026-04-01" in text and "(0 newly told)" in text


def test_changed_sheet_breaks_the_number_that_it_no_longer_holds(demo, capsys):
    demo.list_products(SERUM.replace("5%泛醇", "3%泛醇"), CREAM)
    (result,) = results(demo, capsys)
    assert (result["item_id"], result["sheet"]) == ("p1/note/0", "today")
    assert "unsupported_number" in {reason["kind"] for reason in result["reasons"]}


def test_product_that_left_the_list_is_told_and_judged_by_its_sheet_of_then(demo, capsys):
    demo.list_products(CREAM)
    (result,) = results(demo, capsys)
    assert (result["sheet"], result["accepted"]) == ("release", True)
    assert [reason["kind"] for reason in result["reasons"]] == ["unknown_product"]
    assert told(demo)[0] == 0


def test_content_type_that_is_gone_is_judged_as_it_was(demo):
    types = demo.brand / "content_types.yaml"
    types.write_text(types.read_text(encoding="utf-8").split("ad:\n")[0], encoding="utf-8")
    assert told(demo)[0] == 0


def test_mark_that_the_channel_asks_for_today_is_missed(demo, capsys):
    channels = (
        "xiaohongshu:\n  ad_mark:\n    text: 广告\n    place: start\n    needed: {social: always}\n    basis: x\n"
    )
    (demo.brand / "channels.yaml").write_text(channels, encoding="utf-8")
    (result,) = results(demo, capsys)
    assert (result["item_id"], result["missing_marks"]) == ("p1/note/0", [{"mark": "ad_mark", "told": None}])
    status, text = told(demo, MAY)
    assert status == 1 and "ad_mark (told since 2026-04-01)" in text


def test_text_in_two_releases_is_told_once_with_both(demo, capsys):
    demo.forbid("从未出现")
    second = publish(demo.order(), console(), APRIL)
    demo.forbid("锁住水分")
    (result,) = results(demo, capsys, MAY)
    assert result["releases"] == [demo.release.id, second.id] and result["released"] == MARCH


def test_replaced_text_is_still_told_and_names_the_newer_release(demo, capsys):
    demo.hold(*COPY_ROWS[:1], copy_row("p2/ad/0", "p2", "角鲨烷面霜", "ad", OTHER_AD))
    newer = publish(demo.order(), console(), APRIL)
    demo.forbid("锁住水分")
    (result,) = results(demo, capsys, MAY)
    assert result["newer_release"] == newer.id


def test_withdrawn_text_is_judged_no_more(demo):
    demo.forbid("锁住水分")
    withdraw(demo.home, demo.release.id, ["p2/ad/0"], "已下架", console(), APRIL)
    status, text = told(demo)
    assert status == 0 and "1 released texts checked" in text and "1 withdrawn" in text


def test_what_is_published_again_after_a_withdrawal_is_judged_again(demo):
    withdraw(demo.home, demo.release.id, [], "已下架", console(), APRIL)
    assert "2 released texts, all withdrawn" in told(demo)[1]
    again = publish(demo.order(), console(), MAY)
    assert again.id != demo.release.id
    demo.forbid("锁住水分")
    assert told(demo)[0] == 1


@pytest.mark.parametrize(
    ("release", "items", "reason", "says"),
    [("nowhere", [], "x", "not in"), ("", ["p9/ad/0"], "x", "not in release"), ("", [], " ", "why")],
)
def test_withdrawal_of_nothing_is_one_sentence(demo, release, items, reason, says):
    with pytest.raises(UserError, match=says):
        withdraw(demo.home, release or demo.release.id, items, reason, console())


def test_damaged_release_is_one_sentence_and_never_silence(demo):
    texts = demo.home / "artifacts" / "releases" / demo.release.id / "texts.parquet"
    texts.write_bytes(texts.read_bytes() + b"x")
    with pytest.raises(UserError, match="not the bytes"):
        told(demo)
    (texts.parent / "record.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="record of a release"):
        releases_of(demo.home).all()


def test_export_cut_off_before_its_record_is_no_release(demo):
    half = demo.home / "artifacts" / "releases" / ".0123456789ab.1"
    half.mkdir()
    (half / "record.json").write_text("{", encoding="utf-8")
    assert [release.id for release in releases_of(demo.home).all()] == [demo.release.id]
