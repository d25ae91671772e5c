"""Repairs of what a model wraps copy in: a JSON object around it, remarks about itself before, behind or within it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tasks.brief.model import ContentType
from tasks.compliance.verdict import Reason
from tasks.copywriting.marks import cut

Reasons = Sequence[Reason]

_BRACKETED = re.compile(r"[（(\[［][^\n]*[）)\]］]\Z")
_ABOUT = "(?:文案|广告|笔记|版本|稿|如下|正文|参考|要求|需求)"
# 以下是为您撰写的文案： before the copy, or 好的，这是一版文案。 on a line of its own
_OPENER = re.compile(
    rf"\A\s*(?:(?=[^。！？!?：:\n]{{0,60}}{_ABOUT})[^。！？!?：:\n]{{1,60}}[：:]"
    rf"|(?:好的|当然|没问题|收到|明白)[^\n]{{0,60}}{_ABOUT}[^\n]{{0,20}}\n)\s*"
)
_SENTENCE_END = "。！？!?；;\n"


def without_json(text: str, reasons: Reasons, _content_type: ContentType) -> str:
    """Return the strings of a JSON object as paragraphs, or line ends for escaped ones; broken JSON stays."""
    if not any(reason.rule == "format_json" for reason in reasons):
        return text
    try:
        value = json.loads(text, strict=False)
    except ValueError:
        return text.replace("\\n", "\n").replace('\\"', '"')
    parts = [_paragraph(part) for part in value.values()] if isinstance(value, dict) else []
    return "\n\n".join(parts) if parts and all(parts) else text


def _paragraph(value: object) -> str:
    """Return a string as it is and a list of hashtags on one line; empty for anything else."""
    if isinstance(value, list) and all(isinstance(item, str) and item.startswith("#") for item in value):
        return " ".join(value)
    return value if isinstance(value, str) else ""


def without_remarks(text: str, reasons: Reasons, _content_type: ContentType) -> str:
    """Return the text without remarks about itself: an opening one, （全文共98字）, a last sentence or line."""
    remarks = sorted((r for r in reasons if r.rule == "format_meta"), key=lambda r: r.start, reverse=True)
    for remark in remarks:
        if span := _remark_span(text, remark):
            text = cut(text, [span])
    return text


def _remark_span(text: str, remark: Reason) -> tuple[int, int] | None:
    """Return what to take out for a remark, None where it cannot be told from the copy."""
    if _BRACKETED.match(remark.text):
        return remark.start, remark.end
    if not text[: remark.start].strip():
        opener = _OPENER.match(text)
        return (0, opener.end()) if opener and opener.end() >= remark.end and text[opener.end() :].strip() else None
    begins = text[: remark.start].rstrip(" ")[-1] in _SENTENCE_END
    ends = re.compile(rf"[^{_SENTENCE_END}]*[{_SENTENCE_END}]*").match(text, remark.end)
    if begins and ends and not text[ends.end() :].strip():
        return remark.start, len(text)
    return None
