"""False facts in a text: where exactly two texts differ, and whether what changed is a fact of the product sheet."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.brief.model import Product

FactKind = Literal["concentration", "ingredient", "audience", "function"]
_SEPARATORS = re.compile(r"[\s、，,；;|/和与及]+")


class Change(BaseModel):
    """One false fact as its writer claims it."""

    model_config = ConfigDict(frozen=True)

    kind: FactKind
    was: str = Field(min_length=1)
    became: str = Field(min_length=1)


class FakeAnswer(BaseModel):
    """The JSON that the fake prompt asks for; members that were not asked for are ignored."""

    model_config = ConfigDict(frozen=True)

    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Evidence:
    """Where a rejected text is wrong. span: code points of the rejected text, half-open."""

    kind: str
    span_start: int
    span_end: int
    was: str
    became: str


def claimed_spans(chosen: str, rejected: str, changes: tuple[Change, ...]) -> list[Evidence] | None:
    """Return where the changes stand, if `rejected` is `chosen` with these changes and nothing else; else None.

    Walks both texts side by side: each step is one equal character or one claimed change. A plain diff would not do:
    it cuts 10%烟酰胺 -> 20%泛醇 into pieces of its own choice.
    """
    end = (len(chosen), len(rejected))
    came_from: dict[tuple[int, int], tuple[tuple[int, int], Change | None]] = {}
    open_places = [(0, 0)]
    while open_places:
        place = i, j = open_places.pop()
        if place == end:
            return path_to(end, came_from)
        steps: list[tuple[tuple[int, int], Change | None]] = []
        if i < end[0] and j < end[1] and chosen[i] == rejected[j]:
            steps.append(((i + 1, j + 1), None))
        for change in changes:
            if chosen.startswith(change.was, i) and rejected.startswith(change.became, j):
                steps.append(((i + len(change.was), j + len(change.became)), change))
        for after, taken in steps:
            if after not in came_from:
                came_from[after] = (place, taken)
                open_places.append(after)
    return None


def path_to(
    end: tuple[int, int], came_from: dict[tuple[int, int], tuple[tuple[int, int], Change | None]]
) -> list[Evidence]:
    """Return the changes on the way to `end`, in text order."""
    found = []
    place = end
    while place != (0, 0):
        before, change = came_from[place]
        if change:
            found.append(Evidence(change.kind, before[1], place[1], change.was, change.became))
        place = before
    return found[::-1]


def is_false_fact(change: Change, product: Product) -> bool:
    """Return whether a fact of the sheet was replaced by one that the sheet does not hold.

    Adding to a phrase or cutting it (温和 -> 非常温和) is no false fact, unless a number is involved.
    """
    was, became, sheet = plain(change.was), plain(change.became), sheet_text(product)
    if became in sheet or not stems_from_sheet(was, product):
        return False
    part_of_the_other = was in became or became in was
    return not part_of_the_other or any(character.isdigit() for character in was + became)


def stems_from_sheet(phrase: str, product: Product) -> bool:
    """Return whether a phrase (plain form) lies in a value of the sheet, or holds one; the product's name apart."""
    facts = (*product.core_ingredients, *product.features, product.target_audience, *product.claims, *product.evidence)
    values = [plain(fact) for fact in facts if fact]
    atoms = {atom for value in values for atom in _SEPARATORS.split(value) if len(atom) > 1}
    return any(phrase in value for value in values) or any(atom in phrase for atom in atoms)


def sheet_text(product: Product) -> str:
    """Return all values of the sheet in plain form, one a line."""
    values = product.sheet().values()
    lines = [line for value in values for line in (value if isinstance(value, list) else [value])]
    return "\n".join(plain(str(line)) for line in lines)


def plain(text: str) -> str:
    """Return the text in NFKC, without case and blank space: what makes no difference to a fact."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
