"""Framework labels: words of a copywriting framework that were left standing in the text (【之前】, 痛点：, [CTA])."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import ahocorasick_rs

from tasks.compliance.findings import Case, Finding
from tasks.compliance.normal import fold
from tasks.compliance.rules import CompiledRule
from tasks.compliance.triggers import Searchable
from tasks.compliance.words import cleared


def label_bracket(compiled: CompiledRule, case: Case, patterns: Sequence[Searchable]) -> Iterator[Finding]:
    """Yield 【…】 that opens a line or a sentence, but for a title that names the product or the brand.

    A pattern of such a rule has two groups: `all`, what is to go, and `label`, what stands between the brackets.
    """
    text = case.view.plain
    for pattern in patterns:
        for match in pattern.finditer(text):
            inside = re.sub(r"\s", "", match["label"])
            if any(name and name in inside for name in (*case.rules.brand_names, case.sheet.name)):
                continue
            if not cleared(text, match.span(), compiled):
                yield Finding(compiled, *case.view.source_span("plain", *match.span("all")))


def label_word(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    """Return words of the rule and of the content type that stand as labels: in brackets, or before a colon."""
    text = case.view.plain
    if not any(map(text.__contains__, _CLOSES)):
        return ()
    automaton, pattern = _label_patterns((*compiled.rule.words, *case.content_type.labels))
    hits = automaton.find_matches_as_indexes(text, overlapping=True)
    if not any(_TAIL.match(text, end) for _, _, end in hits):
        return ()
    spans = [match.span(match.lastgroup or 0) for match in pattern.finditer(text)]
    return [Finding(compiled, *case.view.source_span("plain", *span)) for span in spans]


# what must follow a word at once where it is a label: the rest of it, and a closing bracket, a colon or an arrow
_CLOSES = "】])>〕」』》*:—→-"
_TAIL = re.compile(rf"[阶部段\d (]{{0,4}}[a-z /]{{0,24}}[)）]? *[{re.escape(_CLOSES)}]")


@lru_cache(maxsize=64)
def _label_patterns(words: tuple[str, ...]) -> tuple[ahocorasick_rs.AhoCorasick, re.Pattern[str]]:
    """Return what finds the words, and the exact pattern of a label.

    A label opens a line or a sentence, marks such as emoji or bullets before it; (痛点) and [CTA] stand anywhere.
    """
    folded = {fold(word).strip() for word in words} - {""}
    word = "|".join(re.escape(word) for word in sorted(folded, key=lambda w: (-len(w), w)))
    label = rf"(?:{word})(?:阶段|部分|段)?\d?(?:\s?\([a-z /]+\))?"
    bracketed = rf"[【\[(<〔「『《*]{{1,4}} ?{label} ?[】\])>〕」』》*]{{1,4}}(?: ?:)?"
    within = rf"[【\[(<〔] ?{label} ?[】\])>〕](?: ?:)?"
    # After a sentence end the label follows at once; at the start of a line marks may come first.
    start = r"(?:^[^\w\n]{0,6}?|(?<=[。!?;:])\s?)"
    opening = rf"{start}(?P<opening>{bracketed}|{label} ?(?::|—|->|→))"
    automaton = ahocorasick_rs.AhoCorasick(sorted(folded) or ["\ufffd"], store_patterns=False)
    return automaton, re.compile(rf"{opening}|(?P<within>{within})", re.MULTILINE)
