"""One pass over a text for all rules: the hits of every word list and lexicon, and the regexes that may match at all.

One Aho-Corasick automaton holds the words in all their spellings, the names of the lexicons that the rules ask, and the
literals without which a regex cannot match. It reads the dense view, and `plain` too where that is another text. One
automaton, because what costs is not the reading but the memory that it is read against.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

import ahocorasick_rs

from tasks.compliance.guards import guarded
from tasks.compliance.normal import View, dense_of, fold
from tasks.compliance.spelling import disguises, speller
from tasks.compliance.triggers import Finder, literal_sets, reach
from tasks.compliance.words import Span, joined, stands_alone

Searched = tuple[int, str, re.Pattern[str]]  # rule order, view, regex
Need = tuple[int, int]  # number of a regex, and which of its sets of literals after the first, as a bit
# of one literal: the regexes of whose first set it is, its needs for further sets, and whether it is a word, a name or
# a spelling besides
Needs = tuple[Sequence[int], Sequence[Need], bool]
Hit = tuple[int, int, int]  # number of a literal or of a lexicon's name, start, end
Possible = tuple[int, Sequence[Span]]  # number of a regex, and where literals of its first set stand
_NUMBER = itemgetter(0)
_NO_RULE = -1
_TRIED = 250  # characters in which a regex is tried before its gate; in more of them it would be tried twice


class Found(NamedTuple):
    """What one text holds. words: rule order -> spans of `dense`. possible: the regexes that may match, in order.

    named: lexicon -> (number of the name, start, end in `dense`) in order, the longest where several begin.
    conditions: regex of a sentence -> where it may match, by its number in `TextIndex.searched`.
    """

    words: dict[int, list[Span]]
    possible: list[Possible]
    named: dict[str, list[Hit]]
    conditions: dict[int, Sequence[Span]]


class _Read:
    """What the hits of a text add up to. places: regex -> where literals of its first set stand. met: regex -> bits."""

    __slots__ = ("marked", "met", "places")

    def __init__(self) -> None:
        self.places: dict[int, list[Span]] = {}
        self.met: dict[int, int] = {}
        self.marked: list[Hit] = []


class Tried(NamedTuple):
    """A regex with its guard, and how far around a literal that it needs a match reaches; width 0: anywhere."""

    order: int
    view: str
    regex: re.Pattern[str]
    search: Callable[..., re.Match[str] | None]
    written: str
    width: int
    behind: int


class TextIndex:
    """All word lists, lexicons and regexes of a set of rules.

    Args:
        lists: (rule order, words as written); words are folded like the text. A word of Latin letters or digits must
            stand alone (`egf` is not in `xegfy`).
        searched: the regexes, each with the order of its rule and the view that it reads.
        lexicons: further names by lexicon, folded already.
        conditions: regexes over the dense view that a rule asks of a hit's sentence.
    """

    def __init__(
        self,
        lists: Iterable[tuple[int, Sequence[str]]],
        searched: Sequence[Searched],
        lexicons: Mapping[str, Sequence[str]] | None = None,
        conditions: Sequence[re.Pattern[str]] = (),
    ) -> None:
        self.searched = [*searched, *((_NO_RULE, "dense", pattern) for pattern in conditions)]
        self._first_condition = len(searched)
        self._conditions = {c.pattern: len(searched) + place for place, c in enumerate(conditions)}
        self._tried: list[Tried | None] = [None] * len(self.searched)
        self._always: list[Possible] = []
        self._needed: list[int] = []  # for each regex, the bits of its sets after the first
        self._reach: list[tuple[int, int] | None] = []
        words: dict[str, list[int]] = {}
        for order, written in lists:
            for word in dict.fromkeys(dense_of(word).strip() for word in written):
                for way in (word, *sorted(disguises(word))) if word else ():
                    words.setdefault(way, []).append(order)
        in_dense, in_plain = self._wanting()
        names, spelled = lexicons or {}, speller().literals
        literals = list(dict.fromkeys(chain(words, in_dense, in_plain, spelled, *names.values())))
        number = {literal: place for place, literal in enumerate(literals)}
        self._spelled = frozenset(number[literal] for literal in spelled)
        self._alone = [literal[0].isascii() or literal[-1].isascii() for literal in literals]
        self._owners = {number[word]: orders for word, orders in words.items()}
        self._names = {name: {number[n]: place for place, n in enumerate(own)} for name, own in names.items()}
        dense, plain = ([table.get(literal, []) for literal in literals] for table in (in_dense, in_plain))
        marked = self._spelled.union(self._owners, *self._names.values())
        self._plain_wanted = [_needs(needs, marked=False) for needs in plain]
        self._dense_wanted = [_needs(needs, marked=place in marked) for place, needs in enumerate(dense)]
        both = (one + other for one, other in zip(dense, plain, strict=True))
        self._wanted = [_needs(needs, marked=place in marked) for place, needs in enumerate(both)]
        self._automaton = ahocorasick_rs.AhoCorasick(literals or ["\ufffd"], store_patterns=False)

    @property
    def ruled(self) -> Sequence[Searched]:
        """The regexes of rules, without the conditions."""
        return self.searched[: self._first_condition]

    def _wanting(self) -> tuple[dict[str, list[Need]], dict[str, list[Need]]]:
        """Return literal -> the needs that it meets where it stands, for `dense` and for `plain`."""
        in_dense: dict[str, list[Need]] = {}
        in_plain: dict[str, list[Need]] = {}
        for number, (_, view, pattern) in enumerate(self.searched):
            sets = [frozenset(map(fold, literals)) for literals in literal_sets(pattern.pattern)]
            sets = [literals for literals in sets if "" not in literals]
            self._needed.append((1 << len(sets)) - 2 if sets else 0)
            self._reach.append(reach(pattern.pattern) if sets and view != "source" else None)
            if not sets:
                self._always.append((number, ()))
            for place, literals in enumerate(sets):
                for literal in literals:
                    (in_dense if view == "dense" else in_plain).setdefault(literal, []).append((number, 1 << place))
        return in_dense, in_plain

    def find(self, view: View) -> Found:
        """Return what stands in a text of the word lists and the lexicons, and the regexes that may match."""
        hits = self._automaton.find_matches_as_indexes(view.squeezed, overlapping=True)
        plain, read = hits, _Read()
        if view.plain is view.squeezed:
            self._gather(hits, self._wanted, read)
        else:
            plain = self._automaton.find_matches_as_indexes(view.plain, overlapping=True)
            self._gather(hits, self._dense_wanted, read)
            self._gather(plain, self._plain_wanted, read)
        # The literals of spellings are among them: where none stands, the squeezed text is the dense one.
        if self._spelled.isdisjoint(map(_NUMBER, read.marked)):
            view.respell([])
        elif view.dense is not view.squeezed:
            read = _Read()
            self._gather(
                self._automaton.find_matches_as_indexes(view.dense, overlapping=True), self._dense_wanted, read
            )
            self._gather(plain, self._plain_wanted, read)
        return self._found(view, read)

    def _gather(self, hits: Sequence[Hit], wanted: Sequence[Needs], read: _Read) -> None:
        """Add what the hits of one view say of the regexes; set those aside that say something else as well."""
        places, met = read.places, read.met
        for literal, start, end in hits:
            first, further, marked = wanted[literal]
            for number in first:
                if number in places:
                    places[number].append((start, end))
                else:
                    places[number] = [(start, end)]
            for number, bit in further:
                met[number] = met.get(number, 0) | bit
            if marked:
                read.marked.append((literal, start, end))

    def _found(self, view: View, read: _Read) -> Found:
        needed, met = self._needed, read.met
        places = read.places.items()
        possible = [item for item in places if not needed[item[0]] or met.get(item[0]) == needed[item[0]]]
        told = sorted([*possible, *self._always], key=_NUMBER)
        first = bisect_left(told, self._first_condition, key=_NUMBER)
        conditions = dict(told[first:])
        named = {name: longest([hit for hit in read.marked if hit[0] in own], own) for name, own in self._names.items()}
        return Found(self._word_hits(view, read.marked), told[:first], named, conditions)

    def _word_hits(self, view: View, marked: Sequence[Hit]) -> dict[int, list[Span]]:
        owners = self._owners
        hits: dict[int, list[Span]] = {}
        for literal, start, end in marked:
            if literal in owners and (not self._alone[literal] or stands_alone(view.dense, start, end)):
                for order in owners[literal]:
                    hits.setdefault(order, []).append((start, end))
        return {order: joined(spans) for order, spans in hits.items()}

    def live(
        self,
        view: View,
        possible: Sequence[Possible],
        settled: frozenset[int] = frozenset(),
        askers: Mapping[int, Callable[[int], bool]] | None = None,
    ) -> dict[int, list[Finder]]:
        """Return rule order -> its regexes that match, of those that `find` told; nearly all of them match nowhere.

        settled: numbers of regexes that need not be tried. askers: rule order -> whether a match that holds a place of
        the dense view may count at all.
        """
        askers = askers or {}
        dense, others = view.dense, {"plain": view.plain, "source": view.source}
        groups: dict[int, list[Finder]] = {}
        for number, places in possible:
            if number in settled:
                continue
            order, name, regex, search, written, width, behind = self._tried[number] or self._try(number)
            asker = askers.get(order)
            near = [place for place in places if asker(place[0])] if asker else places
            if asker and not near:
                continue
            if width and width * len(near) <= _TRIED:
                text = dense if name == "dense" else others[name]
                for start, end in near:
                    match = search(text, end - width if end > width else 0, start + behind + width + 2)
                    if match is not None and match.start() <= start + behind:
                        break
                else:
                    continue
            finder = Finder(regex, (width, behind) if width else None, near, written)
            groups.setdefault(order, []).append(finder)
        return groups

    def matches(self, condition: re.Pattern[str], found: Found, text: str, first: int, last: int) -> bool:
        """Return whether a condition matches with its start in text[first:last], by what `find` told of it."""
        number = self._conditions[condition.pattern]
        if number not in found.conditions:
            return False
        tried = self._tried[number] or self._try(number)
        if not tried.width:
            return tried.search(text, first, last) is not None
        for start, end in found.conditions[number]:
            if first <= end and start <= last:
                begin, most = max(first, end - tried.width), min(last, start + tried.behind)
                match = tried.search(text, begin, most + tried.width + 2)
                if match is not None and match.start() <= most:
                    return True
        return False

    def _try(self, number: int) -> Tried:
        """Return a regex as it is tried; its guard is worked out when it is first asked for."""
        order, view, regex = self.searched[number]
        width, behind = self._reach[number] or (0, 0)
        fast = guarded(regex)
        tried = self._tried[number] = Tried(order, view, fast, fast.search, regex.pattern, width, behind)
        return tried


_NONE: dict[bool, Needs] = {marked: ((), (), marked) for marked in (False, True)}  # shared: near memory is fast memory


def _needs(needs: Sequence[Need], *, marked: bool) -> Needs:
    if not needs:
        return _NONE[marked]
    first = tuple(number for number, bit in needs if bit == 1)
    return first, tuple(need for need in needs if need[1] != 1), marked


def longest(hits: list[Hit], number: Mapping[int, int]) -> list[Hit]:
    """Return the hits that a search from the left finds, the longest where several begin, by their own numbers."""
    chosen: list[Hit] = []
    reached = 0
    for literal, start, end in sorted(hits, key=_from_left) if len(hits) > 1 else hits:
        if start >= reached:
            chosen.append((number[literal], start, end))
            reached = end
    return chosen


def _from_left(hit: Hit) -> tuple[int, int]:
    return hit[1], -hit[2]
