"""The lexicons of claims: families of functions, groups of people, categories of products; read once, then compiled.

What a text says (claim, words) and what of a product sheet answers for it (sheet) stand together in one entry, so that
a synonym is written once. All patterns are over the dense view.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from tasks.brief.model import Frozen
from tasks.compliance.lexicon import LEXICON, read_lexicon
from tasks.compliance.normal import fold_regex
from tasks.compliance.pack import Rule, expanded_macros, with_macros
from tasks.compliance.words import Span
from tasks.lineage.errors import UserError

_AHEAD = 8  # characters behind a span that a pattern's look-ahead may see

Level = Literal["vulnerable", "kin", "everyone", "skin", "people"]


class FunctionEntry(Frozen):
    """claim: regexes of what claims the function; empty where the pack's own rule holds them. sheet: what answers."""

    id: str
    name: str
    special: bool = False
    children: bool = False
    claim: tuple[str, ...] = ()
    sheet: str = Field(min_length=1)


class FunctionLexicon(Frozen):
    macros: dict[str, str] = Field(default_factory=dict)
    functions: tuple[FunctionEntry, ...]


class AudienceEntry(Frozen):
    """words: regexes that name the group. sheet: what on the sheet holds it. level: which rule speaks of it."""

    id: str
    name: str
    level: Level
    words: tuple[str, ...] = Field(min_length=1)
    sheet: str = Field(min_length=1)


