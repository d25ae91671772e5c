"""How a first draft goes wrong: which kinds of defect it has (drawn at measured rates) and how each is put into a text.

The kinds are those of tasks.compliance's reasons. Each defect is put in as a whole sentence, a label or a missing
piece, so that what is left after mending still reads well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from random import Random

from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.phrasebook import Lines, Voice, lines, load, symbols
from tasks.teacher.simulator.product_words import bare, sheet_text, words
from tasks.teacher.simulator.task_sheet import Order
from tasks.teacher.simulator.writer import Piece, Text, hashtags

SENTENCES = ("forbidden_word", "absolute_claim", "medical_claim")  # defects that come as one sentence more
STRAYS = ("unsupported_ingredient", "unsupported_audience", "unsupported_function")  # things that the sheet lacks
TOLD = ("unsupported_claim", "invented_experience")
SUBTLE = ("entailment", "tone")  # what only a reader notices: the optional model gates are there for it
KINDS = (
    *(*SENTENCES, "unsupported_number", "length", "call_to_action", "framework_label", "hashtags", "format"),
    *(*STRAYS, *TOLD, *SUBTLE),
)
ON_SHEET = 0.6  # how often a medical slip is the sheet's own word, where the sheet has one


@cache
def book() -> dict[str, Lines]:
    """Return the phrases of defects.yaml that are plain lists."""
    return symbols(load("defects"))


@cache
def numbers(kind: str) -> Lines:
    """Return phrases that claim a number: `short` ones for ads, `long` ones for the rest."""
    return lines(load("defects")["unsupported_number"][kind])


def strays(kind: str, order: Order) -> list[str]:
    """Return what is of a kind and not on the product's sheet under any of its names."""
    sheet = sheet_text(order).lower()
    pool: list[list[str]] = load("defects")["strays"][kind]
    return [names[0] for names in pool if not any(name.lower() in sheet for name in names)]


def drawn_kinds(order: Order, random: Random, knobs: Knobs) -> frozenset[str]:
    """Return the kinds of defect of one draft; a redraft has fewer, fewest of the kinds it was told of."""
    defects = knobs.defects
    rates: Mapping[str, float] = getattr(defects, order.family).model_dump()
    careful = random.random() < defects.careful
    factor = defects.scale / (1 - defects.careful) if defects.careful < 1 else 0.0
    told: set[str] = set()
    if order.task == "redraft":
        factor *= defects.redraft
        told = {str(reason.get("kind")) for reason in order.reasons}
    drawn = set()
    for kind in KINDS:
        rate = rates[kind] * factor * (1 - knobs.repair_p if kind in told else 1.0)
        if random.random() < rate and possible(kind, order):
            drawn.add(kind)
    return frozenset() if careful else frozenset(drawn)


def possible(kind: str, order: Order) -> bool:
    if kind == "call_to_action":
        return order.call_to_action
    if kind in STRAYS:
        return bool(strays(kind, order))
    return kind != "hashtags" or order.hashtags[1] > 0


def spoiled(text: Text, voice: Voice, order: Order, kinds: Collection[str]) -> Text:
    """Return a text with defects of these kinds; `format` is for the rendered text and not done here."""
    for kind in (kind for kind in KINDS if kind in kinds):
        text = _PUT_IN[kind](text, voice, order)
    return text


def _sentence(kind: str, text: Text, voice: Voice, order: Order) -> Text:
    if kind == "medical_claim" and (own := _own_medical_word(order)) and voice.random.random() < ON_SHEET:
        said = f"同时{own}。"
    else:
        said = voice.drawn_from(kind, book()[kind])
    return _inserted(text, voice, Piece(kind, said))


def _stray(kind: str, text: Text, voice: Voice, order: Order) -> Text:
    """Return the text with a sentence about an ingredient, a person or a function that the sheet does not name."""
    thing = voice.random.choice(strays(kind, order))
    said = thing.join(voice.random.choice(book()[kind]).pieces)
    return _inserted(text, voice, Piece(kind, said))


def _told(kind: str, text: Text, voice: Voice, _order: Order) -> Text:
    return _inserted(text, voice, Piece(kind, voice.drawn_from(kind, book()[kind])))


def _own_medical_word(order: Order) -> str:
    """Return a feature of the sheet that no copy may claim (消炎杀菌), as careless writers copy them."""
    return next((each for each in order.words("features") if any(word in each for word in words("medical"))), "")


def _number(text: Text, voice: Voice, order: Order) -> Text:
    if order.family == "paid_ad":
        if voice.random.random() < 0.35 and (dosed := _dosed(text, voice)):
            return dosed
        return _inserted(text, voice, Piece("number", voice.drawn_from("short", numbers("short"))))
    for _ in range(voice.random.choice((1, 1, 2))):
        text = _inserted(text, voice, Piece("number", voice.drawn_from("long", numbers("long"))))
    return text


