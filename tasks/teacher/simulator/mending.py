"""Repairs: the previous text with each named fault mended, or left, as its dice say; and sometimes a new defect.

A fault is mended by editing the text at the span that the reason names. What was not named stays as it was: limits
that were kept, a call to action that was there and the number of topic tags survive every edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from tasks.teacher.simulator.defects import book, numbers
from tasks.teacher.simulator.drafting import Dice
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.lengths import lengthened, shortened
from tasks.teacher.simulator.phrasebook import load
from tasks.teacher.simulator.prose import MASK, Prose, has_call
from tasks.teacher.simulator.spans import without_fault
from tasks.teacher.simulator.task_sheet import Order
from tasks.teacher.simulator.unwrapping import unwrapped
from tasks.teacher.simulator.writer import clean_text, voice_for

IN_ORDER = (
    *("format", "framework_label", "wrong_name", "forbidden_word", "medical_claim", "absolute_claim"),
    *("entailment", "tone", "unsupported_claim", "invented_experience", "unsupported_function", "unsupported_audience"),
    *("unsupported_ingredient", "unsupported_number"),
)
WHOLE = ("hashtags", "call_to_action", "length")  # faults of the whole text, mended after those with a span


def repaired(order: Order, dice: Dice, knobs: Knobs) -> tuple[str, list[str]]:
    """Return the mended text and what was done to it: `mended KIND`, `left KIND`, `added KIND`."""
    chosen, done = [], []
    for number, reason in enumerate(order.reasons):
        mends = dice(f"mend {number}").random() < knobs.repair_p
        chosen += [reason] if mends else []
        done.append(f"{'mended' if mends else 'left'} {reason.get('kind')}")
    text = _mended(order.before, chosen, order, dice("edit")) if chosen else order.before
    if dice("slip").random() < knobs.new_defect_p:
        text, kind = _with_new_defect(text, order, dice("new defect"))
        done.append(f"added {kind}")
    return text, done


def _mended(text: str, reasons: list[Mapping[str, Any]], order: Order, random: Random) -> str:
    before = text.strip()
    kinds = {str(reason.get("kind")) for reason in reasons}
    if "format" in kinds:
        text = unwrapped(text)
    prose = Prose.of(text.replace(order.name, MASK))
    for kind in IN_ORDER:
        for reason in reasons:
            if reason.get("kind") == kind:
                without_fault(prose, kind, str(reason.get("span") or ""), order, random)
    _add_what_lacks(prose, reasons, random)
    if "hashtags" in kinds:
        _right_tags(prose, order, random)
    if "call_to_action" in kinds:
        _add_call(prose, order, random)
    return _kept_whole(prose, before, kinds, order, random)


def _kept_whole(prose: Prose, before: str, kinds: set[str], order: Order, random: Random) -> str:
    """Return the text with its length right where that was asked for or was right before, and nothing lost."""
    least_tags, most_tags = order.hashtags
    if most_tags and least_tags <= len(Prose.of(before).tags) <= most_tags:
        _right_tags(prose, order, random)
    if order.call_to_action and has_call(before) and not has_call(prose.render()):
        _add_call(prose, order, random)
    length = len(_unmasked(prose, order))
    # a length that was wrong and is not to be mended stays wrong
    if length > order.max_chars and ("length" in kinds or len(before) <= order.max_chars):
        shortened(prose, order)
    if length < order.min_chars and ("length" in kinds or len(before) >= order.min_chars):
        lengthened(prose, order, voice_for(order, random))
    text = _unmasked(prose, order)
    within = order.min_chars <= len(text) <= order.max_chars
    if "length" in kinds and not within:  # an editor who cannot cut it to size writes it anew
        return clean_text(order, random).render()
    return text


def _unmasked(prose: Prose, order: Order) -> str:
    return prose.render().replace(MASK, order.name)


def _add_what_lacks(prose: Prose, reasons: list[Mapping[str, Any]], random: Random) -> None:
    """Put a person or a story where the tone gate missed one: after the title, before all else."""
    added = load("gates")["added"]
    lacking = {str(reason.get("rule")).removeprefix("model_tone_") for reason in reasons if not reason.get("span")}
    for name in sorted(lacking & added.keys()):
        said = random.choice([line.strip() for line in added[name].splitlines() if line.strip()])
        opening = next((place for place in prose.places if place != prose.title), None)
        if opening is not None:
            prose.body[opening.line].insert(opening.at, said)


@cache
def _calls() -> tuple[str, ...]:
    return tuple(line.strip() for line in load("mending")["cta"].splitlines() if line.strip())


def _add_call(prose: Prose, order: Order, random: Random) -> None:
    """Append a call to action, a short one where room is scarce; others make room for it."""
    if has_call(prose.render()):
        return
    room = order.max_chars - len(_unmasked(prose, order)) - 1
    fitting = [call for call in _calls() if len(call) <= room]
    prose.append(random.choice(fitting) if fitting else _calls()[-1])
    if not fitting:
        shortened(prose, order)


@cache
def _spare_tags() -> tuple[str, ...]:
    return tuple(line.strip() for line in load("mending")["tags"].splitlines() if line.strip())


def _right_tags(prose: Prose, order: Order, random: Random) -> None:
    least, most = order.hashtags
    prose.tags = list(dict.fromkeys(prose.tags))[:most]
    spare = [tag for tag in _spare_tags() if tag not in prose.tags]
    random.shuffle(spare)
    while len(prose.tags) < least and spare:
        prose.tags.append(spare.pop())


def _with_new_defect(text: str, order: Order, random: Random) -> tuple[str, str]:
    """Return the text with one defect of a kind that it was not told of, and the kind; "nothing" where none fits in."""
    told = {str(reason.get("kind")) for reason in order.reasons}
    kinds = [
        kind for kind in ("unsupported_number", "absolute_claim", "forbidden_word", "medical_claim") if kind not in told
    ]
    voice = voice_for(order, random)
    random.shuffle(kinds)
    for kind in kinds:
        if kind == "unsupported_number":
            said = voice.drawn_from(kind, numbers("short" if order.family == "paid_ad" else "long"))
        else:
            said = voice.drawn_from(kind, book()[kind])
        if len(text) > order.max_chars or len(text) + len(said) <= order.max_chars:
            prose = Prose.of(text)
            prose.insert(said)
            return prose.render(), kind
    if order.call_to_action and "call_to_action" not in told:
        return _without_call(text, voice.drawn_from("no_cta_end", book()["no_cta_end"])), "call_to_action"
    return text, "nothing"


def _without_call(text: str, ending: str) -> str:
    prose = Prose.of(text)
    while has_call(prose.render()) and len(prose.places) > 1:
        prose.drop(prose.places[-1])
    if len(prose.render()) + len(ending) <= len(text):
        prose.append(ending)
    return prose.render()
