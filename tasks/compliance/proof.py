"""Tests, certificates and proofs that a text claims, against the evidence on the product sheet.

A rule of this gate says in `sheet_holds` which words of a sheet answer for its claim. A test of one function does not
answer for another: where the claim's own clause names functions, the evidence must speak of one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from tasks.compliance.findings import Case, Finding
from tasks.compliance.functions import claimed_functions
from tasks.compliance.rules import CompiledRule
from tasks.compliance.words import SENTENCE_ENDS, Span

_REACH = 24  # characters before and after the claim in which a function may be named


def unproved(compiled: CompiledRule, case: Case, view: str, span: Span) -> Iterator[Finding]:
    """Yield a claim of proof for which none of the sheet's features, claims and evidence answers."""
    text = getattr(case.view, view)
    holds = compiled.sheet_holds
    answers = [value for value in case.sheet.evidence.split("\n") if holds and holds.search(value)]
    if answers and not _of_other_functions(text, span, answers):
        return
    evidence = "；".join((*case.product.evidence, *case.product.claims)) or "无"
    yield Finding(compiled, *case.view.source_span(view, *span), {"sheet": evidence})


def _of_other_functions(text: str, span: Span, answers: list[str]) -> bool:
    """Return whether the clause claims functions, and the evidence speaks of functions, but of none of these."""
    head = text[max(0, span[0] - _REACH) : span[0]]
    tail = text[span[1] : span[1] + _REACH]
    stops = [match.end() for match in SENTENCE_ENDS.finditer(head)]
    stop = SENTENCE_ENDS.search(tail)
    clause = head[max(stops, default=0) :] + text[slice(*span)] + (tail[: stop.start()] if stop else tail)
    claimed = claimed_functions(clause, (0, len(clause)))
    return bool(claimed) and not any(term.held_by(answer) for term in claimed for answer in answers)
