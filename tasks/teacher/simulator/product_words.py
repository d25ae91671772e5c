"""What may be said of a product: its sheet turned into slots for phrases, without the words that no clean copy uses.

Nothing comes from anywhere but the sheet, the guide and the theme that the sheet's own words point at. Sheets as people
write them hold words that the law forbids (消炎杀菌, 祛痘): those are cut out, or the feature is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from tasks.teacher.simulator.phrasebook import Lines, Symbols, lines, load, symbols
from tasks.teacher.simulator.task_sheet import Order

_PERCENT = re.compile(r"\d+(?:\.\d+)?\s*[%％]")
_STRENGTH = re.compile(r"^\s*\d+(?:\.\d+)?\s*[%％]\s*")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_PIECES = re.compile(r"[\s、，,；;|｜/]+")
_PERSON = re.compile(r"(肌|皮|人群|者|族|党|人|妈妈|孕妇|男士|女士)$")
_VERBS = re.compile(
    r"^(快速|深层|温和|持久|源头|夜间|分层)?(改善|淡化|提亮|舒缓|修护|修复|强韧|补水|保湿|控油|紧致|充盈|疏通|均匀|滋润|平衡|提拉|清洁|收敛"
    r"|减少|锁住|抵御|缓解|调理|稳定|细致|软化|柔软)"
)


@cache
def words(kind: str) -> tuple[str, ...]:
    """Return a list of words.yaml (forbidden, absolute, medical, claims, evidence)."""
    return tuple(load("words")[kind])


@cache
def avoided() -> re.Pattern[str]:
    """Return the pattern of all words that clean copy never uses."""
    every = [word for kind in ("forbidden", "absolute", "medical", "claims", "evidence") for word in words(kind)]
    return re.compile("|".join(re.escape(word) for word in sorted(every, key=len, reverse=True)), re.IGNORECASE)


def clean(value: str) -> str:
    """Return a sheet value without avoided words (控油祛痘 -> 控油); empty where nothing worth saying is left."""
    if not avoided().search(value):
        return value
    rest = avoided().sub("", value).strip()
    return rest if len(rest) >= 2 and rest[-1] not in "的与和及、" and rest[0] not in "的与和及、" else ""


def bare(ingredient: str) -> str:
    """Return an ingredient without its strength (10%烟酰胺 -> 烟酰胺)."""
    return _STRENGTH.sub("", ingredient)


def sheet_numbers(order: Order) -> frozenset[str]:
    """Return every number on the sheet, as written: a made-up number must not meet one of them."""
    return frozenset(_DIGITS.findall(sheet_text(order)))


def sheet_text(order: Order) -> str:
    """Return all values of the product sheet, one a line."""
    values = order.product.values()
    return "\n".join(str(part) for value in values for part in (value if isinstance(value, list) else [value]))


def facts_of(order: Order, random: Random) -> dict[str, str]:
    """Return slot -> words for one text; the order of features and of ingredients is drawn, the strong one first."""
    facts = {"name": order.name, **_brand_facts(order), **_audience_facts(order)}
    facts["kind"] = category_of(order).kind
    facts |= _feature_facts(order, random)
    return facts | _ingredient_facts(order, random)


def _brand_facts(order: Order) -> dict[str, str]:
    brand, guide = clean(order.guide.name), order.guide
    full = order.name if order.name.startswith(brand) else brand + order.name
    facts = {"full": full}
    if brand:
        facts["maker"] = brand
        philosophy = re.split(r"[。！!；;\n]", guide.philosophy.strip(), maxsplit=1)[0]
        if 4 <= len(philosophy) <= 24 and not avoided().search(philosophy):
            facts["phil"] = philosophy
    return facts


def _audience_facts(order: Order) -> dict[str, str]:
    """aud: all of the audience as a noun. aud1: its first noun. who: a noun for a person, where there is one."""
    raw = clean(order.line("target_audience")).strip()
    pieces = [re.sub(r"^(特别是|尤其是|尤其|适合)", "", piece) for piece in _PIECES.split(raw)]
    nouns = [_person(piece) for piece in pieces if len(piece) > 1]
    if not nouns:
        return {"aud": "日常护理人群", "aud1": "日常护理人群", "who": "护肤人"}
    special = "特别是" in raw and len(nouns) > 1
    facts = {"aud": f"{nouns[0]}，特别是{nouns[1]}" if special else "、".join(nouns), "aud1": nouns[0]}
    people = [noun for noun in nouns if _PERSON.search(noun) and not re.search("儿童|宝宝|婴|所有", noun)]
    if people:
        facts["who"] = people[0]
    if special and people:
        facts["aud1"] = people[0]
    return facts


def _person(piece: str) -> str:
    if re.search(r"(肌|肌肤|肤质|皮|人群|者|族|党|人|妈妈|孕妇|士|敏|儿童)$", piece):
        return re.sub(r"肌肤$", "肌", piece) if len(piece) > 3 and not piece.startswith("所有") else piece
    return f"{piece}的人" if len(piece) >= 3 else piece


def _feature_facts(order: Order, random: Random) -> dict[str, str]:
    features = list(dict.fromkeys(filter(None, map(clean, order.words("features"))))) or ["日常护理"]
    random.shuffle(features)
    features.sort(key=lambda feature: not _HAN.search(feature))  # SPF30 PA++ makes no sentence: it comes last
    facts = {f"feat{at}": feature for at, feature in enumerate(features[:3], 1)}
    facts["feats2"], facts["feats3"] = "、".join(features[:2]), "、".join(features[:3])
    active = [feature for feature in features if _VERBS.match(feature)]
    return facts | {f"vf{at}": feature for at, feature in enumerate(active[:2], 1)}


def _ingredient_facts(order: Order, random: Random) -> dict[str, str]:
    found = list(dict.fromkeys(filter(None, map(clean, order.words("core_ingredients")))))
    found = found or ["基础护理成分"]
    strong = [each for each in found if _PERCENT.search(each)]
    rest = [each for each in found if each not in strong]
    random.shuffle(rest)
    found = strong + rest
    facts = {f"ing{at}": each for at, each in enumerate(found[:4], 1)}
    facts |= {f"bare{at}": bare(each) for at, each in enumerate(found[:4], 1)}
    facts["ings2"], facts["ings3"], facts["ings"] = listed(found[:2]), listed(found[:3]), "、".join(found)
    if len(found) > 1:
        facts |= {"other1": found[1], "other": "、".join(found[1:3])}
        if strong:
            facts["pct"] = strong[0]
    return facts | {f"note{at}": _note(bare(each), random) for at, each in enumerate(found[:3], 1)}


def listed(things: Sequence[str]) -> str:
    """Return 甲, 甲与乙, or 甲、乙和丙."""
    if len(things) < 3:
        return "与".join(things)
    return "、".join(things[:-1]) + "和" + things[-1]


@cache
def _notes() -> tuple[tuple[tuple[str, Lines], ...], tuple[tuple[str, Lines], ...]]:
    book = load("ingredients")
    by_length = sorted(symbols(book["notes"]).items(), key=lambda entry: -len(entry[0]))
    return tuple(by_length), tuple(symbols(book["suffix"]).items())


def _note(ingredient: str, random: Random) -> str:
    """Return a harmless sentence on an ingredient, without its final stop."""
    known, suffixes = _notes()
    ester = ingredient.endswith("酯")  # an ester of an acid is another thing than the acid
    for name, phrases in known:
        if name in ingredient and (not ester or name.endswith("酯")):
            return random.choice(phrases).pieces[0]
    phrases = next(phrases for suffix, phrases in suffixes if ingredient.endswith(suffix))
    return ingredient.join(random.choice(phrases).pieces)


@dataclass(frozen=True, slots=True)
class Category:
    """match: words of a category or name that mean it. kind: its noun (面霜). apply: how such a thing is used."""

    match: tuple[str, ...]
    kind: str
    apply: Lines


@cache
def _categories() -> tuple[Category, ...]:
    return tuple(Category(tuple(each["match"]), each["kind"], lines(each["apply"])) for each in load("categories"))


def category_of(order: Order) -> Category:
    """Return the product's category, read from the category column, then from the name; the last one is any other."""
    for place in (order.line("category"), order.name):
        for category in _categories():
            if any(word in place for word in category.match):
                return category
    return _categories()[-1]


