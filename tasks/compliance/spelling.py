"""Words spelled by sound or look: what is written -> what is meant (lexicon/characters, spellings, sounds .yaml).

Three readings of one idea. A character that is drawn like another is folded wherever it stands (`drawn_like`). A
spelling that means only one thing is read as that thing (`respelled`, over the dense view). The words of the rules are
looked for in all their spellings (`disguises`): the automaton reads more words, the text stays as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, product

import ahocorasick_rs
from pydantic import Field, field_validator

from tasks.brief.model import Frozen
from tasks.compliance.lexicon import LEXICON, read_lexicon
from tasks.compliance.triggers import required_literals
from tasks.compliance.words import stands_alone
from tasks.lineage.errors import UserError

Edit = tuple[int, int, str]  # a span of a text, and what it is read as
_LONGEST = 6  # characters of a word whose spellings are spelled out: each doubles their number
_LATIN_LONGEST = 8
_STOPS = "\n,。"
_SPELLED = 2  # characters of a longer word that are written by sound at once; or all of them
_JOINTS = " -._*·/|~"  # stand between the letters of yy-ds
_LEET = str.maketrans({"s": "$", "a": "@", "o": "0"})


class Characters(Frozen):
    """What is meant -> the characters that are written for it; `invisible` are read as nothing."""

    latin: dict[str, str]
    han: dict[str, str]
    signs: dict[str, str]
    invisible: str


class Sounds(Frozen):
    """first: syllables, each with the first character of GB 2312's first level that is read so. others: more."""

    first: str
    others: str


class Reading(Frozen):
    """read: regex over the dense view; meant: a template (\\1); by: literals of which each match holds one."""

    read: str
    meant: str
    by: tuple[str, ...] = ()

    @field_validator("read")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"a Python regex ({error})") from error
        return value


class Spellings(Frozen):
    """words: what is meant -> spellings with spaces between. by_sound: words that regexes find. For the others see
    the file."""

    words: dict[str, str]
    by_sound: tuple[str, ...]
    altogether: tuple[str, ...]
    patterns: tuple[Reading, ...]
    tails: str = Field(min_length=1)


@lru_cache(maxsize=1)
def drawn_like() -> dict[str, str]:
    """Return character -> what it is read as wherever it stands."""
    table = read_lexicon(LEXICON / "characters.yaml", Characters)
    meant = {**table.latin, **table.han, **table.signs}
    return {char: value for value, chars in meant.items() for char in chars} | dict.fromkeys(table.invisible, "")


@lru_cache(maxsize=1)
def _spellings() -> Spellings:
    return read_lexicon(LEXICON / "spellings.yaml", Spellings)


# -- spellings that mean one thing -------------------------------------------------------------------------------------


class Speller:
    """One automaton over all spellings and over the literals that the patterns need.

    literals: a text that holds none of them is read as it stands.
    """

    def __init__(self, spellings: Spellings) -> None:
        self._meant: dict[str, str] = {w: meant for meant, ws in spellings.words.items() for w in ws.split()}
        self._meant |= {w: meant for meant in spellings.by_sound for w in by_sound(meant)}
        self._patterns = [(re.compile(p.read), p.meant) for p in spellings.patterns]
        wanted: dict[str, list[int]] = {}
        for number, pattern in enumerate(spellings.patterns):
            for literal in pattern.by or required_literals(pattern.read) or _no_literal(pattern.read):
                wanted.setdefault(literal, []).append(number)
        self.literals = list(dict.fromkeys([*self._meant, *wanted]))
        self._wanted = [wanted.get(literal, []) for literal in self.literals]
        self._automaton = ahocorasick_rs.AhoCorasick(
            self.literals, store_patterns=False, implementation=ahocorasick_rs.Implementation.DFA
        )

    def edits(self, dense: str) -> list[Edit]:
        """Return what of a dense text is read as something else: spans in order that do not overlap."""
        hits = self._automaton.find_matches_as_indexes(dense, overlapping=True)
        return self._chosen(dense, hits) if hits else []

    def _chosen(self, dense: str, hits: list[tuple[int, int, int]]) -> list[Edit]:
        found: list[Edit] = []
        wanted: set[int] = set()
        for literal, start, end in hits:
            wanted.update(self._wanted[literal])
            meant = self._meant.get(self.literals[literal])
            if meant is not None and stands_alone(dense, start, end):
                found.append((start, end, meant + _apart(meant, dense[end : end + 1])))
        for number in sorted(wanted):
            pattern, meant = self._patterns[number]
            for match in pattern.finditer(dense):
                said = match.expand(meant)
                found.append((*match.span(), said + _apart(said, dense[match.end() : match.end() + 1])))
        chosen: list[Edit] = []
        for start, end, meant in sorted(found, key=lambda edit: (edit[0], -edit[1])):
            if not chosen or start >= chosen[-1][1]:
                chosen.append((start, end, meant))
        return chosen


