"""What a product sheet says of its formula: which ingredients, with which concentrations, and which families.

Names come from all fields that speak of the product: its name, ingredients, features, claims, evidence and audience
(初次使用果酸人群). What they say is left out (不含香精) is none of the formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tasks.brief.model import Frozen, Product
from tasks.compliance.ingredient_names import Mention, ingredient_lexicon
from tasks.compliance.lexicon import LEXICON, read_lexicon
from tasks.compliance.normal import dense_of, fold_regex
from tasks.compliance.numerals import quantities
from tasks.lineage.errors import UserError

_LETTERS = re.compile(r"[^\W\d_]")


class FormulaPatterns(Frozen):
    absent: str
    joins: str
    vessels: str
    drawn: str


@dataclass(frozen=True, slots=True)
class Reading:
    """lexicon/formulas.yaml, compiled: absent and drawn end where a name begins, the others start where one ends."""

    absent: re.Pattern[str]
    joins: re.Pattern[str]
    vessels: re.Pattern[str]
    drawn: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Formula:
    """One sheet for the ingredient gates.

    supported: ids that a text may name: the sheet's own and the families of these. listed: ids in core_ingredients.
    shares: id -> its concentrations in percent; an id without one has an empty set. unknown: ingredients that the
    lexicon does not hold whole, dense, one a line. shown: the ingredients as the sheet writes them.
    """

    supported: frozenset[str]
    listed: frozenset[str]
    shares: dict[str, frozenset[Decimal]]
    unknown: str
    shown: str

    def general(self, id_: str) -> frozenset[str]:
        """Return the families of an id that the sheet's list names, without saying which member it means."""
        lexicon = ingredient_lexicon()
        return lexicon.families[id_] & self.listed & lexicon.groups

    def supports(self, id_: str, name: str) -> bool:
        """Return whether the sheet holds an ingredient, or one that the lexicon does not know and that has the name."""
        return id_ in self.supported or name in self.unknown

    def answers(self, id_: str) -> frozenset[str]:
        """Return the sheet's ids that a claim about `id_` may mean: the same, its members, or its family."""
        families = ingredient_lexicon().families
        return frozenset(own for own in self.shares if own == id_ or id_ in families[own] or own in families[id_])


@lru_cache(maxsize=4096)
def formula_of(product: Product) -> Formula:
    """Return the formula of one product, worked out once."""
    listed = _read(product.core_ingredients)
    prose = _read(
        (product.product_name, product.target_audience, *product.features, *product.claims, *product.evidence)
    )
    families = ingredient_lexicon().families
    own = frozenset(mention.id for _, found in (*listed, *prose) for mention in found)
    return Formula(
        supported=own.union(*(families[id_] for id_ in own)),
        listed=frozenset(mention.id for _, found in listed for mention in found),
        shares=_shares((*listed, *prose)),
        unknown="\n".join(value for value, found in listed if _leftover(value, found)),
        shown="、".join(product.core_ingredients) or "无",
    )


def _read(values: Iterable[str]) -> list[tuple[str, list[Mention]]]:
    """Return each value, dense, with the ingredients that it names."""
    dense = [dense_of(value) for value in values]
    return [(value, _present(value)) for value in dense]


def _present(dense: str) -> list[Mention]:
    """Return the ingredients that a value of the sheet names, without those that it says are left out."""
    absent = reading().absent
    found = ingredient_lexicon().mentions(dense)
    present = [mention for mention in found if not absent.search(dense[max(0, mention.start - 12) : mention.start])]
    return [mention for mention in present if mention.kind != "suffix"]


def _leftover(dense: str, mentions: list[Mention]) -> bool:
    """Return whether letters remain of an ingredient when all names that the lexicon holds are taken out."""
    rest = list(dense)
    for mention in mentions:
        rest[mention.start : mention.end] = " " * (mention.end - mention.start)
    return bool(_LETTERS.search("".join(rest)))


def _shares(values: Iterable[tuple[str, list[Mention]]]) -> dict[str, frozenset[Decimal]]:
    """Return id -> percentages: those of a value belong to the one ingredient that it names."""
    shares: dict[str, frozenset[Decimal]] = {}
    for dense, found in values:
        alone = len({mention.id for mention in found}) == 1
        percents = (
            frozenset(v for v, unit in quantities(dense) if unit == "%" and v is not None) if alone else frozenset()
        )
        for mention in found:
            shares[mention.id] = shares.get(mention.id, frozenset()) | percents
    return shares


@lru_cache(maxsize=1)
def reading() -> Reading:
    path = LEXICON / "formulas.yaml"
    patterns = read_lexicon(path, FormulaPatterns)
    before = [rf"(?:{patterns.absent})\Z", rf"(?:{patterns.drawn})\Z"]
    try:
        absent, drawn, joins, vessels = map(re.compile, map(fold_regex, (*before, patterns.joins, patterns.vessels)))
    except re.error as error:
        raise UserError(str(path), f"a regex does not compile ({error})", "a Python regex", "mend it") from error
    return Reading(absent, joins, vessels, drawn)
