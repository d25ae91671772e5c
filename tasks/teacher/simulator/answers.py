"""From a request to the text of its answer: a function of body, sample header and seed alone.

Neither the time, nor the attempt, nor what was asked before has a say; `stream` is about transport and has none either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tasks.teacher.request import request_sha
from tasks.teacher.simulator.drafting import Dice, drafted
from tasks.teacher.simulator.fakes import faked
from tasks.teacher.simulator.gatekeeping import entailed, toned
from tasks.teacher.simulator.judge import dueled, score_logprobs, scored
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.mending import repaired
from tasks.teacher.simulator.negatives import exaggerated, weak
from tasks.teacher.simulator.task_sheet import Order, read_order

_TRANSPORT = ("stream", "stream_options")


@dataclass(frozen=True, slots=True)
class Answered:
    """The content of an answer. notes: what was done on purpose (defects put in, faults mended or left).

    logprobs: a text that may have been spoilt on its way -> the likelihoods of its tokens; None where nobody asked.
    """

    text: str
    order: Order
    notes: list[str] = field(default_factory=list)
    logprobs: Callable[[str], list[dict[str, Any]] | None] = lambda text: None


def content_key(body: Mapping[str, Any], sample: str, seed: int) -> str:
    """Return what the content hangs on, as one string."""
    asked = {name: value for name, value in body.items() if name not in _TRANSPORT}
    return f"{seed}/{sample}/{request_sha(asked)}"


def answer_to(body: Mapping[str, Any], sample: str, knobs: Knobs, key: str = "") -> Answered:
    """Return the answer to a chat completion request. key: its `content_key`, where that is known already.

    Raises:
        SheetError: the conversation holds no order that can be understood.
    """
    order = read_order(body["messages"])
    key = key or content_key(body, sample, knobs.seed)

    def dice(name: str) -> Random:
        return Random(f"{key}/{name}")

    text, notes = _text(order, dice, knobs)
    if order.task == "score" and body.get("logprobs"):
        most = max(1, int(body.get("top_logprobs") or 1))
        return Answered(text, order, notes, lambda said: score_logprobs(said, order, dice, knobs.judge, most))
    return Answered(text, order, notes)


def _text(order: Order, dice: Dice, knobs: Knobs) -> tuple[str, list[str]]:
    nothing_to_mend = order.task == "repair" and not order.before
    if order.task in {"draft", "redraft"} or nothing_to_mend:
        return drafted(order, dice, knobs)
    return _OTHERS[order.task](order, dice, knobs)


def _faked(order: Order, dice: Dice, knobs: Knobs) -> tuple[str, list[str]]:
    slips = dice("slip").random() < knobs.fake_slip
    return faked(order, dice("words"), slips), ["slip"] if slips else []


_OTHERS: dict[str, Callable[[Order, Dice, Knobs], tuple[str, list[str]]]] = {
    "repair": repaired,
    "weak": lambda order, dice, knobs: (weak(order, dice("words")), []),
    "exaggerated": lambda order, dice, knobs: (exaggerated(order, dice("words")), []),
    "fake": _faked,
    "score": lambda order, dice, knobs: (scored(order, dice, knobs.judge), []),
    "duel": lambda order, dice, knobs: (dueled(order, dice, knobs.judge, knobs.seed), []),
    "entailment": entailed,
    "tone": toned,
}