def _apart(meant: str, follows: str) -> str:
    """Return a space where Latin letters would run into others: 永远滴神yyds is yyds twice."""
    return " " if (meant[-1:] + follows).isascii() and meant[-1:].isalnum() and follows.isalnum() else ""


def _no_literal(pattern: str) -> tuple[str, ...]:
    found = f"regex {pattern!r} needs no literal"
    raise UserError(str(LEXICON / "spellings.yaml"), found, "one to look for it by", "name some in `by`")


@lru_cache(maxsize=1)
def speller() -> Speller:
    return Speller(_spellings())


def edited(text: str, edits: list[Edit]) -> str:
    """Return the text with its edits made."""
    pieces, position = [], 0
    for start, end, meant in edits:
        pieces += [text[position:start], meant]
        position = end
    return "".join([*pieces, text[position:]])


def edited_at(text: str, edits: list[Edit]) -> tuple[list[int], list[int]]:
    """Return where in the text each character of the edited one begins and ends; of a spelling, all of it."""
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end, meant in [*edits, (len(text), len(text), "")]:
        starts += [*range(position, start), *[start] * len(meant)]
        ends += [*range(position + 1, start + 1), *[end] * len(meant)]
        position = end
    return starts, ends


# -- all spellings of a word -------------------------------------------------------------------------------------------


def disguises(word: str) -> set[str]:
    """Return the further ways in which a folded word is looked for: by sound, cut by a line end, yyyds, yy-ds."""
    ways = set(by_sound(word)) | set(_cut(word))
    if word.isascii() and word.isalpha() and 4 <= len(word) <= _LATIN_LONGEST:
        ways |= set(_stretched(word))
    return ways - {word}


def by_sound(word: str) -> Iterator[str]:
    """Yield the word with characters in Latin letters: 药zhuang, yao妆; all of them where that is no name."""
    if not 2 <= len(word) <= _LONGEST or not all("\u4e00" <= char <= "\u9fff" for char in word):
        return
    for parts in product(*((char, *_sounds().get(char, ())) for char in word)):
        spelled = sum(part != char for part, char in zip(parts, word, strict=True))
        whole = spelled == len(word) and (len(word) > 2 or word in _spellings().altogether)
        if whole or 0 < spelled <= min(_SPELLED, len(word) - 1):
            yield "".join(parts)


def _cut(word: str) -> Iterator[str]:
    """Yield the word with a line end or a stop inside, where the pieces are none of their own."""
    if len(word) < 3 or word.isascii():
        return
    for stop in _STOPS:
        yield f"{word[0]}{stop}{word[1:]}"
        if word[-1] in _spellings().tails:
            yield f"{word[:-1]}{stop}{word[-1]}"


def _stretched(word: str) -> Iterator[str]:
    yield word.translate(_LEET)
    for place in range(1, len(word)):
        for joint in _JOINTS:
            yield f"{word[:place]}{joint}{word[place:]}"
    runs = ["".join(run) for _, run in groupby(word)]
    most = 4 if len(runs) <= 3 else 1
    for more in product(range(most + 1), repeat=len(runs)):
        yield "".join(run + run[0] * count for run, count in zip(runs, more, strict=True))


@lru_cache(maxsize=1)
def _sounds() -> dict[str, tuple[str, ...]]:
    """Return character -> its sounds in Latin letters."""
    table = read_lexicon(LEXICON / "sounds.yaml", Sounds)
    firsts = sorted((_place(entry[-1]), entry[:-1]) for entry in table.first.split())
    places = [place for place, _ in firsts]
    sounds: dict[str, tuple[str, ...]] = {}
    for high, low in product(range(0xB0, 0xD8), range(0xA1, 0xFF)):
        char = bytes((high, low)).decode("gb2312", "ignore")
        if char:
            sounds[char] = (firsts[bisect_right(places, _place(char)) - 1][1],)
    for entry in table.others.split():
        sounds[entry[-1]] = (*sounds.get(entry[-1], ()), entry[:-1])
    return sounds


def _place(char: str) -> int:
    return int.from_bytes(char.encode("gb2312"), "big")
