"""Free repairs: what surrounds an answer and was never part of the copy. Nothing inside the text is touched."""

from __future__ import annotations

import re

QUOTES = {"“": "”", "「": "」", "『": "』", '"': '"', "‘": "’"}
_FENCE = re.compile(r"\A```[a-z]*\n(.*)\n```\Z", re.DOTALL)


def tidy(text: str) -> str:
    """Return the text without blank space, one code fence or one pair of quotes around the whole of it."""
    text = text.strip()
    if fenced := _FENCE.match(text):
        text = fenced[1].strip()
    return unquoted(text)


def unquoted(text: str) -> str:
    """Return the text without quotes around the whole; “甲”和“乙” keeps its own."""
    closing = QUOTES.get(text[:1])
    inner = text[1:-1]
    if closing and len(text) > 2 and text.endswith(closing) and text[0] not in inner and closing not in inner:
        return inner.strip()
    return text
