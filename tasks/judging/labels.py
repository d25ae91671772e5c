"""What people said of pairs of texts: labels as the page exports them, read, joined and matched with today's texts.

Invariants: a label belongs to the wordings of both texts; of one rater and one pair there is one label; raters are told
apart whatever their capitals, width and spaces, so that nobody counts as two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from tasks.compliance.text_file import encoding_of, json_objects
from tasks.judging.label_pairs import TextPair
from tasks.lineage.errors import UserError

Winner = Literal["first", "second", "tie"]
WINNERS = get_args(Winner)
DIGEST = re.compile(r"[0-9a-f]{16}")
LONGEST_NAME, LONGEST_NOTE = 40, 1000
PAGE = "what the page of `copymill label-page` exports"


@dataclass(frozen=True)
class Label:
    """What one rater said of one pair. first, second: the wordings that stood on each side."""

    pair: str
    first: str
    second: str
    winner: Winner
    rater: str
    note: str = ""

    @property
    def chosen(self) -> str:
        """Return the wording that won, or "tie"."""
        return {"first": self.first, "second": self.second, "tie": "tie"}[self.winner]


def read_labels(paths: Iterable[Path]) -> list[Label]:
    """Return the labels of files that the page exported, in their order; equal lines count once.

    Raises:
        UserError: a file is no JSON lines of labels, or one rater says two things of one pair; it names the line.
    """
    found: dict[tuple[str, str], tuple[Label, str]] = {}
    for path in paths:
        with path.open(encoding=encoding_of(path)) as file:
            for number, row in enumerate(json_objects(path, file), start=1):
                place = f"{path} label {number}"
                label = label_of(row, place)
                before, where = found.setdefault((label.rater, label.pair), (label, place))
                if before.chosen != label.chosen:
                    said = f"{label.rater} says {label.winner} and at {where} something else"
                    raise UserError(place, said, "one label of a rater for a pair", "remove one of the two lines")
    return [label for label, _ in found.values()]


def label_of(row: Mapping[str, Any], place: str) -> Label:
    """Return the label of a line.

    Raises:
        UserError: a field is missing or is not what the page writes.
    """
    for name in ("pair", "first", "second"):
        if not isinstance(row.get(name), str) or not DIGEST.fullmatch(row[name]):
            raise UserError(place, f"{name} is {row.get(name)!r:.40}", "16 hex digits", f"hand in {PAGE}")
    if row["first"] == row["second"]:
        raise UserError(place, "both sides hold the same text", "two texts", f"hand in {PAGE}")
    if row.get("winner") not in WINNERS:
        raise UserError(place, f"winner is {row.get('winner')!r:.40}", ", ".join(WINNERS), f"hand in {PAGE}")
    return Label(
        **{name: row[name] for name in ("pair", "first", "second", "winner")},
        rater=rater_of(row.get("rater"), place),
        note=note_of(row.get("note", ""), place),
    )


def rater_of(said: object, place: str) -> str:
    """Return a rater's name as it is told apart from others."""
    name = " ".join(unicodedata.normalize("NFKC", said).casefold().split()) if isinstance(said, str) else ""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        expected = f"a name of 1 to {LONGEST_NAME} characters"
        raise UserError(place, f"rater is {said!r:.60}", expected, "fill in the name on the page, export again")
    return name


def note_of(said: object, place: str) -> str:
    if not isinstance(said, str) or len(said) > LONGEST_NOTE:
        raise UserError(place, f"note is {said!r:.40}", f"text of at most {LONGEST_NOTE} characters", "shorten it")
    return said.strip()


def joined(kept: Iterable[Label], new: Iterable[Label]) -> list[Label]:
    """Return all labels; of one rater and pair the newer one counts."""
    by_key = {(label.rater, label.pair): label for label in [*kept, *new]}
    return [by_key[key] for key in sorted(by_key)]


def standing(labels: Sequence[Label], pairs: Mapping[str, TextPair]) -> list[Label]:
    """Return the labels whose two texts are there today in just these wordings."""
    return [
        label for label in labels if label.pair in pairs and {label.first, label.second} == set(pairs[label.pair].texts)
    ]
