"""Spans of hits, and the contexts that clear one: exempt phrases, words right before or after it, what must be near."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Protocol

import ahocorasick_rs

from tasks.compliance.triggers import reach, required_literals

SENTENCE = 120  # characters on either side of a hit; a longer sentence is cut there
Span = tuple[int, int]
SENTENCE_ENDS = re.compile(r"[。!?;\n]")
_CLEARING = 24  # characters before and after a hit in which an exempt phrase may start or end
_TOUCHING = 16  # characters before a hit that unless_before sees
_FOLLOWING = 24  # characters after a hit that unless_after sees


def stands_alone(text: str, start: int, end: int) -> bool:
    """Return False where a Latin letter or digit at an edge of the span goes on outside it."""
    if _latin(text[start]) and _latin(text[start - 1 : start]):
        return False
    return not (_latin(text[end - 1]) and _latin(text[end : end + 1]))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap made one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def covered(pattern: re.Pattern[str], text: str, start: int, end: int) -> bool:
    """Return whether some match of the pattern near the span holds all of it."""
    return _covering(pattern, text, (start, end), max(0, start - _CLEARING), start)


def _covering(pattern: re.Pattern[str], text: str, span: Span, first: int, last: int) -> bool:
    """Return whether a match that starts in first..last holds all of the span."""
    limit = min(len(text), span[1] + _CLEARING)
    while first <= last:
        match = pattern.search(text, first, limit)
        if match is None or match.start() > last:
            return False
        if match.end() >= span[1]:
            return True
        first = match.start() + 1
    return False


class Exemptions:
    """The exempt phrases of a rule; each is only tried around the literals that it needs, where they stand near."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = patterns
        self._always: list[int] = []
        self._reach = [reach(pattern.pattern) for pattern in patterns]
        wanted: dict[str, list[int]] = {}
        for number, pattern in enumerate(patterns):
            literals = required_literals(pattern.pattern)
            if not literals or self._reach[number] is None:
                self._always.append(number)
                continue
            for literal in literals:
                wanted.setdefault(literal, []).append(number)
        self._before = _CLEARING + max((bounds[1] for bounds in self._reach if bounds), default=0)
        self._wanted = list(wanted.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(wanted) or ["\ufffd"], store_patterns=False)

    def cover(self, text: str, start: int, end: int) -> bool:
        """Return whether some match of some phrase near the span holds all of it."""
        near = max(0, start - self._before)
        tried: dict[int, int] = {}  # number of a phrase -> the last place at which a match of it was tried to start
        found = self._automaton.find_matches_as_indexes(text[near : end + _CLEARING], overlapping=True)
        for literal, begin, stop in found:  # in the order of their ends, so that what is tried only moves on
            for number in self._wanted[literal]:
                width, behind = self._reach[number] or (0, 0)
                first = max(start - _CLEARING, end - width, near + stop - width, tried.get(number, -1) + 1)
                last = min(start, near + begin + behind)
                if first <= last:
                    if _covering(self._patterns[number], text, (start, end), first, last):
                        return True
                    tried[number] = last
        return any(covered(self._patterns[number], text, start, end) for number in self._always)


class Clearing(Protocol):
    """What of a compiled rule makes a hit harmless (rules.CompiledRule)."""

    @property
    def exemptions(self) -> Exemptions | None: ...
    @property
    def unless_before(self) -> re.Pattern[str] | None: ...
    @property
    def unless_after(self) -> re.Pattern[str] | None: ...


def cleared(text: str, span: Span, rule: Clearing) -> bool:
    """Return whether the context of a hit makes it harmless."""
    start, end = span
    if rule.unless_before and rule.unless_before.search(text[max(0, start - _TOUCHING) : start]):
        return True
    if rule.unless_after and rule.unless_after.match(text[end : end + _FOLLOWING]):
        return True
    return rule.exemptions is not None and rule.exemptions.cover(text, start, end)


def in_context(
    text: str,
    span: Span,
    before: re.Pattern[str] | None,
    after: re.Pattern[str] | None,
    window: int,
    sentences: int = 1,
) -> bool:
    """Return whether the sentences around a hit hold what the rule asks for; True where it asks for nothing.

    sentences: how many of them count on either side, the hit's own among them.
    """
    if before is None and after is None:
        return True
    start, end = span
    if after:
        tail = text[end : end + window]
        stops = [match.start() for match in SENTENCE_ENDS.finditer(tail)]
        if after.search(tail[: stops[sentences - 1]] if len(stops) >= sentences else tail):
            return True
    if before:
        head = text[max(0, start - window) : start]
        stops = [match.end() for match in SENTENCE_ENDS.finditer(head)]
        return bool(before.search(head[stops[-sentences] if len(stops) >= sentences else 0 :]))
    return False


def in_sentence(
    text: str, span: Span, marks: Sequence[int], wanted: Sequence[re.Pattern[str]], unwanted: re.Pattern[str] | None
) -> bool:
    """Return whether a hit's own sentence holds all that the rule asks for, and nothing that clears it.

    marks: where the sentences of the text end, from `sentence_marks`.
    """
    if not wanted and unwanted is None:
        return True
    start, end = span
    before, after = bisect_left(marks, start), bisect_left(marks, end)
    first = max(0, start - SENTENCE, marks[before - 1] + 1 if before else 0)
    last = min(end + SENTENCE, marks[after]) if after < len(marks) else end + SENTENCE
    sentence = text[first:last]
    return all(pattern.search(sentence) for pattern in wanted) and not (unwanted and unwanted.search(sentence))


def sentence_marks(text: str) -> list[int]:
    """Return the places of the marks that end a sentence."""
    return [match.start() for match in SENTENCE_ENDS.finditer(text)]
