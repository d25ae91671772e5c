"""Channels as data: which marks a text bears where, and clear errors for a bad file."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.compliance.channels import Mark, channel_named, load_channels, marks_of, with_marks
from tasks.lineage.errors import UserError

AI = Mark("ai_label", "（本内容由AI生成）", "end", "办法 第四条")
AD = Mark("ad_mark", "广告", "start", "广告法 第十四条")


@pytest.fixture
def channels(tmp_path):
    return load_channels(tmp_path)


def kinds(channel, family, purchase_link):
    return [mark.kind for mark in marks_of(channel, family, purchase_link)]


def test_built_in_channels_are_those_of_the_docs(channels):
    assert list(channels) == ["xiaohongshu", "wechat", "weibo", "douyin", "tmall", "jd", "paid_ad", "plain"]


def test_every_built_in_mark_cites_its_law(channels):
    marks = [mark for channel in channels.values() for mark in marks_of(channel, "paid_ad", True)]
    assert marks and all(re.search("办法|广告法", mark.basis) for mark in marks)


@pytest.mark.parametrize("name", ["xiaohongshu", "wechat", "weibo", "douyin"])
def test_note_is_an_ad_with_a_purchase_link_alone(channels, name):
    assert kinds(channels[name], "social", False) == ["ai_label"]
    assert kinds(channels[name], "social", True) == ["ad_mark", "ai_label"]


def test_paid_ad_is_an_ad_wherever_it_stands(channels):
    marked = [name for name in channels if "ad_mark" in kinds(channels[name], "paid_ad", False)]
    assert marked == [name for name in channels if name != "plain"]


def test_product_page_bears_the_ai_label_alone(channels):
    assert kinds(channels["tmall"], "ecommerce", True) == ["ai_label"]


def test_plain_bears_nothing(channels):
    assert kinds(channels["plain"], "paid_ad", True) == []


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("温和修护。", "广告\n温和修护。\n（本内容由AI生成）"),
        ("温和修护。\n\n#甲 #乙", "广告\n温和修护。\n（本内容由AI生成）\n\n#甲 #乙"),
        ("温和修护。#甲#乙", "广告\n温和修护。\n（本内容由AI生成）\n#甲#乙"),
        ("温和修护。 #甲# #乙#\n", "广告\n温和修护。\n（本内容由AI生成）\n#甲# #乙#\n"),
        ("第#1名不写。", "广告\n第#1名不写。\n（本内容由AI生成）"),
    ],
)
def test_marks_stand_on_lines_of_their_own_and_tags_stay_last(text, published):
    assert with_marks(text, (AD, AI)) == published


def test_mark_above_leaves_the_tags_where_they_are():
    assert with_marks("好。#甲", (AD,)) == "广告\n好。#甲"


@given(st.text(alphabet="好。#＃a \n！", max_size=60))
def test_marks_change_nothing_but_white_space_of_the_text(text):
    published = with_marks(text, (AD, AI))
    assert published.count(AI.text) == 1 and published.startswith("广告\n")
    bare = published.removeprefix("广告\n").replace(AI.text, "")
    assert "".join(bare.split()) == "".join(text.split())


def test_brand_adds_a_channel_and_replaces_fields(tmp_path):
    own = "jd:\n  title: 京东自营\nb2b:\n  title: 经销商\n  title_en: dealers\n"
    (tmp_path / "channels.yaml").write_text(own, encoding="utf-8")
    channels = load_channels(tmp_path)
    assert channels["jd"].title == "京东自营" and channels["jd"].ai_label is not None
    assert list(channels)[-1] == "b2b"


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        ("jd:\n  ai_label: {text: 智能创作, place: end, basis: x}\n", "人工智能 or AI, and 生成 or 合成"),
        ("jd:\n  ad_mark: {text: 推广, place: start, needed: {}, basis: x}\n", "the word 广告"),
        ("jd:\n  ai_label: {text: AI生成, place: middle, basis: x}\n", "'start' or 'end'"),
        ("jd:\n  ad_mark: {text: 广告, place: start, needed: {blog: always}, basis: x}\n", "'social', 'ecommerce'"),
        ("jd:\n  titel: 京东\n", "write `title`"),
        ("new:\n  title_en: new\n", "`new.title` is missing"),
        ("JD:\n  title: 京东\n", "lower-case"),
        ("jd: 京东\n", "mapping"),
    ],
)
def test_bad_channel_is_one_sentence_with_its_file(tmp_path, yaml, says):
    (tmp_path / "channels.yaml").write_text(yaml, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_channels(tmp_path)
    assert says in str(caught.value) and "channels.yaml" in str(caught.value)


def test_unknown_channel_lists_the_known(channels):
    with pytest.raises(UserError, match="one of xiaohongshu"):
        channel_named(channels, "xhs")
