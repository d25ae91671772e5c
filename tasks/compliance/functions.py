"""Functions that a text claims, against the product's registration, its category of people and its sheet.

Special functions (祛斑美白, 防晒, 防脱发, 染发, 烫发) need registration as 特殊化妆品 (化妆品监督管理条例 Art. 16);
every other function must stand on the sheet in some words (lexicon/functions.yaml says which). Words of the product's
own name are never a finding: the name is what was registered.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tasks.compliance.findings import Case, Finding
from tasks.compliance.rules import CompiledRule
from tasks.compliance.vocabulary import Term, function, functions, group, longest_first
from tasks.compliance.words import Span


def beyond_registration(compiled: CompiledRule, case: Case, view: str, span: Span) -> Iterator[Finding]:
    """Yield a special function that an ordinary product, or one registered for another function, claims.

    A sheet without a registration class cannot refute the claim: its finding has the rule's `unregistered` severity.
    """
    if case.in_name(*span) or not may_exceed(compiled, case):
        return
    family, registration = function(compiled.rule.entry), case.product.registration
    if not registration and getattr(case.view, view)[slice(*span)] in case.sheet.name:
        return  # no class is known, and the name itself says it
    values = {
        "function": family.name,
        "registration": registration or "未填写",
        "sheet": "、".join(case.product.claims) or "无",
    }
    weight = compiled.rule.unregistered if not registration else None
    if weight == "warn" and not _first(case, family):
        return
    yield Finding(compiled, *case.view.source_span(view, *span), values, weight)


def may_exceed(compiled: CompiledRule, case: Case) -> bool:
    """Return whether the product is not registered for the function that a rule speaks of."""
    return case.product.registration != "特殊" or not function(compiled.rule.entry).held_by(case.sheet.text)


def not_on_sheet(compiled: CompiledRule, case: Case, view: str, span: Span) -> Iterator[Finding]:
    """Yield a function of which no field of the sheet speaks, once a text.

    A sheet that names no function at all refutes nothing. Hashtags are subjects, not claims.
    """
    if case.in_name(*span) or not (case.product.features or case.product.claims):
        return
    claimed = claimed_functions(getattr(case.view, view), span)
    if not claimed or any(term.held_by(case.sheet.text) for term in claimed):
        return
    held = "、".join(dict.fromkeys((*case.product.features, *case.product.claims)))
    values = {"function": claimed[0].name, "sheet": held}
    start, end = case.view.source_span(view, *span)
    if not case.in_hashtag(start, end) and _first(case, claimed[0]):
        yield Finding(compiled, start, end, values)


def not_for_children(compiled: CompiledRule, case: Case, view: str, span: Span) -> Iterator[Finding]:
    """Yield a function that children's cosmetics may not claim, where the product is for children."""
    if for_children(compiled, case):
        yield Finding(compiled, *case.view.source_span(view, *span))


def for_children(_: CompiledRule, case: Case) -> bool:
    """Return whether the product's name or its audience says that it is for children."""
    children = group("children")
    return children.held_by(case.sheet.name) or children.held_by(case.product.target_audience)


def answered(case: Case) -> frozenset[str]:
    """Return the claim patterns of the families that the sheet holds; they need not be looked for."""
    return _answered(case.sheet.text)


@lru_cache(maxsize=4096)
def _answered(sheet_text: str) -> frozenset[str]:
    return frozenset(term.claim.pattern for term in functions() if term.claim and term.held_by(sheet_text))


def _first(case: Case, family: Term) -> bool:
    """Return whether a warning about this family is the first in the text; the writer needs it once."""
    if family.id in case.told:
        return False
    case.told.add(family.id)
    return True


def claimed_functions(text: str, span: Span) -> list[Term]:
    """Return the ordinary functions that text[span] claims, that of the longest match first."""
    return longest_first(text, span, functions())
