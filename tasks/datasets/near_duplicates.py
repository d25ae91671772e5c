"""Texts that are almost another text: MinHash over character 3-grams finds candidates, exact overlap decides.

Word shingles see nothing in Chinese, which has no spaces; character 2–3-grams do (facts/cosmetics_law.md, "Mechanics").
Invariant: the result depends on the ids and texts alone, not on their order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

GRAM = 3
PERMUTATIONS, BANDS = 144, 24  # bands of 6: a pair of overlap .8 is missed with probability (1-.8^6)^24 = .0007
SEED = 1
THRESHOLD = 0.8


@dataclass(frozen=True)
class NearDuplicate:
    """A text, the kept text that it repeats, and the share of 3-grams that they have in common (Jaccard, 0 to 1)."""

    id: str
    of: str
    overlap: float


def near_duplicates(texts: Mapping[str, str], threshold: float = THRESHOLD) -> list[NearDuplicate]:
    """Return the texts that overlap by `threshold` or more with one that comes before them in id order and is kept.

    Each is compared with kept texts alone, so that a thousand copies of one text cost a thousand comparisons, not a
    million. What is left after their removal has no two texts that near each other (but for MinHash's misses).
    """
    index = Index(threshold)
    found = []
    for name in sorted(texts):
        entry = Entry(name, texts[name])
        nearest = index.nearest(entry)
        if nearest:
            found.append(nearest)
        else:
            index.add(entry)
    return found


def repeats_of(texts: Mapping[str, str], others: Mapping[str, str]) -> list[NearDuplicate]:
    """Return the texts that overlap by `THRESHOLD` or more with one of `others`."""
    index = Index(THRESHOLD)
    for name in sorted(others):
        index.add(Entry(name, others[name]))
    return [nearest for name in sorted(texts) if (nearest := index.nearest(Entry(name, texts[name])))]


class Entry:
    """A text with its 3-grams and their MinHash."""

    def __init__(self, name: str, text: str) -> None:
        from rensa import RMinHash

        self.name, self.grams = name, character_grams(text)
        self.sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        self.sketch.update(sorted(self.grams))


class Index:
    """Texts that others are compared with."""

    def __init__(self, threshold: float) -> None:
        from rensa import RMinHashLSH

        self.threshold = threshold
        self.entries: list[Entry] = []
        self.bands = RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=BANDS)

    def add(self, entry: Entry) -> None:
        self.bands.insert(len(self.entries), entry.sketch)
        self.entries.append(entry)

    def nearest(self, entry: Entry) -> NearDuplicate | None:
        """Return the text that overlaps most, the earliest of equals, or None where all are below the threshold."""
        overlaps = {place: overlap(entry.grams, self.entries[place].grams) for place in self.bands.query(entry.sketch)}
        place = max(overlaps, key=lambda other: (overlaps[other], -other), default=None)
        if place is None or overlaps[place] < self.threshold:
            return None
        return NearDuplicate(entry.name, self.entries[place].name, round(overlaps[place], 4))


def character_grams(text: str) -> frozenset[str]:
    """Return the 3-grams of a text without case, width, spaces and marks; a shorter text is its own gram."""
    plain = "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
    return frozenset(plain[start : start + GRAM] for start in range(max(1, len(plain) - GRAM + 1)))


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
