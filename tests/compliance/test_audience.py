"""People and skin types that a text recommends the product for, against those whom the sheet names."""

from __future__ import annotations

import dataclasses

import pytest

from tasks.compliance.lexicon import LEXICON
from tasks.compliance.vocabulary import audiences, group, lexicon_patterns
from tasks.lineage.errors import UserError
from tests.compliance.scene import rules, verdict


def told(text: str, audience: str = "油性肌 混合肌", **changes) -> list[tuple[str, str]]:
    """Return (rule, severity) of the groups that the sheet does not hold; a sheet for oily skin unless told."""
    reasons = verdict(text, target_audience=audience, features=("清爽控油",), **changes).reasons
    return [(r.rule, r.severity) for r in reasons if r.kind == "unsupported_audience"]


@pytest.mark.parametrize(
    "text",
    [
        "孕妇也能放心用。",
        "哺乳期可用。",
        "婴幼儿也适合。",
        "3岁以上儿童可用。",
        "12岁就可以开始用。",
        "医美术后的皮肤也能敷。",
        "光子嫩肤后第一片面膜。",
        "青少年可以用。",
        "糖尿病人群也能用。",
    ],
)
def test_vulnerable_groups_that_the_sheet_lacks_are_blocked(text):
    assert ("audience_vulnerable", "block") in told(text)


def test_all_skin_types_hold_skin_types_and_no_vulnerable_group():
    assert told("干皮也能放心用，敏感肌也适合。", "所有肤质") == []
    assert told("孕妇也能放心用。", "所有肤质") == [("audience_vulnerable", "block")]
    assert told("婴儿也适合。", "所有肤质") == [("audience_vulnerable", "block")]


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("孕妇也能用。", "孕期及哺乳期女性"),
        ("3岁以上儿童可用。", "三岁以上儿童"),
        ("敏感肌也能用。", "敏感性皮肤"),
        ("干性肌专属。", "干燥缺水肌"),
        ("术后肌肤也能敷。", "医美术后人群"),
    ],
)
def test_sheet_holds_its_groups_by_any_of_their_names(text, audience):
    assert told(text, audience) == []


def test_name_and_claims_of_the_sheet_hold_groups_too():
    assert told("儿童也能用。", product_name="小棠儿童面霜") == []
    assert told("敏感肌放心用。", claims=("敏感肌适用",)) == []


@pytest.mark.parametrize(
    "text",
    [
        "孕妇使用前请咨询医生。",
        "孕期可以使用吗？建议咨询医生。",
        "3岁以下婴幼儿不建议使用。",
        "请放在儿童接触不到的地方。",
        "儿童不在适用人群之内。",
        "摸起来像婴儿般细腻。",
        "孩子睡了以后，我才开始护肤。",
        "没有哪瓶精华适合所有肤质。",
        "同事问我是不是打了水光针。",
    ],
)
def test_warnings_and_mentions_are_no_recommendation(text):
    assert told(text) == []


@pytest.mark.parametrize("text", ["干皮也能天天洗。", "敏感肌放心用。", "特别适合敏感肌。", "干性发质同样适合。"])
def test_recommended_skin_type_is_blocked(text):
    assert ("audience_skin", "block") in told(text)


@pytest.mark.parametrize(
    "text",
    ["我是干皮，喜欢清爽的质地。", "室友是敏感肌，她偏爱厚霜。", "敏感肌建议先做耳后测试。", "干皮和油皮需求不同。"],
)
def test_mentioned_skin_type_is_never_blocked(text):
    assert "block" not in {severity for _, severity in told(text)}


def test_named_skin_type_without_recommendation_is_a_warning():
    assert told("干性肌的通勤伙伴。") == [("audience_skin_named", "warn")]


@pytest.mark.parametrize("text", ["全家老少都能用。", "适合所有肤质。", "男女老少皆宜。", "上至老人下至小孩都抹它。"])
def test_everyone_is_more_than_the_sheet_names(text):
    assert ("audience_everyone", "block") in told(text)


def test_everyone_may_stand_where_the_sheet_says_so():
    assert told("适合所有肤质。", "所有肤质") == []
    assert told("全家老少都能用。", "全家老少") == []


def test_relations_count_only_as_users():
    assert told("给娃涂一涂。") == [("audience_kin", "block")]
    assert told("娃的作业写完了，我来涂一泵。") == []


def test_message_names_group_and_sheet():
    (reason,) = (
        r for r in verdict("孕妇也能放心用。", target_audience="油性肌").reasons if r.kind == "unsupported_audience"
    )
    assert reason.text == "孕妇"
    assert "孕期" in reason.message
    assert "油性肌" in reason.message


def test_hashtag_of_another_skin_type_is_no_recommendation():
    assert told("推开很清爽。\n#敏感肌 #护肤") == []


def test_rule_of_an_unknown_level_is_one_clear_error():
    rule = next(rule for rule in rules().rules if rule.id == "audience_skin")
    with pytest.raises(UserError, match=r"rule audience_skin.*no level 'pets'"):
        lexicon_patterns(rule.model_copy(update={"entry": "skin,pets"}))


def test_every_level_of_people_is_read_by_a_rule():
    read = {level for rule in rules().rules if rule.gate == "audience" for level in rule.entry.split(",")}
    assert {term.level for term in audiences()} == read
    assert (LEXICON / "audiences.yaml").is_file()


def test_groups_are_found_by_id():
    assert dataclasses.is_dataclass(group("children"))
    assert group("children").held_by("三岁以上儿童")
    assert not group("children").held_by("所有肤质")
