"""Mending a fault that has a place: a label, a word or a number that the reason's span names."""

from __future__ import annotations

import re
from functools import cache
from random import Random

from tasks.teacher.simulator.phrasebook import load
from tasks.teacher.simulator.product_words import bare, words
from tasks.teacher.simulator.prose import CALL, MASK, Place, Prose, flexible, without_clause
from tasks.teacher.simulator.task_sheet import Order

WHOLE = ("unsupported_claim", "invented_experience", "entailment", "tone")  # nothing of such a sentence can stay
DROPS = 0.65  # how often a faulty sentence that nothing hangs on goes as a whole, instead of being reworded
_BRACKETS = (("【", "】"), ("[", "]"), ("（", "）"), ("(", ")"), ("《", "》"), ("〔", "〕"), ("「", "」"), ("〖", "〗"))


@cache
def _softer() -> tuple[tuple[str, str], ...]:
    """Return (word, milder word), longest first."""
    table = load("mending")["soften"]
    return tuple(sorted(((str(word), str(mild)) for word, mild in table.items()), key=lambda pair: -len(pair[0])))


def without_fault(prose: Prose, kind: str, span: str, order: Order, random: Random) -> None:
    """Mend every place of the text where the span stands."""
    span = span.replace(order.name, MASK).strip()
    if not span or span == MASK:
        return
    if kind == "framework_label":
        _drop_label(prose, span)
        return
    if kind == "wrong_name":
        prose.body = Prose.of(flexible(span).sub(MASK, prose.render())).body
        return
    pattern = flexible(span)
    prose.tags = [tag for tag in prose.tags if not pattern.search(tag)]
    at = [place for place in prose.places if pattern.search(prose.sentence(place))]
    for place in reversed(at):
        _mend_sentence(prose, place, pattern, kind, order, random)
    if not at:  # it runs over the end of a sentence or a line
        prose.body = Prose.of(pattern.sub("", prose.render())).body


def _drop_label(prose: Prose, span: str) -> None:
    word = span.strip("".join(map("".join, _BRACKETS)) + "：: ")
    inner = f"\\s*{re.escape(word)}\\s*"
    wrapped = "|".join(f"{re.escape(left)}{inner}{re.escape(right)}[：:]?\\s*" for left, right in _BRACKETS)
    pattern = re.compile(f"{wrapped}|(?:^|(?<=[。！？!?；;]))\\s*{re.escape(word)}\\s*[：:]\\s*")
    for place in reversed(prose.places):
        sentence = prose.sentence(place)
        left = pattern.sub("", sentence)
        if left == sentence and span != word:
            left = sentence.replace(span, "")
        if left.strip():
            prose.replace(place, left)
        elif left != sentence:
            prose.drop(place)


def _mend_sentence(
    prose: Prose, place: Place, pattern: re.Pattern[str], kind: str, order: Order, random: Random
) -> None:
    sentence = prose.sentence(place)
    loose = place in prose.spare() and not CALL.search(sentence)
    backed = kind == "unsupported_number" and any(word in sentence for word in words("evidence"))
    if loose and (backed or kind in WHOLE or random.random() < DROPS):
        prose.drop(place)
        return
    softer = _softer_sentence(sentence, kind, pattern, order)
    if pattern.search(softer):
        softer = without_clause(softer, lambda clause: bool(pattern.search(clause)) and MASK not in clause)
    if pattern.search(softer) or (MASK in sentence and MASK not in softer):
        softer = pattern.sub("", sentence)
    if softer.strip("。！？!?；;，, "):
        prose.replace(place, softer)
    elif len(prose.places) > 1:
        prose.drop(place)


def _softer_sentence(sentence: str, kind: str, pattern: re.Pattern[str], order: Order) -> str:
    if kind == "unsupported_number":
        return _soft_number(sentence, order)
    # a milder word for what the sheet lacks would be another thing that it lacks
    return sentence if kind.startswith("unsupported_") else _soft_word(sentence, pattern)


def _soft_word(sentence: str, pattern: re.Pattern[str]) -> str:
    """Return the sentence with a milder word at the span; unchanged where none is known."""

    def milder(match: re.Match[str]) -> str:
        found = match[0]
        for word, mild in _softer():
            at = found.lower().find(word.lower())
            if at >= 0:
                return found[:at] + mild + found[at + len(word) :]
        return found

    for word, mild in _softer():  # a longer word around the span reads better when it goes as a whole
        if word in sentence and pattern.search(word):
            return sentence.replace(word, mild)
    return pattern.sub(milder, sentence)


_STRENGTH = r"\d+(?:\.\d+)?\s*[%％]"
_SOFT_NUMBERS = (
    (re.compile(rf"(提升|提高|增加|改善|减少|降低|增强)了?(?:高达|达到|达|至|约)?\s*{_STRENGTH}"), r"有所\1"),
    (re.compile(r"(?:连续|坚持)(?:使用|用)?了?\s*\d+\s*(?:天|周|个月)"), "坚持使用"),
    (re.compile(r"\d+\s*(?:小时|天|周)(?=长效|持续|持久)"), ""),
    (re.compile(r"\d+\s*[重大种](?=\S)"), "多种"),
)


def _soft_number(sentence: str, order: Order) -> str:
    """Return the sentence without made-up strengths and figures, as far as rewording can do it."""
    for ingredient in order.words("core_ingredients"):
        if bare(ingredient) == ingredient:
            sentence = re.sub(rf"{_STRENGTH}\s*(?={re.escape(ingredient)})", "", sentence)
    for pattern, softer in _SOFT_NUMBERS:
        sentence = pattern.sub(softer, sentence)
    return sentence
