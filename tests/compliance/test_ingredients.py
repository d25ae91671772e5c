"""The gates of ingredients: what the sheet supports, what it lacks, and names that are no claim for the product."""

import sys

import pytest

from tasks.compliance import check
from tasks.compliance.findings import Case
from tasks.compliance.formula import formula_of
from tasks.compliance.ingredients import unknown, unsupported, wrong_share
from tasks.compliance.normal import View
from tests.compliance.scene import brand, kind, product, rules, verdict

RULES = {
    "ingredient_named",
    "ingredient_everyday",
    "ingredient_member",
    "ingredient_unknown",
    "ingredient_shunned",
    "number_concentration",
}
FACE_CREAM = {
    "product_name": "清序烟酰胺凝霜",
    "category": "面霜",
    "core_ingredients": ("3%烟酰胺", "吡咯烷酮羧酸锌", "甘油"),
}


def claimed(text: str, **changes: object) -> list[tuple[str, str]]:
    """Return (rule, text) of what the ingredient rules say."""
    return [(reason.rule, reason.text) for reason in verdict(text, **changes).reasons if reason.rule in RULES]


def sheet(*ingredients: str, **more: object) -> dict[str, object]:
    return {"core_ingredients": ingredients, **more}


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("维他命B3与VB3调理油脂。", ("5%烟酰胺",)),
        ("Niacinamide温和提亮。", ("烟酰胺",)),
        ("HA与玻尿酸分层补水。", ("透明质酸钠",)),
        ("原型VC提亮。", ("10%抗坏血酸",)),
        ("维C提亮。", ("抗坏血酸葡糖苷",)),
        ("A醇搭配植物角鲨烷。", ("0.1%视黄醇", "角鲨烷")),
        ("Pro-Xylane充盈饱满。", ("10%羟丙基四氢吡喃三醇",)),
        ("CICA舒缓泛红。", ("积雪草提取物",)),
        ("377与传明酸匀净肤色。", ("苯乙基间苯二酚", "氨甲环酸")),
        ("神经酰胺修护屏障。", ("神经酰胺NP",)),
        ("胜肽紧致。", ("乙酰基六肽-8",)),
        ("植物油脂滋润。", ("乳木果油",)),
        ("含锌，清爽控油。", ("吡咯烷酮羧酸锌",)),
        ("卷心菜提取物温和清洁。", ("卷心菜提取物",)),
        ("添加紫草素，温和。", ("0.1%紫草素包裹物",)),
    ],
)
def test_name_that_the_sheet_supports_is_no_finding(text, ingredients):
    assert claimed(text, **sheet(*ingredients)) == []


@pytest.mark.parametrize(
    "text",
    [
        "山茶花提取物：含83%以上茶多酚，帮助抵御外界压力。",
        "山茶花提取物（含天然茶多酚）温和修护。",
        "山茶花提取物富含茶多酚与氨基酸。",
    ],
)
def test_part_of_an_ingredient_of_the_sheet_is_no_claim_of_another(text):
    assert "ingredient_named" not in {rule for rule, _ in claimed(text, **sheet("山茶花提取物"))}


def test_list_that_begins_with_an_ingredient_of_the_sheet_is_read_to_its_end():
    assert ("ingredient_named", "茶多酚") in claimed("含山茶花提取物、茶多酚。", **sheet("山茶花提取物"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("3%烟酰胺加水杨酸，清爽控油。", "水杨酸"),
        ("凝霜里还藏着Salicylic Acid。", "Salicylic Acid"),
        ("烟酰胺与玻·色·因携手。", "玻·色·因"),
        ("再来点HA补水。", "HA"),
        ("不只有烟酰胺，还有泛醇。", "泛醇"),
        ("甄选積雪草提取物。", "積雪草提取物"),
        ("茶树精油帮你压住油光。", "茶树精油"),
    ],
)
def test_name_that_the_sheet_lacks_is_blocked_with_its_span(text, name):
    (reason,) = [reason for reason in verdict(text, **FACE_CREAM).reasons if reason.rule in RULES]
    assert (reason.kind, reason.severity, reason.text) == ("unsupported_ingredient", "block", name)
    assert text[reason.start : reason.end] == name


def test_message_lists_what_the_sheet_holds_in_both_languages():
    (reason,) = [r for r in verdict("加入水杨酸。", **FACE_CREAM).reasons if r.rule in RULES]
    for words in (reason.message, reason.message_en, reason.suggestion):
        assert "3%烟酰胺、吡咯烷酮羧酸锌、甘油" in words
    assert "水杨酸" in reason.message


def test_ingredient_in_name_features_or_evidence_of_the_sheet_is_supported():
    text = "柚子提取物与烟酰胺、泛醇同行。"
    held = sheet("甘油", product_name="柚子焕采精华", features=("含烟酰胺",), evidence=("泛醇保湿文献资料",))
    assert claimed(text, **held) == []


def test_ingredient_that_the_sheet_says_is_missing_is_not_supported_by_it():
    assert claimed("加入香精，气味好闻。", **sheet("甘油", features=("不含香精",))) == [("ingredient_shunned", "香精")]
    assert claimed("加入水杨酸。", **sheet("甘油", features=("不含水杨酸",))) == [("ingredient_named", "水杨酸")]


def test_ten_percent_is_no_sign_of_absence():
    assert "urea" in formula_of(product(**sheet("10%尿素"))).supported


