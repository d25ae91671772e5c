"""Gates on the form of a text: length, call to action, hashtags, language, ending, repetition.

Patterns and limits are data (the rule, the content type); this module only says how each is measured. Every function
returns the findings of one rule: lists and no generators, because most texts have none of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from tasks.compliance.findings import Case, Finding
from tasks.compliance.normal import only_unusual
from tasks.compliance.padding import CJK, squeeze
from tasks.compliance.rules import CompiledRule
from tasks.compliance.words import SENTENCE_ENDS

_OPEN_ENDS = "，、：:,（(“「《-"  # a text that breaks off here is cut even where hashtags follow
_CLAUSE = re.compile(r"[^\s,。!?;:][^,。!?;:\n]{6,}[^\s,。!?;:]")
# letters of the scripts that a folded text may hold besides Chinese: Latin to Georgian and beyond, kana, Hangul, others
_FOREIGN = re.compile("[a-zß-öø-ʯͰ-\u1fff\u2c00-\u2dff\u3040-\u31ff\ua000-\ud7ff\ufb00-\ufdff\ufe70-\ufeff]+")
_LATIN = re.compile("[a-z]+")  # all that `_FOREIGN` finds in a usual text
_CHINESE = re.compile(rf"[{CJK}]+")
_EMOJI = frozenset({"So", "Sk", "Mn", "Me", "Cf"})
_ENDING = 200  # characters in which a text may end in one of the ways of a finished one
_REMARK = 40  # characters of an ordinary line that may follow the hashtags (评论区聊聊…)
_CHINESE_SHARE = 0.5  # of all Chinese characters, Latin words and other letters


def length_over(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    chars, most = len(case.view.source.strip()), case.content_type.max_chars
    return [Finding(compiled, values={"chars": chars, "max": most, "over": chars - most})] if chars > most else ()


def length_under(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    chars, least = len(case.view.source.strip()), case.content_type.min_chars
    return [Finding(compiled, values={"chars": chars, "min": least, "under": least - chars})] if chars < least else ()


def call_to_action(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    """The call stands in the last sentence, or within 25 characters of the end, and never further than `window`."""
    if not case.content_type.call_to_action:
        return ()
    text = _without_tail(case.view.plain)
    start = max(0, len(text) - compiled.rule.window)
    for pattern in compiled.regex:
        for match in pattern.finditer(text, start):
            if len(text) - match.start() <= 25 or not SENTENCE_ENDS.search(text, match.end()):
                return ()
    return [Finding(compiled)]


def _without_tail(text: str) -> str:
    """Return the text without closing punctuation, emoji and arrows."""
    end = len(text)
    while end and not text[end - 1].isalnum():
        end -= 1
    return text[:end]


def hashtag_count(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    least, most = case.content_type.hashtags
    tags = case.hashtags
    if least <= len(tags) <= most:
        return ()
    values = {"found": len(tags), "min": least, "max": most}
    return [Finding(compiled, *(tags[most] if len(tags) > most else (0, 0)), values)]


def hashtag_place(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    """Hashtags stand together at the end; one short line may follow them."""
    if case.content_type.hashtags[1] == 0:
        return ()
    tags, source = case.hashtags, case.view.source
    for (start, end), following in zip_longest(tags, tags[1:]):
        letters = sum(map(str.isalnum, source[end : following[0] if following else None]))
        if letters > (0 if following else _REMARK):
            return [Finding(compiled, start, end)]
    return ()


def language(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    # A Latin word counts as one: an INCI name is long, and names one thing.
    plain, letters = case.view.plain, _LATIN if case.view.usual else _FOREIGN
    if not letters.search(plain) and _CHINESE.search(plain):
        return ()
    foreign = sum(1 if run.isascii() else len(run) for run in letters.findall(plain))
    chinese = 0
    for match in _CHINESE.finditer(plain):
        chinese += match.end() - match.start()
        if chinese >= _CHINESE_SHARE * (chinese + foreign):
            return ()
    return [Finding(compiled, values={"share": f"{chinese / max(chinese + foreign, 1):.0%}"})]


def invisible(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    """Control characters, lone surrogates, zero-width characters outside emoji, private use and U+FFFD."""
    patterns = [p for p in compiled.regex if not (case.view.usual and only_unusual(p.pattern))]
    matches = [match for pattern in patterns for match in pattern.finditer(case.view.source)]
    return [Finding(compiled, *match.span(), {"codes": _codes(match[0][:3])}) for match in matches]


def _codes(chars: str) -> str:
    return " ".join(f"U+{ord(char):04X}" for char in chars)


def unfinished(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    """The text stops without a closing mark, and not in one of the ways that a finished text may (rule.exempt).

    An exemption is looked for in the last 200 characters.
    """
    body = _before_tags(case)
    if not body or (body != case.view.source.rstrip() and body[-1] not in _OPEN_ENDS):
        return ()
    if _closed(body[-1]) or any(p.search(body, max(0, len(body) - _ENDING)) for p in compiled.exempt):
        return ()
    return [Finding(compiled, max(0, len(body) - 6), len(body))]


def _before_tags(case: Case) -> str:
    """Return the source without white space and, where the content type has them, hashtags at its end."""
    body = case.view.source.rstrip()
    for start, end in reversed(case.hashtags if case.content_type.hashtags[1] else []):
        if end < len(body):
            break
        body = body[:start].rstrip()
    return body


def _closed(char: str) -> bool:
    """Return whether a text may end in this character: a closing mark, an arrow, an emoji or what belongs to one."""
    return char in "。！？!?.…~～」』”’\"')）】》〉>]→↓" or unicodedata.category(char) in _EMOJI


def repetition(compiled: CompiledRule, case: Case) -> Sequence[Finding]:
    """A clause of 8 characters or more that stands three times, or one character eight times in a row.

    Names and features of the product may be repeated.
    """
    view = case.view
    for pattern in compiled.regex:
        if match := pattern.search(view.plain):
            return [Finding(compiled, *view.source_span("plain", *match.span()))]
    clauses = _CLAUSE.findall(view.plain)
    if len(clauses) - len(set(clauses)) < 2:  # no clause stands three times
        return ()
    seen: Counter[str] = Counter()
    for match in _CLAUSE.finditer(view.plain):
        seen[match[0]] += 1
        if seen[match[0]] == 3 and squeeze(match[0]) not in case.sheet.text:
            return [Finding(compiled, *view.source_span("plain", *match.span()))]
    return ()
