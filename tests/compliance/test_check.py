"""The verdict as a whole: order, kinds, determinism, arbitrary Unicode."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.compliance import check, sheet_findings
from tasks.compliance.examples import content_type_of, product_of
from tasks.compliance.pack import KINDS
from tests.compliance.scene import DATA, found, kind, product, rules, verdict

FRAGMENTS = [e.text for rule in rules().rules for e in (*rule.positive, *rule.negative)]
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(
        st.one_of(
            st.sampled_from(FRAGMENTS),
            st.text(st.characters(exclude_categories=()), max_size=5),
            st.text("最第一炎0123%天周倍.，。 \u200b·#【】()*_-\n国家级零spfa+x", max_size=10),
        ),
        max_size=6,
    ).map("".join),
)


@given(TEXTS, st.sampled_from(["social", "ecommerce", "paid_ad"]))
@settings(max_examples=300, deadline=None)
def test_any_text_gets_a_verdict_with_spans_inside_it(text, family):
    subject, content_type = product(), kind(family, call_to_action=family == "paid_ad")
    result = check(text, subject, content_type, rules())
    for reason in result.reasons:
        assert 0 <= reason.start <= reason.end <= len(text)
        assert text[reason.start : reason.end] == reason.text
        assert reason.kind in KINDS
    assert result == check(text, subject, content_type, rules())


def test_reasons_stand_in_rule_order_then_by_place():
    order = {rule.id: place for place, rule in enumerate(rules().rules)}
    reasons = verdict("28天见效的神器，7天见效的奇迹，最有效。").reasons
    places = [(order[reason.rule], reason.start) for reason in reasons]
    assert places == sorted(places)
    assert len(places) == 5


def test_word_in_the_products_own_name_has_kind_sheet():
    reasons = verdict("修护奇迹精华，创造奇迹。", product_name="修护奇迹精华").reasons
    assert [(r.kind, r.severity, r.start) for r in reasons] == [("sheet", "block", 2), ("forbidden_word", "block", 9)]


def test_number_in_the_products_own_name_is_on_the_sheet():
    assert found("0.2%视黄醇缓释精华，温和。", product_name="0.2%视黄醇缓释精华") == []


def test_warning_alone_does_not_refuse_a_text():
    result = verdict("唤醒肌肤重生。")
    assert [reason.severity for reason in result.reasons] == ["warn"]
    assert result.accepted


def test_sheet_findings_name_field_and_value():
    subject = product(product_name="修护奇迹精华", features=("消炎杀菌", "改善毛孔"))
    reasons = sheet_findings(subject, rules())
    assert [(r.kind, r.severity, r.text) for r in reasons] == [
        ("sheet", "block", "奇迹"),
        ("sheet", "warn", "消炎"),
        ("sheet", "warn", "杀菌"),
    ]
    assert "features「消炎杀菌」" in reasons[1].message


def test_clean_sheet_has_no_findings():
    assert sheet_findings(product(), rules()) == []


def test_rules_survive_pickling():
    again = pickle.loads(pickle.dumps(rules()))
    assert again.digest == rules().digest
    text = "28天见效的神器。"
    assert check(text, product(), kind(), again) == check(text, product(), kind(), rules())


@pytest.mark.parametrize(
    "line", [row for row in (DATA / "benign.txt").read_text("utf-8").splitlines() if row[0] != "#"]
)
def test_harmless_sentence_is_accepted(line):
    assert not verdict(line, core_ingredients=("泛醇",), product_name="测试精华").blocking


@pytest.mark.parametrize(
    "line", [row for row in (DATA / "planted.tsv").read_text("utf-8").splitlines() if row[0] != "#"]
)
def test_planted_violation_is_blocked_by_its_kind(line):
    wanted, text = line.split("\t")
    reasons = verdict(text, core_ingredients=("泛醇",), product_name="测试精华").blocking
    assert wanted in {reason.kind for reason in reasons}


def test_examples_are_judged_by_the_sheet_that_they_name():
    example = next(e for rule in rules().rules if rule.id == "number_percent" for e in rule.negative)
    assert check(example.text, product_of(example), content_type_of(example), rules()).accepted