@dataclass(frozen=True, slots=True)
class Theme:
    """match: words that point at it. only: for its own category alone (lips, hair, body), and then always."""

    match: tuple[str, ...]
    only: bool
    phrases: Symbols


@cache
def themes() -> dict[str, Theme]:
    """Return theme id -> theme."""
    return {
        name: Theme(tuple(theme["match"]), theme.get("only", False), symbols(theme))
        for name, theme in load("themes").items()
    }


def theme_of(order: Order, random: Random) -> Theme:
    """Return a theme drawn from those the sheet's words point at, the better ones more often."""
    place = f"{order.line('category')} {order.name}"
    for theme in themes().values():
        if theme.only and any(word in place for word in theme.match):
            return theme
    scores = theme_scores(order)
    best = sorted(scores, key=lambda name: (-scores[name], name))[:3]
    if not best:
        return themes()["general"]
    return themes()[random.choices(best, [scores[name] ** 2 for name in best])[0]]


def theme_facts(theme: Theme, random: Random) -> dict[str, str]:
    """Return what one text says throughout: its topic, and a myth with its correction (truth: same place as myth)."""
    facts = {"topic": random.choice(theme.phrases["topic"]).pieces[0]}
    if myths := theme.phrases.get("myth"):
        at = random.randrange(len(myths))
        facts |= {"myth": myths[at].pieces[0], "right": theme.phrases["truth"][at].pieces[0]}
    return facts


def theme_scores(order: Order) -> dict[str, int]:
    """Return theme id -> how strongly the sheet's words point at it, themes without a hint left out."""
    weighed = (
        (3, " ".join(map(clean, order.words("features")))),
        (2, clean(order.name)),
        (4, order.line("category")),
        (1, order.line("target_audience")),
    )
    scores = {
        name: sum(weight * sum(word in text for word in theme.match) for weight, text in weighed)
        for name, theme in themes().items()
        if not theme.only
    }
    return {name: score for name, score in scores.items() if score}
