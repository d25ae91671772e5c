"""What can be seen of a text without understanding it, on a scale from 1 to 5: the simulated judge's eyes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from tasks.teacher.simulator.phrasebook import load
from tasks.teacher.simulator.product_words import bare, sheet_numbers, sheet_text, words
from tasks.teacher.simulator.prose import MASK, Prose, has_call
from tasks.teacher.simulator.task_sheet import Order

_CLAIM = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[%％]|倍|天|周|小时|名|位|重|个月)")
_LABEL = re.compile(
    r"[【\[（(][^】\]）)]{1,8}[】\])）]"
    r"|(?:^|[。！？\n])\s*(?:痛点|之前|之后|桥梁|特点|优势|好处|钩子|利益点)[：:]"
)
_MARKUP = re.compile(r"\*\*|^#{1,6}\s|^\s*[-*]\s|```|^\s*\{", re.MULTILINE)
_INJECTION = re.compile(
    r"忽略(?:以上|之前|前面)|请?(?:给|打)(?:我|出)?(?:满分|5\s*分|五分)|判(?:我|本文|这一?篇|它)(?:获胜|赢|更好)"
    r"|ignore (?:all|previous|the above)",
    re.IGNORECASE,
)
_FLAT = re.compile(
    r"挺好|还可以|还不错|不错|好用|还行|值得一用|比较实用|感觉可以|皮肤会好一点|好了一些|功能是|成分有|里面有"
    r"|差不多|就是这样|看个人|没什么|用不用|都行|一般的|用就行|可以用|没有什么"
)
_ALIVE = re.compile(
    r"[？?]|那天|后来|原来|其实|不妨|慢慢|道理|因为|所以|源头|各司其职|搭配|节奏|误区|从[^，。]{1,8}开始"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Qualities:
    """aspects: facts, voice, structure, appeal, each 1-5. faults: excerpts of what is wrong. telling: sentences with
    a fact of the sheet. injected: the text tells its judge what to do."""

    aspects: dict[str, float]
    faults: list[str]
    telling: list[str]
    injected: bool

    @property
    def overall(self) -> float:
        return sum(self.aspects.values()) / len(self.aspects)


@cache
def _loud_words() -> re.Pattern[str]:
    every = [*words("forbidden"), *words("absolute"), *words("medical")]
    return re.compile("|".join(re.escape(word) for word in sorted(every, key=len, reverse=True)), re.IGNORECASE)


@cache
def _listed(name: str) -> re.Pattern[str]:
    """Return what finds the phrases of a list of judge.yaml: `wordy` or `pressing`."""
    return re.compile("|".join(map(re.escape, load("judge")[name])))


@cache
def _known_facts() -> tuple[str, ...]:
    """Return common ingredients, audiences and functions: what a false fact tends to be."""
    return tuple(fact for kind in ("ingredient", "audience", "function") for fact in load("fakes")[kind])


def qualities_of(text: str, order: Order) -> Qualities:
    """Return what is seen of a text; a garbled one is bad in every way."""
    masked = text.replace(order.name, MASK)
    loud = [match[0] for match in _loud_words().finditer(masked)]
    claims = [match[0] for match in _CLAIM.finditer(masked) if match[1] not in sheet_numbers(order)]
    strange = _strangers(masked, order)
    labels = [match[0].strip() for match in _LABEL.finditer(masked)] + [m[0].strip() for m in _MARKUP.finditer(masked)]
    pressing, wordy = ([match[0] for match in _listed(name).finditer(masked)] for name in ("pressing", "wordy"))
    injected = bool(_INJECTION.search(text))
    telling = [sentence.strip() for sentence in _sentences(text) if _tells(sentence, order)]
    aspects = {
        "facts": _facts(masked, order, claims, strange),
        "voice": _voice(masked, len(loud), len(pressing)),
        "structure": _structure(text, order) - 0.8 * len(labels) - 0.5 * len(wordy) ** 0.5,
        "appeal": _appeal(masked, len(telling)) - 0.8 * len(wordy) ** 0.5,
    }
    worst = _garbled(text) + (1.5 if injected else 0.0) + min(1.0, 0.15 * len(loud))
    return Qualities(
        {name: min(5.0, max(1.0, points - worst)) for name, points in aspects.items()},
        [fault for fault in (*loud, *pressing, *claims, *strange, *labels, *wordy) if fault],
        telling,
        injected,
    )


def _sentences(text: str) -> list[str]:
    prose = Prose.of(text)
    return [prose.sentence(place) for place in prose.places]


def _tells(sentence: str, order: Order) -> bool:
    facts = [*map(bare, order.words("core_ingredients")), *order.words("features")]
    return any(fact in sentence for fact in facts)


def _strangers(text: str, order: Order) -> list[str]:
    """Return well-known facts in the text that are not on the sheet, not even as part of another one."""
    own = sheet_text(order)
    return [each for each in _known_facts() if each in text and each not in own and not _part_of(each, own)]


def _part_of(fact: str, own: str) -> bool:
    pieces = re.split(r"[\s、，,；;|｜/]+", own)
    return any(piece in fact or fact in piece for piece in pieces if len(piece) > 1)


def _voice(text: str, loud: int, pressing: int) -> float:
    """Return how calm and exact the text sounds: words that shout, press or say nothing cost it."""
    return 4.6 - 1.0 * loud - 0.9 * pressing - 0.15 * text.count("！") - 0.5 * len(_FLAT.findall(text)) ** 0.5


def _facts(text: str, order: Order, claims: list[str], strange: list[str]) -> float:
    named = 0.0 if MASK in text else -1.5
    ingredients = order.words("core_ingredients")
    shown = sum(bare(each) in text for each in ingredients)
    coverage = min(1.0, shown / max(1, min(2, len(ingredients))))
    return 3.7 + coverage + named - 0.9 * len(claims) - 1.2 * len(strange)


def _structure(text: str, order: Order) -> float:
    """Return how well length, call to action, topic tags and paragraphs suit the kind of text."""
    points, length = 4.7, len(text.strip())
    if length > order.max_chars:
        points -= 0.6 + 2.0 * (length / order.max_chars - 1)
    if length < order.min_chars:
        points -= 0.8 + 2.0 * (1 - length / order.min_chars)
    if order.call_to_action and not has_call(text):
        points -= 2.2
    tags = len(Prose.of(text).tags)
    if not order.hashtags[0] <= tags <= max(order.hashtags):
        points -= 0.8
    if order.family != "paid_ad" and "\n" not in text.strip():
        points -= 0.8
    return points


def _appeal(text: str, telling: int) -> float:
    """Return how varied and alive the wording is: different pairs of characters, turns of thought, told facts."""
    han = "".join(_HAN.findall(text))
    pairs = [han[at : at + 2] for at in range(len(han) - 1)]
    variety = len(set(pairs)) / len(pairs) if pairs else 0.0
    alive = len(_ALIVE.findall(text)) / max(1.0, len(han) / 60)
    flat = len(_FLAT.findall(text)) / max(1.0, len(han) / 60)
    shown = min(1.0, 0.6 * alive) + min(0.3, 0.15 * telling)
    return 2.2 + 3.0 * max(0.0, variety - 0.5) + shown - 1.2 * min(1.5, flat)


def _garbled(text: str) -> float:
    """Return how many points a text loses for being unreadable: cut off, repeating itself, hardly Chinese."""
    stripped = text.strip()
    if len(stripped) < 15:
        return 4.0
    lost = 0.0 if re.search(r"[。！？!?；;」”’）)…~～]$|#\S+$", stripped) else 1.2
    if len(_HAN.findall(stripped)) < 0.5 * len(stripped) or "\ufffd" in stripped:
        lost += 2.0
    grams = Counter(stripped[at : at + 6] for at in range(len(stripped) - 5))
    repeated = sum(count - 1 for count in grams.values() if count > 1)
    return lost + min(3.0, 8.0 * repeated / max(1, len(stripped)))
