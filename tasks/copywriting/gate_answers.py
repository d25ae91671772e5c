"""Reading a judge's JSON answer: its fields, and the place of a quote. Any of it may be wrong, so all is tested."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tasks.compliance.normal import View, dense_of


class Unreadable(ValueError):
    """An answer that does not fit its form; the message says why."""


def located(quote: str, text: str) -> tuple[int, int] | None:
    """Return where a quote stands in the text, whatever its width, case and spacing; None where it does not.

    A single character proves nothing: it stands in every text.
    """
    wanted = quote.strip().strip("\"'“”‘’…")
    if len(wanted) < 2:
        return None
    at = text.find(wanted)
    if at >= 0:
        return at, at + len(wanted)
    view, folded = View(text), dense_of(wanted)
    at = view.dense.find(folded) if folded else -1
    return view.source_span("dense", at, at + len(folded)) if at >= 0 else None


def entries(answer: str, name: str) -> list[Mapping[str, Any]]:
    """Return the objects that an answer lists under a name."""
    try:
        value = json.loads(answer)
    except ValueError as error:
        raise Unreadable(f"not JSON ({error})") from error
    listed = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        raise Unreadable(f"no list `{name}` of objects")
    return listed


def number(entry: Mapping[str, Any], name: str, low: float, high: float) -> float:
    """Return a number of an entry; a truth value, NaN and what is out of range are none."""
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Unreadable(f"{name} {value!r:.40} is not a number from {low} to {high}")
    return float(value)


def words(entry: Mapping[str, Any], name: str) -> str:
    """Return a text of an entry; empty where it is left out."""
    value = entry.get(name, "")
    if not isinstance(value, str):
        raise Unreadable(f"{name} is a {type(value).__name__}, not a text")
    return value
