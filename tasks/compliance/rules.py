"""The rules in force for one brand: packs, the brand's own files and its forbidden words, compiled once.

`digest` covers everything that can change a verdict; `parts` names its components, for explanations. Rules pickle as
their declarations and compile again where they are loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from tasks.brief.model import Brand, Family, Product
from tasks.compliance.guards import guarded
from tasks.compliance.index import TextIndex
from tasks.compliance.ingredient_names import ingredient_lexicon
from tasks.compliance.lexicon import lexicon_digest
from tasks.compliance.normal import dense_of, fold_regex, simplified
from tasks.compliance.pack import PACK_NAMES, PACKS, Pack, Rule, SwitchedOff, compiled_regex, make_rule, read_pack
from tasks.compliance.vocabulary import categories, lexicon_patterns
from tasks.compliance.words import Exemptions
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError

# Gates that look at what the rule's own words and regexes hit, and ask the sheet about it.
JUDGED_GATES = frozenset({"proof", "special_function", "sheet_function", "children_function", "audience"})
WORD_GATES = frozenset({"words", "brand_words"}) | JUDGED_GATES
READER_GATES = frozenset({"second_reader", "label_reader"})
PATTERN_GATES = WORD_GATES | {"number", "label_bracket", "product_category"}
# Gates that ask where the names of a lexicon stand.
LEXICON_GATES = {
    **dict.fromkeys(("ingredient", "ingredient_unknown", "concentration"), "ingredients"),
    **dict.fromkeys(("product_name", "unknown_name"), "categories"),
}
LEXICON_NAMES: dict[str, Callable[[], Sequence[str]]] = {
    "ingredients": lambda: ingredient_lexicon().names,
    "categories": lambda: categories().words,
}
CHECKER_VERSION = 4  # bumped by hand when code (not data) changes what the checker finds


@dataclass(frozen=True)
class CompiledRule:
    """A rule with its regexes compiled. order: its place among the rules, which is the order of reasons."""

    rule: Rule
    order: int
    regex: tuple[re.Pattern[str], ...]
    near: re.Pattern[str] | None
    exempt: tuple[re.Pattern[str], ...]
    unless_before: re.Pattern[str] | None
    unless_after: re.Pattern[str] | None
    after: re.Pattern[str] | None
    before: re.Pattern[str] | None
    sheet_holds: re.Pattern[str] | None
    sentence: tuple[re.Pattern[str], ...]
    unless_sentence: re.Pattern[str] | None

    @cached_property
    def exemptions(self) -> Exemptions | None:
        return Exemptions(self.exempt) if self.exempt else None

    def applies(self, family: Family) -> bool:
        return not self.rule.families or family in self.rule.families


@dataclass(frozen=True)
class Rules:
    """Build with `load_rules`. rules: in order; switched_off: what the brand does without, and why."""

    rules: tuple[Rule, ...]
    brand_words: tuple[str, ...]
    brand_names: tuple[str, ...]
    switched_off: tuple[SwitchedOff, ...]
    parts: dict[str, str]

    @cached_property
    def digest(self) -> str:
        return digest(self.parts)

    @cached_property
    def compiled(self) -> tuple[CompiledRule, ...]:
        return tuple(_compile(rule, order) for order, rule in enumerate(self.rules))

    @cached_property
    def index(self) -> TextIndex:
        """The word lists and regexes of all rules, found in one pass over a text."""
        more = {"brand_words": self.brand_words}
        words = [(c.order, (*c.rule.words, *more.get(c.rule.gate, ()))) for c in self.compiled]
        words = [(order, listed) for order, listed in words if self.rules[order].gate in WORD_GATES]
        searched = [c for c in self.compiled if c.rule.gate in PATTERN_GATES and not c.near]
        asked = {lexicon for rule in self.rules if (lexicon := LEXICON_GATES.get(rule.gate))}
        names = {name: LEXICON_NAMES[name]() for name in sorted(asked)}
        asked_of = list({pattern.pattern: pattern for c in self.staged for pattern in c.sentence}.values())
        regexes = [(c.order, c.rule.view, pattern) for c in searched for pattern in c.regex]
        return TextIndex(words, regexes, names, asked_of)

    @cached_property
    def settled(self) -> dict[Product, frozenset[int]]:
        """Product -> numbers of the index's regexes that its sheet has answered; `check` works them out."""
        return {}

    @cached_property
    def measured(self) -> dict[Family, tuple[CompiledRule, ...]]:
        """Rules whose gate measures the text instead of searching it for patterns, for a family of content types."""
        families: tuple[Family, ...] = ("social", "ecommerce", "paid_ad")
        others = [c for c in self.compiled if c.rule.gate not in PATTERN_GATES | {"second_reader"}]
        return {family: tuple(c for c in others if c.applies(family)) for family in families}

    @cached_property
    def readers(self) -> dict[str, CompiledRule]:
        """Kind -> the rule by which the second reader tells it."""
        return {c.rule.kind: c for c in self.compiled if c.rule.gate == "second_reader"}

    @cached_property
    def staged(self) -> tuple[CompiledRule, ...]:
        """Rules that ask something of a hit's whole sentence."""
        return tuple(c for c in self.compiled if c.sentence and c.rule.view == "dense" and c.rule.sentences == 1)

    @cached_property
    def near(self) -> tuple[tuple[CompiledRule, TextIndex], ...]:
        """Number rules that first look after numerals for their units, each with an index of its own.

        Their literals are units, which stand in most texts; in the common index they would only cost.
        """
        near = [c for c in self.compiled if c.near]
        return tuple((c, TextIndex([], [(c.order, c.rule.view, pattern) for pattern in c.regex])) for c in near)

    def __reduce__(self) -> tuple[Any, ...]:
        return Rules, (self.rules, self.brand_words, self.brand_names, self.switched_off, self.parts)