class AudienceLexicon(Frozen):
    macros: dict[str, str] = Field(default_factory=dict)
    audiences: tuple[AudienceEntry, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a lexicon, compiled. claim: None where no text claims it by these patterns."""

    id: str
    name: str
    claim: re.Pattern[str] | None
    sheet: re.Pattern[str]
    special: bool = False
    children: bool = False
    level: Level | None = None

    def held_by(self, sheet_text: str) -> bool:
        return self.sheet.search(sheet_text) is not None


@lru_cache(maxsize=1)
def functions() -> tuple[Term, ...]:
    """Return the families of functions in the order of their file."""
    path = LEXICON / "functions.yaml"
    lexicon = read_lexicon(path, FunctionLexicon)
    macros = expanded_macros(path, lexicon.macros)
    return tuple(
        Term(
            e.id, e.name, _joined(path, e.id, e.claim, macros), _one(path, e.id, e.sheet, macros), e.special, e.children
        )
        for e in lexicon.functions
    )


@lru_cache(maxsize=1)
def audiences() -> tuple[Term, ...]:
    """Return the groups of people in the order of their file."""
    path = LEXICON / "audiences.yaml"
    lexicon = read_lexicon(path, AudienceLexicon)
    macros = expanded_macros(path, lexicon.macros)
    return tuple(
        Term(e.id, e.name, _joined(path, e.id, e.words, macros), _one(path, e.id, e.sheet, macros), level=e.level)
        for e in lexicon.audiences
    )


def function(name: str) -> Term:
    """Return one family by its id; a rule that names none gets one clear error."""
    return _entry("functions.yaml", functions(), name)


def group(name: str) -> Term:
    """Return one group of people by its id."""
    return _entry("audiences.yaml", audiences(), name)


def _entry(file: str, terms: tuple[Term, ...], name: str) -> Term:
    for term in terms:
        if term.id == name:
            return term
    known = ", ".join(term.id for term in terms)
    raise UserError(f"lexicon/{file}", f"no entry {name!r}", f"one of {known}", "mend the rule's `entry`")


def longest_first(text: str, span: Span, terms: Iterable[Term]) -> list[Term]:
    """Return the terms whose patterns match inside text[span], that of the longest match first.

    Patterns may look at what follows the span; a match ends inside it all the same.
    """
    start, end = span
    found = []
    for term in terms:
        for match in term.claim.finditer(text, start, end + _AHEAD) if term.claim else ():
            if match.end() <= end:
                found.append((match.end() - match.start(), term))
                break
    return [term for _, term in sorted(found, key=lambda item: -item[0])]


def lexicon_patterns(rule: Rule) -> tuple[str, ...]:
    """Return the regexes that a rule's gate reads from its lexicon, besides those that the rule itself gives."""
    if rule.gate == "special_function":
        function(rule.entry)
    if rule.gate == "sheet_function":
        return tuple(term.claim.pattern for term in functions() if term.claim and not term.special)
    if rule.gate == "children_function":
        return tuple(term.claim.pattern for term in functions() if term.claim and not term.children)
    if rule.gate == "audience":
        levels = _levels(rule)
        return tuple(term.claim.pattern for term in audiences() if term.claim and term.level in levels)
    return ()


def _levels(rule: Rule) -> list[str]:
    levels = rule.entry.split(",")
    if unknown := sorted(set(levels) - set(get_args(Level))):
        known = ", ".join(get_args(Level))
        raise UserError(
            f"rule {rule.id}", f"no level {unknown[0]!r} of audiences", f"some of {known}", "mend its `entry`"
        )
    return levels


def _joined(path: Path, name: str, patterns: tuple[str, ...], macros: dict[str, str]) -> re.Pattern[str] | None:
    return _one(path, name, "|".join(f"(?:{pattern})" for pattern in patterns), macros) if patterns else None


def _one(path: Path, name: str, pattern: str, macros: dict[str, str]) -> re.Pattern[str]:
    try:
        return re.compile(fold_regex(with_macros(path, name, pattern, macros)))
    except re.error as error:
        found = f"regex {pattern!r} does not compile ({error})"
        raise UserError(f"{path} entry {name}", found, "a Python regex", "mend it") from error


class CategoryEntry(Frozen):
    id: str
    words: tuple[str, ...] = Field(min_length=1)


class CategoryLexicon(Frozen):
    """fields: category column of a product list -> category ids. stops, others: see the file."""

    categories: tuple[CategoryEntry, ...]
    fields: dict[str, tuple[str, ...]]
    generic: tuple[str, ...]
    steps: tuple[str, ...]
    descriptive: str
    stops: str
    parting: str
    grown: str
    begins: str
    companions: str
    others: str


@dataclass(frozen=True)
class Categories:
    """Words of categories, compiled. words: longest first. forms: the longest one at a place."""

    words: tuple[str, ...]
    by_word: dict[str, frozenset[str]]
    fields: dict[str, tuple[str, ...]]
    forms: re.Pattern[str]
    generic: frozenset[str]
    steps: frozenset[str]
    descriptive: frozenset[str]
    stops: str
    parting: frozenset[str]
    grown: re.Pattern[str]
    begins: re.Pattern[str]
    companions: re.Pattern[str]
    others: re.Pattern[str]

    def ending(self, name: str) -> str:
        """Return the longest category word that ends a name; empty where none does."""
        return _ending(name)

    def of_product(self, name: str, field: str) -> frozenset[str]:
        """Return the categories of a product by its name, or by its category column; empty where neither tells."""
        return self.by_word.get(self.ending(name), frozenset()) or frozenset(self.fields.get(field, ()))

    def shared(self, one: str, other: str) -> bool:
        return bool(self.by_word.get(one, frozenset()) & self.by_word.get(other, frozenset()))


@lru_cache(maxsize=1)
def categories() -> Categories:
    """Return the categories of products."""
    path = LEXICON / "categories.yaml"
    lexicon = read_lexicon(path, CategoryLexicon)
    by_word: dict[str, set[str]] = {}
    for entry in lexicon.categories:
        for word in entry.words:
            by_word.setdefault(word, set()).add(entry.id)
    longest = sorted(by_word, key=lambda word: (-len(word), word))
    forms = re.compile("|".join(map(re.escape, longest)))
    return Categories(
        words=tuple(longest),
        by_word={word: frozenset(ids) for word, ids in by_word.items()},
        fields=lexicon.fields,
        forms=forms,
        generic=frozenset(lexicon.generic),
        steps=frozenset(lexicon.steps),
        descriptive=frozenset(lexicon.descriptive.split()),
        stops=lexicon.stops,
        parting=frozenset(lexicon.parting),
        grown=_one(path, "grown", lexicon.grown, {}),
        begins=_one(path, "begins", lexicon.begins, {}),
        companions=_one(path, "companions", lexicon.companions, {}),
        others=_one(path, "others", lexicon.others, {}),
    )


@lru_cache(maxsize=4096)
def _ending(name: str) -> str:
    words = categories().by_word
    return next((name[start:] for start in range(len(name)) if name[start:] in words), "")
