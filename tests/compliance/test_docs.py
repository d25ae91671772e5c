"""docs/compliance.md lists the rules that are in force."""

from tasks.compliance.pack import KINDS
from tasks.compliance.rule_docs import DOC, with_rules


def test_list_of_rules_in_the_docs_is_up_to_date():
    text = DOC.read_text(encoding="utf-8")
    assert with_rules(text) == text, "run: python -m tasks.compliance.rule_docs"


def test_every_kind_is_explained():
    text = DOC.read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []
