"""People and skin types that a text recommends the product for, against the people whom its sheet names.

Which words name a group, and which words of a sheet hold it, is data (lexicon/audiences.yaml); what is a
recommendation and what a warning or a mention is the rule's own contexts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tasks.compliance.findings import Case, Finding
from tasks.compliance.rules import CompiledRule
from tasks.compliance.vocabulary import Term, audiences, longest_first
from tasks.compliance.words import Span

_SEXES = frozenset({"women", "men"})  # judged apart: 大二女生 are young and women


def not_addressed(compiled: CompiledRule, case: Case, view: str, span: Span) -> Iterator[Finding]:
    """Yield a group that the sheet does not hold; every group that the words may mean must be missing (_missing)."""
    if case.in_name(*span):
        return
    named = named_groups(getattr(case.view, view), span, compiled.rule.entry)
    named = _missing(named, case.sheet.text)
    if not named:
        return
    start, end = case.view.source_span(view, *span)
    if compiled.rule.severity == "block" or not case.in_hashtag(start, end):
        values = {"audience": named[0].name, "sheet": case.product.target_audience or "无"}
        yield Finding(compiled, start, end, values)


def _missing(named: list[Term], sheet_text: str) -> list[Term]:
    """Return the groups that the sheet holds none of: those of a sex by themselves, all others together."""
    sexes = [term for term in named if term.id in _SEXES]
    others = [term for term in named if term.id not in _SEXES]
    return [term for part in (others, sexes) if not any(one.held_by(sheet_text) for one in part) for term in part]


def answered(case: Case) -> frozenset[str]:
    """Return the patterns of the groups that the sheet holds; they need not be looked for."""
    return _answered(case.sheet.text)


@lru_cache(maxsize=4096)
def _answered(sheet_text: str) -> frozenset[str]:
    return frozenset(term.claim.pattern for term in audiences() if term.claim and term.held_by(sheet_text))


def named_groups(text: str, span: Span, levels: str) -> list[Term]:
    """Return the groups of some levels that text[span] names, that of the longest match first."""
    return longest_first(text, span, (term for term in audiences() if term.level in levels.split(",")))
