"""The gates of ingredients: what a text says is in the product stands on its sheet, or it is a finding.

Names and families are the lexicon's (ingredient_names); where a name is no claim for the product (left out, another
product's, the skin's own, food, advice) is data of packs/ingredients.yaml. A name that is an everyday word too counts
only in the context that its rule asks for, or in one list with another ingredient.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal

from tasks.compliance.findings import Case, Finding
from tasks.compliance.formula import reading
from tasks.compliance.ingredient_names import Mention
from tasks.compliance.numbers import claimed
from tasks.compliance.rules import CompiledRule
from tasks.compliance.words import Span, cleared, in_context

_NEAR = 12  # characters between a name and the sign of its concentration
_BACK = 24  # characters beside a name in which what belongs to it stands
_SHARE = re.compile("[%‰]|分之")
# What is drawn from the plant that was just named: 根部提取物, 其提取物.
_PART_OF_IT = re.compile(
    r"^(?:根部?|叶片?|茎叶?|花朵?|果实|种子|全草|全株|树皮|地上部分|新鲜叶片?)[^\u4e00-\u9fff]{0,2}.取|其(?:根|叶|花|果|籽)?.取"
)
# Between an ingredient of the sheet and one that it comes from or holds: 虾青素来自雨生红球藻, 山茶花富含茶多酚与氨基酸
_ORIGIN = re.compile(
    r"(?:根|叶|花|果|籽|皮|仁)?(?:提取物|萃取物|精粹|精油|油|脂)?(?:本身|天然)?(?:\([^)]{0,30}\))?"
    r"(?:主要|多|其实|正是|最早|最初)?(?:来自|取自|源自|源于|来源于|得自|脱胎于|[:(]?(?:富含|含有?)|里的|中的|是)"
    r"(?:[^,。!?;:和与及、]{0,8}[和与及、]){0,2}[^,。!?;:和与及、]{0,5}"
)
_DERIVED = ("的衍生", "衍生", "的盐", "的酯", "的前体", "制成", "的还原")
_PART = 4  # characters between a plant and 提取物 (积雪草 叶 提取物)


def unsupported(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield the names of one kind that the text claims and the sheet lacks.

    The rule's `entry` is the kind: named (means nothing but an ingredient), member (named too, but the sheet names its
    family alone), common (绿茶, 珍珠: an everyday word), shunned (香精: copy names it to say that it is missing).
    """
    for mention in case.absent.get(compiled.rule.entry, ()):
        if _claims(mention, compiled, case):
            yield _finding(compiled, case, (mention.start, mention.end))


