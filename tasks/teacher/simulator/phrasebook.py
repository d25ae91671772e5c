"""The phrases that the simulator writes with: data files, read once, and the drawing of a sentence from them.

A phrase is a line with {slots}. A slot is filled from the facts at hand (product, brand) or, where it names a list of
phrases, by drawing from that list. A phrase whose slots this product cannot fill is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

PHRASES = Path(__file__).with_name("phrases")
_SLOT = re.compile(r"\{([^{}]+)\}")
_NUMBER = re.compile(r"n:(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line, cut at its slots: pieces[0] {names[0]} pieces[1] ... ; needs: the slots that must be known."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    needs: frozenset[str]


Lines = tuple[Phrase, ...]
Symbols = Mapping[str, Lines]


def phrase(line: str) -> Phrase:
    parts = _SLOT.split(line)
    names = tuple(parts[1::2])
    return Phrase(tuple(parts[::2]), names, frozenset(name for name in names if not _NUMBER.fullmatch(name)))


def lines(block: str) -> Lines:
    """Return the phrases of a block of YAML text, one a line."""
    return tuple(phrase(line.strip()) for line in block.splitlines() if line.strip())


def symbols(mapping: Mapping[str, Any]) -> dict[str, Lines]:
    """Return name -> phrases for the members of a mapping that are blocks of text."""
    return {name: lines(block) for name, block in mapping.items() if isinstance(block, str)}


@cache
def load(name: str) -> Any:
    """Return a phrase file's content. The C loader reads all of them in some 30 ms, the Python one in 300."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((PHRASES / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (safe loader)


class Voice:
    """Draws phrases for one text and avoids saying the same line twice in it.

    Args:
        random: the dice of this text.
        facts: slot -> words.
        known: slot -> phrases that may be drawn for it.
        taken: numbers that {n:a-b} must not draw, as text (those of the product sheet).
    """

    def __init__(self, random: Random, facts: Mapping[str, str], known: Symbols, taken: frozenset[str]) -> None:
        self.random, self.facts, self.known, self._taken = random, facts, known, taken
        self._available = facts.keys() | known.keys()
        self._said: set[tuple[str, int]] = set()

    def draw(self, symbol: str) -> str:
        """Return a filled phrase of a symbol.

        Raises:
            LookupError: no phrase of it can be filled (a fault of the data files).
        """
        return self._drawn(symbol, self.known[symbol])

    def drawn_from(self, name: str, phrases: Lines) -> str:
        """Return a filled phrase of a list that is no symbol of this voice."""
        return self._drawn(name, phrases)

    def can(self, symbol: str) -> bool:
        return symbol in self.known and any(each.needs <= self._available for each in self.known[symbol])

    def _drawn(self, symbol: str, phrases: Lines) -> str:
        usable = [at for at, each in enumerate(phrases) if each.needs <= self._available]
        if not usable:
            raise LookupError(f"no phrase of {symbol} can be filled")
        fresh = [at for at in usable if (symbol, at) not in self._said] or usable
        at = fresh[int(self.random.random() * len(fresh))]
        self._said.add((symbol, at))
        return self._filled(phrases[at])

    def _filled(self, chosen: Phrase) -> str:
        if not chosen.names:
            return chosen.pieces[0]
        out = [chosen.pieces[0]]
        for name, piece in zip(chosen.names, chosen.pieces[1:], strict=True):
            out += (self._slot(name), piece)
        return "".join(out)

    def _slot(self, name: str) -> str:
        if name in self.facts:
            return self.facts[name]
        if number := _NUMBER.fullmatch(name):
            return self._number(int(number[1]), int(number[2]))
        return self.draw(name)

    def _number(self, low: int, high: int) -> str:
        free = [str(number) for number in range(low, high + 1) if str(number) not in self._taken]
        return self.random.choice(free) if free else str(high + 1)
