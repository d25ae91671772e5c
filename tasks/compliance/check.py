"""The one function that judges a text: every gate of every rule, reasons in rule order, spans in the original."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from tasks.brief.model import ContentType, Product
from tasks.compliance import audience, form, functions, heads, ingredients, labels, product_name, proof
from tasks.compliance.findings import Case, Finding, reason_of, without_nested
from tasks.compliance.normal import View, dense_of
from tasks.compliance.numbers import may_count, number_findings
from tasks.compliance.pack import WORD_KINDS
from tasks.compliance.rules import JUDGED_GATES, CompiledRule, Rules
from tasks.compliance.sheet import field_values
from tasks.compliance.stance import withdrawn
from tasks.compliance.suspicion import reconsidered
from tasks.compliance.triggers import Finder, Searchable
from tasks.compliance.verdict import Reason, Verdict
from tasks.compliance.words import Span, cleared, in_context, in_sentence

Measure = Callable[[CompiledRule, Case], Iterable[Finding]]
Judge = Callable[[CompiledRule, Case, str, Span], Iterator[Finding]]
_PRODUCTS = 4096  # whose answers are kept
PatternGate = Callable[[CompiledRule, Case, Sequence[Searchable]], Iterator[Finding]]


def check(text: str, product: Product, content_type: ContentType, rules: Rules) -> Verdict:
    """Return the verdict for one text: a pure function of its arguments.

    Args:
        text: any Unicode, any normalisation; Chinese copy of 1-3,000 characters is what the rules are made for.
        product: the sheet that numbers are compared with.
        content_type: limits, hashtags, call to action, labels.
        rules: from `load_rules`.
    Returns:
        Verdict with reasons in rule order. Spans index code points of `text`, half-open; (0, 0) where the fault is of
        the whole text. Words inside the product's own name have kind `sheet`: no repair can take them out.
    """
    case = Case(View(text), product, content_type, rules)
    findings = [*_searched(case), *_numbered(case)]
    for compiled in rules.measured[content_type.family]:
        findings += _MEASURES[compiled.rule.gate](compiled, case)
    standing: list[Finding] = []
    taken: list[Finding] = []
    for finding in findings:
        (taken if withdrawn(finding, case.view) else standing).append(finding)
    findings, back = reconsidered(case, standing, taken, _settled(case))
    if not findings and not back:
        return Verdict(())
    worded = any(f.compiled.rule.kind in WORD_KINDS for f in findings)
    names = [case.view.source_span("dense", *span) for span in case.names] if worded else []
    kept, told_back = (
        tuple(reason_of(finding, text, _kind(finding, names)) for finding in without_nested(some))
        for some in (findings, back)
    )
    return Verdict(kept, told_back)


def sheet_findings(product: Product, rules: Rules) -> list[Reason]:
    """Return what of a product's own sheet the word rules forbid, in field order.

    Spans and `text` index the field's own value; the message says which field and value it is. What the name holds
    blocks every text that names the product; what another field holds is severity `warn`: a writer can leave it out.
    """
    reasons = []
    for field, value in field_values(product):
        found = _searched(Case(View(value), product, _SHEET_TYPE, rules))
        for finding in without_nested([f for f in found if f.compiled.rule.kind in WORD_KINDS]):
            reasons.append(_sheet_reason(reason_of(finding, value), field, value))
    return reasons


_SHEET_TYPE = ContentType(
    id="sheet", family="social", title="产品资料", title_en="sheet", min_chars=1, max_chars=10_000, structure=()
)


def _sheet_reason(reason: Reason, field: str, value: str) -> Reason:
    in_name = field == "product_name"
    return Reason(
        rule=reason.rule,
        kind="sheet",
        severity="block" if in_name and reason.severity == "block" else "warn",
        start=reason.start,
        end=reason.end,
        text=reason.text,
        message=f"产品资料 {field}「{value}」：{reason.message}",
        message_en=f"product sheet, {field} {value!r}: {reason.message_en}",
        basis=reason.basis,
        suggestion=f"修改产品资料的 {field}" + ("" if in_name else "，或在文案中不写这一项"),
    )


def _kind(finding: Finding, names: list[Span]) -> str | None:
    rule = finding.compiled.rule
    # All spans are of one name, so the last that starts no later reaches furthest.
    last = bisect_right(names, finding.start, key=lambda span: span[0]) - 1
    inside = last >= 0 and finding.end <= names[last][1]
    return "sheet" if inside and rule.kind in WORD_KINDS and rule.severity == "block" else None


def _searched(case: Case) -> Iterator[Finding]:
    """Yield the findings of the word lists and regexes that one pass over the text brought up."""
    rules, family = case.rules, case.content_type.family
    for order, spans in case.found.words.items():
        if rules.compiled[order].applies(family) and _concerned(rules.compiled[order], case):
            yield from _standing(rules.compiled[order], case, "dense", spans)
    for order, finders in _live(case).items():
        compiled = rules.compiled[order]
        if compiled.applies(family):
            yield from _PATTERN_GATES[compiled.rule.gate](compiled, case, finders)


def _live(case: Case) -> dict[int, list[Finder]]:
    """Return rule order -> its regexes that match, where its sentences let them."""
    askers = {compiled.order: partial(case.staged, compiled) for compiled in case.rules.staged}
    return case.rules.index.live(case.view, case.found.possible, _settled(case), askers)


def _numbered(case: Case) -> Iterator[Finding]:
    """Yield the findings of number rules that look after numerals for their units."""
    for compiled, index in case.rules.near:
        if compiled.applies(case.content_type.family) and may_count(compiled, case):
            live = index.live(case.view, index.find(case.view).possible)
            yield from number_findings(compiled, case, live.get(compiled.order, ()))


def _concerned(compiled: CompiledRule, case: Case) -> bool:
    """Return False where the product alone answers everything that a rule may find."""
    concern = _CONCERNS.get(compiled.rule.gate)
    return concern is None or concern(compiled, case)


def _settled(case: Case) -> frozenset[int]:
    """Return the regexes of which the product's sheet alone says that they find nothing; worked out once a product."""
    known = case.rules.settled
    settled = known.get(case.product)
    if settled is None:
        if len(known) >= _PRODUCTS:
            known.clear()
        settled = known[case.product] = frozenset(
            number
            for number, (order, _, regex) in enumerate(case.rules.index.ruled)
            if not _concerned(compiled := case.rules.compiled[order], case)
            or ((answered := _ANSWERED.get(compiled.rule.gate)) and regex.pattern in answered(case))
        )
    return settled


