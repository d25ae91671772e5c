"""Free repairs before a paid one: what a reason proves to be no part of the copy is taken out; no sentence is touched.

A repair is a pure function of a text and the reasons found in it. It is kept only where a check of the result finds
fewer blocking reasons and no rule that was kept before, so a repair that guesses wrong costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tasks.brief.model import ContentType
from tasks.compliance.verdict import Reason
from tasks.copywriting.marks import (
    without_blank_space,
    without_invisible,
    without_labels,
    without_markdown,
    without_markup,
)
from tasks.copywriting.tidying import tidy
from tasks.copywriting.topics import gathered, without_surplus
from tasks.copywriting.wrapping import without_json, without_remarks

Repair = Callable[[str, Sequence[Reason], ContentType], str]
Look = Callable[[str], Sequence[Reason]]

# In this order: what wraps a text first, then the marks inside it, then what is counted over the whole of it.
REPAIRS: tuple[Repair, ...] = (
    without_json,
    without_remarks,
    without_markup,
    without_markdown,
    without_invisible,
    without_labels,
    gathered,
    without_surplus,
    without_blank_space,
)


def mended(text: str, content_type: ContentType, look: Look) -> str:
    """Return the text after all free repairs that help.

    Args:
        look: text -> the reasons that a check finds in it.
    """
    text = tidy(text)
    reasons = look(text)
    while better := _better(text, reasons, content_type, look):
        text, reasons = better
    return text


def _better(
    text: str, reasons: Sequence[Reason], content_type: ContentType, look: Look
) -> tuple[str, Sequence[Reason]] | None:
    """Return the text after the first repair that helps, else after all of them one on top of the other where that
    does (markdown comes to light when JSON is taken off), with its reasons; None where nothing helps."""
    if not blocking(reasons):
        return None
    whole = text
    for repair in REPAIRS:
        after = _repaired(repair, text, content_type, look)
        whole = _repaired(repair, whole, content_type, look)
        if after != text and helps(reasons, look(after)):
            return after, look(after)
    return (whole, look(whole)) if whole != text and helps(reasons, look(whole)) else None


def _repaired(repair: Repair, text: str, content_type: ContentType, look: Look) -> str:
    """Return the text after one repair; as it was where nothing would be left of it."""
    return tidy(repair(text, blocking(look(text)), content_type)) or text


def helps(before: Sequence[Reason], after: Sequence[Reason]) -> bool:
    """Return whether fewer reasons block than before, and every rule that was kept still is."""
    kept = {reason.rule for reason in after} <= {reason.rule for reason in before}
    return kept and len(blocking(after)) < len(blocking(before))


def blocking(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple(reason for reason in reasons if reason.severity == "block")
