"""Drafts: a text composed from phrases by the plan of its content type, with the defects that its dice call for.

A composed text is a list of pieces with roles until it is rendered, so that a defect can be put where a writer would
put it and the length comes out as wanted. Without defects a text keeps every rule that this simulator knows of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

from tasks.teacher.simulator.lengths import FILLERS, says_again
from tasks.teacher.simulator.phrasebook import Lines, Symbols, Voice, load, symbols
from tasks.teacher.simulator.product_words import (
    avoided,
    bare,
    category_of,
    facts_of,
    sheet_numbers,
    theme_facts,
    theme_of,
)
from tasks.teacher.simulator.task_sheet import Order

_FILES = ("ads", "social", "ecommerce")
_TELLING = {"benefit", "bridge", "solution", "feature"}  # parts of an ad that name the product
TRIES = 100
# Lengths that come naturally, whatever wider limits a content type allows (code points, tags included).
NATURAL = {"social": (270, 440), "ecommerce": (360, 540)}
ROOM = 60  # characters between the least and the most of a long text, where the limits leave it
AD_FILL = 0.62  # an ad is rarely shorter than this share of its limit
# the built-in type whose plan serves a brand's own type of the same family
_LIKE = {"paid_ad": "paid_ad_cta", "social": "social_media_review", "ecommerce": "ecommerce_long_form"}
OVERRUN = 1.3  # how far a text that is too long runs over its limit


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence, or a title. role: the symbol it was drawn from. paragraph: its number; 0 is the title."""

    role: str
    text: str
    paragraph: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A text before it is rendered."""

    pieces: tuple[Piece, ...]
    tags: tuple[str, ...] = ()
    paragraphs: bool = field(default=False)

    def render(self) -> str:
        """Return the text as it is sent: an ad is one line, others have paragraphs and end in their tags."""
        if not self.paragraphs:
            body = "".join(piece.text for piece in self.pieces)
        else:
            numbers = dict.fromkeys(piece.paragraph for piece in self.pieces)
            body = "\n\n".join(
                "".join(piece.text for piece in self.pieces if piece.paragraph == number) for number in numbers
            )
        return f"{body}\n\n{' '.join('#' + tag for tag in self.tags)}" if self.tags else body

    def with_piece(self, at: int, piece: Piece) -> Text:
        return replace(self, pieces=(*self.pieces[:at], piece, *self.pieces[at:]))


Spoil = Callable[[Text, Voice], Text]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a type is built. paragraphs: symbols in order, `?` after those that may be missing. An ad has no title."""

    title: str
    paragraphs: tuple[tuple[str, ...], ...]


@cache
def plans() -> dict[str, Plan]:
    """Return content type -> plan."""
    found = {}
    for name, plan in ((name, plan) for file in _FILES for name, plan in load(file)["plans"].items()):
        paragraphs = [plan] if isinstance(plan, list) else plan["paragraphs"]
        title = "" if isinstance(plan, list) else plan["title"]
        found[name] = Plan(title, tuple(tuple(parts) for parts in paragraphs))
    return found


@cache
def _phrases() -> Symbols:
    return {name: found for file in _FILES for name, found in symbols(load(file)["symbols"]).items()}


def voice_for(order: Order, random: Random, extra: Symbols | None = None) -> Voice:
    """Return the voice of one text: product facts, a theme that fits the product, and the phrases of all types."""
    theme, category = theme_of(order, random), category_of(order)
    facts = {**facts_of(order, random), **theme_facts(theme, random)}
    # symbols of a theme win over those of a type, and facts over both
    known = {**_phrases(), **theme.phrases, "apply": category.apply, **(extra or {})}
    return Voice(random, facts, known, sheet_numbers(order))


def clean_text(order: Order, random: Random) -> Text:
    """Return a text without defects, within the limits of the order."""
    return fitted(order, random, lambda text, _: text, too_long=False)


def fitted(order: Order, random: Random, spoil: Spoil, *, too_long: bool) -> Text:
    """Return the first of some compositions that is as long as wanted after `spoil(text, voice)` had its way.

    Where none is (names and ingredients can be longer than an ad), the nearest one is cut down.
    """
    wanted = wanted_length(order)
    low, high = (order.max_chars + 1, int(order.max_chars * OVERRUN)) if too_long else wanted
    nearest: tuple[int, Text] | None = None
    for _ in range(TRIES):
        text = spoil(*composed(order, random, wanted))
        length = len(text.render())
        if low <= length <= high:
            return text
        miss = max(low - length, length - high)
        if nearest is None or miss < nearest[0]:
            nearest = (miss, text)
    assert nearest is not None
    return nearest[1] if too_long else cut_down(nearest[1], order.max_chars)


