"""Publishing: accepted texts alone, with the channel's marks, on record before the file appears."""

from __future__ import annotations

import csv
import json

import pyarrow.parquet as pq
import pytest

from flows.publishing import publish
from flows.releases import releases_of
from tasks.lineage.errors import UserError
from tests.flows.homes import AD, COPY_ROWS, NOTE, console, copy_row, said, shop

THEN = "2026-03-01T08:00:00+00:00"


@pytest.fixture
def demo(tmp_path):
    return shop(tmp_path)


def exported(order) -> dict[str, dict]:
    lines = order.file.read_text(encoding="utf-8").splitlines()
    return {row["item_id"]: row for row in map(json.loads, lines)}


def test_accepted_texts_alone_leave_with_their_marks(demo):
    order = demo.order()
    publish(order, console(), THEN)
    rows = exported(order)
    assert set(rows) == {"p1/note/0", "p2/ad/0"}
    assert rows["p1/note/0"]["text"] == "5%泛醇，温和修护屏障。\n（本内容由AI生成）\n#屏障修护"
    assert rows["p1/note/0"]["text_original"] == NOTE
    assert rows["p2/ad/0"]["text"] == f"广告\n{AD}\n（本内容由AI生成）"
    assert [mark["kind"] for mark in rows["p2/ad/0"]["marks"]] == ["ad_mark", "ai_label"]
    assert "广告法" in rows["p2/ad/0"]["marks"][0]["basis"]


def test_purchase_link_marks_the_note_as_an_ad(demo):
    order = demo.order(purchase_link=True)
    publish(order, console(), THEN)
    assert exported(order)["p1/note/0"]["text"].startswith("广告\n")


def test_implicit_label_names_producer_and_content(demo):
    order = demo.order(producer="001191440300708461136")
    publish(order, console(), THEN)
    row = exported(order)["p1/note/0"]
    label = json.loads(row["metadata"])["AIGC"]
    assert (label["Label"], label["ContentProducer"]) == ("1", "001191440300708461136")
    assert label["ProduceID"].startswith("p1/note/0@")


def test_parquet_carries_the_label_of_the_whole_file(demo):
    order = demo.order(format_="parquet", file=demo.folder / "out.parquet")
    release = publish(order, console(), THEN)
    label = json.loads(pq.read_schema(order.file).metadata[b"AIGC"])
    assert label["ProduceID"] == release.id and label["ContentProducer"] == "原素方程"


def test_csv_holds_marks_as_json(demo):
    order = demo.order(format_="csv", file=demo.folder / "out.csv")
    publish(order, console(), THEN)
    with order.file.open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert json.loads(row["marks"])[0]["kind"] == "ai_label"


def test_plain_channel_changes_no_text_and_is_on_record_all_the_same(demo):
    order, printed = demo.order(channel="plain"), console()
    release = publish(order, printed, THEN)
    assert exported(order)["p2/ad/0"]["text"] == AD
    assert releases_of(demo.home).texts(release)[0]["marks"] == []
    assert "must add them" in said(printed)


def test_text_that_breaks_todays_rules_stays(demo):
    demo.forbid("5%泛醇")
    order, printed = demo.order(), console()
    publish(order, printed, THEN)
    assert set(exported(order)) == {"p2/ad/0"}
    assert "1 quarantined" in said(printed) and "1 that break today's rules" in said(printed)


def test_same_export_is_one_release_with_its_first_date(demo):
    first = publish(demo.order(), console(), THEN)
    again = publish(demo.order(file=demo.folder / "again.jsonl"), console(), "2026-04-01T08:00:00+00:00")
    assert again == first and again.released == THEN
    assert len(releases_of(demo.home).all()) == 1


def test_other_text_channel_or_rules_are_other_releases(demo):
    publish(demo.order(), console(), THEN)
    publish(demo.order(channel="weibo"), console(), THEN)
    demo.forbid("从未出现")
    publish(demo.order(), console(), THEN)
    demo.hold(*COPY_ROWS, copy_row("p1/ad/0", "p1", "泛醇修护精华", "ad", "泛醇修护精华。点击了解详情。"))
    publish(demo.order(), console(), THEN)
    assert len(releases_of(demo.home).all()) == 4


def test_export_that_cannot_be_written_is_no_release(demo):
    with pytest.raises(UserError, match="cannot be written"):
        publish(demo.order(file=demo.home), console(), THEN)
    assert releases_of(demo.home).all() == []


def test_no_file_appears_without_its_record(demo):
    (demo.home / "artifacts" / "releases").write_text("in the way", encoding="utf-8")
    with pytest.raises(UserError):
        publish(demo.order(), console(), THEN)
    assert not demo.order().file.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"table": "pairs"}, "expected copy"),
        ({"channel": "xhs"}, "expected one of xiaohongshu"),
        ({"format_": "xls"}, "no such format"),
    ],
)
def test_order_that_cannot_be_filled_is_one_sentence(demo, changes, says):
    with pytest.raises(UserError, match=says):
        publish(demo.order(**changes), console(), THEN)
    assert releases_of(demo.home).all() == []


def test_home_without_accepted_copy_is_one_sentence(demo):
    demo.hold(COPY_ROWS[2])
    with pytest.raises(UserError, match="1 quarantined"):
        publish(demo.order(), console(), THEN)
