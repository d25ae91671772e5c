"""Where a regex can match at all: near the literals that it needs, which are cheap to look for together.

The literals are worked out from the parsed regex, so that no one has to keep them true by hand: a sequence needs what
each of its items needs, an alternation what any branch needs, a positive look-around what it looks for. So a regex
needs one literal of each of several sets; it is tried where all sets are met, and only as far around the literals of
the rarest set as a match can reach. Speed only: what is left out could not have matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

_parser: Any = import_module("re._parser")  # CPython 3.11+; the parsed form of a regex has no public name
_MOST = 900  # literals of one set; more are as good as none
_FEW = 40  # characters of a range that are told one by one
_SETS = 3  # of one regex: the rarest
_LONGEST = 4  # characters of a literal; the rest of a longer one tells little more
_RARITY = (0.0, 1.0, 0.05, 0.005, 0.002)  # how often a literal of 1, 2, 3, 4 characters stands in a text, roughly
_SIGN = 0.03  # how often a bracket or another sign does
_COMMON = 3.0  # a set whose literals stand in a text so often tells little
_RARE, _SELDOM = 0.3, 1.0  # a regex with a set as rare as the first needs no other that is not as rare as the second
_FARTHEST = 200  # characters around a literal; further than that the whole text is searched
# what stands in most texts on skin care
_COMMON_CHARS = (
    "不一了的是在我有这个人们用到上下大小中来就都也和没把从像度天成得着过看说要会能可以更很多白干水皮肤,。 #"
)
_COMMON_WORDS = frozenset(
    [
        *["护肤", "肌肤", "皮肤", "成分", "配方", "修护", "保湿", "补水", "舒缓", "温和", "屏障", "敏感", "泛红"],
        *["干燥", "精华", "面霜", "使用", "感受", "浓度", "刺激", "没有", "一点", "吸收", "清洁", "防晒", "科学"],
        *["我们", "自己", "这支", "这款", "每天", "早晚", "改善", "质地", "清爽", "减少", "香精", "泛醇", "神经"],
    ]
)

Literals = frozenset[str]
Span = tuple[int, int]


@lru_cache(maxsize=4096)
def required_literals(pattern: str) -> Literals:
    """Return literals of which every match of the regex holds at least one (or looks at one); empty where none are."""
    return next(iter(literal_sets(pattern)), frozenset())


@lru_cache(maxsize=4096)
def literal_sets(pattern: str) -> Sequence[Literals]:
    """Return sets of literals, the rarest first: every match of the regex holds at least one of each set.

    They are for folded text, in which every digit is one of 0-9.
    """
    sets = sorted(dict.fromkeys(_of_sequence(_parser.parse(pattern))), key=_telling)
    most = _COMMON if sets and frequency(sets[0]) > _RARE else _SELDOM
    return sets[:1] + [item for item in sets[1:_SETS] if frequency(item) < most]


def frequency(literals: Literals) -> float:
    """Return about how often any of the literals stands in a text of some 300 characters."""
    return sum(map(_rarity, literals))


def _rarity(literal: str) -> float:
    if literal in _COMMON_WORDS:
        return 1.0
    if literal in _COMMON_CHARS:
        return 10.0
    return _SIGN if len(literal) == 1 and not literal.isalnum() else _RARITY[min(len(literal), _LONGEST)]


def _telling(literals: Literals) -> tuple[float, str]:
    return frequency(literals), min(literals)


def _of_sequence(items: Iterable[tuple[Any, Any]]) -> list[Literals]:
    """Return the sets that the items of a sequence need; items that are mere words are read together."""
    sets: list[Literals] = []
    run: Literals = frozenset([""])  # what the last items together can read as
    for operation, argument in items:
        name = str(operation)
        if name == "ASSERT":
            sets += _of_sequence(argument[1])
        repeated = name.endswith("_REPEAT") and argument[0] == 1
        words = _words_of(argument[2]) if repeated else _words(name, argument)
        joined = _joined(run, words) if words is not None else None
        if joined is not None and not repeated:
            run = joined
            continue
        if joined is not None and words is not None:
            sets += _needed(joined)
            run = words  # the last of the repeats stands right before what follows
            continue
        sets += _needed(run)
        run = words if words is not None else frozenset([""])
        if words is None:
            sets += _of_item(name, argument)
    return sets + _needed(run)


def _needed(run: Literals) -> list[Literals]:
    """Return the set that a run of words needs: of two words with one beginning the shorter."""
    if "" in run:
        return []
    words = {word[:_LONGEST] for word in run}
    return [frozenset(w for w in words if not any(w[:end] in words for end in range(1, len(w))))]


def _joined(run: Literals, words: Literals) -> Literals | None:
    if len(run) * len(words) > _MOST:
        return None
    return frozenset(first + second for first in run for second in words)


def _words(name: str, argument: Any) -> Literals | None:
    """Return all that an item can read as, or None where that is not a few words."""
    if name in ("AT", "ASSERT", "ASSERT_NOT"):
        return frozenset([""])
    if name in ("LITERAL", "IN"):
        return _characters([("LITERAL", argument)] if name == "LITERAL" else argument)
    if name == "BRANCH":
        return _union([_words_of(branch) for branch in argument[1]])
    optional = name.endswith("_REPEAT") and argument[1] == 1
    words = _words_of(_inner(name, argument)[0]) if optional or name == "SUBPATTERN" else None
    return words | {""} if words is not None and optional and argument[0] == 0 else words


def _characters(members: Iterable[tuple[Any, Any]]) -> Literals | None:
    """Return the characters of a class, or None where that is not a few: a wide range, a category, a negation."""
    chars: set[str] = set()
    for kind, value in members:
        name = str(kind)
        if name == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
            chars.update("0123456789")
            continue
        first, last = value if name == "RANGE" else (value, value)
        if name not in ("LITERAL", "RANGE") or last - first >= _FEW:
            return None
        chars.update(map(chr, range(first, last + 1)))
    return frozenset(chars)


def _words_of(items: Iterable[tuple[Any, Any]]) -> Literals | None:
    run: Literals | None = frozenset([""])
    for operation, argument in items:
        words = _words(str(operation), argument)
        run = _joined(run, words) if run is not None and words is not None else None
    return run


def _of_item(name: str, argument: Any) -> list[Literals]:
    """Return what one item of a parsed regex needs; `argument` has the shape that the parser gives the operation."""
    if name == "BRANCH":
        branches = [_of_sequence(branch) for branch in argument[1]]
        joined = _union([min(sets, key=_telling) if sets else None for sets in branches])
        return [joined] if joined else []
    if name.endswith("_REPEAT"):
        return _of_sequence(argument[2]) if argument[0] >= 1 else []
    inner = {"SUBPATTERN": lambda: argument[3], "ATOMIC_GROUP": lambda: argument}
    return _of_sequence(inner[name]()) if name in inner else []


def _union(sets: Sequence[Literals | None]) -> Literals | None:
    joined = frozenset().union(*(item for item in sets if item is not None))
    return joined if len(joined) <= _MOST and all(item is not None for item in sets) else None


# -- how far a match reaches -------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def reach(pattern: str) -> tuple[int, int] | None:
    """Return how far before and after a literal that it needs a match can start; None where there is no bound.

    A match that starts at s ends at s + width at most, and looks at most `behind` before s and `ahead` beyond its end:
    a literal that stands at [p, q) serves only a start in [q - width - ahead, p + behind].
    """
    tree = _parser.parse(pattern)
    least, most = tree.getwidth()
    behind, ahead = _looks(tree)
    if least == 0 or max(behind, most + ahead) > _FARTHEST:
        return None
    return most + ahead, behind


def _looks(items: Iterable[tuple[Any, Any]]) -> tuple[int, int]:
    """Return how far look-arounds see before the start and beyond the end of what they stand in."""
    behind, ahead = 1, 1  # line starts and ends
    for operation, argument in items:
        name = str(operation)
        width = argument[1].getwidth()[1] if name in ("ASSERT", "ASSERT_NOT") else 0
        back, forth = (width, 0) if width and argument[0] < 0 else (0, width)
        for inner in _inner(name, argument):
            before, beyond = _looks(inner)
            behind, ahead = max(behind, before + back), max(ahead, beyond + forth)
    return behind, ahead


def _inner(name: str, argument: Any) -> Sequence[Any]:
    if name == "BRANCH":
        return list(argument[1])
    if name.endswith("_REPEAT"):
        return [argument[2]]
    single = {"SUBPATTERN": 3, "ASSERT": 1, "ASSERT_NOT": 1}
    return [argument[single[name]]] if name in single else [argument] if name == "ATOMIC_GROUP" else []


class Searchable(Protocol):
    """What a gate may ask of a regex: re.Pattern, or a Finder."""

    @property
    def pattern(self) -> str: ...
    def finditer(self, string: str, /) -> Iterable[re.Match[str]]: ...


class Finder:
    """A regex and, where its reach is known, the places of the literals that it needs: `finditer` as of the regex.

    Args:
        regex: the regex. reach: from `reach`; None: the whole text is searched.
        places: spans of the literals of one set that it needs.
        written: the regex as its rule has it, where `regex` is a guarded one.
    """

    __slots__ = ("_places", "_reach", "_regex", "pattern")

    def __init__(
        self, regex: re.Pattern[str], reach: tuple[int, int] | None, places: Sequence[Span], written: str | None = None
    ) -> None:
        self._regex, self._reach, self._places = regex, reach, places
        self.pattern = regex.pattern if written is None else written

    def finditer(self, text: str, /) -> Iterable[re.Match[str]]:
        """Return what the regex's `finditer` would yield."""
        if self._reach is None:
            return matches(self._regex, text)
        width, behind = self._reach
        found: list[re.Match[str]] = []
        position = 0
        for first, last in _windows(self._places, width, behind):
            position = max(position, first)
            while position <= last:
                match = self._regex.search(text, position, last + width + 2)
                if match is None or match.start() > last:
                    break
                found.append(match)
                position = match.end()
        return found


def _windows(places: Sequence[Span], width: int, behind: int) -> list[Span]:
    """Return where a match may start, first and last place, in order and apart."""
    if len(places) == 1:
        ((start, end),) = places
        return [(max(0, end - width), start + behind)]
    windows: list[Span] = []
    for start, end in sorted(places):
        first, last = max(0, end - width), start + behind
        if windows and first <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(last, windows[-1][1]))
        else:
            windows.append((first, last))
    return windows


def matches(pattern: re.Pattern[str], text: str) -> Iterable[re.Match[str]]:
    """Yield the matches of a regex; one that is anchored at the start of the text is only tried there."""
    if pattern.pattern.startswith(r"\A"):
        match = pattern.match(text)
        return () if match is None else (match,)
    return pattern.finditer(text)
