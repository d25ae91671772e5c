"""Drafts and redrafts: what a request for new copy is answered with."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tasks.teacher.simulator.defects import drawn_kinds, misformatted, spoiled
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.task_sheet import Order
from tasks.teacher.simulator.writer import fitted

Dice = Callable[[str], Random]  # name -> dice of their own, the same for the same request, sample and seed


def drafted(order: Order, dice: Dice, knobs: Knobs) -> tuple[str, list[str]]:
    """Return a draft and the kinds of defect that were put into it."""
    kinds = drawn_kinds(order, dice("defects"), knobs)
    text = fitted(
        order, dice("words"), lambda text, voice: spoiled(text, voice, order, kinds), too_long="length" in kinds
    ).render()
    if "format" in kinds:
        text = misformatted(text, order, dice("format"))
    return text, sorted(kinds)
