"""Texts made bad on purpose, for the base model alone: so that what fine-tuning teaches can be seen against it.

Every function is pure over its arguments and the given random generator. Nothing spoilt here ever reaches a dataset;
the share of it in the base's text is written into the base's card and shown in the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tasks.brief.model import ContentType

SENTENCE_END = re.compile(r"(?<=[。！？!?\n])")


@dataclass(frozen=True)
class Faults:
    """What spoiling draws on. hype: over-stated sentences. texts: good texts, for padding."""

    hype: tuple[str, ...]
    texts: tuple[str, ...]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text with their end marks; joined they are the text."""
    return [part for part in SENTENCE_END.split(text) if part]


def without_call(text: str, content_type: ContentType, faults: Faults, random: Random) -> str:
    """Return the text without its last sentence, where an ad calls to action."""
    parts = sentences(text)
    return "".join(parts[:-1]) if len(parts) > 1 else text


def with_hype(text: str, content_type: ContentType, faults: Faults, random: Random) -> str:
    """Return the text with one or two over-stated sentences put in, or as it is where none is known."""
    parts = sentences(text)
    for sentence in random.sample(faults.hype, min(len(faults.hype), random.choice((1, 1, 2)))):
        parts.insert(random.randrange(len(parts) + 1), sentence)
    return "".join(parts)


def with_labels(text: str, content_type: ContentType, faults: Faults, random: Random) -> str:
    """Return the text with the framework's words as labels before its sentences, as writers leave them."""
    labels = content_type.labels or tuple(part[:2] for part in content_type.structure)
    left, right = random.choice((("【", "】"), ("【", "】"), ("", "：")))
    parts = sentences(text)
    places = sorted(random.sample(range(len(parts)), min(len(parts), len(labels))))
    for place, label in zip(places, labels, strict=False):
        parts[place] = f"{left}{label}{right}{parts[place]}"
    return "".join(parts)


def too_long(text: str, content_type: ContentType, faults: Faults, random: Random) -> str:
    """Return the text padded with sentences of other texts until it is over its limit."""
    parts = sentences(text)
    while sum(map(len, parts)) <= content_type.max_chars * 1.1:
        extra = random.choice(sentences(random.choice(faults.texts)))
        parts.insert(random.randrange(1, len(parts) + 1) if parts else 0, extra)
    return "".join(parts)


def running_on(text: str, content_type: ContentType, faults: Faults, random: Random) -> str:
    """Return the text followed by two more, as a model writes that does not know where to stop."""
    return "\n".join([text, *random.sample(faults.texts, min(2, len(faults.texts)))])


Spoiler = Callable[[str, ContentType, Faults, Random], str]
SPOILERS: Mapping[str, Spoiler] = {
    "no_call": without_call,
    "hype": with_hype,
    "labels": with_labels,
    "too_long": too_long,
    "running_on": running_on,
}


def spoilt(text: str, content_type: ContentType, faults: Faults, random: Random) -> tuple[str, list[str]]:
    """Return (a text with one or more faults put in, their names in order); each comes in half of the texts."""
    names = [name for name in SPOILERS if random.random() < 0.5] or [random.choice(list(SPOILERS))]
    for name in names:
        text = SPOILERS[name](text, content_type, faults, random)
    return text, names


def sentences_gone(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the sentences of each pair's first text that its second does not hold, whatever their end marks."""
    gone = {part for bad, good in pairs for part in sentences(bad) if part.strip() and bare(part) not in good}
    return tuple(sorted(gone))


def bare(sentence: str) -> str:
    return sentence.strip().rstrip("。！？!?~～")
