"""What a repair is told: facts of the sheet that bear on the fault, what to cut, and room for a missing call."""

from __future__ import annotations

import pytest

from tasks.compliance.verdict import Reason
from tasks.copywriting.desk import found_in
from tasks.copywriting.instructions import CALL_CHARS, allowed_facts, numbers_of, orders, room, sentences_to_cut
from tests.copywriting.scene import AD, CLEAN_AD, CREAM, SERUM


def fault(kind: str, rule: str = "", text: str = "") -> Reason:
    return Reason(rule or kind, kind, "block", 0, len(text), text, "m", "m", "b", "s")


@pytest.mark.parametrize(
    ("stubborn", "expected"),
    [
        (fault("medical_claim", text="{治疗}"), "把含有“{治疗}”的整句删去，不要改写"),
        (fault("length", "length_over"), "不要逐字精简，直接整句删去"),
        (fault("hashtags", "hashtags_place", "#甲"), "只在全文末尾另起一行写话题，别处不出现“#”"),
        (fault("wrong_name", text="净颜霜"), "照产品资料写产品名，或者改称“它”"),
    ],
)
def test_fault_that_will_not_go_away_gets_an_order(stubborn, expected):
    fresh = fault("absolute_claim", text="最好")
    told = orders([[stubborn], [stubborn], [stubborn, fresh]], found_in([stubborn, fresh]))
    assert [each["insist"] for each in told] == [expected, ""]
    assert [each["insist"] for each in orders([[stubborn]], found_in([stubborn]))] == [""]


def facts(*kinds: str, product=SERUM) -> dict[str, list[str]]:
    return {fact["name"]: fact["values"] for fact in allowed_facts(product, [fault(kind) for kind in kinds])}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unsupported_number", {"数字": ["10%烟酰胺"]}),
        ("unsupported_ingredient", {"成分": ["10%烟酰胺", "锌PCA", "红没药醇"]}),
        ("unsupported_audience", {"适用人群": ["油性肌肤"]}),
        ("unsupported_function", {"类别": ["精华"], "功效": ["源头控油", "改善暗沉"]}),
        ("unsupported_claim", {"卖点与宣称": ["源头控油", "改善暗沉"], "检测与依据": []}),
        ("wrong_name", {"产品名": ["净颜精华"]}),
        ("call_to_action", {}),
        ("absolute_claim", {}),
    ],
)
def test_facts_are_those_that_bear_on_the_fault(kind, expected):
    assert facts(kind) == expected


def test_facts_stand_in_one_order_and_once():
    assert list(facts("wrong_name", "unsupported_number", "unsupported_number")) == ["数字", "产品名"]


def test_sheet_without_numbers_says_so():
    assert facts("unsupported_number", product=CREAM) == {"数字": []}


def test_numbers_are_values_with_a_digit_but_no_filing_number():
    product = CREAM.model_copy(update={"filing_number": "粤G妆网备字2024001", "evidence": ("28天人体试验",)})
    assert numbers_of(product) == ["28天人体试验"]


def test_text_within_its_limits_has_nothing_to_cut():
    assert room(CLEAN_AD, AD, [], SERUM) == {"chars": len(CLEAN_AD), "over": 0, "under": 0, "cuts": [], "rest": 0}


def test_missing_call_is_given_room():
    text = "午后出油，妆面容易斑驳。" + "控油要从源头开始想办法。" * 6 + "净颜精华含锌PCA。"
    assert len(text) <= AD.max_chars
    size = room(text, AD, [fault("call_to_action")], SERUM)
    assert size["over"] == len(text) + CALL_CHARS - AD.max_chars > 0
    assert sum(cut["chars"] for cut in size["cuts"]) >= size["over"] and size["rest"] == 0


def test_short_text_is_told_how_much_is_missing():
    assert room("净颜精华。", AD, [], SERUM)["under"] == 25


TEXT = "第一句话。短句。这一句稍微长一些。净颜精华温和。含有神器的一句。最后一句点击了解。"


@pytest.mark.parametrize(
    ("over", "spans", "expected"),
    [
        (2, set(), ["短句。"]),
        (9, set(), ["这一句稍微长一些。"]),
        (2, {"神器"}, ["含有神器的一句。"]),
        (10, {"神器"}, ["短句。", "含有神器的一句。"]),
        (99, set(), ["短句。", "这一句稍微长一些。", "含有神器的一句。"]),
    ],
)
def test_sentences_to_cut_suffice_and_spare_first_last_and_name(over, spans, expected):
    assert sentences_to_cut(TEXT, over, "净颜精华", spans) == expected


def test_what_no_sentence_makes_up_for_is_left_to_the_rest():
    text = "甲" * 60 + "，净颜精华。" + "乙" * 50 + "，点击了解。"
    size = room(text, AD, [], SERUM)
    assert size["cuts"] == [] and size["rest"] == size["over"] == len(text) - AD.max_chars
