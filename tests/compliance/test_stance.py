"""A claim that its sentence denies, warns of or criticises is none; one that hides behind a denial of another is."""

import pytest

from tests.compliance.scene import kinds


@pytest.mark.parametrize(
    "text",
    [
        "没有哪一款祛斑产品可以保证人人见效。",
        "“杀菌99%”是消毒产品的指标，沐浴露没有这项功能。",
        "所谓“28天换肤”的说法，看看就好。",
        "提亮肤色与美白无关，本品不宣称美白。",
        "维A酸是处方药，视黄醇是化妆品原料，两者不是一回事。",
        "我们从不说自己是行业第一。",
        "玫瑰痤疮、脂溢性皮炎请先让皮肤科医生看一看。",
        "孕妇与哺乳期妈妈请跳过这一支。",
        "本品不建议三岁以下婴幼儿使用。",
    ],
)
def test_claim_that_is_taken_back_is_none(text):
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("不是普通的修护，而是医疗级的修护。", "medical_claim"),
        ("不仅保湿，还能治疗湿疹。", "medical_claim"),
        ("不含酒精的顶级精华。", "absolute_claim"),
        ("根治敏感不是不可能。", "medical_claim"),
        ("“用完就是行业第一”，会员这样写。", "absolute_claim"),
        ("无法超越的修护力，行业第一。", "absolute_claim"),
        ("皮肤科医生推荐的医用级修护。", "medical_claim"),
        ("消炎就用它，别的面霜办不到。", "medical_claim"),
        ("治疗泛红，市面上的面霜替代不了。", "medical_claim"),
        ("妈妈问小学生能不能用？能，孕妇也能放心用。", "unsupported_audience"),
    ],
)
def test_claim_beside_a_denial_of_something_else_stays(text, kind):
    assert kind in kinds(text)


def test_brand_word_knows_no_stance():
    assert "forbidden_word" in kinds("它不是神器。")
