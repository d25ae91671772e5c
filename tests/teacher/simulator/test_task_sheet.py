"""What the simulator reads out of a conversation."""

from __future__ import annotations

import pytest

from tasks.teacher.simulator.task_sheet import Guide, SheetError, read_guide, read_order
from tests.teacher.simulator.asking import body, draft_body, products, sheet

PRODUCT = products()[0]


def test_order_takes_limits_product_and_guide_from_the_conversation():
    order = read_order(draft_body(PRODUCT, "paid_ad_pas")["messages"])
    assert (order.task, order.family, order.min_chars, order.max_chars) == ("draft", "paid_ad", 40, 120)
    assert order.call_to_action and order.hashtags == (0, 0)
    assert order.name == PRODUCT.product_name
    assert order.guide.name == "原素方程" and "屏障" in order.guide.encouraged


def test_repair_reads_the_last_text_and_inherits_what_its_sheet_leaves_out():
    short = {"task": "repair", "reasons": [{"kind": "length", "span": ""}], "product": PRODUCT.sheet()}
    order = read_order(body(sheet("draft", PRODUCT, "paid_ad_cta"), "第一稿。", short)["messages"])
    assert order.before == "第一稿。"
    assert (order.content_type, order.max_chars) == ("paid_ad_cta", 100)
    assert [reason["kind"] for reason in order.reasons] == ["length"]


def test_reasons_of_an_earlier_round_are_not_told_again():
    first = sheet("repair", PRODUCT, "paid_ad_cta", reasons=[{"kind": "length", "span": ""}])
    second = sheet("repair", PRODUCT, "paid_ad_cta")
    assert read_order(body(first, "甲。", second)["messages"]).reasons == ()


def test_sheet_of_a_brands_own_content_type_finds_its_family():
    own = {**sheet("draft", PRODUCT, "paid_ad_cta"), "content_type": "live_room_script", "max_chars": 90}
    assert read_order(body(own)["messages"]).family == "paid_ad"
    tagged = {**own, "hashtags": [1, 2], "call_to_action": False, "max_chars": 500}
    assert read_order(body(tagged)["messages"]).family == "social"


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([{"role": "user", "content": "你好"}], "no line that starts"),
        ([{"role": "user", "content": "任务单：{坏"}], "not one line of JSON"),
        ([{"role": "user", "content": "任务单：[1]"}], "no JSON object"),
        ([{"role": "user", "content": '任务单：{"task": "sing"}'}], "unknown task"),
        ([{"role": "user", "content": '任务单：{"task": "draft"}'}], "no product"),
        ([{"role": "assistant", "content": "好"}], "no line that starts"),
        ([{"role": "system", "content": "x"}], "no line that starts"),
    ],
)
def test_conversation_without_a_sheet_is_refused_with_the_reason(messages, told):
    with pytest.raises(SheetError, match=told):
        read_order(messages)


@pytest.mark.parametrize(
    ("system", "guide"),
    [
        ('前言\n{"name": "青屿", "philosophy": "少", "encouraged": ["简单"]}\n后语', ("青屿", "少", ("简单",))),
        ("你为品牌：青屿 写文案。", ("青屿", "", ())),
        ("为‘青屿’品牌写一条文案", ("青屿", "", ())),
        ("{不是 JSON", ("", "", ())),
        ("", ("", "", ())),
    ],
)
def test_guide_is_read_from_json_or_from_plain_words(system, guide):
    assert read_guide(system) == Guide(*guide)
