"""Repaired texts for the reader: each with its rounds, and what every repair took out and put in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import chain, zip_longest
from typing import Any

from tasks.lineage.canonical import digest
from tasks.lineage.step import Row
from tasks.reporting.rounds import answers, kinds

SHOWN = 12
LONG = 90  # characters of sameness of which a later step shows only the ends
EDGE = 30
ISLAND = 3  # characters: less than that between two changes is part of the change
REWRITTEN = 0.4  # share of characters in common below which marks would only confuse

Piece = tuple[str, str]  # ("same" | "cut" | "new" | "gap", characters); a gap stands for sameness left out


def repaired_texts(copy: Sequence[Row], kind_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a sample of texts that were repaired, the kinds of fault of their drafts in turn.

    The choice is by a hash of the item, so that it is the same in every report on the same rows.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(copy, key=lambda row: digest(row["item_id"])):
        if len(row["history"] or ()) > 1:
            found = kinds(row, answers(row)[0], kind_of)
            groups[min(found, default="")].append(row)
    in_turn = chain.from_iterable(zip_longest(*(groups[kind] for kind in sorted(groups))))
    chosen = [row for row in in_turn if row is not None][:SHOWN]
    return [repaired_text(row, kind_of) for row in chosen]


def repaired_text(row: Row, kind_of: Mapping[str, str]) -> dict[str, Any]:
    """Return one text: steps of {round, action, kinds, chars, pieces}, pieces against the step before."""
    steps: list[dict[str, Any]] = []
    before = ""
    for entry in row["history"]:
        text = entry["text"]
        steps.append(
            {
                "round": entry["round"],
                "action": entry["action"],
                "kinds": sorted(kinds(row, entry, kind_of)),
                "chars": len(text.strip()),
                "pieces": shortened(pieces(before, text)) if steps else [("same", text)],
            }
        )
        before = text
    return {name: row[name] for name in ("item_id", "product_name", "content_type", "status")} | {"steps": steps}


def pieces(before: str, after: str) -> list[Piece]:
    """Return the later text cut into what stayed, what is new, and, where it stood, what was cut.

    A text with little in common with the one before comes back whole, as `new`.
    """
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < REWRITTEN:
        return [("new", after)]
    found: list[Piece] = []
    for same, was, became in _runs(matcher, before, after):
        found += [("same", became)] if same else [("cut", was), ("new", became)]
    return [piece for piece in found if piece[1]]


def shortened(found: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with the middle of long sameness left out: the step before shows it."""
    kept: list[Piece] = []
    for at, (way, text) in enumerate(found):
        if way != "same" or len(text) <= LONG:
            kept.append((way, text))
            continue
        head, tail = text[:EDGE] if at else "", text[-EDGE:] if at + 1 < len(found) else ""
        kept += [("same", head), ("gap", "…"), ("same", tail)]
    return [piece for piece in kept if piece[1]]


def _runs(matcher: SequenceMatcher[str], before: str, after: str) -> Iterator[tuple[bool, str, str]]:
    """Yield (same, was, became), short runs of sameness within a change counted to the change."""
    start, to = 0, 0  # where the change began that is being gathered
    for at, became_at, size in matcher.get_matching_blocks():
        inside = start < at or to < became_at
        last = at + size == len(before) and became_at + size == len(after)
        if inside and size < ISLAND and not last:
            continue
        if inside:
            yield False, before[start:at], after[to:became_at]
        if size:
            yield True, before[at : at + size], after[became_at : became_at + size]
        start, to = at + size, became_at + size
