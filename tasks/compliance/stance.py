"""What a sentence does to a claim in it: a claim that is denied, warned of or criticised is no claim of the brand.

The stances are data (lexicon/stances.yaml). They are looked at only where a rule has found something, so a clean text
pays nothing. The brand's own forbidden words know no stance: the brand wants them nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tasks.brief.model import Frozen
from tasks.compliance.findings import Finding
from tasks.compliance.lexicon import LEXICON, read_lexicon
from tasks.compliance.normal import View, dense_of, fold_regex
from tasks.compliance.pack import Kind

_ENDS = "。！？!?\n；;…"  # of a sentence, in the source
_QUOTES = {"“": "”", "「": "」", "『": "』", "‘": "’", '"': '"', "《": "》"}
_REACH = 120  # characters of the source on each side; a longer sentence is cut there


class Stance(Frozen):
    """One stance; the head of stances.yaml says what its fields mean. kinds: those of the file where it names none."""

    id: str
    title: str
    before: str = ""
    after: str = ""
    sentence: str = ""
    unless: str = ""
    quoted: bool = False
    kinds: tuple[Kind, ...]


class StanceFile(Frozen):
    contrast: str
    stances: tuple[Stance, ...]


@dataclass(frozen=True)
class CompiledStance:
    stance: Stance
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    sentence: re.Pattern[str] | None
    unless: re.Pattern[str] | None


@dataclass(frozen=True)
class Setting:
    """A finding in its sentence. head, tail: dense views of what stands before and after it. quoted: in quotes."""

    head: str
    tail: str
    quoted: bool


def withdrawn(finding: Finding, view: View) -> bool:
    """Return whether the sentence of the text takes the claim back."""
    stances, contrast = _stances()
    kind = finding.compiled.rule.kind
    asked = [one for one in stances if kind in one.stance.kinds]
    if not asked or finding.span == (0, 0):
        return False
    setting = setting_of(view, finding.start, finding.end)
    return any(_holds(one, setting, contrast) for one in asked)


def setting_of(view: View, start: int, end: int) -> Setting:
    """Return what surrounds source[start:end] in its sentence."""
    source = view.source
    first, last = max(0, start - _REACH), end + _REACH
    first = max([first, *(source.rfind(mark, first, start) + 1 for mark in _ENDS)])
    last = min([last, *(place for mark in _ENDS if (place := source.find(mark, end, last)) >= 0)])
    head, tail = source[first:start], source[end : min(end + _REACH, len(source))]
    quoted = any(
        head.rfind(opening) > (head.rfind(closing) if opening != closing else -1) and closing in tail
        for opening, closing in _QUOTES.items()
    )
    if view.in_step:  # each character has its place in the dense view
        return Setting(view.dense[first:start], view.dense[end:last], quoted)
    return Setting(dense_of(head), dense_of(source[end:last]), quoted)


def _holds(one: CompiledStance, setting: Setting, contrast: re.Pattern[str]) -> bool:
    if one.stance.quoted and not setting.quoted:
        return False
    if one.sentence and not (one.sentence.search(setting.head) or one.sentence.search(setting.tail)):
        return False
    if one.unless and one.unless.search(setting.head):
        return False
    for pattern, text in ((one.before, setting.head), (one.after, setting.tail)):
        match = pattern.search(text) if pattern else None
        if pattern and (match is None or contrast.search(match[0])):
            return False
    return True


@lru_cache(maxsize=1)
def _stances() -> tuple[tuple[CompiledStance, ...], re.Pattern[str]]:
    file = read_lexicon(LEXICON / "stances.yaml", StanceFile)
    compiled = tuple(
        CompiledStance(s, _pattern(s.before), _pattern(s.after), _pattern(s.sentence), _pattern(s.unless))
        for s in file.stances
    )
    return compiled, re.compile(fold_regex(file.contrast))


def _pattern(written: str) -> re.Pattern[str] | None:
    return re.compile(fold_regex(written)) if written else None
