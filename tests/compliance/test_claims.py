"""Certificates, patents, tests and proofs that a text claims, against the evidence on the sheet."""

from __future__ import annotations

import pytest
import yaml
from pydantic import Field

from tasks.brief.model import Frozen
from tasks.compliance import lexicon
from tasks.compliance.lexicon import lexicon_digest, read_lexicon
from tasks.lineage.errors import UserError
from tests.compliance.scene import product, rules, verdict

_EVIDENCE = ("人体功效测试（33人，4周）：控油",)


def told(text: str, **changes) -> list[tuple[str, str]]:
    """Return (rule, severity) of the unsupported claims."""
    sheet = {"features": ("清爽控油",), "claims": ("控油",), "evidence": (), **changes}
    return [(r.rule, r.severity) for r in verdict(text, **sheet).reasons if r.kind == "unsupported_claim"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("拥有国家发明专利。", "claim_patent"),
        ("专利技术加持。", "claim_patent"),
        ("通过SGS认证。", "claim_certificate"),
        ("获得ECOCERT有机认证。", "claim_certificate"),
        ("药监局权威认可。", "claim_authority"),
        ("诺奖成分，实力出圈。", "claim_award"),
        ("荣获年度美妆大奖。", "claim_award"),
        ("经临床验证，温和有效。", "claim_clinical"),
        ("经人体功效测试，控油看得见。", "claim_human_test"),
        ("已通过皮肤科测试。", "claim_skin_test"),
        ("第三方检测机构检测，放心。", "claim_third_party"),
        ("实验证明，它能修护屏障。", "claim_science_proof"),
    ],
)
def test_proof_that_the_sheet_lacks_is_blocked(text, rule):
    assert (rule, "block") in told(text)


def test_evidence_of_the_sheet_answers_for_its_own_function_only():
    assert told("经人体功效测试，控油看得见。", evidence=_EVIDENCE) == []
    assert told("经人体功效测试，抗皱看得见。", evidence=_EVIDENCE) == [("claim_human_test", "block")]


def test_evidence_of_one_sort_answers_for_no_other():
    assert ("claim_patent", "block") in told("拥有发明专利，控油看得见。", evidence=_EVIDENCE)
    assert told("拥有发明专利。", evidence=("发明专利：控油配方",)) == []
    assert ("claim_clinical", "block") in told("经临床验证，控油看得见。", evidence=("专利配方",))


def test_proof_without_a_function_is_answered_by_any_evidence_of_its_sort():
    assert told("经人体功效测试。", evidence=_EVIDENCE) == []


@pytest.mark.parametrize(
    "text",
    [
        "研究表明，紫外线会加速皮肤老化。",
        "我们没有申请专利，也不谈诺奖。",
        "别轻信所谓的临床验证。",
        "有没有第三方检测，看一眼就知道。",
        "使用前请做皮肤测试。",
        "选不含酒精的产品会更温和。",
    ],
)
def test_science_denials_and_advice_are_no_claims(text):
    assert told(text) == []


def test_free_from_claims_are_told_and_cleared_by_the_sheet():
    assert told("无酒精无香精，敷着安心。")[0] == ("claim_free_of", "warn")
    assert told("不含香精，配方精简。", features=("不含香精",)) == []


def test_message_names_claim_and_evidence():
    sheet = product(evidence=_EVIDENCE)
    reason = next(r for r in verdict("拥有国家发明专利。", evidence=sheet.evidence).reasons if r.rule == "claim_patent")
    assert "专利" in reason.text
    assert "控油" in reason.message


def test_every_proof_rule_says_what_answers_for_it_and_its_article():
    for rule in rules().rules:
        if rule.gate == "proof":
            assert rule.basis.startswith("《"), rule.id
            assert "{text}" in rule.message, rule.id


class _Words(Frozen):
    words: tuple[str, ...] = Field(min_length=1)


@pytest.mark.parametrize(
    ("content", "said"),
    [("words: [", "not readable as YAML"), ("words: 1", "words"), ("", "words"), ("words: [a]\nmore: 2", "more")],
)
def test_broken_lexicon_is_one_clear_error(tmp_path, content, said):
    path = tmp_path / "words.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(UserError, match=said):
        read_lexicon(path, _Words)


def test_lexicon_is_read_by_its_schema(tmp_path):
    path = tmp_path / "words.yaml"
    path.write_text(yaml.safe_dump({"words": ["白", "亮"]}, allow_unicode=True), "utf-8")
    assert read_lexicon(path, _Words).words == ("白", "亮")


def test_changed_word_changes_the_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(lexicon, "LEXICON", tmp_path)
    (tmp_path / "below").mkdir()
    digests = []
    for name, content in [("a.yaml", "x: 1"), ("a.yaml", "x: 2"), ("below/b.yaml", "y: 1")]:
        (tmp_path / name).write_text(content, "utf-8")
        lexicon_digest.cache_clear()
        digests.append(lexicon_digest())
    lexicon_digest.cache_clear()
    assert len(set(digests)) == 3


def test_lexicons_are_a_part_of_the_rules_digest():
    assert rules().parts["lexicon"] == lexicon_digest()
