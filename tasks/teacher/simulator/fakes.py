"""Fake negatives: the chosen text with one or two facts of the sheet made false, and everything else untouched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from tasks.teacher.simulator.phrasebook import load
from tasks.teacher.simulator.product_words import bare, sheet_text
from tasks.teacher.simulator.prose import MASK, TAG
from tasks.teacher.simulator.task_sheet import Order

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TAG_MASK = "\ue001"
_SPLIT = re.compile(r"[\s、，,；;|｜/]+")
_SHORTEST = 2  # characters of a fragment that still says something
TWO = 0.4  # how often two facts are changed


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    was: str
    became: str


def faked(order: Order, random: Random, slips: bool) -> str:
    """Return the JSON answer {text, changes}. slips: change one character more than it owns up to."""
    chosen = str(order.sheet.get("chosen") or "")
    masked = _masked(chosen, order)
    changes: list[Change] = []
    for _ in range(1 + (random.random() < TWO)):
        room = max(0, order.max_chars - len(_restored(masked, chosen, order)))
        candidates = [found for found in _candidates(masked, order, random, room) if _apart(found, changes)]
        if candidates:
            changes.append(random.choice(candidates))
            masked = _swapped(masked, changes[-1], room)
    text = _restored(masked, chosen, order)
    if slips and "。" in text:
        text = text.replace("。", "！", 1)
    stated = [{"kind": each.kind, "was": each.was, "became": each.became} for each in changes]
    return json.dumps({"text": text, "changes": stated}, ensure_ascii=False)


def _masked(text: str, order: Order) -> str:
    """Return the text with the product's name and the topic tags put out of reach."""
    return TAG.sub(_TAG_MASK, text.replace(order.name, MASK))


def _restored(masked: str, chosen: str, order: Order) -> str:
    for tag in TAG.finditer(chosen.replace(order.name, MASK)):
        masked = masked.replace(_TAG_MASK, tag[0], 1)
    return masked.replace(MASK, order.name)


def _apart(change: Change, made: list[Change]) -> bool:
    """Return whether a change neither touches another one's words nor makes them again."""
    words = [word for each in made for word in (each.was, each.became)]
    return not any(own in word or word in own for word in words for own in (change.was, change.became))


def _swapped(text: str, change: Change, room: int) -> str:
    """Return the text with the fact changed wherever it stands, or once where more would take it over its limit."""
    longer = len(change.became) - len(change.was)
    often = -1 if longer * text.count(change.was) <= room else 1
    return text.replace(change.was, change.became, often)


def _candidates(text: str, order: Order, random: Random, room: int) -> list[Change]:
    """Return one possible change a kind, for kinds whose facts stand in the text; fragments where nothing else does."""
    audience = [piece for piece in _SPLIT.split(order.line("target_audience")) if piece]
    sources: dict[str, Iterable[str]] = {
        "concentration": [each for each in order.words("core_ingredients") if _NUMBER.search(each) and "%" in each],
        "ingredient": [bare(each) for each in order.words("core_ingredients")],
        "audience": audience,
        "function": order.words("features"),
    }
    whole = list(_changes(sources, text, order, random, room, fragments=False))
    return whole or list(_changes(sources, text, order, random, room, fragments=True))


def _changes(
    sources: Mapping[str, Iterable[str]], text: str, order: Order, random: Random, room: int, *, fragments: bool
) -> Iterator[Change]:
    for kind, facts in sources.items():
        spans = [span for fact in facts for span in (_fragments(fact) if fragments else [fact])]
        spans = [span for span in spans if span in text]
        if not spans:
            continue
        was = random.choice(spans)
        strength = kind == "concentration"
        became = _other_strength(was, order, random, room) if strength else _other(kind, was, order, random, room)
        if became:
            yield Change(kind, was, became)


def _fragments(fact: str) -> list[str]:
    """Return parts of a fact, long ones first: copy seldom repeats a sheet word for word."""
    sizes = range(len(fact) - 1, _SHORTEST - 1, -1)
    parts = [fact[at : at + size] for size in sizes for at in range(len(fact) - size + 1)]
    return [part for part in parts if part.strip() == part and not _NUMBER.search(part)][:20]


def _other_strength(was: str, order: Order, random: Random, room: int) -> str:
    number = _NUMBER.search(was)
    assert number is not None
    value = float(number[0])
    options = [value * 2, value * 3, value / 2, value + 3, value + 5]
    random.shuffle(options)
    for option in options:
        became = was.replace(number[0], f"{option:g}", 1)
        if became not in sheet_text(order) and became != was and len(became) - len(was) <= room:
            return became
    return ""


def _other(kind: str, was: str, order: Order, random: Random, room: int) -> str:
    """Return a thing of the same kind that is not on the sheet and fits into the text; empty if there is none."""
    sheet = sheet_text(order)
    fit = [
        other
        for other in load("fakes")[kind]
        if other not in sheet and other not in was and was not in other and len(other) - len(was) <= room
    ]
    return random.choice(fit) if fit else ""
