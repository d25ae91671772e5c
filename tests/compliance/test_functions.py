"""Functions that a text claims against registration, the product's people, and the functions on its sheet."""

from __future__ import annotations

import pytest
import yaml

from tasks.compliance import vocabulary
from tasks.compliance.lexicon import LEXICON
from tasks.compliance.vocabulary import FunctionLexicon, function, functions
from tasks.lineage.errors import UserError
from tests.compliance.scene import verdict

_PLAIN = {"core_ingredients": ("泛醇",), "features": ("补水保湿",), "claims": ("保湿",)}


def told(text: str, **changes) -> list[tuple[str, str, str]]:
    """Return (rule, severity, text) of the functions found; an ordinary moisturiser unless told otherwise."""
    fields = {**_PLAIN, "registration": "普通", **changes}
    return [(r.rule, r.severity, r.text) for r in verdict(text, **fields).reasons if r.kind == "unsupported_function"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("每天一泵，美白看得见。", "function_whitening"),
        ("坚持淡化色斑。", "function_whitening"),
        ("阻断黑色素转运。", "function_whitening"),
        ("涂上它，紫外线都被挡在外面。", "function_sun"),
        ("自带SPF30，出门更省事。", "function_sun"),
        ("防脱固发，头发越来越多。", "function_hair_loss"),
        ("在家就能染发。", "function_hair_dye"),
        ("在家也能烫发。", "function_perm"),
    ],
)
def test_special_function_needs_registration(text, rule):
    assert (rule, "block") in {(found, severity) for found, severity, _ in told(text)}


def test_product_registered_for_the_function_may_claim_it():
    sheet = {"registration": "特殊", "claims": ("防晒",), "features": ("高倍防晒",)}
    assert told("高倍防晒，抵御紫外线。", **sheet) == []


def test_registration_for_one_function_is_none_for_another():
    sheet = {"registration": "特殊", "claims": ("防晒",), "features": ("高倍防晒",)}
    assert [row[:2] for row in told("高倍防晒，还能美白。", **sheet)] == [("function_whitening", "block")]


def test_empty_registration_warns_once_for_each_function():
    found = told("美白，还是美白，天天美白。抵御紫外线。", registration="")
    assert [row[:2] for row in found] == [("function_whitening", "warn"), ("function_sun", "warn")]


def test_words_of_the_registered_name_are_no_claim():
    assert told("净白焕亮面霜，滋润不油腻。", product_name="净白焕亮面霜") == []
    assert told("净白焕亮面霜，净白看得见。", product_name="净白焕亮面霜") != []
    assert told("净白焕亮面霜，净白看得见。", product_name="净白焕亮面霜", registration="") == []
    assert told("净白焕亮面霜，淡斑看得见。", product_name="净白焕亮面霜", registration="") != []


@pytest.mark.parametrize(
    "text",
    [
        "白天注意防晒。",
        "之后记得涂防晒霜，配合防晒使用。",
        "它不能美白，也不祛斑。",
        "很多人把烟酰胺和美白画等号，这是误区。",
        "紫外线会刺激黑色素生成。",
        "SPF是防晒指数的缩写。",
        "雪白的膏体，推开不泛白。",
        "洗完头发别急着吹，先用毛巾按干。",
        "换季时减少去角质的频率。",
    ],
)
def test_advice_denials_and_knowledge_are_no_claims(text):
    assert told(text) == []


def test_message_names_claim_registration_and_sheet():
    reason = next(
        r for r in verdict("美白看得见。", **_PLAIN, registration="普通").reasons if r.rule == "function_whitening"
    )
    assert "“美白”" in reason.message
    assert "普通" in reason.message
    assert "保湿" in reason.message
    assert "第七十七条" in reason.basis


def test_functions_of_no_field_are_a_warning_told_once():
    assert told("抗皱，淡化细纹，抗皱。") == [("function_not_on_sheet", "warn", "抗皱")]


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("抗皱，抚平细纹。", ("淡化法令纹",)),
        ("控油，告别油光。", ("调理油脂",)),
        ("舒缓泛红。", ("缓解敏感",)),
        ("修护屏障。", ("强韧屏障",)),
        ("淡化痘印，祛痘。", ("改善闭口",)),
    ],
)
def test_free_words_of_the_sheet_hold_their_family(text, features):
    assert told(text, features=features, claims=()) == []


def test_claims_column_and_name_answer_too():
    assert told("抗皱，淡化细纹。", claims=("抗皱",)) == []
    assert told("抗皱，淡化细纹。", product_name="胜肽抗皱精华") == []


def test_sheet_without_functions_refutes_none():
    assert told("抗皱，淡化细纹。", features=(), claims=()) == []


def test_hashtag_is_a_subject_and_no_claim_of_an_ordinary_function():
    assert told("涂开很润。\n#抗皱 #护肤") == []


def test_children_may_not_be_promised_acne_care():
    children = {"product_name": "小棠儿童面霜", "target_audience": "3岁以上儿童"}
    assert "function_children" in {rule for rule, _, _ in told("祛痘，告别粉刺。", **children)}
    assert "function_children" not in {rule for rule, _, _ in told("祛痘，告别粉刺。")}
    assert "function_children" not in {rule for rule, _, _ in told("补水保湿。", **children)}


def test_what_no_cosmetic_does_is_blocked_whatever_the_registration():
    for registration in ("", "普通", "特殊"):
        assert ("function_not_cosmetic", "block") in {
            row[:2] for row in told("瘦脸又瘦腿，丰胸也不在话下。", registration=registration)
        }


def test_unknown_function_in_a_rule_is_one_clear_error():
    with pytest.raises(UserError, match=r"no entry 'teleport'.*whitening"):
        function("teleport")


def test_every_function_of_the_lexicon_is_held_by_its_own_name_or_claims():
    lexicon = FunctionLexicon.model_validate(yaml.safe_load((LEXICON / "functions.yaml").read_text("utf-8")))
    assert len({entry.id for entry in lexicon.functions}) == len(lexicon.functions) == len(functions())
    assert {term.id for term in functions() if term.special} >= {"whitening", "sun", "hair_loss", "hair_dye", "perm"}


def test_lexicon_with_a_broken_regex_names_file_and_entry(tmp_path, monkeypatch):
    (tmp_path / "functions.yaml").write_text(
        "functions:\n  - {id: glow, name: 光, claim: ['(白'], sheet: 光}\n", "utf-8"
    )
    monkeypatch.setattr(vocabulary, "LEXICON", tmp_path)
    functions.cache_clear()
    try:
        with pytest.raises(UserError, match=r"functions\.yaml entry glow.*does not compile"):
            functions()
    finally:
        functions.cache_clear()