def test_member_of_a_family_that_the_sheet_names_alone_is_a_warning():
    (reason,) = [r for r in verdict("含神经酰胺NP。", **sheet("神经酰胺")).reasons if r.rule in RULES]
    assert (reason.rule, reason.severity) == ("ingredient_member", "warn")
    assert claimed("含神经酰胺NP。", **sheet("神经酰胺AP")) == [("ingredient_named", "神经酰胺NP")]


@pytest.mark.parametrize(
    "text",
    [
        "不含酒精、香精和视黄醇。",
        "使用视黄醇的夜晚，不建议再叠加果酸。",
        "请不要与高浓度果酸同晚使用。",
        "之后我会搭配一款含玻色因的精华。",
        "出门流程：维C精华先上脸，最后涂它。",
        "相比传统的水杨酸，肤感更温和。",
        "市面上的防晒常用化学防晒剂。",
        "皮肤自身就含有透明质酸。",
        "角质细胞之间的脂质主要是神经酰胺、胆固醇和脂肪酸。",
        "年龄增长，胶原蛋白流失得更快。",
        "周末的早午餐是番茄炒蛋配一壶绿茶。",
        "很多人以为A醇越浓越好。",
        "维生素C在光照下不稳定。",
        "酒精是不是一定刺激？",
        "它的抗氧化能力是维生素E的6倍。",
        "本品的测试共33人参与。",
        "取珍珠大小，推开即可。",
        "质地像融化的冰川水。",
    ],
)
def test_name_that_is_no_claim_for_the_product_is_no_finding(text):
    assert claimed(text, **FACE_CREAM) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("蕴含绿茶，清新舒缓。", "绿茶"), ("添加胶原蛋白。", "胶原蛋白"), ("烟酰胺搭B5，缓解紧绷。", "B5")],
)
def test_everyday_word_counts_in_the_context_of_a_formula(text, name):
    assert claimed(text, **FACE_CREAM) == [("ingredient_everyday", name)]


def test_words_of_denial_inside_a_name_deny_nothing():
    assert claimed("添加无花果提取物。", **FACE_CREAM) == [("ingredient_named", "无花果提取物")]


def test_other_ingredient_of_the_sheet_may_not_take_a_concentration():
    sheet_ = sheet("10%烟酰胺", "神经酰胺")
    assert claimed("含10%神经酰胺。", **sheet_) == [("number_concentration", "10%神经酰胺")]
    assert claimed("神经酰胺含量高达百分之十。", **sheet_) == [("number_concentration", "神经酰胺含量高达百分之十")]
    assert claimed("含10%烟酰胺与神经酰胺。", **sheet_) == []
    assert claimed("烟酰胺含量十分之一。", **sheet_) == []


def test_concentration_of_a_family_is_that_of_any_member():
    assert claimed("含3%胜肽。", **sheet("3%乙酰基六肽-8溶液", "棕榈酰五肽-4")) == []


def test_figure_between_two_names_is_not_guessed_at():
    assert claimed("烟酰胺10% 神经酰胺 泛醇。", **sheet("10%烟酰胺", "神经酰胺", "泛醇")) == []
    chinese = "百分之三的氨甲环酸、百分之四的烟酰胺、百分之一的泛醇。"
    assert claimed(chinese, **sheet("3%氨甲环酸", "4%烟酰胺", "1%泛醇")) == []


def calls(text: str) -> int:
    """Return how many calls, of Python and of C functions, the ingredient gates need for a text."""
    count = 0

    def tally(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    case = Case(View(text), product(**FACE_CREAM), kind(), rules())
    measured = [c for c in rules().measured["social"] if c.rule.id in RULES]
    gates = {"ingredient": unsupported, "ingredient_unknown": unknown, "concentration": wrong_share}
    sys.setprofile(tally)
    try:
        for compiled in measured:
            list(gates[compiled.rule.gate](compiled, case))
    finally:
        sys.setprofile(None)
    return count


def test_twice_the_text_takes_about_twice_the_work():
    unit = "含5%烟酰胺、3%甘油和水杨酸提取物，绿茶+B5，"
    calls(unit)  # what is worked out once for all texts is not counted
    assert calls(unit * 40) <= 2.2 * calls(unit * 20)


def test_brand_may_exempt_a_context(tmp_path):
    from tasks.compliance import load_rules

    (tmp_path / "rules").mkdir()
    text = "extend:\n  - id: ingredient_named\n    exempt: ['姐妹款[^,。]{0,12}']\n"
    (tmp_path / "rules" / "house.yaml").write_text(text, encoding="utf-8")
    changed = load_rules(brand(), tmp_path)
    said = check("姐妹款添加水杨酸。", product(**FACE_CREAM), kind(), changed).reasons
    assert [r.rule for r in said if r.rule in RULES] == []
    assert claimed("姐妹款添加水杨酸。", **FACE_CREAM) == [("ingredient_named", "水杨酸")]


def test_lexicon_is_part_of_the_rules_digest(monkeypatch, tmp_path):
    from tasks.compliance import lexicon

    (tmp_path / "ingredients").mkdir()
    (tmp_path / "ingredients" / "a.yaml").write_text("title: 甲", encoding="utf-8")
    monkeypatch.setattr(lexicon, "LEXICON", tmp_path)
    digests = set()
    for title in ("甲", "乙"):
        (tmp_path / "ingredients" / "a.yaml").write_text(f"title: {title}", encoding="utf-8")
        digests.add(lexicon.lexicon_digest.__wrapped__())
    assert len(digests) == 2
    assert rules().parts["lexicon"]
