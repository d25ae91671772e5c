"""The schema of rule packs: what a rule is as data, and one clear error for a file that is wrong.

A rule names a `gate` (the code that reads it) and gives that gate its patterns. Regexes may use the macros that their
pack defines, as {NAME}, and {N} (the numeral of a claim), {R} (an optional "to M" of a range), {D} (a denominator),
{NUM} (a numeral in a context). Patterns are folded like the text
that they are matched with, so a pack may write full-width punctuation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import Field, ValidationError, field_validator

from tasks.brief.model import Family, Frozen
from tasks.compliance.normal import fold_regex
from tasks.compliance.numerals import NUMERAL
from tasks.compliance.verdict import Severity
from tasks.lineage.errors import UserError

PACKS = Path(__file__).parent / "packs"
PACK_NAMES = (
    "brand",
    "format",
    "ad_law",
    "cosmetics",
    "facts",
    "ingredients",
    "claims",
    "functions",
    "people",
    "experience",
    "reader",
)

Kind = Literal[
    "forbidden_word",
    "framework_label",
    "length",
    "call_to_action",
    "hashtags",
    "format",
    "unsupported_number",
    "unsupported_ingredient",
    "unsupported_claim",
    "unsupported_function",
    "unsupported_audience",
    "wrong_name",
    "invented_experience",
    "absolute_claim",
    "medical_claim",
    "sheet",
    "unknown_product",
]
MODEL_KINDS = ("entailment", "tone")  # found by the optional model gates, and by no pack
KINDS: tuple[str, ...] = (*get_args(Kind), *MODEL_KINDS)
FACT_KINDS: tuple[str, ...] = (  # what a text claims and the product sheet does not hold
    "unsupported_number",
    "unsupported_ingredient",
    "unsupported_claim",
    "unsupported_function",
    "unsupported_audience",
    "wrong_name",
)
WORD_KINDS = frozenset({"forbidden_word", "absolute_claim", "medical_claim"})

Gate = Literal[
    "words",
    "brand_words",
    "number",
    "label_bracket",
    "proof",
    "special_function",
    "sheet_function",
    "children_function",
    "audience",
    "product_name",
    "unknown_name",
    "product_category",
    "ingredient",
    "ingredient_unknown",
    "concentration",
    "label_word",
    "length_over",
    "length_under",
    "call_to_action",
    "hashtag_count",
    "hashtag_place",
    "language",
    "invisible",
    "unfinished",
    "repetition",
    "product_known",
    "second_reader",
    "label_reader",
]
ViewName = Literal["source", "plain", "dense"]
Yields = Literal["never", "denied", "harmless"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, where PyYAML has it
_MACRO = re.compile(r"\{([A-Z][A-Z0-9_]*)\}")
_BUILT_IN = {
    "N": rf"(?P<n>{NUMERAL})",
    "NUM": rf"(?:{NUMERAL})",
    "R": rf"(?:\s{{0,3}}[-~—–至到]\s{{0,3}}(?P<n2>{NUMERAL}))?",
    "D": rf"(?P<d>{NUMERAL})",
}


class Example(Frozen):
    """A text on which a rule must fire (positive) or keep silent (negative), with the sheet it is judged by."""

    text: str
    family: Family = "social"
    min_chars: int = 1
    max_chars: int = 5000
    hashtags: tuple[int, int] = (0, 9)
    call_to_action: bool = False
    labels: tuple[str, ...] = ()
    name: str = "测试精华"
    category: str = "精华"
    ingredients: tuple[str, ...] = ("泛醇",)
    features: tuple[str, ...] = ()
    audience: str = "所有肤质"
    registration: Literal["普通", "特殊", ""] = ""
    claims: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class Rule(Frozen):
    """One rule. All pattern fields are matched over `view`.

    words: literals, found by Aho-Corasick in the dense view whatever `view` says. regex: further patterns.
    near: speed only; a number rule is tried where one of these stands right after a numeral. exempt: regexes; a hit
    that lies inside such a match is none. unless_before / unless_after: regexes that clear a hit where they match right
    before or right after it. after / before: regexes of which one must be found within `window` characters after or
    before the hit, in the same sentence or within `sentences` of them. sentence: regexes that must all be found in the
    hit's own sentence; unless_sentence: regexes of which none may. sheet_clears: a hit that the product sheet holds
    word for word is none; sheet_holds: a regex, where the sheet matches it no hit is one. entry: the part of the gate's
    lexicon that the rule reads. unregistered: severity for a sheet without a registration class.
    score: for the second reader, the log-odds above which it tells a sentence, or a head, of this kind, which
    `unless_sentence` may spare. yields: whether the second reader takes a hit back: never, where a word of denial
    stands beside it in a sentence that it finds harmless, or in any such sentence (what blocks and has more than three
    characters needs the denial all the same); what a rule leaves out follows from its kind (yields.py).
    unit, facts: for number rules, the unit where the pattern has no group `u`, and the part of the sheet that counts.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind
    gate: Gate = "words"
    severity: Severity = "block"
    words: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    view: ViewName = "dense"
    exempt: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()
    unless_after: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    window: int = Field(default=24, ge=0, le=200)
    families: tuple[Family, ...] = ()
    sentences: int = Field(default=1, ge=1, le=4)
    sentence: tuple[str, ...] = ()
    unless_sentence: tuple[str, ...] = ()
    sheet_clears: bool = False
    sheet_holds: str = ""
    entry: str = ""
    unregistered: Severity = "warn"
    unit: str = ""
    facts: Literal["sheet", "evidence"] = "sheet"
    score: float = 0.0
    yields: Yields | None = None
    basis: str = Field(min_length=1)
    message: str = Field(min_length=1)
    message_en: str = Field(min_length=1)
    suggestion: str = Field(min_length=1)
    positive: tuple[Example, ...] = ()
    negative: tuple[Example, ...] = ()

    @field_validator("positive", "negative", mode="before")
    @classmethod
    def _plain_examples(cls, value: object) -> object:
        return [{"text": v} if isinstance(v, str) else v for v in value] if isinstance(value, list) else value

    def identity(self) -> dict[str, Any]:
        """Return what can change a verdict: everything but the examples."""
        return self.model_dump(mode="json", exclude={"positive", "negative"})


class Change(Frozen):
    """Patterns that a brand adds to a rule that exists."""

    id: str
    words: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()


class SwitchedOff(Frozen):
    """A rule that a brand does without; the reason is kept in the rules' record."""

    id: str
    reason: str = Field(min_length=2)


class Pack(Frozen):
    """One file. `rules` may be partial where the id exists already: the fields that are given replace the old ones."""

    title: str = ""
    macros: dict[str, str] = Field(default_factory=dict)
    rules: tuple[dict[str, Any], ...] = ()
    extend: tuple[Change, ...] = ()
    switch_off: tuple[SwitchedOff, ...] = ()


def read_pack(path: Path) -> Pack:
    """Return one pack, its macros expanded in every pattern.

    Raises:
        UserError: the file is not YAML, not a pack, or a macro is unknown; it names the file and the rule.
    """
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - it is a safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(str(path), f"not readable as YAML ({reason})", "a rule pack", "mend the file") from error
    try:
        pack = Pack.model_validate(value if value is not None else {})
    except ValidationError as error:
        raise _invalid(str(path), error) from error
    macros = expanded_macros(path, pack.macros)
    rules = tuple(_expand(path, rule, macros) for rule in pack.rules)
    extend = tuple(
        change.model_copy(update={"regex": tuple(with_macros(path, change.id, r, macros) for r in change.regex)})
        for change in pack.extend
    )
    return pack.model_copy(update={"rules": rules, "extend": extend})


def expanded_macros(path: Path, written: dict[str, str]) -> dict[str, str]:
    macros = dict(_BUILT_IN)
    for name, pattern in written.items():
        macros[name] = f"(?:{with_macros(path, f'macro {name}', pattern, macros)})"
    return macros


def _expand(path: Path, rule: dict[str, Any], macros: dict[str, str]) -> dict[str, Any]:
    name = str(rule.get("id", "without id"))
    expanded = dict(rule)
    for field in ("regex", "exempt", "unless_before", "unless_after", "sentence", "unless_sentence"):
        if isinstance(rule.get(field), list):
            expanded[field] = [with_macros(path, name, pattern, macros) for pattern in rule[field]]
    for field in ("after", "before", "sheet_holds"):
        if isinstance(rule.get(field), str):
            expanded[field] = with_macros(path, name, rule[field], macros)
    return expanded


def with_macros(path: Path, rule: str, pattern: object, macros: dict[str, str]) -> str:
    if not isinstance(pattern, str):
        raise UserError(f"{path} rule {rule}", f"pattern {pattern!r} is no text", "quoted text", "put it in quotes")

    def value(match: re.Match[str]) -> str:
        if match[1] not in macros:
            known = ", ".join(sorted(macros))
            raise UserError(f"{path} rule {rule}", f"unknown macro {{{match[1]}}}", f"one of {known}", "define it")
        return macros[match[1]]

    return _MACRO.sub(value, pattern)


def make_rule(subject: str, fields: dict[str, Any]) -> Rule:
    """Return a rule from its fields, or raise one UserError that names the file and the rule."""
    name = f"{subject} rule {fields.get('id', 'without id')}"
    try:
        rule = Rule.model_validate(fields)
    except ValidationError as error:
        raise _invalid(name, error) from error
    contexts = ("|".join(f"(?:{p})" for p in patterns) for patterns in (rule.unless_before, rule.unless_after))
    around = (*rule.sentence, *rule.unless_sentence, rule.after, rule.before, rule.sheet_holds)
    for pattern in (*rule.regex, *rule.exempt, *contexts, *around):
        try:
            compiled = compiled_regex(pattern if rule.view == "source" else fold_regex(pattern))
        except re.error as error:
            found = f"regex {pattern!r} does not compile ({error})"
            raise UserError(name, found, "a Python regex", "mend it") from error
        if pattern in rule.regex and compiled.match(""):
            raise UserError(name, f"regex {pattern!r} matches nothing at all", "at least one character", "mend it")
    if rule.gate == "words" and not (rule.words or rule.regex):
        raise UserError(name, "no words and no regex", "at least one pattern", "add one or switch the rule off")
    return rule


@lru_cache(maxsize=16384)  # most rules of a brand are the built-in ones; compiling them all takes more than a second
def compiled_regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def _invalid(subject: str, error: ValidationError) -> UserError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    found = f"{place} is {str(first.get('input'))[:60]!r}"
    expected = first["msg"].removeprefix("Input should be ")
    return UserError(subject, found, expected, "see docs/compliance.md and mend it")