def _dosed(text: Text, voice: Voice) -> Text | None:
    """Return the text with a strength made up for an ingredient that has none (神经酰胺 -> 3%神经酰胺)."""
    plain = [voice.facts[f"ing{n}"] for n in (2, 3, 1) if f"ing{n}" in voice.facts]
    for at, piece in enumerate(text.pieces):
        for ingredient in plain:
            own_name = ingredient in voice.facts["name"]
            if bare(ingredient) == ingredient and ingredient in piece.text and not own_name:
                made_up = voice.drawn_from("dose", _DOSE) + ingredient
                changed = replace(piece, text=piece.text.replace(ingredient, made_up, 1))
                return replace(text, pieces=(*text.pieces[:at], changed, *text.pieces[at + 1 :]))
    return None


_DOSE = lines("{n:2-12}%\n{n:1-4}.{n:1-9}%\n{n:2-9}%")


def _inserted(text: Text, voice: Voice, piece: Piece) -> Text:
    """Return the text with a sentence put after a drawn one: not first, not last, not in an opening paragraph."""
    places = range(1, max(2, len(text.pieces)))
    later = [at for at in places if text.pieces[at - 1].paragraph > 1]
    at = voice.random.choice(later if text.paragraphs and later else places)
    return text.with_piece(at, replace(piece, paragraph=text.pieces[at - 1].paragraph))


def _too_long(text: Text, voice: Voice, order: Order) -> Text:
    """Return the text with idle sentences until it is over the limit."""
    while len(text.render()) <= order.max_chars:
        text = _inserted(text, voice, Piece("extra", voice.drawn_from("extra", book()["extra"])))
    return text


def _no_call(text: Text, voice: Voice, _order: Order) -> Text:
    end = Piece("end", voice.drawn_from("no_cta_end", book()["no_cta_end"]))
    left = tuple(piece for piece in text.pieces if piece.role != "ad_cta")
    return replace(text, pieces=(*left, end) if voice.random.random() < 0.6 and len(left) > 1 else left)


def _labelled(text: Text, voice: Voice, order: Order) -> Text:
    names = load("defects")["labels"]
    labels = names.get(order.content_type) or names["social" if order.family != "paid_ad" else "paid_ad_pas"]
    style = voice.random.choice(load("defects")["label_styles"])
    starts = [at for at, piece in enumerate(text.pieces) if piece.paragraph and _opens_paragraph(text, at)]
    count = min(len(labels), len(starts), voice.random.choice((2, 3, 3, 4)))
    pieces = list(text.pieces)
    for label, at in zip(labels[:count], starts[:count], strict=True):
        said = pieces[at].text
        pieces[at] = replace(pieces[at], text=style.replace("{label}", label).replace("{text}", said))
    return replace(text, pieces=tuple(pieces))


def _opens_paragraph(text: Text, at: int) -> bool:
    if not text.paragraphs:
        return text.pieces[at].role not in {*SENTENCES, *STRAYS, *TOLD, *SUBTLE, "number", "extra"}
    return at == 0 or text.pieces[at - 1].paragraph != text.pieces[at].paragraph


def _wrong_tags(text: Text, voice: Voice, order: Order) -> Text:
    least, most = order.hashtags
    count = voice.random.choice([max(0, least - 1), max(0, least - 2), most + 1, most + 2])
    return replace(text, tags=hashtags(order, voice, count))


_PUT_IN: dict[str, Callable[[Text, Voice, Order], Text]] = {
    **{kind: partial(_sentence, kind) for kind in SENTENCES},
    "unsupported_number": _number,
    "length": _too_long,
    "call_to_action": _no_call,
    "framework_label": _labelled,
    "hashtags": _wrong_tags,
    "format": lambda text, voice, order: text,
    **{kind: partial(_stray, kind) for kind in STRAYS},
    **{kind: partial(_told, kind) for kind in (*TOLD, *SUBTLE)},
}


# -- defects of format: the rendered text, dressed in what is no copy ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text and what its markdown would pick out."""

    text: str
    order: Order
    random: Random


def misformatted(text: str, order: Order, random: Random) -> str:
    """Return the text as JSON, as markdown, or behind a sentence about itself."""
    ways = (_as_markdown, _introduced, _as_markdown if order.family == "paid_ad" else _as_json)
    return random.choice(ways)(Rendered(text, order, random))


def _as_json(rendered: Rendered) -> str:
    title, _, body = rendered.text.partition("\n\n")
    return json.dumps({"title": title, "content": body}, ensure_ascii=False, indent=2)


def _as_markdown(rendered: Rendered) -> str:
    text = rendered.text
    for ingredient in (rendered.order.name, *rendered.order.words("core_ingredients")[:2]):
        text = text.replace(ingredient, f"**{ingredient}**", 1)
    return f"## {text}" if "\n" in text else text


def _introduced(rendered: Rendered) -> str:
    opening = rendered.random.choice(book()["meta"]).pieces[0]
    return f"{opening}\n\n{rendered.text}"
