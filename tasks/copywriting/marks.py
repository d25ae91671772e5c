"""Repairs of marks that are no words of the copy: framework labels, markdown, markup, invisible characters, blanks.

Each takes out what its reasons name, at their spans (code points), and leaves every other character where it stands.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from tasks.brief.model import ContentType
from tasks.compliance.pack import WORD_KINDS
from tasks.compliance.verdict import Reason

Span = tuple[int, int]
Reasons = Sequence[Reason]

# What follows a bracketed word that belongs to the sentence: 【烟酰胺】是一种… must not become 是一种…
_GOES_ON = re.compile(r"[ \t]*(?:[，,、的是能可会让把和与及中里还也都则帮由含属具+＋/]|为(?!什么|何))")
_AFTER_LABEL = re.compile(r"[ \t]*[：:]?[ \t]*")
_ARROW = re.compile(r"(?:→|->|—|–|-)\s*\Z")
_LOST = re.compile("[\ufffd\ud800-\udfff]")  # a character that was there once: only its writer can restore it
_MARKDOWN = (
    (re.compile(r"^[ \t]*```[a-z]*[ \t]*$\n?", re.M), ""),
    (re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*$\n?", re.M), ""),
    (re.compile(r"^[ \t]*#{1,6}[ \t]+", re.M), ""),
    (re.compile(r"^[ \t]*(?:[*+]|>)[ \t]+", re.M), ""),
    (re.compile(r"!\[[^\]\n]{0,80}\]\([^)\n]{1,200}\)"), ""),
    (re.compile(r"\[([^\]\n]{1,80})\]\([^)\n]{1,200}\)"), r"\1"),
    (re.compile(r"(```|\*\*|__|~~|`)([^\n]+?)\1"), r"\2"),
)
_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^<>\n]*>", re.I)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>|<\|[^|<>\n]{1,40}\|>|\[/?(?:INST|SYS)\]")


def cut(text: str, spans: Iterable[Span]) -> str:
    """Return the text without the spans, and without the lines in which nothing but marks is left."""
    for start, end in sorted(spans, reverse=True):
        before, after = text[:start], text[end:]
        line = before[before.rfind("\n") + 1 :] + after.split("\n", 1)[0]
        if not any(map(str.isalnum, line)):
            before = before[: before.rfind("\n") + 1]
            after = after.split("\n", 1)[1].lstrip("\n") if "\n" in after else ""
        text = before + after
    return text


def replaced(text: str, reasons: Iterable[Reason], plain: dict[Span, str]) -> str:
    """Return the text with what stands at the reasons' spans replaced."""
    for start, end in sorted({(reason.start, reason.end) for reason in reasons} & plain.keys(), reverse=True):
        text = text[:start] + plain[start, end] + text[end:]
    return text


def without_labels(text: str, reasons: Reasons, _content_type: ContentType) -> str:
    """Return the text without framework labels: 【之前】, 痛点：, (CTA)."""
    labels = (reason for reason in reasons if reason.kind == "framework_label" and not _holds_a_word(reason, reasons))
    return cut(text, [_label_span(text, reason) for reason in labels if _is_loose(text, reason)])


def _holds_a_word(label: Reason, reasons: Reasons) -> bool:
    """Return whether a word of the copy that breaks a rule was taken for the head of the label (神器痛点：)."""
    words = (reason for reason in reasons if reason.kind in WORD_KINDS)
    return any(label.start <= word.start and word.end <= label.end for word in words)


def _is_loose(text: str, label: Reason) -> bool:
    """Return whether a label can go without harm to the sentence beside it."""
    if _ARROW.search(label.text):  # 使用前→使用后 says something as a whole
        return False
    return label.rule == "label_word" or not _GOES_ON.match(text, label.end)


def _label_span(text: str, label: Reason) -> Span:
    after = _AFTER_LABEL.match(text, label.end)
    return label.start, after.end() if after else label.end


def without_markdown(text: str, reasons: Reasons, _content_type: ContentType) -> str:
    """Return the text without markdown: **bold**, # headings, fences, rules, bullets, [links](to). A table stays."""
    marked = [reason for reason in reasons if reason.rule == "format_markdown"]
    if not marked:
        return text
    for pattern, plain in _MARKDOWN:
        text = pattern.sub(plain, text)
    return text


def without_markup(text: str, reasons: Reasons, _content_type: ContentType) -> str:
    """Return the text without HTML tags, entities and control tokens of models. An address stays: it says something."""
    marked = [reason for reason in reasons if reason.rule == "format_markup" and "//" not in reason.text]
    return replaced(text, marked, {(r.start, r.end): _unmarked(r.text) for r in marked})


def _unmarked(piece: str) -> str:
    piece = _TAG.sub("", _LINE_BREAK.sub("\n", piece))
    return html.unescape(piece).replace("\xa0", " ")


def without_invisible(text: str, reasons: Reasons, _content_type: ContentType) -> str:
    """Return the text without invisible characters; one that stands for a lost character stays."""
    hidden = [reason for reason in reasons if reason.rule == "format_invisible" and not _LOST.search(reason.text)]
    return replaced(text, hidden, {(r.start, r.end): "\n" * bool(re.search("[\u2028\u2029]", r.text)) for r in hidden})


def without_blank_space(text: str, reasons: Reasons, content_type: ContentType) -> str:
    """Return a text over its limit with single line ends and single spaces, where it is within the limit then."""
    if not any(reason.rule == "length_over" for reason in reasons):
        return text
    lines = (re.sub(r"[ \t\u3000]+", " ", line).strip() for line in text.splitlines())
    narrow = "\n".join(line for line in lines if line)
    return narrow if len(narrow) <= content_type.max_chars else text
