"""The lexicon of cosmetic ingredients: which ingredient a name means, and to which families it belongs.

Entries are YAML files in lexicon/ingredients, one file a family. An entry gathers the names of one ingredient (Chinese,
INCI, trade names, abbreviations), so that 烟酰胺, 维生素B3 and Niacinamide are one id; `within` names the families that
it belongs to, so that a sheet with 神经酰胺NP answers for a text that says 神经酰胺.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import ahocorasick_rs
from pydantic import Field

from tasks.brief.model import Frozen
from tasks.compliance.lexicon import LEXICON, read_lexicon
from tasks.compliance.normal import dense_of
from tasks.lineage.errors import UserError

INGREDIENTS = LEXICON / "ingredients"
# What copy writes for the hyphen of 乙酰基六肽-8 and for the space of Vitamin C.
_HYPHENS = ("-", "\u2010", "\u2013", "\u2014", " ", "")
_SPACES = (" ", "")
_BETWEEN = "\n;;;\n"  # keeps names apart in the dense view, where single characters on lines of their own are one word

NameKind = Literal["named", "common", "shunned", "suffix"]


class Entry(Frozen):
    """One ingredient. common: names that are everyday words too; they count only where a formula is spoken of.

    within: families; a text may name a family for any of its members on the sheet. group: the names stand for a family
    (神经酰胺, 胜肽), so that a sheet with one of them leaves open which member it means. kind: shunned where copy names
    it to say that it is missing or bad (香精, 皂基); suffix where only the ends of unlisted names are given (提取物).
    """

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    group: bool = False
    kind: Literal["named", "shunned", "suffix"] = "named"


class LexiconFile(Frozen):
    title: str = Field(min_length=1)
    entries: dict[str, Entry]


class Mention(NamedTuple):
    """A name that stands at start:end of a dense view; kind says how sure it is that an ingredient is meant."""

    id: str
    start: int
    end: int
    kind: NameKind


@dataclass(frozen=True, slots=True)
class _Name:
    id: str
    kind: NameKind
    opens_latin: bool
    closes_latin: bool


class IngredientLexicon:
    """All entries, compiled. families: id -> all that it lies within; groups: the entries that are families.

    Raises:
        UserError: a name stands in two entries, a family is unknown or lies within itself, an entry has no name.
    """

    def __init__(self, entries: dict[str, Entry], subject: str = "lexicon/ingredients") -> None:
        self.entries = entries
        self._subject = subject
        for id_, entry in entries.items():
            if not _names_of(entry):
                raise self._wrong(id_, "it has no name", "a name under zh, en or common")
        names = self._named()
        self.names = tuple(names)  # folded, in the order that `mentions_at` knows
        self._names = list(names.values())
        self._automaton = ahocorasick_rs.AhoCorasick(
            list(names) or ["\ufffd"], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
        )
        self.groups = frozenset(id_ for id_, entry in entries.items() if entry.group)
        self.families: dict[str, frozenset[str]] = {name: self._families(name, ()) for name in entries}

    def mentions(self, dense: str) -> list[Mention]:
        """Return the names that stand in a dense view, in order, the longest where several begin; none overlap.

        A name that begins or ends with a Latin letter or a digit stands alone there: HA is not in SHAKE.
        """
        return self.mentions_at(self._automaton.find_matches_as_indexes(dense), dense)

    def mentions_at(self, hits: Iterable[tuple[int, int, int]], dense: str) -> list[Mention]:
        """Return the mentions for hits that another has found: (place in `names`, start, end), none overlapping."""
        found = []
        for number, start, end in hits:
            name = self._names[number]
            if name.opens_latin and start and _latin(dense[start - 1]):
                continue
            if name.closes_latin and end < len(dense) and _latin(dense[end]):
                continue
            found.append(Mention(name.id, start, end, name.kind))
        return found

    def _named(self) -> dict[str, _Name]:
        """Return folded name -> what it means, every spelling of a hyphen or a space among them."""
        written = [(id_, name, kind) for id_, entry in self.entries.items() for name, kind in _names_of(entry)]
        spelled = [(*row, spelling) for row in written for spelling in _spellings(row[1])]
        # One call for all names: folding thousands one by one costs more than reading the files.
        folded = dense_of(_BETWEEN.join(spelling for *_, spelling in spelled)).split(_BETWEEN)
        names: dict[str, _Name] = {}
        for (id_, name, kind, _), dense in zip(spelled, folded, strict=True):
            key = dense.strip()
            if not key:
                raise self._wrong(id_, f"{name!r} folds to nothing", "a name of letters")
            known = names.setdefault(key, _Name(id_, kind, _latin(key[0]), _latin(key[-1])))
            if known.id != id_:
                raise self._wrong(id_, f"{name!r} means {known.id} already", "one entry a name")
        return names

    def _families(self, id_: str, below: tuple[str, ...]) -> frozenset[str]:
        """Return every family that an entry belongs to, directly or through others."""
        if id_ in below:
            raise self._wrong(id_, f"it lies within itself ({' in '.join((*below, id_))})", "families without a circle")
        found: set[str] = set()
        for family in self.entries[id_].within:
            if family not in self.entries:
                raise self._wrong(id_, f"within names {family!r}, which is no entry", "the id of an entry")
            found |= {family} | self._families(family, (*below, id_))
        return frozenset(found)

    def _wrong(self, id_: str, found: str, expected: str) -> UserError:
        return UserError(f"{self._subject} entry {id_}", found, expected, "mend the lexicon")


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _names_of(entry: Entry) -> list[tuple[str, NameKind]]:
    """Return (name, its kind) for all names of an entry."""
    doubtful: NameKind = "common" if entry.kind == "named" else entry.kind
    return [(name, entry.kind) for name in (*entry.zh, *entry.en)] + [(name, doubtful) for name in entry.common]


def _spellings(written: str) -> set[str]:
    """Return a name with each way to write its hyphens and spaces."""
    spaced = {written.replace(" ", space) for space in _SPACES}
    return {name.replace("-", hyphen) for name in spaced for hyphen in _HYPHENS}


def read_ingredients(folder: Path) -> dict[str, Entry]:
    """Return the entries of all files of a folder by id; raise UserError where an id stands twice."""
    entries: dict[str, Entry] = {}
    for path, file in _files(folder):
        for id_, entry in file.entries.items():
            if id_ in entries:
                raise UserError(f"{path} entry {id_}", "the id stands twice", "one entry an id", "rename or join them")
            entries[id_] = entry
    return entries


def _files(folder: Path) -> Iterator[tuple[Path, LexiconFile]]:
    for path in sorted(folder.glob("*.yaml")):
        yield path, read_lexicon(path, LexiconFile)


@lru_cache(maxsize=1)
def ingredient_lexicon() -> IngredientLexicon:
    """Return the built-in lexicon, read and compiled where it is first asked for."""
    return IngredientLexicon(read_ingredients(INGREDIENTS))