def unknown(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield ingredients that no entry holds, told by how their names end; the rule's `before` finds how they begin."""
    text, known_to = case.view.dense, 0
    for mention in case.mentions:
        if mention.kind != "suffix" or mention.start - known_to < _PART:
            known_to = mention.end
            continue
        head = compiled.before.search(text, max(0, mention.start - _BACK), mention.start) if compiled.before else None
        said = text[head.start() : mention.end] if head else ""
        if head and said not in case.sheet.text and not _PART_OF_IT.search(said):
            span = (head.start(), mention.end)
            if not cleared(text, span, compiled):
                yield _finding(compiled, case, span)


def _finding(compiled: CompiledRule, case: Case, span: Span) -> Finding:
    return Finding(compiled, *case.view.source_span("dense", *span), {"sheet": case.formula.shown})


def _claims(mention: Mention, compiled: CompiledRule, case: Case) -> bool:
    """Return whether the text says that the product holds the ingredient."""
    text, span = case.view.dense, (mention.start, mention.end)
    if cleared(text, span, compiled) or _of_another(mention, text, case) or _origin(mention, case, text):
        return False
    if in_context(text, span, compiled.before, compiled.after, compiled.rule.window):
        return True
    return mention.kind == "common" and _listed(mention, case, text)


def _of_another(mention: Mention, text: str, case: Case) -> bool:
    """Return whether the name is that of a product which this one is not (维C精华 in a text on a sunscreen)."""
    vessel = reading().vessels.match(text, mention.end)
    if vessel is None or vessel["noun"] in case.sheet.text:
        return False
    drawn = reading().drawn.search(text, max(0, mention.start - _BACK), mention.start)
    return not (drawn and vessel[0] == "精华")


def _listed(mention: Mention, case: Case, text: str) -> bool:
    """Return whether an unmistakable ingredient, or one of the sheet, stands right before or after, as in one list."""
    found = case.mentions
    place = bisect_left(found, mention.start, key=lambda other: other.start)
    joins = reading().joins
    before = found[place - 1] if place else None
    after = found[place + 1] if place + 1 < len(found) else None
    if before and _sure(before, case, text) and joins.fullmatch(text, before.end, mention.start):
        return True
    return bool(after and _sure(after, case, text) and joins.fullmatch(text, mention.end, after.start))


def _sure(mention: Mention, case: Case, text: str) -> bool:
    if mention.kind == "named":
        return True
    return mention.kind == "common" and case.formula.supports(mention.id, text[mention.start : mention.end])


def _origin(mention: Mention, case: Case, text: str) -> bool:
    """Return whether an ingredient of the sheet, named before in the clause, holds the name or comes from it."""
    for other in reversed(case.mentions):
        if other.end > mention.start or mention.start - other.end > _BACK:
            continue
        if case.formula.supports(other.id, text[other.start : other.end]):
            between = text[other.end : mention.start]
            match = _ORIGIN.fullmatch(between)
            if match and ("是" not in between or text.startswith(_DERIVED, mention.end)):
                return True
    return False


def wrong_share(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield concentrations of the sheet that the text gives to another of its ingredients (10%神经酰胺).

    The rule's `before` is a regex that ends where the name begins, `after` one that starts where it ends; their groups
    are those of a number rule (n, n2, u, d). An ingredient that the sheet lacks is another rule's, and so is a figure
    that stands nowhere on the sheet.
    """
    text, formula = case.view.dense, case.formula
    if not ("%" in text or "‰" in text or "分之" in text):
        return
    signs = [match.start() for match in _SHARE.finditer(text)]
    for place, mention in enumerate(case.mentions):
        match = _share_of(case.mentions, place, signs, compiled, text)
        answers = formula.answers(mention.id) if match else ()
        if match is None or not answers:
            continue
        known, told = frozenset[Decimal]().union(*(formula.shares[id_] for id_ in answers)), _percents(match)
        misplaced = not told <= known and all((value, "%") in case.sheet.quantities for value in told)
        if misplaced and not cleared(text, (mention.start, mention.end), compiled):
            yield _finding(compiled, case, (min(match.start(), mention.start), max(match.end(), mention.end)))


def _share_of(
    found: Sequence[Mention], place: int, signs: Sequence[int], compiled: CompiledRule, text: str
) -> re.Match[str] | None:
    """Return the concentration that stands before a name or after it; None where a neighbour may claim it as well.

    signs: where the text has %, ‰ or 分之; without one near the name no regex need be tried.
    """
    start, end = found[place].start, found[place].end
    before, after = bisect_left(signs, start), bisect_left(signs, end)
    if compiled.before and before and start - signs[before - 1] <= _NEAR:
        match = compiled.before.search(text, max(0, start - _BACK), start)
        if match:
            return None if place and found[place - 1].end == match.start() - _spaces(text, match.start()) else match
    if not compiled.after or after == len(signs) or signs[after] - end > _NEAR:
        return None
    match = compiled.after.match(text, end, end + _BACK)
    touched = match and found[place + 1 : place + 2] and found[place + 1].start == match.end()
    return None if touched else match


def _spaces(text: str, end: int) -> int:
    """Return 1 where a space stands right before a place of the text."""
    return int(text[end - 1 : end] == " ")


def _percents(match: re.Match[str]) -> frozenset[Decimal]:
    """Return the percentages of a match, those of 百分之三 and 千分之一 too; none where the numeral is vague."""
    written = [(value, unit) for value, unit in claimed(match, "%") if value is not None]
    return frozenset(value * 100 if unit == "比" else value for value, unit in written)
