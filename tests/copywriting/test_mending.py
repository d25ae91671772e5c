"""Free repairs: each answers its own reason, is kept only where it helps, and never touches a word of the copy."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.compliance import check
from tasks.compliance.verdict import Reason
from tasks.copywriting.mending import helps, mended
from tasks.copywriting.tidying import tidy
from tasks.copywriting.topics import gathered, without_surplus
from tests.copywriting.scene import AD, CLEAN_AD, NOTE, SERUM, rules

OPENING = "午后出油，妆面容易斑驳，很多人第一反应是多洗几次脸。其实清洁过度，皮肤会更想出油。"
BODY = f"{OPENING}\n\n原素方程净颜精华含10%烟酰胺与锌PCA，配方精简，从源头控油，温和改善暗沉。"
TAGS = "#科学护肤 #精简护肤 #成分党"
NOTE_TEXT = f"{BODY}\n\n{TAGS}"


def look_at(content_type):
    return lambda text: check(text, SERUM, content_type, rules()).reasons


def after(text: str, content_type=NOTE) -> str:
    return mended(text, content_type, look_at(content_type))


@pytest.mark.parametrize(
    "text",
    [
        f"【痛点】{CLEAN_AD}",
        f"痛点：{CLEAN_AD}",
        f"（痛点）{CLEAN_AD}",
        CLEAN_AD.replace("点击", "[CTA] 点击"),
        CLEAN_AD.replace("。点击", "。（行动号召）点击"),
        f"**痛点**：{CLEAN_AD}",
        f"**【痛点】**{CLEAN_AD}",
        f"**{CLEAN_AD}**",
        CLEAN_AD.replace("净颜精华", "**净颜精华**"),
        CLEAN_AD.replace("锌PCA", "`锌PCA`"),
        f"## {CLEAN_AD}",
        f"```text\n{CLEAN_AD}\n```",
        f"---\n{CLEAN_AD}",
        f"> {CLEAN_AD}",
        CLEAN_AD.replace("净颜精华", "[净颜精华](https://example.com/a)"),
        CLEAN_AD.replace("净颜", "净\u200b颜"),
        f"\ufeff{CLEAN_AD}",
        f"{CLEAN_AD}<|im_end|>",
        f"<p>{CLEAN_AD}</p>",
        f"{CLEAN_AD}（全文共98字）",
        f"{CLEAN_AD}\n字数：62字",
        f"好的，以下是为您撰写的文案：\n\n{CLEAN_AD}",
        f"以下是一条付费广告文案：{CLEAN_AD}",
        f"当然可以，这是一版文案供参考：\n{CLEAN_AD}",
        f"修改后的文案：{CLEAN_AD}",
        f"“以下是文案：\n{CLEAN_AD}”",
        f"{CLEAN_AD}\n\n#科学护肤 #精简护肤",
        json.dumps({"content": CLEAN_AD}, ensure_ascii=False),
        json.dumps({"content": f"## **{CLEAN_AD}**"}, ensure_ascii=False),
        f"```json\n{json.dumps({'content': f'【痛点】{CLEAN_AD}'}, ensure_ascii=False)}\n```",
        f"  “{CLEAN_AD}”\n",
    ],
)
def test_what_is_no_copy_goes_and_the_ad_stands_as_it_was(text):
    assert after(text, AD) == CLEAN_AD


@pytest.mark.parametrize(
    "text",
    [
        f"{TAGS}\n\n{BODY}",
        f"{BODY}\n\n{TAGS}\n\n{CLEAN_AD}",
        f"{NOTE_TEXT} #甲 #乙 #丙",
        f"{NOTE_TEXT}\n#甲 #乙 #丙",
        json.dumps({"title": BODY, "tags": TAGS}, ensure_ascii=False),
        json.dumps({"title": BODY, "tags": TAGS.split()}, ensure_ascii=False, indent=2),
        f"【误区】\n{NOTE_TEXT}",
        f"🌿【误区】\n{NOTE_TEXT}",
        f"好的，这是一篇笔记。\n{NOTE_TEXT}",
        BODY.replace("。其实", "。<br>其实").replace("\n\n", "\\n\\n") + f"\\n\\n{TAGS}",
    ],
)
def test_note_is_mended_to_a_note_that_keeps_every_rule(text):
    found = after(text)
    assert not check(found, SERUM, NOTE, rules()).blocking
    assert letters(found).startswith(letters(BODY)) and 3 <= found.count("#") <= 5


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (CLEAN_AD, AD),
        (CLEAN_AD.replace("配方精简", "控油神器"), AD),
        (CLEAN_AD.replace("原素方程", "【烟酰胺】是一种选择，原素方程"), AD),
        (json.dumps({"content": {"text": CLEAN_AD}}, ensure_ascii=False), AD),
        (CLEAN_AD.replace("。原素", "。#原素方程 的"), AD),
        (f"{BODY}其实选#科学护肤 就对了。", NOTE),
        (f"{BODY}\n\n#甲", NOTE),
        (CLEAN_AD.replace("净颜", "净\ufffd颜"), AD),
        (f"{CLEAN_AD}\n| 甲 | 乙 |", AD),
        (f"{CLEAN_AD}详见 https://example.com 。", AD),
        ("", AD),
        ("以下是为您撰写的文案：", AD),
    ],
    ids=["compliant", "word", "subject", "nested object", "tag in an ad", "tag in a sentence", "too few tags",
         "lost character", "table", "address", "empty", "nothing but a remark"],
)  # fmt: skip
def test_what_is_part_of_the_copy_is_left_to_a_paid_repair(text, content_type):
    assert after(text, content_type) == text


def test_blank_lines_that_make_a_text_too_long_go():
    text = CLEAN_AD.replace("。", "。  " + "\n \n" * 20, 1)
    assert len(text) > AD.max_chars
    assert after(text, AD) == CLEAN_AD.replace("。", "。\n", 1)


def test_text_that_is_too_long_without_its_blanks_keeps_them():
    text = CLEAN_AD.replace("。", "。\n\n", 1) + "护理也可以很简单。" * 6
    assert "\n\n" in after(text, AD)


def test_several_faults_are_mended_together():
    body = BODY.replace(OPENING, f"**{OPENING}**")
    text = f"好的，以下是文案：\n\n## 【误区】\n\n{body}\u200b\n\n{TAGS} #甲 #乙 #丙（全文共98字）"
    assert after(text) == f"{BODY}\n\n{TAGS} #甲 #乙"


def test_mending_twice_changes_nothing_more():
    for text in (f"【痛点】{CLEAN_AD}", f"**{CLEAN_AD}**（全文共98字）", f"好的，以下是文案：\n{CLEAN_AD}"):
        assert after(after(text, AD), AD) == after(text, AD)


def reason(rule: str, severity: str = "block") -> Reason:
    return Reason(rule, "format", severity, 0, 0, "", "m", "m", "b", "s")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (["a", "a"], ["a"], True),
        (["a", "b"], ["a"], True),
        (["a"], ["a"], False),
        (["a", "b"], ["c"], False),
        (["a", "a"], [], True),
        ([], [], False),
    ],
)
def test_repair_helps_where_fewer_reasons_block_and_none_is_new(before, now, expected):
    assert helps([reason(name) for name in before], [reason(name) for name in now]) is expected


def test_repair_that_only_brings_a_warning_does_not_help():
    assert not helps([reason("a"), reason("b")], [reason("c", "warn")])


def test_repair_that_breaks_another_rule_is_not_kept():
    def look(text: str) -> list[Reason]:
        if "#" not in text:
            return [reason("other")]
        return [Reason("hashtags_count", "hashtags", "block", 0, 0, "", "m", "m", "b", "s")] * 2

    assert mended("甲。\n#乙", AD, look) == "甲。\n#乙"


tag_words = st.text(st.sampled_from("护肤成分党甲乙"), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.just("护肤要慢慢来。"), tag_words.map("#{}".format)), min_size=1, max_size=9))
def test_tags_keep_their_order_and_sentences_theirs(parts):
    text = "\n".join(parts)
    found = gathered(text, [Reason("hashtags_place", "hashtags", "block", 0, 1, "#", "m", "m", "b", "s")], NOTE)
    assert found.split() == [p for p in parts if p[0] != "#"] + [p for p in parts if p[0] == "#"]
    fewer = without_surplus(found, [Reason("hashtags_count", "hashtags", "block", 0, 1, "#", "m", "m", "b", "s")], NOTE)
    assert fewer.split() == [p for p in parts if p[0] != "#"] + [p for p in parts if p[0] == "#"][: NOTE.hashtags[1]]


PIECES = (
    *(
        "【痛点】",
        "痛点：",
        "（文案）",
        "**",
        "## ",
        "```",
        "> ",
        "---\n",
        "\u200b",
        "\ufeff",
        "<br>",
        "#话题 ",
        "\n",
        "\n\n",
    ),
    *(" ", "。", "“", "”", '{"text": "', '"}', "好的，以下是文案：", "（全文共98字）", "午后出油，", "净颜精华含锌PCA"),
    *("从源头控油", "点击了解配方详情。", "神器"),
)


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@settings(max_examples=300, deadline=None)
@example("神器痛点：#话题 ```", AD)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.sampled_from([AD, NOTE]))
def test_any_text_only_loses_characters_and_never_gets_worse(text, content_type):
    look = look_at(content_type)
    found = mended(text, content_type, look)
    assert not Counter(letters(found)) - Counter(letters(text))
    if "话题" not in text:  # tags may change their place, nothing else may
        left = iter(letters(text))
        assert all(letter in left for letter in letters(found))
    assert found.count("神器") == text.count("神器"), "a word of the copy is not for free repairs"
    was, now = look(tidy(text)), look(found)
    assert found == tidy(text) or helps(was, now)