def wanted_length(order: Order) -> tuple[int, int]:
    """Return the least and most characters of a text without a fault of length."""
    if order.family == "paid_ad":
        return max(order.min_chars, int(order.max_chars * AD_FILL)), order.max_chars
    low, high = max(NATURAL[order.family][0], order.min_chars), NATURAL[order.family][1]
    high = min(max(high, low + ROOM), order.max_chars)
    return min(low, max(order.min_chars, high - ROOM)), high


def cut_down(text: Text, limit: int) -> Text:
    """Return a text without its more dispensable pieces: the last piece, a title and, to the end, the name stay."""
    pieces = list(text.pieces)
    order = sorted(range(text.paragraphs, len(pieces) - 1), key=lambda at: (pieces[at].role in _TELLING, -at))
    gone: set[int] = set()
    for at in order:
        left = replace(text, pieces=tuple(piece for n, piece in enumerate(pieces) if n not in gone))
        if len(left.render()) <= limit:
            return left
        gone.add(at)
    return replace(text, pieces=tuple(piece for n, piece in enumerate(pieces) if n not in gone))


def composed(order: Order, random: Random, length: tuple[int, int]) -> tuple[Text, Voice]:
    """Return one composition and the voice that spoke it."""
    voice = voice_for(order, random)
    plan = plans().get(order.content_type) or plans()[_LIKE[order.family]]
    if not plan.title:
        parts = [part for part in plan.paragraphs[0] if order.call_to_action or part != "ad_cta"]
        text = Text(tuple(Piece(part, voice.draw(part)) for part in parts))
    else:
        text = _long_text(order, voice, plan, length)
    return _filled(text, voice, order, length), voice


def _filled(text: Text, voice: Voice, order: Order, length: tuple[int, int]) -> Text:
    """Return the text with sentences that fit anywhere, before its last one, where its plan leaves it too short."""
    for symbol in FILLERS[order.family] * 12:
        size = len(text.render())
        if size >= length[0]:
            break
        said = voice.draw(symbol) if voice.can(symbol) else ""
        if said and size + len(said) <= length[1] and not says_again(said, text.render()):
            end = len(text.pieces) - 1
            text = text.with_piece(end, Piece(symbol, said, text.pieces[end].paragraph))
    return text


def _long_text(order: Order, voice: Voice, plan: Plan, length: tuple[int, int]) -> Text:
    """Return title and paragraphs: all required sentences, and optional ones in drawn order until it is long enough."""
    wanted = [(n, at, symbol) for n, parts in enumerate(plan.paragraphs, 1) for at, symbol in enumerate(parts)]
    placed = {(n, at): Piece(symbol, voice.draw(symbol), n) for n, at, symbol in wanted if symbol[-1] != "?"}
    title, tags = Piece("title", voice.draw(plan.title), 0), hashtags(order, voice)
    spare = [entry for entry in wanted if entry[2][-1] == "?"]
    voice.random.shuffle(spare)
    target = voice.random.randint(*length)
    text = _assembled(title, placed, tags)
    for number, at, symbol in spare:
        name = symbol[:-1]
        if len(text.render()) >= target or not voice.can(name):
            continue
        more = {**placed, (number, at): Piece(name, voice.draw(name), number)}
        longer = _assembled(title, more, tags)
        if len(longer.render()) <= length[1]:
            placed, text = more, longer
    return text


def _assembled(title: Piece, placed: Mapping[tuple[int, int], Piece], tags: tuple[str, ...]) -> Text:
    return Text((title, *(placed[place] for place in sorted(placed))), tags, paragraphs=True)


def hashtags(order: Order, voice: Voice, count: int | None = None) -> tuple[str, ...]:
    """Return topic tags without #: as many as the order allows, or `count`."""
    least, most = order.hashtags
    if count is None:
        count = voice.random.randint(least, most) if most else 0
    if not count:
        return ()
    pool = [phrase.pieces[0] for phrase in (*voice.known["tag"], *_house_tags())]
    pool += [bare(each) for each in order.words("core_ingredients")]
    if maker := voice.facts.get("maker"):
        pool.append(maker)
    fit = [tag for tag in dict.fromkeys(pool) if tag.isalpha() and len(tag) <= 10 and not avoided().search(tag)]
    voice.random.shuffle(fit)
    return tuple(fit[:count])


@cache
def _house_tags() -> Lines:
    return symbols(load("mending"))["tags"]
