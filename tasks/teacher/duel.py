"""Asking a judge which of two texts is better, blind and in both orders: the question, and what its answer says.

Used where weak pairs are proven (preferences) and where systems meet (judging). A judge sees texts as JSON data on the
task sheet, never who wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel

from tasks.brief.model import ContentType, Product
from tasks.teacher.call import Call
from tasks.teacher.config import TeacherConfig
from tasks.teacher.prompt import Prompt, make_call, render_messages

PROMPT = "judge_duel.j2"
PURPOSE = "duel"
ORDERS = ("left_first", "right_first")
WINNERS = ("first", "second", "tie")
Winner = Literal["left", "right", "tie"]


class Unusable(ValueError):
    """An answer that does not fit its schema; the message says why."""


def judge_question(
    prompt: Prompt, teacher: TeacherConfig, purpose: str, guide: object, rubric: BaseModel, content_type: ContentType,
    product: Product, about: Mapping[str, object],
) -> Call:  # fmt: skip
    """Return the call that asks a judge `about` (the texts) of one product and content type.

    rubric: its `criteria` are what the judge looks at; each has a `title` and a `question`.
    """
    sheet = {"task": purpose, "content_type": content_type.id, "product": product.sheet(), **about}
    values = {"guide": guide, "rubric": rubric, "content_type": content_type, "sheet": sheet}
    return make_call(prompt, render_messages(prompt, **values), teacher, purpose)


def placed(left: str, right: str, order: str) -> dict[str, str]:
    """Return the two texts as the task sheet of a duel holds them."""
    return {"first": left, "second": right} if order == ORDERS[0] else {"first": right, "second": left}


def read_duel(answer: str) -> tuple[str, str]:
    """Return (first, second or tie; the judge's reason) of a judge's JSON answer.

    Raises:
        Unusable: not JSON, or another winner.
    """
    value = json_object(answer)
    winner, reason = value.get("winner"), value.get("reason", "")
    if winner not in WINNERS:
        raise Unusable(f"winner {winner!r:.40} is none of {list(WINNERS)}")
    return str(winner), reason if isinstance(reason, str) else ""


def json_object(answer: str) -> Mapping[str, object]:
    """Return a judge's answer as an object.

    Raises:
        Unusable: it is none.
    """
    try:
        value = json.loads(answer)
    except ValueError as error:
        raise Unusable(f"not JSON ({error})") from error
    if not isinstance(value, Mapping):
        raise Unusable(f"JSON, but a {type(value).__name__} and not an object")
    return value


def side(winner: str, order: str) -> Winner:
    """Return whose text stood at the place that won."""
    if winner == "tie":
        return "tie"
    return "left" if (winner == "first") == (order == ORDERS[0]) else "right"
