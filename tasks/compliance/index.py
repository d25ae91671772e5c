"""One pass over a text for all rules: the hits of every word list, and the regexes that may match at all.

One Aho-Corasick automaton reads the dense view. It holds the words, and for each regex the literals that it needs: what
stands together in `plain` and is made of letters and digits stands together in `dense` too. Literals with other
characters may have lost some of them there; a second automaton finds those in `plain`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import ahocorasick_rs

from tasks.compliance.normal import View, dense_of, fold
from tasks.compliance.triggers import required_literals
from tasks.compliance.words import Span, joined, stands_alone

Searched = tuple[int, str, re.Pattern[str]]  # rule order, view, regex


class TextIndex:
    """All word lists and regexes of a set of rules.

    Args:
        lists: (rule order, words as written); words are folded like the text. A word of Latin letters or digits must
            stand alone (`egf` is not in `xegfy`).
        searched: the regexes, each with the order of its rule and the view that it reads.
    """

    def __init__(self, lists: Iterable[tuple[int, Sequence[str]]], searched: Sequence[Searched]) -> None:
        self._searched = searched
        self._always: list[int] = []
        words: dict[str, list[int]] = {}
        for order, written in lists:
            for word in dict.fromkeys(dense_of(word).strip() for word in written):
                if word:
                    words.setdefault(word, []).append(order)
        in_dense, in_plain = self._wanting()
        self._dense = list(dict.fromkeys([*words, *in_dense]))
        self._owners = [words.get(literal, []) for literal in self._dense]
        self._alone = [literal.isascii() for literal in self._dense]
        self._dense_wanted = [in_dense.get(literal, []) for literal in self._dense]
        self._plain_wanted = list(in_plain.values())
        self._dense_automaton = _automaton(self._dense)
        self._plain_automaton = _automaton(list(in_plain))

    def _wanting(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Return literal -> numbers of the regexes that may match where it stands, for `dense` and for `plain`."""
        in_dense: dict[str, list[int]] = {}
        in_plain: dict[str, list[int]] = {}
        for number, (_, _, pattern) in enumerate(self._searched):
            literals = {fold(literal) for literal in required_literals(pattern.pattern)}
            if not literals or "" in literals:
                self._always.append(number)
            for literal in literals - {""}:
                (in_dense if literal.isalnum() else in_plain).setdefault(literal, []).append(number)
        return in_dense, in_plain

    def find(self, view: View) -> tuple[dict[int, list[Span]], list[int]]:
        """Return the hits of the word lists (rule order -> spans of `dense`), and the numbers of possible regexes."""
        dense = view.dense
        hits: dict[int, list[Span]] = {}
        wanted = set(self._always)
        for literal, start, end in self._dense_automaton.find_matches_as_indexes(dense, overlapping=True):
            wanted.update(self._dense_wanted[literal])
            if (owners := self._owners[literal]) and (not self._alone[literal] or stands_alone(dense, start, end)):
                for order in owners:
                    hits.setdefault(order, []).append((start, end))
        for match in self._plain_automaton.find_matches_as_indexes(view.plain, overlapping=True):
            wanted.update(self._plain_wanted[match[0]])
        return {order: joined(spans) for order, spans in hits.items()}, sorted(wanted)

    def patterns(self, numbers: Sequence[int]) -> Iterator[tuple[int, list[re.Pattern[str]]]]:
        """Yield rule order and regexes for the numbers that `find` returned."""
        for order, group in groupby(numbers, key=lambda number: self._searched[number][0]):
            yield order, [self._searched[number][2] for number in group]


def _automaton(literals: list[str]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(literals or ["\ufffd"], store_patterns=False)
