"""Planted weak texts: accepted texts whose sentences are exchanged for empty ones, so that they are weak beyond doubt.

A plant keeps the rules, the length (±15%), the last sentence (an ad's call to action) and the hashtags; what it loses
is all that is said. A judge that does not see this cannot tell a weak text from a good one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import yaml

from tasks.brief.model import ContentType, Product
from tasks.compliance import Rules, check
from tasks.lineage.canonical import unit_hash
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row

Strength = Literal["whole", "half", "third"]
STRENGTHS: tuple[Strength, ...] = ("whole", "half", "third")
EVERY: Mapping[Strength, int] = {"whole": 1, "half": 2, "third": 3}
WHOLE_SHARE = 0.5
FILLERS = "weak_fillers.yaml"  # below prompts/, so that a changed sentence tries the judge again
SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")
BAND = 0.15


@dataclass(frozen=True)
class Plant:
    """A weak text made of a good one. strength: how many of its sentences were emptied."""

    item_id: str
    good: str
    weak: str
    strength: Strength


def parse_fillers(text: str) -> tuple[str, ...]:
    """Return the sentences of FILLERS.

    Raises:
        UserError: not a YAML list of sentences.
    """
    found = yaml.safe_load(text)
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise UserError(f"prompts/{FILLERS}", "no list of sentences", "one sentence a line", "restore it from git")
    return tuple(found)


def chosen_for_trial(copy: Sequence[Row], sides: Mapping[str, str], count: int, seed: int) -> list[Row]:
    """Return `count` rows of accepted texts (or texts to come) of train products, by a seeded hash of the item."""
    mine = [row for row in copy if sides.get(row["product_id"]) == "train"]
    return sorted(mine, key=lambda row: unit_hash(seed, "trial", row["item_id"]))[:count]


def planted(
    item_id: str, text: str, product: Product, content_type: ContentType, rules: Rules, seed: int,
    fillers: Sequence[str],
) -> Plant | None:  # fmt: skip
    """Return the plant of an accepted text, as strong as can be where the hash says so, else milder.

    None where every strength would break a rule or the length: that is another fault than being weak.
    """
    whole = unit_hash(seed, "strength", item_id) < WHOLE_SHARE
    for strength in STRENGTHS if whole else STRENGTHS[1:]:
        weak = emptied(text, product.product_name, EVERY[strength], f"{seed}/{item_id}", fillers)
        fits = abs(len(weak) / len(text) - 1) <= BAND and weak != text
        if fits and check(weak, product, content_type, rules).accepted:
            return Plant(item_id, text, weak, strength)
    return None


def emptied(text: str, name: str, every: int, seed: str, fillers: Sequence[str], stretch: float = 1.0) -> str:
    """Return the text with every `every`-th sentence exchanged for fillers of about its length times `stretch`.

    The product's name is said in the first filler; the last sentence and lines of hashtags stay.
    """
    spots = [match for match in SENTENCE.finditer(text) if not match[0].lstrip().startswith("#")]
    pieces, end = [], 0
    used: Counter[str] = Counter()
    for number, spot in enumerate(spots[:-1][::every]):
        said = f"{name}还可以。" if number == 0 else ""
        pieces += [
            text[end : spot.start()],
            filled(said, round(stretch * len(spot[0])), used, f"{seed}/{number}", fillers),
        ]
        end = spot.end()
    return "".join([*pieces, text[end:]])


def filled(said: str, length: int, used: Counter[str], seed: str, fillers: Sequence[str]) -> str:
    """Return `said` and fillers up to about `length` characters, those that were used least first."""
    for filler in sorted(fillers, key=lambda one: (used[one], unit_hash(seed, one))):
        if len(said) + len(filler) <= length + 1:
            said += filler
            used[filler] += 1
    return said or min(fillers, key=len)
