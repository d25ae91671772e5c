"""The product's name and category in a text: a distorted or made-up name, and a category that is not the product's.

A name is recognised by its end: a word of a category (lexicon/categories.yaml), with the run of name characters before
it. A run that keeps the order of the name's characters is a short form (烟酰胺精华 for 澄屿烟酰胺精华) and harmless;
one that is nearly the name, or that follows the brand's name and is not the product's, is a finding. `check` knows
one product, so another product of the brand that is named as such (搭配, 再用) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tasks.compliance.findings import Case, Finding
from tasks.compliance.names import akin, altered_from, is_short_form, made_up, misspelt, strange
from tasks.compliance.normal import fold
from tasks.compliance.padding import CJK, squeeze
from tasks.compliance.rules import CompiledRule
from tasks.compliance.triggers import Searchable
from tasks.compliance.vocabulary import categories
from tasks.compliance.words import SENTENCE_ENDS

_LOOK_BACK = 14  # characters before a run in which a word of the routine makes it another product
_POINTED = 10  # characters after 这款 in which its category word ends
_ATTRIBUTES = 16  # characters after 是一款 in which its category word ends
_CALLED = 8  # characters before a run in which what says that the product is called so begins
_BEFORE_NAMES = frozenset("。,!?;:\n~敷用涂抹擦喷洗")
_SHORTEST = 4  # characters of a name, and of a run that may distort it


class Run(NamedTuple):
    """dense[start:end]: name characters that end in a category word, which begins at `form`. branded: right after the
    brand's name."""

    start: int
    form: int
    end: int
    branded: bool


def distorted(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield runs that are nearly the product's name, and names and series that the brand is said to have."""
    name, dense, sheet = case.sheet.name, case.view.dense, case.sheet.text
    for run in _named(case) if len(name) >= _SHORTEST else ():
        said = dense[run.start : run.end]
        if len(said) < _SHORTEST or not (run.branded or akin(said, name)):
            continue
        headless = said == name[1:] and not name[1].isascii()  # 茶花修护精华 for 山茶花修护精华
        if (said in sheet and not headless) or _follows(dense, run.start, categories().companions):
            continue
        start = misspelt(said, name, dense[run.form : run.end])
        if start is None and (run.branded or made_up(said, name, sheet)):
            start = 0
        if start is None or _listed(case, run.start + start, run.end) or _ingredient(case, run):
            continue
        yield Finding(compiled, *case.view.source_span("dense", run.start + start, run.end), _values(case))
    yield from _grown(compiled, case)
    yield from _misread(compiled, case)
    yield from _misspelt_brand(compiled, case)
    yield from _made_up_series(compiled, case)


def _listed(case: Case, start: int, end: int) -> bool:
    """Return whether dense[start:end] is a piece of a list in the source (依克多因、甘油), which no name is."""
    first, last = case.view.source_span("dense", start, end)
    return "、" in case.view.source[first:last]


def _ingredient(case: Case, run: Run) -> bool:
    """Return whether a run is the name of an ingredient, up to its category word (乳木果油)."""
    return any(mention.start <= run.start and run.end <= mention.end for mention in case.mentions)


def unknown_name(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield runs that stand where the product's name should, in a text that does not name it otherwise.

    compiled.after: what follows a name that opens a description (含, 以, a comma). compiled.before: what stands right
    before a name that the product is said to have (大名叫), whether or not the text names it otherwise.
    """
    name, dense = case.sheet.name, case.view.dense
    own = categories().of_product(name, case.product.category)
    yield from _called(compiled, case)
    for run in _named(case) if len(name) >= _SHORTEST and not case.names else ():
        if run.branded:
            continue
        said, stem, form = dense[run.start : run.end], dense[run.start : run.form], dense[run.form : run.end]
        opens = len(stem) > 2 and bool(compiled.after and compiled.after.match(dense, run.end))
        other = bool(own) and not own & categories().by_word[form] and _of_ingredient(case, run)
        altered = _opens_clause(dense, run.start) and altered_from(said, stem, name, case.sheet.text)
        if form in categories().steps or not (altered or (len(form) > 1 and (opens or other))):
            continue
        if _follows(dense, run.start, categories().others):
            continue
        if misspelt(said, name, form) is not None or made_up(said, name, case.sheet.text):
            continue
        cousin = said.startswith(name[:2]) and bool(own & categories().by_word[form])
        if (other or altered or cousin or strange(stem, case.sheet.text)) and not _listed(case, run.start, run.end):
            yield Finding(compiled, *case.view.source_span("dense", run.start, run.end), _values(case))


def _opens_clause(dense: str, start: int) -> bool:
    """Return whether a run stands where a name does: at the beginning of its clause, or after a verb of use."""
    return not start or dense[start - 1] in _BEFORE_NAMES


def _called(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield runs that the product is said to be called (大名叫云朵手霜); compiled.before: what says so."""
    name, dense, calls = case.sheet.name, case.view.dense, compiled.before
    for run in _named(case) if calls else ():
        called = [match.end() for match in calls.finditer(dense, max(0, run.start - _CALLED), run.end)] if calls else []
        start = max((end for end in called if run.start <= end < run.form), default=run.end)
        said = dense[start : run.end]
        shortened = said in case.sheet.text or is_short_form(said, name, dense[run.form : run.end])
        if len(said) >= _SHORTEST and not shortened:
            yield Finding(compiled, *case.view.source_span("dense", start, run.end), _values(case))


def wrong_category(compiled: CompiledRule, case: Case, patterns: Sequence[Searchable]) -> Iterator[Finding]:
    """Yield a category word that cannot be the product's where the text means the product: 这款面霜.

    The rule's patterns match what points at the product, up to the category word; a match with the group `after_name`
    points at it only right after the product's name (静水补水面膜是一款…).
    """
    lexicon, dense = categories(), case.view.dense
    own = lexicon.of_product(case.sheet.name, case.product.category)
    for match in (match for pattern in patterns for match in pattern.finditer(dense)) if own else ():
        named = match.groupdict().get("after_name") is not None
        if named and not any(end == match.start() for _, end in case.names):
            continue
        form = _pointed(dense, match.end(), anything=named)
        if form is None or own & lexicon.by_word[form[0]] or case.in_name(*form.span()):
            continue
        certain = named or match.groupdict().get("certain") is not None
        if certain or not _follows(dense, match.start(), lexicon.others):
            yield Finding(compiled, *case.view.source_span("dense", match.start(), form.end()), _values(case))


def _pointed(dense: str, start: int, *, anything: bool) -> re.Match[str] | None:
    """Return the category word that ends what begins at `start`. anything: attributes with 的 may stand between."""
    forms, parts = categories().forms, categories().parting
    limit = start + (_ATTRIBUTES if anything else _POINTED)
    found = [form for form in forms.finditer(dense, start, limit) if len(form[0]) > 1]
    for form in reversed(found) if anything else found[:1]:
        between = dense[start : form.start()]
        if not between or (between.isalnum() and (anything or parts.isdisjoint(between))):
            return form
    return None


def _of_ingredient(case: Case, run: Run) -> bool:
    """Return whether an ingredient of the sheet stands right before the run as its attribute: 3%烟酰胺的面膜."""
    end = run.start - 1
    said = case.view.dense
    return said[end : run.start] == "的" and any(said.endswith(name, 0, end) for name in case.sheet.ingredients)


def _values(case: Case) -> dict[str, object]:
    return {"name": case.product.product_name, "category": case.product.category or "未填写"}


def _named(case: Case) -> tuple[Run, ...]:
    if case.runs is None:  # two rules ask for the runs of one text
        case.runs = tuple(_runs(case))
    return case.runs


def _grown(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield the name where something has grown on to it: 净白焕亮面霜Pro, 抗氧精华水 for 抗氧精华."""
    lexicon, dense = categories(), case.view.dense
    own = lexicon.ending(case.sheet.name)
    for start, end in case.names:
        grown = lexicon.grown.match(dense, end)
        stop = grown.end() if grown else end + 1
        word = own + dense[end:stop]
        longer = bool(own and dense[end:stop]) and word in lexicon.by_word
        if longer and not grown and (after := lexicon.grown.match(dense, stop)):
            grown, stop = after, after.end()  # 精华液Pro
        longer = longer and word not in lexicon.generic
        if grown or (longer and not lexicon.begins.match(dense, end)):
            yield Finding(compiled, *case.view.source_span("dense", start, stop), _values(case))


def _misread(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield the name where it is written otherwise and only reads the same (匀光祛班精华)."""
    name = case.product.product_name
    for span in case.names:
        start, end = case.view.source_span("dense", *span)
        said = case.view.source[start:end]
        if said != name and _letters(said) != _letters(name):
            yield Finding(compiled, start, end, _values(case))


def _misspelt_brand(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield the brand's name with one character changed, turned round, or with a word grown on to it."""
    dense = case.view.dense
    for brand in case.rules.brand_names:
        pairs = (brand[i : i + 2] for i in range(len(brand) - 1))  # one of them survives a changed character
        for match in _like(brand).finditer(dense) if any(pair in dense for pair in pairs) else ():
            if match[0] != brand:
                values = {**_values(case), "name": brand}
                yield Finding(compiled, *case.view.source_span("dense", *match.span()), values)


@lru_cache(maxsize=64)
def _like(brand: str) -> re.Pattern[str]:
    """Return what looks like a brand's name of four Chinese characters or more; of a shorter one, the name alone."""
    if len(brand) < 4 or not re.fullmatch(f"[{CJK}]+", brand):
        return re.compile(re.escape(brand))
    changed = (f"{brand[:i]}[{CJK}]{brand[i + 1 :]}" for i in range(len(brand)))
    half = len(brand) // 2
    return re.compile("|".join([f"{brand}(?:式|组|美妆|集团)", brand, *changed, brand[half:] + brand[:half]]))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


def _made_up_series(compiled: CompiledRule, case: Case) -> Iterator[Finding]:
    """Yield a series, a family or a quoted name right after the brand's name of which the sheet knows nothing.

    The rule's patterns name it as the group `series`, and read the plain view, which keeps quotes.
    """
    plain, name = case.view.plain, case.sheet.name
    for brand in case.rules.brand_names:
        start = plain.find(brand)
        while start >= 0:
            start += len(brand)
            for match in (match for pattern in compiled.regex if (match := pattern.match(plain, start))):
                said = squeeze(match["series"])
                if strange(said, case.sheet.text) and not is_short_form(said, name, ""):
                    yield Finding(compiled, *case.view.source_span("plain", *match.span("series")), _values(case))
            start = plain.find(brand, start)


def _follows(dense: str, start: int, words: re.Pattern[str]) -> bool:
    """Return whether one of the words stands before a run, in its sentence."""
    head = dense[max(0, start - _LOOK_BACK) : start]
    cut = max((match.end() for match in SENTENCE_ENDS.finditer(head)), default=0)
    return words.search(head[cut:]) is not None


def _runs(case: Case) -> Iterator[Run]:
    """Yield the runs of a text, in order, that are neither the product's name nor a short form of it."""
    dense, name = case.view.dense, case.sheet.name
    stops, words = _stops(name), categories().words
    for number, form, end in case.found.named["categories"]:
        before = dense[form - 1] if form else ""
        describes = before + dense[form] in categories().descriptive  # 补水乳
        if before in stops and before != "的" and not describes and not _slip(dense[: form - 1], dense[form:end], name):
            continue  # a bare category word (这支精华)
        run = _run(form, end, case, stops, len(name) + 6)
        said = dense[run.start : end]
        if end - form == 1 and categories().begins.match(dense, form):
            continue  # the first character of another word (依克多因稳住水分)
        if name not in said and not is_short_form(said, name, words[number]) and not _inside(dense, name, run):
            yield run


@lru_cache(maxsize=4096)
def _stops(name: str) -> frozenset[str]:
    return frozenset(categories().stops) - frozenset(name)


def _inside(dense: str, name: str, run: Run) -> bool:
    """Return whether the category word of a run is a piece of the product's name where it stands."""
    return name in dense[max(0, run.end - len(name)) : run.form + len(name)]


def _slip(head: str, tail: str, name: str) -> bool:
    """Return whether a character that ends runs stands for one of the name: head ends and tail begins as it does."""
    place = len(name) - len(tail) - 1
    return place > 0 and tail == name[place + 1 :] and head.endswith(name[:place])


def _run(form: int, end: int, case: Case, stops: frozenset[str], most: int) -> Run:
    dense, name, brands = case.view.dense, case.sheet.name, case.rules.brand_names
    start = form
    while start > 0 and form - start < most and dense[start - 1].isalnum():
        describes = dense[start - 1 : start + 1] in categories().descriptive  # 去屑, 补水
        if dense[start - 1] in stops and not describes and not _slip(dense[: start - 1], dense[start:end], name):
            break
        start -= 1
    for brand in brands:
        place = dense.rfind(brand, max(0, start - len(brand)), form)
        if place >= 0:
            return Run(place + len(brand), form, end, branded=True)
    return Run(start, form, end, branded=False)