def load_rules(brand: Brand, brand_dir: Path | None = None) -> Rules:
    """Return the rules in force: the built-in packs, then `<brand_dir>/rules/*.yaml` in name order.

    A brand file may add a rule, override fields of one by its id, extend its patterns, or switch it off with a reason.

    Raises:
        UserError: a pack is wrong; it names the file and the rule.
    """
    layers, built_in = _built_in()
    layers = layers.copy()
    for path in sorted((brand_dir / "rules").glob("*.yaml")) if brand_dir else []:
        layers.add(path, read_pack(path))
    rules = layers.made()
    changed = [rule.identity() for rule in rules if rule.identity() != built_in.get(rule.id)]
    parts = {
        "checker": digest({"version": CHECKER_VERSION, "characters": sorted(simplified().items())}),
        "packs": digest(list(built_in.values())),
        "lexicon": lexicon_digest(),
        "brand_rules": digest({"changed": changed, "switched_off": sorted(layers.off)}),
        "forbidden_words": digest(sorted(set(brand.forbidden))),
        "brand_name": digest(brand.name),
    }
    names = tuple(dense_of(name) for name in (brand.name,) if name.strip())
    return Rules(rules, brand.forbidden, names, tuple(layers.off[name] for name in sorted(layers.off)), parts)


@lru_cache(maxsize=1)
def _built_in() -> tuple[Layers, dict[str, dict[str, Any]]]:
    """Return the built-in packs as layers, and each rule's identity by its id."""
    layers = Layers({}, {}, {})
    for name in PACK_NAMES:
        layers.add(PACKS / f"{name}.yaml", read_pack(PACKS / f"{name}.yaml"))
    return layers, {rule.id: rule.identity() for rule in layers.made()}


@dataclass
class Layers:
    """Packs laid over each other: fields by rule id, the file that last wrote a rule, and what is switched off."""

    fields: dict[str, dict[str, Any]]
    origin: dict[str, Path]
    off: dict[str, SwitchedOff]

    def copy(self) -> Layers:
        return Layers({name: dict(value) for name, value in self.fields.items()}, dict(self.origin), dict(self.off))

    def add(self, path: Path, pack: Pack) -> None:
        """Lay one pack on top; an id may stand once in a file."""
        seen: set[str] = set()
        for rule in pack.rules:
            name = str(rule.get("id"))
            if name in seen:
                raise UserError(f"{path} rule {name}", "the id stands twice", "one rule an id", "rename or join them")
            seen.add(name)
            self._put(path, name, rule)
        for change in pack.extend:
            old = self._known(path, change.id)
            added = {key: [*old.get(key, ()), *getattr(change, key)] for key in ("words", "regex", "exempt")}
            self._put(path, change.id, {key: value for key, value in added.items() if value})
        for switch in pack.switch_off:
            self._known(path, switch.id)
            self.off[switch.id] = switch

    def made(self) -> tuple[Rule, ...]:
        """Return the rules in order, without those that are switched off."""
        kept = ((name, value) for name, value in self.fields.items() if name not in self.off)
        return tuple(make_rule(str(self.origin[name]), value) for name, value in kept)

    def _put(self, path: Path, name: str, fields: dict[str, Any]) -> None:
        self.fields[name] = {**self.fields.get(name, {}), **fields}
        self.origin[name] = path

    def _known(self, path: Path, name: str) -> dict[str, Any]:
        if name not in self.fields:
            raise UserError(f"{path} rule {name}", "no rule has this id", "an id of docs/compliance.md", "mend the id")
        return self.fields[name]


def _compile(rule: Rule, order: int) -> CompiledRule:
    return CompiledRule(
        rule,
        order,
        tuple(_pattern(pattern, rule) for pattern in (*rule.regex, *lexicon_patterns(rule))),
        _any(map(re.escape, rule.near), rule),
        tuple(_pattern(pattern, rule) for pattern in rule.exempt),
        _any((rf"(?:{pattern})\Z" for pattern in rule.unless_before), rule),
        _any(rule.unless_after, rule),
        _any((rule.after,) if rule.after else (), rule),
        _any((rule.before,) if rule.before else (), rule),
        _any((rule.sheet_holds,) if rule.sheet_holds else (), rule),
        tuple(_pattern(pattern, rule) for pattern in rule.sentence),
        _guarded(_any(rule.unless_sentence, rule)),
    )


def _guarded(pattern: re.Pattern[str] | None) -> re.Pattern[str] | None:
    return pattern and guarded(pattern)


def _any(patterns: Iterable[str], rule: Rule) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return _pattern(joined, rule) if joined else None


def _pattern(pattern: str, rule: Rule) -> re.Pattern[str]:
    return compiled_regex(pattern if rule.view == "source" else fold_regex(pattern))
