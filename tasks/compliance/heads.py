"""What is set off at the head of a sentence, and the labels among it that no list knows: 紧迫感营造：, C-冲突-.

A writer's framework leaves its labels before a mark or in brackets, and so do honest headings (成分：, 【注意】). Which
is which a model of n-grams has learnt from labelled heads (lexicon/heads.tsv). It reads the plain view: the marks are
half of what it learns from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from tasks.compliance.findings import Case, Finding
from tasks.compliance.reader import masked
from tasks.compliance.reader_fit import label_reader
from tasks.compliance.rules import CompiledRule
from tasks.compliance.words import Span

_REACH = 18  # characters from the beginning of a sentence in which its head ends
_MOST = 4  # marks, or spaces, at which a head may end
_GROWTH = 0.5  # log-odds more for e times as many heads; set on drafts of a language model
_END = re.compile(r"[。!?;,\n]")
_NO_MARK = r"""\w。!?;,、"“”'(%"""
_MARK = re.compile(rf"[^{_NO_MARK}\s]+|[^\S\n]+")
_BRACKETED = re.compile(r"[\[【<〔《{][^\n\[\]【】<>〔〕《》{}]{1,12}[\]】>〕》}]")
_BEGINNING = re.compile(  # of a sentence with a mark within reach
    rf"(?:^|(?<=[。!?;:\n]))[^\S\n]*(?=[^\s。!?;,][^。!?;,\n]{{0,{_REACH - 2}}}?[^{_NO_MARK}\n])",
    re.MULTILINE,
)


def read_heads(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield the heads that read like a label of a framework; the more a text has, the surer the model must be."""
    plain = case.view.plain
    spans = heads(plain)
    if not spans:
        return
    scores = label_reader().scores([masked_head(plain, span, case.known) for span in spans])
    least = compiled.rule.score + _GROWTH * math.log(len({start for start, _ in spans}))
    for span, score in zip(spans, scores, strict=True):
        if score > least:
            yield Finding(compiled, *case.view.source_span("plain", *span))


def masked_head(plain: str, span: Span, known: str) -> str:
    """Return a head as the model reads it. known: what is masked, from `reader.held`."""
    return masked(plain[slice(*span)], known)


def heads(plain: str) -> list[Span]:
    """Return what may be a label of a text in the plain view: heads of sentences up to a mark, and bracketed words."""
    found = {match.span() for match in _BRACKETED.finditer(plain)}
    for match in _BEGINNING.finditer(plain):
        found.update(_head_spans(plain, match.end()))
    return sorted(span for span in found if any(map(str.isalnum, plain[slice(*span)])))


def _head_spans(plain: str, start: int) -> Iterator[Span]:
    limit = min(len(plain), start + _REACH)
    end = _END.search(plain, start, limit)
    marks = [match for match in _MARK.finditer(plain, start, end.start() if end else limit) if match.start() > start]
    return ((start, mark.start() if mark[0].isspace() else mark.end()) for mark in marks[:_MOST])
