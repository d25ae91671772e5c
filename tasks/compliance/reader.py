"""A second reader: sentences judged by what it learnt from labelled ones, where the rules have no words for them.

Rules name what they know; a copywriter who says it otherwise passes them, and a denial that they do not know is told as
a claim. The reader is a linear model over character n-grams of a sentence (reader_fit.py learns it from
lexicon/sentences). What the product's own sheet holds is masked first, so that it judges what is said of the product
and not which product it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

HELD = "■"  # stands for a piece of the product's sheet
ABSENT = "◆"  # for the name of an ingredient that the sheet lacks
FIGURE = "0"  # and for any figure
BUCKETS = 20  # bits of an n-gram's hash
LONGEST = 3  # characters of an n-gram
SENTENCE = re.compile(r"[^。!?;\n]+[。!?;]?")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_BORDER = "\n"  # stands before and after each sentence
_SHORTEST = 8  # characters of a sentence that is read: a shorter one tells too little
_MIX, _LAST = np.uint64(0x100000001B3), np.uint64(0xFF51AFD7ED558CCD)
_PLACES = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)

Span = tuple[int, int]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scorer:
    """A learnt model. weight, square: by bucket, the weight of an n-gram and the square of its rarity."""

    bias: float
    weight: Floats
    square: Floats

    def scores(self, pieces: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return for each masked piece how much it speaks for a violation: log-odds, 0 where it could be either."""
        buckets, owner = ngrams(pieces)
        summed = np.bincount(owner, self.weight[buckets], minlength=len(pieces))
        length = np.sqrt(np.bincount(owner, self.square[buckets], minlength=len(pieces)))
        return summed / np.maximum(length, 1e-9) + self.bias


@dataclass(frozen=True)
class Reader(Scorer):
    """The model of sentences, which also names the kind of a violation.

    used: the buckets that `kinds` has rows for, in order. kinds: (used, names) weights of each kind against the others.
    names: the kinds.
    """

    used: Ints
    kinds: Floats
    names: tuple[str, ...]

    def kind(self, sentence: str) -> str:
        """Return the kind of violation that a masked sentence looks most like."""
        buckets, _ = ngrams([sentence])
        place = np.minimum(np.searchsorted(self.used, buckets), len(self.used) - 1)
        known = self.used[place] == buckets
        rarity = np.sqrt(self.square[buckets[known]])
        return self.names[int((self.kinds[place[known]] * rarity[:, None]).sum(axis=0).argmax())]


@dataclass(frozen=True, slots=True)
class Sentence:
    """dense[start:end] of a text, as the reader sees it, and what it says."""

    start: int
    end: int
    masked: str
    score: float


def held(sheet: str, brands: Iterable[str]) -> str:
    """Return what is masked in a text: the dense text of the product's sheet, and the brand's names."""
    return "\n".join((sheet, *brands))


def read(dense: str, known: str, reader: Reader, absent: Sequence[Span] = ()) -> list[Sentence]:
    """Return the sentences of a text in the dense view, in order; those of a few characters or with a hashtag left out.

    known: what is masked, from `held`. absent: where ingredients are named that the sheet lacks, in order.
    """
    spans = [m.span() for m in SENTENCE.finditer(dense) if m.end() - m.start() >= _SHORTEST and "#" not in m[0]]
    texts = [as_read(dense, span, known, absent) for span in spans]
    scores = reader.scores(texts).tolist() if texts else []
    return [Sentence(*span, text, score) for span, text, score in zip(spans, texts, scores, strict=True)]


def around(sentences: Sequence[Sentence], start: int, end: int) -> list[Sentence]:
    """Return the sentences that dense[start:end] touches."""
    first = bisect_left(sentences, start + 1, key=lambda sentence: sentence.end)
    touched = []
    for sentence in sentences[first:]:
        if sentence.start >= end:
            break
        touched.append(sentence)
    return touched


def as_read(dense: str, sentence: Span, known: str, absent: Sequence[Span]) -> str:
    """Return a sentence of a text as it is learnt and read. known, absent: as in `read`."""
    return masked(signed(dense, sentence, absent, ABSENT), known)


def signed(dense: str, sentence: Span, spans: Sequence[Span], sign: str) -> str:
    """Return a sentence of a text with each of the spans inside it, in order, written as one sign."""
    place, last = sentence
    parts: list[str] = []
    for start, end in spans:
        if place <= start and end <= last:
            parts += (dense[place:start], sign)
            place = end
    return "".join((*parts, dense[place:last]))


def masked(sentence: str, known: str) -> str:
    """Return a sentence with each longest piece of two characters or more that is known written as one sign, and so is
    each figure that is not."""
    parts: list[str] = []
    place, begins = 0, _beginnings(known)
    while (match := begins.search(sentence, place)) is not None:
        start, end = match.span()
        while end < len(sentence) and sentence[start : end + 1] in known:
            end += 1
        parts += (sentence[place:start], HELD)
        place = end
    parts.append(sentence[place:])
    return _DIGITS.sub(FIGURE, "".join(parts))


@lru_cache(maxsize=4096)
def _beginnings(known: str) -> re.Pattern[str]:
    """Return what finds any two neighbouring characters of a known text."""
    pairs = {first + second for first, second in pairwise(known) if "\n" not in (first, second)}
    return re.compile("|".join(map(re.escape, sorted(pairs))) or r"(?!)")


def ngrams(sentences: Sequence[str]) -> tuple[Ints, Ints]:
    """Return the bucket of each n-gram of the sentences, and the number of the sentence that it stands in."""
    text = "".join(f"{_BORDER}{sentence}{_BORDER}" for sentence in sentences)
    chars = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(sentences)), [len(sentence) + 2 for sentence in sentences])
    mixed: npt.NDArray[Any] = np.zeros(len(chars), np.uint64)
    buckets, owners = [], []
    for size in range(min(LONGEST, len(chars))):
        left = len(chars) - size
        mixed = mixed[:left] * _MIX + chars[size:] * _PLACES[size]
        inside = owner[:left] == owner[size:]
        buckets.append(((mixed[inside] * _LAST) >> np.uint64(64 - BUCKETS)).astype(np.int64))
        owners.append(owner[:left][inside])
    return (np.concatenate(buckets), np.concatenate(owners)) if buckets else (np.zeros(0, int), np.zeros(0, int))
