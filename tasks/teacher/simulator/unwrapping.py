"""Taking the copy out of what a model wrapped it in: JSON, code fences, markdown, a sentence about itself."""

from __future__ import annotations

import json
import re

_FENCE = re.compile(r"^[ \t]*```[a-z]*[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*(?:[-*+•·▪◆]|\d+[.、)])[ \t]+", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE)
_QUOTED_LINE = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*|__|`|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])")
_ABOUT_ITSELF = re.compile(
    r"^\s*(?:好的|当然|没问题|以下|下面|这是|根据)[^。\n]{0,60}(?:文案|如下|参考|供您|版本|正文)[^。\n]{0,20}[：:。！]\s*$"
)
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\[(?:[^\]\n]{0,20}(?:名称|链接|品牌|插入|填写|图片)[^\]\n]{0,10})\]|X{3,}")
_FIELD = re.compile(r'"(title|content|text|body|tags)"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)


def unwrapped(text: str) -> str:
    """Return plain text; a text without wrapping comes back as it was, but for blank space around it."""
    text = _from_json(_FENCE.sub("", text).strip())
    lines = text.split("\n")
    while lines and (not lines[0].strip() or _ABOUT_ITSELF.match(lines[0])):
        lines.pop(0)
    text = "\n".join(lines)
    for pattern in (_RULE, _HEADING, _BULLET, _QUOTED_LINE, _EMPHASIS, _PLACEHOLDER):
        text = pattern.sub("", text)
    return _ended(re.sub(r"\n{3,}", "\n\n", text).strip())


def _from_json(text: str) -> str:
    """Return the strings of a JSON object as paragraphs; models write JSON that does not quite parse, too."""
    if not text.startswith("{"):
        return text
    try:
        value = json.loads(text, strict=False)
        parts = [str(part) for part in value.values() if isinstance(part, str)] if isinstance(value, dict) else []
    except ValueError:
        parts = [part.replace("\\n", "\n").replace('\\"', '"') for _, part in _FIELD.findall(text)]
    return "\n\n".join(part.strip() for part in parts) or text


def _ended(text: str) -> str:
    """Return the text without a last sentence that was cut off; a lone one gets its full stop."""
    body, _, tags = text.rpartition("\n")
    if re.match(r"\s*#\S", tags):
        return f"{_ended(body)}\n{tags}" if body else text
    if not text or re.search(r"[。！？!?；;」”’）)…~～]$", text):
        return text
    cut = max(text.rfind(mark) for mark in "。！？!?")
    in_last_line = cut > text.rfind("\n")
    return text[: cut + 1] if in_last_line and cut > len(text) // 2 else text + "。"