def _searched_words(compiled: CompiledRule, case: Case, patterns: Sequence[Searchable]) -> Iterator[Finding]:
    """Yield the regex hits of a word rule; its word list was read by the automaton."""
    text = getattr(case.view, compiled.rule.view)
    spans = [match.span() for pattern in patterns for match in pattern.finditer(text)]
    if spans:
        yield from _standing(compiled, case, compiled.rule.view, spans)


def _standing(compiled: CompiledRule, case: Case, view: str, spans: list[Span]) -> Iterator[Finding]:
    text = getattr(case.view, view)
    for span in spans:
        rule = compiled.rule
        if not in_sentence(text, span, case.marks(view), compiled.sentence, compiled.unless_sentence):
            continue
        if cleared(text, span, compiled):
            continue
        if not in_context(text, span, compiled.before, compiled.after, rule.window, rule.sentences):
            continue
        if rule.sheet_clears and dense_of(text[slice(*span)]) in case.sheet.text:
            continue
        if compiled.sheet_holds and rule.gate != "proof" and compiled.sheet_holds.search(case.sheet.text):
            continue
        yield from _JUDGES.get(rule.gate, _told)(compiled, case, view, span)


def _told(compiled: CompiledRule, case: Case, view: str, span: Span) -> Iterator[Finding]:
    yield Finding(compiled, *case.view.source_span(view, *span))


def _silent(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """The rule is told by the caller who knows (check_file: the product of a row is not on the list)."""
    return iter(())


_PATTERN_GATES: dict[str, PatternGate] = {
    "words": _searched_words,
    "brand_words": _searched_words,
    "number": number_findings,
    "label_bracket": labels.label_bracket,
    "product_category": product_name.wrong_category,
    **dict.fromkeys(JUDGED_GATES, _searched_words),
}
# What of the sheet answers for a hit: gates whose patterns are found like words, and then compared with the product.
_JUDGES: dict[str, Judge] = {
    "proof": proof.unproved,
    "special_function": functions.beyond_registration,
    "sheet_function": functions.not_on_sheet,
    "children_function": functions.not_for_children,
    "audience": audience.not_addressed,
}
_CONCERNS: dict[str, Callable[[CompiledRule, Case], bool]] = {
    "special_function": functions.may_exceed,
    "children_function": functions.for_children,
}
_ANSWERED: dict[str, Callable[[Case], frozenset[str]]] = {
    "sheet_function": functions.answered,
    "audience": audience.answered,
}
_MEASURES: dict[str, Measure] = {
    "label_word": labels.label_word,
    "label_reader": heads.read_heads,
    "length_over": form.length_over,
    "length_under": form.length_under,
    "call_to_action": form.call_to_action,
    "hashtag_count": form.hashtag_count,
    "hashtag_place": form.hashtag_place,
    "language": form.language,
    "invisible": form.invisible,
    "unfinished": form.unfinished,
    "repetition": form.repetition,
    "product_name": product_name.distorted,
    "unknown_name": product_name.unknown_name,
    "ingredient": ingredients.unsupported,
    "ingredient_unknown": ingredients.unknown,
    "concentration": ingredients.wrong_share,
    "product_known": _silent,
}
