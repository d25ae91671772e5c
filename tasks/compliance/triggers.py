"""What a regex needs of a text before it can match: one of a few literals, which are cheap to look for together.

The literals are worked out from the parsed regex, so that no one has to keep them true by hand: a sequence needs what
its most telling item needs, an alternation what any branch needs, a positive look-around what it looks for. A regex
without such literals is always tried. Speed only: what is left out could not have matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

_parser: Any = import_module("re._parser")  # CPython 3.11+; the parsed form of a regex has no public name
_MOST = 60  # literals of one regex; beyond that the search costs more than the regex

Literals = frozenset[str]


def required_literals(pattern: str) -> Literals:
    """Return literals of which every match of the regex holds at least one (or looks at one); empty where none are."""
    return _of_sequence(_parser.parse(pattern)) or frozenset()


def _of_sequence(items: Iterable[tuple[Any, Any]]) -> Literals | None:
    """Return the best set that one item of the sequence needs; neighbouring literals are read as one word."""
    sets: list[Literals] = []
    word = ""
    for operation, argument in [*items, (None, None)]:
        if str(operation) == "LITERAL":
            word += chr(argument)
            continue
        if word:
            sets.append(frozenset([word]))
            word = ""
        found = _of_item(str(operation), argument)
        if found:
            sets.append(found)
    return max(sets, key=_telling) if sets else None


def _telling(literals: Literals) -> tuple[int, int]:
    return min(map(len, literals)), -len(literals)


def _of_item(operation: str, argument: Any) -> Literals | None:
    """Return what one item of a parsed regex needs; `argument` has the shape that the parser gives the operation."""
    if operation == "BRANCH":
        return _union([_of_sequence(branch) for branch in argument[1]])
    if operation == "IN" and all(str(kind) == "LITERAL" for kind, _ in argument):
        return _union([frozenset(chr(code)) for _, code in argument])
    if operation.endswith("_REPEAT"):
        return _of_sequence(argument[2]) if argument[0] >= 1 else None
    inner = {"SUBPATTERN": lambda: argument[3], "ATOMIC_GROUP": lambda: argument, "ASSERT": lambda: argument[1]}
    return _of_sequence(inner[operation]()) if operation in inner else None


def _union(sets: Sequence[Literals | None]) -> Literals | None:
    joined = frozenset().union(*(item for item in sets if item))
    return joined if all(sets) and len(joined) <= _MOST else None


def matches(pattern: re.Pattern[str], text: str) -> Iterable[re.Match[str]]:
    """Yield the matches of a regex; one that is anchored at the start of the text is only tried there."""
    if pattern.pattern.startswith(r"\A"):
        match = pattern.match(text)
        return () if match is None else (match,)
    return pattern.finditer(text)
