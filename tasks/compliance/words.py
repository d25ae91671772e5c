"""Spans of hits, and the contexts that clear one: exempt phrases, words right before or after it, what must be near."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

Span = tuple[int, int]
SENTENCE_ENDS = re.compile(r"[。!?;\n]")
_CLEARING = 24  # characters before and after a hit in which an exempt phrase may start or end
_TOUCHING = 16  # characters before or after a hit that unless_before and unless_after see


def stands_alone(text: str, start: int, end: int) -> bool:
    """Return False where a Latin letter or digit touches the span."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())


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
    return _covering(pattern, text, start, end) is True


def _covering(pattern: re.Pattern[str], text: str, start: int, end: int) -> bool | None:
    """Return True where a match near the span holds it, None where no match even begins before it, else False."""
    position, limit = max(0, start - _CLEARING), min(len(text), end + _CLEARING)
    seen: bool | None = None
    while position <= start:
        match = pattern.search(text, position, limit)
        if match is None or match.start() > start:
            return seen
        if match.end() >= end:
            return True
        seen, position = False, match.start() + 1
    return seen


class Clearing(Protocol):
    """What of a compiled rule makes a hit harmless (rules.CompiledRule)."""

    @property
    def exempt(self) -> Sequence[re.Pattern[str]]: ...
    @property
    def exempt_any(self) -> re.Pattern[str] | None: ...
    @property
    def unless_before(self) -> re.Pattern[str] | None: ...
    @property
    def unless_after(self) -> re.Pattern[str] | None: ...


def cleared(text: str, span: Span, rule: Clearing) -> bool:
    """Return whether the context of a hit makes it harmless."""
    start, end = span
    if rule.unless_before and rule.unless_before.search(text[max(0, start - _TOUCHING) : start]):
        return True
    if rule.unless_after and rule.unless_after.match(text[end : end + _TOUCHING]):
        return True
    if rule.exempt_any is None:
        return False
    known = _covering(rule.exempt_any, text, start, end)
    # An alternation tells its first branch that matches, not the longest: where that one fell short, ask each.
    return known is True or (known is False and any(covered(pattern, text, start, end) for pattern in rule.exempt))


def in_context(
    text: str, span: Span, before: re.Pattern[str] | None, after: re.Pattern[str] | None, window: int
) -> bool:
    """Return whether the sentence around a hit holds what the rule asks for; True where it asks for nothing."""
    if before is None and after is None:
        return True
    start, end = span
    if after:
        tail = text[end : end + window]
        stop = SENTENCE_ENDS.search(tail)
        if after.search(tail[: stop.start()] if stop else tail):
            return True
    if before:
        head = text[max(0, start - window) : start]
        cut = max((m.end() for m in SENTENCE_ENDS.finditer(head)), default=0)
        return bool(before.search(head[cut:]))
    return False
