"""Word rules: what is found, what a context clears, and where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.compliance.normal import dense_of
from tasks.compliance.words import covered
from tests.compliance.scene import DATA, found, kinds, rules, verdict


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("这是护肤神器。", "神器"),
        ("真是奇 迹。", "奇 迹"),
        ("ＹＹＤＳ，回购。", "ＹＹＤＳ"),
        ("家人們快看。", "家人們"),
        ("秒\u200b杀全场。", "秒\u200b杀"),
        ("绝·绝·子。", "绝·绝·子"),
    ],
)
def test_brand_word_is_found_in_any_disguise(text, word):
    assert ("brand_forbidden_word", word) in found(text)


def test_latin_word_must_stand_alone():
    assert found("xyydsx是一个内部使用的产品编号。") == []


@pytest.mark.parametrize(
    "text", ["最近有点干。", "最后涂面霜。", "最佳使用时间是早晨。", "我们力求最好。", "每天最多两次。"]
)
def test_superlative_in_an_exempt_context_is_no_finding(text):
    assert found(text) == []


@pytest.mark.parametrize("text", ["最好的精华。", "最有效的修护。", "连最温和的也会刺痛，这是最强的配方。"])
def test_superlative_about_the_product_is_a_finding(text):
    assert "absolute_claim" in kinds(text)


def test_exemption_of_one_hit_does_not_clear_another():
    reasons = verdict("最近我用了最有效的精华。").reasons
    assert [(r.start, r.end) for r in reasons if r.rule == "absolute_most"] == [(5, 6)]


@pytest.mark.parametrize("text", ["配方不含激素。", "护肤品不能替代治疗。", "如有湿疹，请及时就医。", "炎热的夏天。"])
def test_medical_word_in_an_exempt_context_is_no_finding(text):
    assert found(text) == []


@pytest.mark.parametrize("text", ["0.2%医用级泛醇。", "非常有效的抗炎成分。", "无论如何都能消炎。"])
def test_prefix_that_only_looks_like_a_negation_clears_nothing(text):
    assert "medical_claim" in kinds(text)


def test_word_inside_a_longer_finding_of_its_kind_is_told_once():
    assert [rule for rule, _ in found("消炎的精华。")] == ["medical_antimicrobial"]


def test_span_indexes_code_points_beyond_the_basic_plane():
    (reason,) = verdict("🌿🌿神器。").reasons
    assert (reason.start, reason.end, reason.text) == (2, 4, "神器")


def test_doctor_who_is_consulted_is_no_endorsement():
    assert found("如有不适，请咨询皮肤科医生。") == []
    assert kinds("皮肤科医生推荐的精华。") == {"medical_claim", "unsupported_claim"}


LINES = [dense_of(line) for line in (DATA / "benign.txt").read_text("utf-8").splitlines()]


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=3), st.data())
def test_exempt_phrase_covers_a_hit_wherever_one_of_its_regexes_does(lines, data):
    text = "".join(lines)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 4)))
    for compiled in rules().compiled:
        if compiled.exemptions:
            slowly = any(covered(pattern, text, start, end) for pattern in compiled.exempt)
            assert compiled.exemptions.cover(text, start, end) is slowly, compiled.rule.id
