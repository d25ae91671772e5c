"""One pass over a text for all rules: the hits of every word list, and the regexes that may match at all.

One Aho-Corasick automaton holds the words in all their spellings, and the literals without which a regex cannot match.
It reads the dense view, and `plain` too where that is another text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import ahocorasick_rs

from tasks.compliance.guards import guarded
from tasks.compliance.normal import View, dense_of, fold
from tasks.compliance.spelling import disguises, speller
from tasks.compliance.triggers import Finder, literal_sets, reach
from tasks.compliance.words import Span, joined, stands_alone

Searched = tuple[int, str, re.Pattern[str]]  # rule order, view, regex
Need = tuple[int, int]  # number of a regex, and which of its sets of literals, as a bit
Hit = tuple[int, int, int]  # number of a literal, start, end
Possible = tuple[int, Sequence[Span]]  # number of a regex, and where literals of its first set stand
_LITERAL = itemgetter(0)


class TextIndex:
    """All word lists and regexes of a set of rules.

    Args:
        lists: (rule order, words as written); words are folded like the text. A word of Latin letters or digits must
            stand alone (`egf` is not in `xegfy`).
        searched: the regexes, each with the order of its rule and the view that it reads.
    """

    def __init__(self, lists: Iterable[tuple[int, Sequence[str]]], searched: Sequence[Searched]) -> None:
        self._searched = searched
        self._guarded: dict[int, re.Pattern[str]] = {}
        self._always: list[int] = []
        self._needed: list[int] = []  # for each regex, the bits of all its sets
        self._reach: list[tuple[int, int] | None] = []
        words: dict[str, list[int]] = {}
        for order, written in lists:
            for word in dict.fromkeys(dense_of(word).strip() for word in written):
                for way in (word, *sorted(disguises(word))) if word else ():
                    words.setdefault(way, []).append(order)
        in_dense, in_plain = self._wanting()
        spelled = speller().literals
        literals = list(dict.fromkeys([*words, *in_dense, *in_plain, *spelled]))
        number = {literal: place for place, literal in enumerate(literals)}
        self._spelled = frozenset(number[literal] for literal in spelled)
        self._alone = [literal[0].isascii() or literal[-1].isascii() for literal in literals]
        self._owners: list[Sequence[int]] = [words.get(literal, ()) for literal in literals]
        self._dense_wanted: list[Sequence[Need]] = [in_dense.get(literal, ()) for literal in literals]
        self._plain_wanted: list[Sequence[Need]] = [in_plain.get(literal, ()) for literal in literals]
        self._automaton = ahocorasick_rs.AhoCorasick(literals or ["\ufffd"], store_patterns=False)

    def _wanting(self) -> tuple[dict[str, list[Need]], dict[str, list[Need]]]:
        """Return literal -> the needs that it meets where it stands, for `dense` and for `plain`."""
        in_dense: dict[str, list[Need]] = {}
        in_plain: dict[str, list[Need]] = {}
        for number, (_, view, pattern) in enumerate(self._searched):
            sets = [frozenset(map(fold, literals)) for literals in literal_sets(pattern.pattern)]
            sets = [literals for literals in sets if "" not in literals]
            self._needed.append((1 << len(sets)) - 1)
            self._reach.append(reach(pattern.pattern) if sets and view != "source" else None)
            if not sets:
                self._always.append(number)
            for place, literals in enumerate(sets):
                for literal in literals:
                    (in_dense if view == "dense" else in_plain).setdefault(literal, []).append((number, 1 << place))
        return in_dense, in_plain

    def find(self, view: View) -> tuple[dict[int, list[Span]], list[Possible]]:
        """Return the hits of the word lists (rule order -> spans of `dense`), and the regexes that may match."""
        in_dense, in_plain = self._read(view)
        met: dict[int, int] = {}
        places: dict[int, list[Span]] = {}
        for found, wanted in ((in_dense, self._dense_wanted), (in_plain, self._plain_wanted)):
            for literal, start, end in found:
                for number, bit in wanted[literal]:
                    met[number] = met.get(number, 0) | bit
                    if bit == 1:
                        places.setdefault(number, []).append((start, end))
        possible = [(number, places[number]) for number, bits in met.items() if bits == self._needed[number]]
        always = [(number, ()) for number in self._always]
        return self._word_hits(view, in_dense), sorted([*possible, *always])

    def _read(self, view: View) -> tuple[list[Hit], list[Hit]]:
        """Return the hits in `dense` and in `plain`; where that is one text, it is read once.

        The literals of spellings are among them: where none stands, the squeezed text is the dense one.
        """
        hits = self._automaton.find_matches_as_indexes(view.squeezed, overlapping=True)
        plain = hits
        if view.plain is not view.squeezed:
            plain = self._automaton.find_matches_as_indexes(view.plain, overlapping=True)
        if self._spelled.isdisjoint(map(_LITERAL, hits)):
            view.respell([])
        elif view.dense is not view.squeezed:
            hits = self._automaton.find_matches_as_indexes(view.dense, overlapping=True)
        return hits, plain

    def _word_hits(self, view: View, found: Sequence[Hit]) -> dict[int, list[Span]]:
        hits: dict[int, list[Span]] = {}
        for literal, start, end in found:
            owners = self._owners[literal]
            if owners and (not self._alone[literal] or stands_alone(view.dense, start, end)):
                for order in owners:
                    hits.setdefault(order, []).append((start, end))
        return {order: joined(spans) for order, spans in hits.items()}

    def patterns(self, possible: Sequence[Possible]) -> Iterator[tuple[int, list[Finder]]]:
        """Yield rule order and regexes for what `find` returned."""
        for order, group in groupby(possible, key=lambda item: self._searched[item[0]][0]):
            yield order, [self._finder(number, places) for number, places in group]

    def _finder(self, number: int, places: Sequence[Span]) -> Finder:
        """Return the regex of a number at its places; its guard is worked out when it is first asked for."""
        regex = self._searched[number][2]
        if number not in self._guarded:
            self._guarded[number] = guarded(regex)
        return Finder(self._guarded[number], self._reach[number], places, regex.pattern)
