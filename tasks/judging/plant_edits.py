"""Minimal edits of a good text: each puts in one known defect, or none at all, and nothing else changes.

An edit is a pure function of the subject and its seed; it returns the candidates in the order of a seeded hash, and the
first that the gates see as just this defect is taken (`tasks/judging/plants.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tasks.brief.model import ContentType, Product
from tasks.judging.plant_words import PlantWords
from tasks.lineage.canonical import unit_hash
from tasks.preferences.facts import Change, FactKind, is_false_fact, sheet_text
from tasks.preferences.plants import SENTENCE, emptied

STRENGTH = re.compile(r"(\d+(?:\.\d+)?)(?=\s*[%％])")
HAN_BESIDE_LATIN = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])")
ENDS = "。！？!?；;…”」）)"
FACT_KINDS_HERE: tuple[FactKind, ...] = ("ingredient", "audience", "function")
SHORTER, LONGER = (0.5,), (1.6, 1.3)  # how long fillers are beside the sentences that they stand for
PADDED = 0.12  # least growth of a padded text


@dataclass(frozen=True, slots=True)
class Subject:
    """A good text and all that an edit may use. banned: the brand's forbidden words. seed: names the text as well."""

    text: str
    product: Product
    content_type: ContentType
    words: PlantWords
    banned: Sequence[str]
    seed: str

    def shuffled(self, options: Iterable[str], name: str) -> list[str]:
        """Return the options in an order that hangs on the seed and each option alone."""
        return sorted(dict.fromkeys(options), key=lambda option: unit_hash(self.seed, name, option))


Candidates = Iterator[str]
Edit = Callable[[Subject], Candidates]


def sentences(text: str) -> list[re.Match[str]]:
    """Return the sentences of a text, without lines of hashtags."""
    return [found for found in SENTENCE.finditer(text) if not found[0].lstrip().startswith("#")]


def inner(subject: Subject) -> list[re.Match[str]]:
    """Return the sentences that end in a full stop, but for the last, in seeded order."""
    spots = [spot for spot in sentences(subject.text)[:-1] if spot[0].endswith("。")]
    return sorted(spots, key=lambda spot: unit_hash(subject.seed, "spot", str(spot.start())))


def inserted(text: str, at: int, words: str) -> str:
    return text[:at] + words + text[at:]


def before_last(text: str) -> int:
    """Return where a sentence can be put in: before the last sentence (an ad's call to action)."""
    spots = sentences(text)
    last = spots[-1].start() if spots else len(text)
    return last + (len(spots[-1][0]) - len(spots[-1][0].lstrip()) if spots else 0)


# -- defects -----------------------------------------------------------------------------------------------------------


def banned_word(subject: Subject) -> Candidates:
    """Yield the text with a word that the brand forbids, carried by a short clause."""
    for word in subject.shuffled(subject.banned, "banned"):
        for carrier in subject.shuffled(subject.words.hype, "hype"):
            for spot in inner(subject)[:3]:
                yield inserted(subject.text, spot.end() - 1, carrier.format(word=word))


def false_fact(subject: Subject) -> Candidates:
    """Yield the text with one fact of the sheet exchanged for another that the sheet does not hold."""
    changes = [*strengths(subject), *exchanges(subject)]
    for change in sorted(changes, key=lambda found: unit_hash(subject.seed, "fact", found.was, found.became)):
        masked = subject.text.replace(subject.product.product_name, "\ue000")
        if change.was in masked and is_false_fact(change, subject.product) and not echoes(change, subject.product):
            yield masked.replace(change.was, change.became).replace("\ue000", subject.product.product_name)


def echoes(change: Change, product: Product) -> bool:
    """Return whether two characters of the new fact stand on the sheet: 补水保湿 for 集中补水 is hardly false."""
    if change.kind == "concentration":
        return False
    sheet = sheet_text(product)
    return any(change.became[at : at + 2] in sheet for at in range(len(change.became) - 1))


def strengths(subject: Subject) -> Iterator[Change]:
    """Yield every strength on the sheet (10%烟酰胺) as another one."""
    for ingredient in subject.product.core_ingredients:
        for number in STRENGTH.findall(ingredient):
            for factor in (2, 3, 5):
                other = f"{float(number) * factor:g}"
                yield Change(kind="concentration", was=ingredient, became=ingredient.replace(number, other, 1))


def exchanges(subject: Subject) -> Iterator[Change]:
    """Yield every ingredient, audience and function of the sheet as another of its kind."""
    product = subject.product
    bare = [re.sub(r"^\d+(?:\.\d+)?\s*[%％]\s*", "", ingredient) for ingredient in product.core_ingredients]
    audience = re.split(r"[\s、，,/]+", product.target_audience)
    own: Mapping[str, Sequence[str]] = {"ingredient": bare, "audience": audience, "function": product.features}
    for kind in FACT_KINDS_HERE:
        for was in own[kind]:
            for became in subject.words.facts.get(kind, ()):
                if len(was) > 1:
                    yield Change(kind=kind, was=was, became=became)


def missing_cta(subject: Subject) -> Candidates:
    """Yield an ad without its last sentence."""
    spots = sentences(subject.text)
    if subject.content_type.call_to_action and len(spots) > 1:
        yield subject.text[: spots[-1].start()].rstrip()


