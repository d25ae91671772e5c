"""Distorted and made-up names, short forms, other products of a routine, and categories that are not the product's."""

from __future__ import annotations

import pytest

from tasks.compliance.names import edits, is_short_form, misspelt
from tasks.compliance.vocabulary import categories
from tests.compliance.scene import rules, verdict

_NAME = "澄屿烟酰胺精华"


def told(text: str, name: str = _NAME, category: str = "精华", **changes) -> list[tuple[str, str, str]]:
    """Return (rule, severity, text) of the names that are not the product's."""
    sheet = {"core_ingredients": ("烟酰胺", "泛醇"), "features": ("清爽控油",), **changes}
    reasons = verdict(text, product_name=name, category=category, **sheet).reasons
    return [(r.rule, r.severity, r.text) for r in reasons if r.kind == "wrong_name"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("澄域烟酰胺精华，清爽不黏。", "澄域烟酰胺精华"),
        ("澄屿烟酰精华，清爽不黏。", "澄屿烟酰精华"),
        ("澄屿烟酰胺面霜，清爽不黏。", "澄屿烟酰胺面霜"),
        ("澄屿烟胺酰精华，清爽不黏。", "澄屿烟胺酰精华"),
        ("澄屿维C亮肤精华，清爽不黏。", "澄屿维C亮肤精华"),
    ],
)
def test_distorted_name_is_blocked(text, said):
    assert told(text) == [("name_distorted", "block", said)]


@pytest.mark.parametrize("said", ["澄屿烟酰胺精华", "烟酰胺精华", "澄屿精华", "澄屿烟酰胺精华液", "5%烟酰胺精华"])
def test_natural_short_forms_are_the_product(said):
    assert told(f"{said}，清爽不黏。") == []


@pytest.mark.parametrize(
    "text",
    [
        "搭配静川依克多因面霜。",
        "之后叠加澄屿烟酰胺面霜。",
        "不像静川烟酰胺精华那么厚。",
        "这支精华推开很轻。",
        "清爽控油精华，含烟酰胺。",
        "高浓度烟酰胺精华怎么选。",
    ],
)
def test_other_products_and_descriptions_are_fine(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("出门前先喷一层户外防晒喷雾", "户外防晒喷雾"),  # nothing has grown on to a name that ends the text
        ("包里备一支轻润物理BB霜", "轻润物理BB霜"),
        ("六个月以下的宝宝不建议用防晒霜", "孩童专用防晒霜"),  # a verb of use before the category word
    ],
)
def test_right_name_at_the_end_of_a_text_is_no_distortion(text, name):
    assert "name_distorted" not in {reason.rule for reason in verdict(text, product_name=name, category="防晒").reasons}


def test_name_after_the_brand_must_be_the_products():
    assert told("原素方程玻尿酸水光精华，喝饱水。")[0][:2] == ("name_distorted", "block")
    assert told("原素方程澄屿烟酰胺精华，清爽。") == []
    assert told("原素方程烟酰胺精华，清爽。") == []


@pytest.mark.parametrize("brand", ["原素公程", "方程原素", "原素方程式", "源素方程"])
def test_misspelt_brand_is_blocked(brand):
    assert ("name_distorted", "block", brand) in told(f"{brand}的这支精华，清爽。")


def test_made_up_series_is_blocked_and_one_of_the_sheet_is_not():
    assert told("原素方程「冰川」系列，清爽。") == [("name_distorted", "block", "冰川")]
    assert told("原素方程的澄屿系列，清爽。") == []


def test_name_that_only_reads_the_same_is_no_name():
    assert told("匀光祛班精华，温和。", "匀光祛斑精华") == [("name_distorted", "block", "匀光祛班精华")]


def test_unknown_name_at_the_head_of_a_text_is_a_warning():
    (row,) = told("净界舒颜精粹，含氨甲环酸。")
    assert row == ("name_unknown", "warn", "净界舒颜精粹")


def test_text_that_names_its_product_may_name_others():
    assert told("澄屿烟酰胺精华。净界舒颜精粹，含氨甲环酸。") == []


@pytest.mark.parametrize(
    ("text", "name", "category"),
    [
        ("这款面霜是水感的。", _NAME, "精华"),
        ("这瓶化妆水很清爽。", _NAME, "精华"),
        ("本款洗发水泡沫绵密。", "神经酰胺修护面霜", "面霜"),
        ("这支防晒乳很薄。", "玻尿酸补水面膜", "面膜"),
    ],
)
def test_wrong_category_of_this_product_is_blocked(text, name, category):
    assert [row[:2] for row in told(text, name, category)] == [("category_wrong", "block")]


@pytest.mark.parametrize(
    ("text", "name", "category"),
    [
        ("这款精华液是水感的。", _NAME, "精华"),
        ("这瓶精华面霜很润。", "静川精华霜", "面霜"),
        ("这瓶精华乳很轻薄。", "神经酰胺屏障修护精华乳", "精华"),
        ("这支洗面奶泡沫绵密，这支洁面很温和。", "氨基酸净透洁面乳", "洁面"),
        ("再叠加面霜，搭配的防晒霜随意。", _NAME, "精华"),
        ("这款像面霜一样的质地。", _NAME, "精华"),
        ("这瓶用在面霜之前。", _NAME, "精华"),
        ("以前那款面霜太厚。", _NAME, "精华"),
    ],
)
def test_right_categories_and_steps_of_the_routine_are_fine(text, name, category):
    assert told(text, name, category) == []


def test_product_without_known_category_has_no_wrong_one():
    assert told("这款面霜很润。", "静川一号", "") == []


def test_message_has_the_right_name():
    reason = next(r for r in verdict("澄域烟酰胺精华。", product_name=_NAME).reasons if r.rule == "name_distorted")
    assert f"（应为“{_NAME}”）" in reason.message


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("烟酰胺精华", True),
        ("澄屿精华", True),
        ("澄屿烟酰精华", False),
        ("烟屿胺精华", False),
        ("澄屿烟酰胺精华露", True),
    ],
)
def test_short_forms_keep_the_order_and_whole_words(said, short):
    assert is_short_form(said, _NAME, categories().ending(said)) is short


def test_misspelt_tells_where_the_name_begins():
    assert misspelt("喜欢澄域烟酰胺精华", _NAME, "精华") == 2
    assert misspelt("寒序角鲨烷面霜", _NAME, "面霜") is None


def test_edits_is_the_levenshtein_distance():
    assert edits("", "精华") == 2
    assert edits("澄屿精华", "澄域精华液") == 2
    assert edits("面霜", "面霜") == 0


def test_categories_answer_by_name_then_by_column():
    lexicon = categories()
    assert lexicon.ending("静川精华面霜") == "精华面霜"
    assert lexicon.of_product("静川一号", "面膜") == {"mask"}
    assert lexicon.of_product("静川一号", "") == frozenset()
    assert lexicon.shared("精华乳", "乳液")
    assert not lexicon.shared("面膜", "乳液")


def test_brand_names_come_from_the_brand():
    assert "原素方程" in rules().brand_names
