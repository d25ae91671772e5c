"""Rejected texts on purpose: weak ones (true, dull, flat) and exaggerated ones (loud, against brand and law)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from random import Random

from tasks.teacher.simulator.phrasebook import Symbols, Voice, load, symbols
from tasks.teacher.simulator.prose import CALL, MASK, Prose, has_call
from tasks.teacher.simulator.task_sheet import Order
from tasks.teacher.simulator.writer import voice_for

BAND = 0.15  # how far a length may be from the one asked for, where the sheet names no limits
TRIES = 60
SHORTEST = 3  # characters of the shortest filler


@cache
def _weak() -> Symbols:
    return {f"weak_{name}": found for name, found in symbols(load("weak")["symbols"]).items()}


@cache
def _hype() -> Symbols:
    return {f"hype_{name}": found for name, found in symbols(load("hype")["symbols"]).items() if name != "louder"}


@cache
def _louder() -> tuple[tuple[str, str], ...]:
    pairs = (line.strip().split("=>") for line in load("hype")["symbols"]["louder"].splitlines() if line.strip())
    return tuple((word, loud) for word, loud in pairs)


def window(order: Order) -> tuple[int, int, int]:
    """Return the least, wanted and most characters: the sheet's limits, narrowed to the band around its `chars`."""
    chars = order.sheet.get("chars") or len(str(order.sheet.get("chosen") or "")) or order.max_chars * 4 // 5
    wanted = int(chars)
    low, high = round(wanted * (1 - BAND) + 0.5), int(wanted * (1 + BAND))
    if "min_chars" in order.sheet and "max_chars" in order.sheet:
        low, high = max(low, order.min_chars), min(high, order.max_chars)
    return low, min(max(wanted, low), high), high


def weak(order: Order, random: Random) -> str:
    """Return a plain, flat text of the wanted length: true to the sheet and without any rule broken."""
    return _nearest(order, random, _weak_once)


def exaggerated(order: Order, random: Random) -> str:
    """Return the chosen text turned up: hype between its sentences and in their words, its tags and call kept."""
    return _nearest(order, random, _exaggerated_once)


Compose = Callable[[Order, Random, tuple[int, int]], str]


def _nearest(order: Order, random: Random, compose: Compose) -> str:
    low, wanted, high = window(order)
    best = ""
    for _ in range(TRIES):
        text = compose(order, random, (low, high))
        if low <= len(text) <= high:
            return text
        if not best or abs(len(text) - wanted) < abs(len(best) - wanted):
            best = text
    return best


def _next(voice: Voice, said: list[str], left: tuple[int, int], symbols_: tuple[str, str]) -> str:
    """Return a sentence to go on with: one that ends in the window where there is one, else one that leaves room.

    Args:
        left: least and most characters that are still wanted.
        symbols_: where long and short sentences are drawn from.
    """
    long, short = symbols_
    drawn = [voice.draw(long) for _ in range(4)] + [voice.draw(short) for _ in range(3)]
    fresh = [each for each in drawn if not any(one in each for one in said)] or drawn
    ending = [each for each in fresh if left[0] <= len(each) <= left[1]]
    room = [each for each in fresh if len(each) <= left[1] - SHORTEST]
    found = ending or [each for each in room if each in drawn[:4]] or room
    return voice.random.choice(found) if found else ""


def _weak_once(order: Order, random: Random, length: tuple[int, int]) -> str:
    voice = voice_for(order, random, _weak())
    ending = voice.draw("weak_cta") if order.call_to_action else ""
    tags = _weak_tags(order, voice)
    tail = f"{ending}\n\n{tags}" if tags else ending
    body = [voice.draw("weak_open")]
    while (size := len("".join(body) + tail)) < length[0]:
        said = _next(voice, body, (length[0] - size, length[1] - size), ("weak_body", "weak_short"))
        if not said:
            break
        body.append(said)
    return "".join(body) + tail


def _weak_tags(order: Order, voice: Voice) -> str:
    drawn = dict.fromkeys(voice.draw("weak_tag") for _ in range(4 * order.hashtags[0]))
    return " ".join(f"#{tag}" for tag in list(drawn)[: order.hashtags[0]])


def _exaggerated_once(order: Order, random: Random, length: tuple[int, int]) -> str:
    voice = voice_for(order, random, _hype())
    chosen = str(order.sheet.get("chosen") or "")
    prose = Prose.of(chosen.replace(order.name, MASK))
    call = _taken_call(prose) or (voice.draw("hype_cta") if order.call_to_action else "")
    _turn_up(prose, voice)
    _fill(prose, voice, order, (length[0] - len(call), length[1] - len(call)))
    if call:
        prose.append(call)
    return prose.render().replace(MASK, order.name)


def _taken_call(prose: Prose) -> str:
    """Take the call to action off the end of the text and return it."""
    last = prose.last
    if last is None or not has_call(prose.render()) or not CALL.search(prose.sentence(last)):
        return ""
    call = prose.sentence(last)
    prose.drop(last)
    return "" if MASK in call else call


def _turn_up(prose: Prose, voice: Voice) -> None:
    """Put hype in the place of the title, the opening and about half of the sentences; make the others louder."""
    for place in prose.places:
        sentence = prose.sentence(place)
        if place == prose.title:
            prose.replace(place, voice.draw("hype_title"))
        elif place == prose.places[1 if prose.title else 0]:
            prose.replace(place, voice.draw("hype_open").replace(voice.facts["name"], MASK))
        elif voice.random.random() < 0.5:
            prose.replace(place, voice.draw("hype_body"))
        else:
            prose.replace(place, _loud(sentence))


def _loud(sentence: str) -> str:
    for word, loud in _louder():
        sentence = sentence.replace(word, loud)
    return sentence.rstrip("。") + "！" if sentence.endswith("。") else sentence


def _fill(prose: Prose, voice: Voice, order: Order, length: tuple[int, int]) -> None:
    """Drop sentences that are too many, then add some until the text is about as long as wanted."""

    def size() -> int:
        return len(prose.render().replace(MASK, order.name))

    if not prose.places:
        prose.append(voice.draw("hype_open"))
    while size() > length[1] and len(prose.places) > 2:
        middle = [place for place in prose.places[1:] if place != prose.title]
        nameless = [place for place in middle if MASK not in prose.sentence(place)]
        prose.drop(voice.random.choice(nameless or middle))
    said = [prose.sentence(place) for place in prose.places]
    while (now := size()) < length[0]:
        more = _next(voice, said, (length[0] - now, length[1] - now), ("hype_body", "hype_short"))
        if not more:
            break
        said += re.findall("[^！]+！", more)  # a phrase may hold several sentences
        prose.insert(more)
