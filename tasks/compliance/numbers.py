"""The number gate: a number that claims something stands on the product sheet, or it is a finding.

Which numbers claim something is data (packs/facts.yaml); everyday times, ages, drops and step numbers match no rule.
A claim is supported where every quantity in it is on the sheet (28天 is 四周), where the sheet holds it word for word,
or where it counts what the sheet lists (4重保湿成分 for a sheet of four). An effect figure needs evidence of that
effect: 4周：控油 does not answer for 4周淡化细纹. What share belongs to which ingredient the concentration gate asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.compliance.findings import Case, Finding
from tasks.compliance.numerals import Quantity, part, quantity
from tasks.compliance.rules import CompiledRule
from tasks.compliance.sheet import Sheet
from tasks.compliance.triggers import Searchable
from tasks.compliance.vocabulary import functions
from tasks.compliance.words import SENTENCE_ENDS, cleared, in_context

_AROUND = 26  # characters of the sentence before and after an effect figure in which its function is named


def number_findings(compiled: CompiledRule, case: Case, patterns: Sequence[Searchable]) -> Iterator[Finding]:
    """Yield the claims of one number rule that the sheet does not support."""
    rule, text = compiled.rule, case.view.dense
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        if cleared(text, match.span(), compiled):
            continue
        if not in_context(text, match.span(), compiled.before, compiled.after, rule.window):
            continue
        if not supported(match, rule.unit, case.sheet, evidence_only=rule.facts == "evidence"):
            start, end = case.view.source_span("dense", *trimmed(match))
            yield Finding(compiled, start, end, {"sheet": case.sheet.numbers or "无"})


def may_count(compiled: CompiledRule, case: Case) -> bool:
    """Return whether one of a number rule's units stands near after a numeral, where the rule says which they are."""
    return compiled.near is None or compiled.near.search(case.numeral_tails) is not None


def trimmed(match: re.Match[str]) -> tuple[int, int]:
    """Return the span of a match without white space at its ends."""
    text = match[0]
    return match.start() + len(text) - len(text.lstrip()), match.end() - (len(text) - len(text.rstrip()))


def supported(match: re.Match[str], unit: str, sheet: Sheet, *, evidence_only: bool) -> bool:
    """Return whether the sheet answers for a claim."""
    quantities = claimed(match, unit)
    facts = sheet.effects if evidence_only else sheet.quantities
    exactly = _word_for_word(match[0].strip(), sheet.evidence if evidence_only else sheet.text)
    if _group(match, "over"):  # SPF50+ promises more than SPF50
        return exactly
    if quantities and all(_held(item, facts) for item in quantities):
        return not evidence_only or _of_this_effect(match, quantities, sheet)
    if exactly:
        return True
    return any(u == "种" and v is not None and sheet.counts(int(v), _group(match, "what")) for v, u in quantities)


def _held(item: Quantity, facts: frozenset[Quantity]) -> bool:
    """Return whether the sheet holds a quantity; 十分之一 and 千分之五 are also read as 10% and 0.5%."""
    value, unit = item
    return item in facts or (unit == "比" and value is not None and (value * 100, "%") in facts)


def _of_this_effect(match: re.Match[str], quantities: Sequence[Quantity], sheet: Sheet) -> bool:
    """Return False where the sentence names functions, and what holds the figure on the sheet names only others."""
    head = SENTENCE_ENDS.split(match.string[max(0, match.start() - _AROUND) : match.start()])[-1]
    tail = SENTENCE_ENDS.split(match.string[match.end() : match.end() + _AROUND])[0]
    told = [term for term in functions() if term.claim and term.claim.search(head + match[0] + tail)]
    proofs = [text for text, held in sheet.proofs if any(item in held for item in quantities)]
    named = [text for text in proofs if any(term.held_by(text) for term in functions())]
    return not told or len(named) < len(proofs) or any(term.held_by(text) for term in told for text in named)


def claimed(match: re.Match[str], unit: str) -> list[Quantity]:
    """Return the quantities of a match from its groups: n (and n2 of a range), u, d (denominator), plus (PA+++)."""
    if plus := _group(match, "plus"):
        return [quantity(str(len(plus)), "pa")]
    if whole := _group(match, "d"):
        return [part(whole, _group(match, "n"))]
    written = [value for value in (_group(match, "n"), _group(match, "n2")) if value]
    return [quantity(value, _group(match, "u") or unit) for value in written]


def _group(match: re.Match[str], name: str) -> str:
    return (match.groupdict().get(name) or "").strip()


def _word_for_word(claim: str, sheet: str) -> bool:
    """Return whether the sheet holds the claim, and not as a piece of a longer number."""
    start = sheet.find(claim) if claim else -1
    while start >= 0:
        before, after = sheet[start - 1 : start], sheet[start + len(claim) : start + len(claim) + 1]
        if not (before.isdigit() or before == "." or after.isdigit() or after == "."):
            return True
        start = sheet.find(claim, start + 1)
    return False
