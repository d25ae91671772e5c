"""The number gate: claims that the sheet answers for, claims that it does not, and everyday numbers."""

import pytest

from tests.compliance.scene import found, kinds, verdict


@pytest.mark.parametrize(
    "text", ["含30%玻色因。", "含３０％玻色因。", "含百分之三十玻色因。", "含 30 % 玻色因。", "适合25岁以上。"]
)
def test_number_on_sheet_is_no_finding(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["含20%玻色因。", "含0.30%玻色因。", "含130%玻色因。", "含3%玻色因。", "含二十％玻色因。"]
)
def test_number_not_on_sheet_is_blocked(text):
    assert kinds(text) == {"unsupported_number"}


def test_concentration_does_not_answer_for_an_effect():
    assert found("暗沉减少30%。") == [("number_effect_percent", "30%")]
    assert found("暗沉减少30%。", evidence=("28天人体试验：暗沉减少30%",)) == []


def test_message_names_the_numbers_that_the_sheet_has():
    (reason,) = verdict("含20%玻色因。").reasons
    assert "30%玻色因" in reason.message
    assert "30%玻色因" in reason.suggestion


def test_other_unit_of_the_same_time_is_supported():
    sheet = {"evidence": ("28天人体功效测试",), "features": ("淡化细纹",)}
    assert found("连续使用四周，细纹淡化。", **sheet) == []
    assert found("连续使用五周，细纹淡化。", **sheet) == [("number_effect_time", "五周")]


@pytest.mark.parametrize(
    "text",
    [
        "早上十一点出门。",
        "我今年三十岁。",
        "每次2–3滴。",
        "敷15分钟后揭下。",
        "第一次用。",
        "第2步涂精华。",
        "连续加班三天。",
        "6月18日。",
        "每周两次。",
        "八成是换季了。",
    ],
)
def test_everyday_number_is_no_claim(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("保湿力提升六倍。", "六倍"),
        ("经120名受试者验证。", "120名"),
        ("SPF50+防护。", "SPF50+"),
        ("7天见效。", "7天"),
        ("九成用户回购。", "九成"),
        ("0酒精配方。", "0酒精"),
        ("改善率达 ９８．５％ 。", "９８．５％"),
        ("限时五折。", "五折"),
    ],
)
def test_claim_is_found_with_its_span(text, claim):
    reasons = [reason for reason in verdict(text).blocking if reason.kind == "unsupported_number"]
    assert [reason.text for reason in reasons] == [claim]
    assert text[reasons[0].start : reasons[0].end] == claim


def test_count_of_listed_ingredients_is_supported():
    assert found("四重修护成分协同。") == []
    assert found("六重修护成分协同。") == [("number_count", "六重修护成分")]


def test_count_of_a_group_of_ingredients_must_be_exact():
    sheet = {"core_ingredients": ("乙酰基六肽-8", "棕榈酰三肽-1", "咖啡因")}
    assert found("两种胜肽协同。", **sheet) == []
    assert found("三种胜肽协同。", **sheet) == [("number_count", "三种胜肽")]


def test_claim_that_is_a_piece_of_a_longer_number_on_the_sheet_is_blocked():
    assert kinds("含2%视黄醇。", core_ingredients=("0.2%视黄醇",)) == {"unsupported_number"}
    assert found("含0.2%视黄醇。", core_ingredients=("0.2%视黄醇",)) == []


def test_effect_figure_needs_evidence_of_that_effect():
    sheet = {"evidence": ("人体功效测试（34人，4周）：控油",), "features": ("控油", "淡化细纹")}
    assert ("number_effect_time", "4周") in found("4周淡化细纹。", **sheet)
    assert "number_effect_time" not in {rule for rule, _ in found("4周控油更稳。", **sheet)}


def test_plus_behind_a_sun_protection_factor_is_part_of_the_claim():
    sheet = {"features": ("SPF50 PA+++",), "category": "防晒"}
    assert ("number_sun", "SPF50+") in found("SPF50+的喷雾。", **sheet)
    assert "number_sun" not in {rule for rule, _ in found("SPF50的喷雾。", **sheet)}


def test_fraction_of_the_formula_is_read_as_a_percentage():
    assert "number_multiple" not in {rule for rule, _ in found("配方的十分之一是尿素。", core_ingredients=("10%尿素",))}
    assert "number_percent" in {rule for rule, _ in found("千分之五的视黄醇。", core_ingredients=("0.2%视黄醇",))}