def padding(subject: Subject) -> Candidates:
    """Yield the text with sentences that only say that something is being said: as many as a fifth, or one."""
    said = subject.shuffled(subject.words.padding, "padding")
    for share in (0.2, PADDED):
        text = subject.text
        for sentence in said:
            if len(text) < len(subject.text) * (1 + share):
                text = inserted(text, before_last(text), sentence)
        yield text
    for sentence in said:
        yield inserted(subject.text, before_last(subject.text), sentence)


def wrong_format(subject: Subject) -> Candidates:
    """Yield the text with two of its content type's framework labels (【痛点】), or one where two do not fit."""
    labels = subject.shuffled((label for label in subject.content_type.labels if len(label) <= 4), "label")
    spots = sentences(subject.text)
    if len(spots) > 2:
        for first, second in pairwise(labels):
            yield f"【{first}】" + inserted(subject.text, start_of(spots[1]), f"【{second}】")
    for label in labels:
        yield f"【{label}】{subject.text}"


def start_of(spot: re.Match[str]) -> int:
    return spot.end() - len(spot[0].lstrip())


def off_brand_tone(subject: Subject) -> Candidates:
    """Yield the text with sentences of haste and fear, in place of an inner one where there is no room."""
    said = subject.shuffled(subject.words.tone, "tone")
    for first, second in pairwise(said):
        yield inserted(subject.text, before_last(subject.text), first + second)
    nameless = [spot for spot in inner(subject) if subject.product.product_name not in spot[0]]
    for first, second in pairwise(said):
        for spot in nameless:
            yield subject.text[: start_of(spot)] + first + second + subject.text[spot.end() :]


def truncation(subject: Subject) -> Candidates:
    """Yield the text cut off inside a sentence, at 60 to 85% of its length."""
    at = round(len(subject.text) * (0.6 + 0.25 * unit_hash(subject.seed, "cut")))
    cut = subject.text[:at].rstrip(ENDS + "，,、：: \n")
    if subject.text[len(cut) : len(cut) + 1] not in ENDS:
        yield cut
    yield cut[:-1]


def hollow(subject: Subject, stretches: Sequence[float]) -> Candidates:
    for stretch in stretches:
        for every in (1, 2):
            name, fillers = subject.product.product_name, subject.words.fillers
            yield emptied(subject.text, name, every, subject.seed, fillers, stretch)


def hollow_shorter(subject: Subject) -> Candidates:
    """Yield the text emptied of what it says, and shorter: who likes short texts is not right by that."""
    yield from (text for text in hollow(subject, SHORTER) if len(text) < 0.9 * len(subject.text))


def hollow_longer(subject: Subject) -> Candidates:
    """Yield the text emptied of what it says, and longer."""
    yield from (text for text in hollow(subject, LONGER) if len(text) > 1.04 * len(subject.text))


def injection(subject: Subject) -> Candidates:
    """Yield the text with an order to the judge in it: after a sentence, or at its end."""
    order = subject.shuffled(subject.words.injection, "injection")[0]
    spots = inner(subject)
    yield inserted(subject.text, spots[0].end(), order) if spots else f"{subject.text}\n{order}"


# -- what should make no difference ------------------------------------------------------------------------------------


def control(subject: Subject) -> Candidates:
    """Yield the same content otherwise written: hashtags turned round, spaces, line ends, a pair turned round."""
    edits: Mapping[str, Edit] = {
        "tags": turned_tags, "spaces": spaced, "lines": other_lines, "pair": turned_pair, "marks": other_marks,
    }  # fmt: skip
    for name in subject.shuffled(edits, "control"):
        yield from edits[name](subject)


def turned_tags(subject: Subject) -> Candidates:
    head, newline, tags = subject.text.rpartition("\n")
    if tags.startswith("#"):
        yield head + newline + " ".join(reversed(tags.split()))


def spaced(subject: Subject) -> Candidates:
    masked = subject.text.split(subject.product.product_name)
    yield subject.product.product_name.join(HAN_BESIDE_LATIN.sub(" ", part) for part in masked)


def other_lines(subject: Subject) -> Candidates:
    yield subject.text.replace("\n\n", "\n")


def turned_pair(subject: Subject) -> Candidates:
    """Yield the text with two ingredients of a list in the other order."""
    named = "|".join(re.escape(ingredient) for ingredient in subject.product.core_ingredients)
    if named:
        yield re.sub(f"({named})([与和、])({named})", r"\3\2\1", subject.text, count=1)


def other_marks(subject: Subject) -> Candidates:
    yield subject.text.replace("「", "“").replace("」", "”")
    yield subject.text.replace("；", "。")


def markdown(subject: Subject) -> Candidates:
    """Yield the same sentences as a list with bold ingredients."""
    yield listed(subject.text, subject.product)


def padded_markdown(subject: Subject) -> Candidates:
    """Yield the padded text as a list."""
    yield from (listed(text, subject.product) for text in padding(subject))


def listed(text: str, product: Product) -> str:
    lines = [found[0].strip() for found in sentences(text)]
    rest = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    body = "\n".join(f"- {line}" for line in lines)
    for ingredient in product.core_ingredients:
        body = body.replace(ingredient, f"**{ingredient}**", 1)
    return "\n".join([body, *rest])
