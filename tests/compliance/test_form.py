"""Gates on form: length, call to action, hashtags, labels, format."""

import pytest

from tasks.compliance import check
from tests.compliance.scene import found, kind, product, rules


def rules_found(text, **changes):
    return {reason.rule for reason in check(text, product(), kind(**changes), rules()).reasons}


def test_length_counts_code_points_of_the_stripped_text():
    assert rules_found(" 🌿泛醇很好。\n", max_chars=6) == set()
    assert rules_found("🌿泛醇很好。！", max_chars=6) == {"length_over"}
    assert rules_found("泛醇很好。", min_chars=6) == {"length_under"}


def test_length_message_says_how_much_to_cut():
    (reason,) = check("泛醇温和修护。", product(), kind(max_chars=5), rules()).reasons
    assert (reason.start, reason.end, reason.text) == (0, 0, "")
    assert "7" in reason.message
    assert "2" in reason.message


@pytest.mark.parametrize(
    "ending",
    [
        "点击了解配方。",
        "立即选购！",
        "现在就体验。",
        "探索科学护肤→",
        "加入我们，从温和开始。",
        "领取小样吧～",
        "预约试用。",
    ],
)
def test_ad_that_ends_in_a_call_is_accepted(ending):
    assert rules_found("泛醇温和修护屏障。" + ending, family="paid_ad", call_to_action=True) == set()


@pytest.mark.parametrize(
    "text",
    [
        "泛醇温和修护屏障。",
        "点击了解。泛醇温和修护屏障，质地轻盈不黏腻，早晚都可以使用，换季也能从容应对日常的干燥。",
        "泛醇温和修护，带来舒适的体验。",
        "泛醇为肌肤开启水润。",
    ],
)
def test_ad_without_a_call_at_its_end_is_blocked(text):
    assert "call_to_action_missing" in rules_found(text, family="paid_ad", call_to_action=True)


@pytest.mark.parametrize(
    ("tags", "broken"),
    [
        ("#一 #二 #三", False),
        ("#一 #二", True),
        ("#一#二#三", False),
        ("#一# #二# #三#", False),
        ("", True),
        ("#1 #2 #3 #4 #5 #6", True),
    ],
)
def test_social_note_has_three_to_five_hashtags(tags, broken):
    assert ("hashtags_count" in rules_found("泛醇温和修护。\n" + tags, hashtags=(3, 5))) is broken


def test_hashtag_in_an_ad_is_blocked():
    assert "hashtags_count" in rules_found("泛醇温和。#护肤", family="paid_ad")


def test_hashtags_before_the_text_are_out_of_place():
    assert "hashtags_place" in rules_found(
        "#一 #二 #三\n" + "泛醇温和修护屏障。" * 2 + "质地轻盈，肤感清爽，早晚洁面后都可以使用，换季也从容应对。",
        hashtags=(3, 5),
    )


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("【之前】肌肤干燥。", "【之前】"),
        ("肌肤干燥。【之后】水润。", "【之后】"),
        ("**痛点：**换季干燥。", "痛点："),
        ("[CTA] 点击。", "[CTA]"),
        ("精华（Feature），好。", "（Feature）"),
    ],
)
def test_framework_label_is_found(text, label):
    assert ("label_word", label) in found(text)


def test_label_of_the_content_type_is_found():
    assert "label_word" in rules_found("真相：温和更重要。", labels=("真相",))
    assert rules_found("真相是温和更重要。", labels=("真相",)) == set()


def test_title_in_brackets_that_names_the_product_is_no_label():
    assert found("【原素方程 泛醇修护精华】温和修护。") == []
    assert found("【护肤小课堂】温和修护。") == [("label_bracket", "【护肤小课堂】")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("**泛醇**温和。", "format_markdown"),
        ("## 泛醇\n温和。", "format_markdown"),
        ('{"text": "泛醇温和。"}', "format_json"),
        ("[产品名]温和。", "format_placeholder"),
        ("XX精华温和。", "format_placeholder"),
        ("{{name}}温和。", "format_placeholder"),
        ("抱歉，我无法生成。", "format_refusal"),
        ("生成失败，请重试。", "format_refusal"),
        ("好的，以下是文案：泛醇温和。", "format_meta"),
        ("泛醇温和修护屏障，早晚", "format_unfinished"),
        ("泛醇<br>温和。", "format_markup"),
        ("Panthenol is gentle.", "format_language"),
        ("泛醇\u0000温和。", "format_invisible"),
        ("泛醇\ud800温和。", "format_invisible"),
        ("泛醇温和修护屏障。" * 3, "format_repetition"),
    ],
)
def test_broken_format_is_found(text, rule):
    assert rule in {name for name, _ in found(text)}


@pytest.mark.parametrize(
    "text", ["👩‍⚕️ 泛醇温和❤️", "泛醇温和。\r\n早晚使用。", "- 泛醇：温和。", "他说：“温和”。", "1️⃣ 泛醇温和。"]
)
def test_ordinary_form_is_accepted(text):
    assert found(text) == []


def test_sheet_value_may_be_repeated():
    assert found("快速舒缓泛红肌肤。" * 3, features=("快速舒缓泛红肌肤",)) == []


def test_usual_text_holds_no_foreign_letter_but_latin_ones():
    from tasks.compliance import form, normal

    usual = [c for c in map(chr, range(0x20000)) if normal._unusual().match(c) is None and not c.isupper()]
    assert [c for c in usual if bool(form._FOREIGN.match(c)) != bool(form._LATIN.match(c))] == []


def test_gate_on_invisible_characters_skips_only_what_a_usual_text_cannot_hold():
    from tasks.compliance.normal import only_unusual

    (rule,) = [compiled for compiled in rules().compiled if compiled.rule.id == "format_invisible"]
    assert all(only_unusual(pattern.pattern) for pattern in rule.regex)
    assert not any(map(only_unusual, ["[。，]", "好{3}", "[^a]", "(?:\u200b|a)"]))


def test_ending_far_behind_a_long_text_is_still_seen():
    start = "泛醇温和修护屏障。" * 40
    assert "format_unfinished" in rules_found(start + "早晚洁面后取适量")
    assert "format_unfinished" not in rules_found(start + "立即选购")
