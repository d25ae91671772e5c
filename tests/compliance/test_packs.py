"""Rule packs: the built-in ones keep their promises, and a bad one gives one clear error."""

import pytest

from tasks.compliance import load_rules
from tasks.compliance.examples import failed_examples
from tasks.compliance.pack import KINDS, read_pack
from tasks.lineage.errors import UserError
from tests.compliance.scene import brand, found, kind, product, rules

RULE = """
rules:
  - id: house_word
    kind: forbidden_word
    words: [种草]
    basis: brand rule
    message: 含“{text}”
    message_en: has "{text}"
    suggestion: 删去
"""


def folder(tmp_path, text):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "house.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_example_is_judged_as_its_rule_promises():
    assert [str(error) for error in failed_examples(rules())] == []


def test_every_rule_has_examples_and_a_basis():
    for rule in rules().rules:
        assert rule.basis
        assert rule.kind in KINDS
        if rule.gate != "product_known":
            assert rule.positive, rule.id
            assert rule.negative, rule.id


def test_example_that_breaks_its_promise_is_named(tmp_path):
    text = RULE + "    positive: [今天去散步。]\n"
    (error,) = failed_examples(load_rules(brand(), folder(tmp_path, text)))
    assert "house_word" in str(error)
    assert "今天去散步" in str(error)


def test_brand_may_add_a_rule(tmp_path):
    from tasks.compliance import check

    changed = load_rules(brand(), folder(tmp_path, RULE))
    reasons = check("种 草一瓶精华。", product(), kind(), changed).reasons
    assert [(r.rule, r.text, r.message) for r in reasons] == [("house_word", "种 草", "含“种 草”")]


def test_brand_may_override_fields_of_a_rule(tmp_path):
    text = "rules:\n  - id: medical_treatment\n    severity: warn\n"
    changed = load_rules(brand(), folder(tmp_path, text))
    (rule,) = [rule for rule in changed.rules if rule.id == "medical_treatment"]
    assert rule.severity == "warn"
    assert "治疗" in rule.words


def test_brand_may_extend_patterns_of_a_rule(tmp_path):
    text = "extend:\n  - id: medical_treatment\n    words: [调理]\n    exempt: [调理作息]\n"
    changed = load_rules(brand(), folder(tmp_path, text))
    from tasks.compliance import check

    assert check("调理肌肤。", product(), kind(), changed).reasons[0].rule == "medical_treatment"
    assert check("调理作息。", product(), kind(), changed).accepted


def test_brand_may_switch_a_rule_off_with_a_reason(tmp_path):
    text = "switch_off:\n  - id: label_bracket\n    reason: 标题习惯用方括号\n"
    changed = load_rules(brand(), folder(tmp_path, text))
    assert "label_bracket" not in {rule.id for rule in changed.rules}
    assert [(off.id, off.reason) for off in changed.switched_off] == [("label_bracket", "标题习惯用方括号")]
    assert found("【护肤小课堂】温和。") == [("label_bracket", "【护肤小课堂】")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: [", "YAML"),
        ("rules: 3", "rules"),
        ("unknown: []", "unknown"),
        (RULE.replace("forbidden_word", "rude_word"), "house_word"),
        (RULE.replace("words: [种草]", "words: [no]"), "words.0"),
        (RULE.replace("words: [种草]", "regex: ['(']"), "does not compile"),
        (RULE.replace("words: [种草]", "regex: ['a*']"), "matches nothing"),
        (RULE.replace("words: [种草]", "regex: ['{NOWHERE}']"), "NOWHERE"),
        (RULE.replace("    words: [种草]\n", ""), "no words"),
        (RULE.replace("    basis: brand rule\n", ""), "basis"),
        (RULE + RULE.replace("\nrules:\n", ""), "twice"),
        ("switch_off:\n  - id: nowhere\n    reason: 不需要\n", "nowhere"),
        ("switch_off:\n  - id: label_bracket\n", "reason"),
        ("extend:\n  - id: nowhere\n    words: [a]\n", "nowhere"),
    ],
)
def test_bad_pack_gives_one_error_that_names_file_and_fault(tmp_path, text, says):
    with pytest.raises(UserError) as caught:
        load_rules(brand(), folder(tmp_path, text))
    assert "house.yaml" in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_macros_of_a_pack_are_expanded(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("macros: {A: 甲|乙, B: '{A}丙'}\nrules:\n  - {id: x, regex: ['{B}']}\n", encoding="utf-8")
    assert read_pack(path).rules[0]["regex"] == ["(?:(?:甲|乙)丙)"]
