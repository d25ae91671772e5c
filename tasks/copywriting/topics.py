"""Repairs of topic hashtags: lines of tags go to the end, surplus ones go; a tag within a sentence is never touched."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.brief.model import ContentType
from tasks.compliance.verdict import Reason

Reasons = Sequence[Reason]

_TAG = r"[#＃][^\s#＃。，！？；：、,!?;:()（）【】…]+(?:[#＃](?=[\s#＃]|$))?"
_TAGS = re.compile(_TAG)
_LINE_OF_TAGS = re.compile(rf"(?:\s*{_TAG})+\s*")
_LAST_TAGS = re.compile(rf"(?:\s*{_TAG})+\s*\Z")


def gathered(text: str, reasons: Reasons, _content_type: ContentType) -> str:
    """Return the text with its lines of nothing but tags moved to the end, in their order."""
    if not any(reason.rule == "hashtags_place" for reason in reasons):
        return text
    lines = text.split("\n")
    tags = [line.strip() for line in lines if _LINE_OF_TAGS.fullmatch(line)]
    body = "\n".join(line for line in lines if not _LINE_OF_TAGS.fullmatch(line))
    last = _LAST_TAGS.search(body)
    if last:  # tags that close the last sentence's own line
        tags.append(last[0].strip())
        body = body[: last.start()]
    return re.sub(r"\n{3,}", "\n\n", body).strip() + "\n\n" + " ".join(tags) if tags else text


def without_surplus(text: str, reasons: Reasons, content_type: ContentType) -> str:
    """Return the text with the first tags that its content type allows; only tags at the end are dropped."""
    last = _LAST_TAGS.search(text)
    if last is None or not any(reason.rule == "hashtags_count" for reason in reasons):
        return text
    surplus = len(_TAGS.findall(text)) - content_type.hashtags[1]
    closing = list(_TAGS.finditer(text, last.start()))
    if not 0 < surplus <= len(closing):
        return text
    return text[: closing[-surplus].start()].rstrip()
