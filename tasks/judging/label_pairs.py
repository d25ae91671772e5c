"""Pairs of texts for people to compare: which there are, a stratified sample of them, and what stands on which side.

Invariants: a pair is two different texts of one item, whoever wrote them; its id, its sides and its place are functions
of the texts and the seed alone, so that nothing that a rater sees can be turned back into a system's name. A text that
is changed makes another pair: labels of the old one count no more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.judging.comparison import ItemKey, item_key
from tasks.judging.quality import wording_of
from tasks.judging.scores import judged_answers
from tasks.lineage.canonical import digest, unit_hash
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row
from tasks.preferences.assignment import nearest

Meeting = tuple[str, str]  # two systems, as duels name them: left, right


@dataclass(frozen=True, slots=True)
class TextPair:
    """Two texts of one item.

    texts: wording -> text, in the order of the wordings. meetings: (left system, left's wording, right system, right's
    wording) of every pair of systems that wrote just these two; more than one where systems wrote the same.
    """

    id: str
    product_id: str
    content_type: str
    texts: Mapping[str, str]
    meetings: tuple[tuple[str, str, str, str], ...]

    @property
    def stratum(self) -> str:
        """Return the content type and the first two systems: what a sample has its shares of."""
        left, _, right, _ = self.meetings[0]
        return f"{self.content_type} {left} {right}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A pair as a rater sees it. first, second: wordings, by side."""

    pair: TextPair
    first: str
    second: str


def text_pairs(answers: Sequence[Row], met: Iterable[Meeting]) -> dict[str, TextPair]:
    """Return id -> pair of every item and meeting whose two texts are there and differ.

    Args:
        answers: rows of the table; items without an accepted reference are left out, as in duels.
        met: the pairs of systems.
    """
    by_item: dict[ItemKey, dict[str, str]] = defaultdict(dict)
    for row in judged_answers(list(answers)):
        by_item[item_key(row)][row["system"]] = row["text"]
    found: dict[str, TextPair] = {}
    for left, right in met:
        for item, texts in sorted(by_item.items()):
            if texts.get(left, "").strip() and texts.get(right, "").strip() and texts[left] != texts[right]:
                add_meeting(found, item, (left, texts[left]), (right, texts[right]))
    return found


def add_meeting(found: dict[str, TextPair], item: ItemKey, left: tuple[str, str], right: tuple[str, str]) -> None:
    """Add a meeting of two (system, text) to the pairs, under the pair of its texts."""
    texts = dict(sorted((wording_of(text), text) for _, text in (left, right)))
    name = pair_id(item, list(texts))
    meeting = (left[0], wording_of(left[1]), right[0], wording_of(right[1]))
    before = found[name].meetings if name in found else ()
    found[name] = TextPair(name, *item, texts, (*before, meeting))


def pair_id(item: ItemKey, wordings: Sequence[str]) -> str:
    """Return the id (16 hex digits) of two wordings of an item, whatever their order."""
    return digest([*item, *sorted(wordings)])[:16]


def sampled_pairs(pairs: Mapping[str, TextPair], size: int, seed: int) -> list[Placed]:
    """Return a sample in the order of the page: each content type and pair of systems has its share.

    Args:
        size: how many; `seed` decides which, where they stand and which side is which.
    Raises:
        UserError: there is nothing to compare, or less than is asked for.
    """
    if not 0 < size <= len(pairs):
        found = f"{len(pairs)} pairs of different texts for items with an accepted reference"
        raise UserError(f"--pairs {size}", found, "at least one, and as many as asked for", "run, or ask for fewer")
    strata: dict[str, list[TextPair]] = defaultdict(list)
    for pair in pairs.values():
        strata[pair.stratum].append(pair)
    used: Counter[str] = Counter()
    chosen: list[TextPair] = []
    for stratum, count in nearest(size, {name: len(strata[name]) for name in sorted(strata)}).items():
        for pair in spread(strata[stratum], count, used, seed):
            used[pair.product_id] += 1
            chosen.append(pair)
    return [placed(pair, seed) for pair in sorted(chosen, key=lambda pair: unit_hash(seed, "place", pair.id))]


def spread(pairs: Iterable[TextPair], count: int, used: Mapping[str, int], seed: int) -> list[TextPair]:
    """Return `count` pairs: those of the least used products first, by a seeded hash among equals."""
    return sorted(pairs, key=lambda pair: (used[pair.product_id], unit_hash(seed, "label", pair.id)))[:count]


def placed(pair: TextPair, seed: int) -> Placed:
    """Return the pair with its sides: drawn for its texts, never for who wrote them."""
    one, other = pair.texts
    return Placed(pair, other, one) if unit_hash(seed, "side", pair.id) < 0.5 else Placed(pair, one, other)
