"""Results told as lived: a warning, a refusal where the brand says so, and nothing for texture, habit or hope."""

from __future__ import annotations

import pytest

from tasks.compliance import check, load_rules
from tests.compliance.scene import brand, kind, product, verdict


def told(text: str) -> list[str]:
    """Return the severities of the invented experiences in a text."""
    return [r.severity for r in verdict(text).reasons if r.kind == "invented_experience"]


@pytest.mark.parametrize(
    "text",
    [
        "用了三周，痘印没了。",
        "用完一瓶，脸上的泛红退了，上妆也不卡粉了。",
        "同事问我是不是换了粉底。",
        "闺蜜用完说毛孔看不见了。",
        "第二天起来脸亮了一个度。",
        "坚持了一个月，细纹真的淡了。",
        "连续用两周后，鼻翼的黑头少了一大半。",
        "我的闭口全平了。",
        "我妈用了半瓶，法令纹浅了。",
        "昨晚敷完，今早泛红消退了。",
        "用它之前脸上坑坑洼洼，现在皮肤滑得像剥壳鸡蛋。",
    ],
)
def test_result_told_as_lived_is_a_warning(text):
    severities = told(text)
    assert severities
    assert set(severities) == {"warn"}


def test_result_in_the_next_sentence_is_found():
    assert told("我坚持用了一个月。某天照镜子，痘印淡了。")


@pytest.mark.parametrize(
    "text",
    [
        "推开很快吸收，不黏。",
        "涂上凉凉的，很舒服。",
        "闻起来有淡淡的草木香。",
        "我每晚洗完脸按两泵，按到吸收。",
        "希望痘印早点淡下去。",
        "用了三天，还看不出什么变化。",
        "痘印会不会淡，我也说不准。",
        "同事问我下班去哪里吃饭。",
        "熬夜之后，脸又暗又黄。",
        "角质层变薄了，皮肤就容易泛红。",
    ],
)
def test_texture_habit_hope_and_knowledge_are_no_result(text):
    assert told(text) == []


@pytest.mark.parametrize("family", ["social", "ecommerce", "paid_ad"])
def test_first_person_results_count_in_every_family(family):
    text = "我用了三周，痘印没了。"
    found = check(text, product(), kind(family), load_rules(brand())).reasons
    assert "invented_experience" in {reason.kind for reason in found}


def test_brand_can_make_it_a_refusal(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    rules = [r.id for r in load_rules(brand()).rules if r.kind == "invented_experience"]
    (folder / "override.yaml").write_text(
        "rules:\n" + "".join(f"  - {{id: {name}, severity: block}}\n" for name in rules), "utf-8"
    )
    strict = load_rules(brand(), tmp_path)
    result = check("用了三周，痘印没了。", product(), kind(), strict)
    assert "invented_experience" in {reason.kind for reason in result.blocking}


def test_basis_is_the_advertising_law():
    reasons = [r for r in verdict("用了三周，痘印没了。").reasons if r.kind == "invented_experience"]
    assert all("广告法" in reason.basis for reason in reasons)
