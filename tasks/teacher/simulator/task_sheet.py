"""What a request asks for: the task sheet at the end of the last user message, the brand guide, the text to mend.

The sheet is the contract between prompts and simulator: every user message ends in a line `任务单：` + one line of
JSON. Sheets of earlier turns stand in for what a later one leaves out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

MARK = "任务单："
TASKS = ("draft", "repair", "redraft", "weak", "exaggerated", "fake", "score", "duel", "entailment", "tone")
_GUIDE_NAMES = (
    re.compile(r"品牌(?:名称|名)?[是为：:\s]+[「“\"'‘]?([^\s，。、“”\"'‘’「」（(]{2,20})"),
    re.compile(r"[‘“「]([^’”」]{2,20})[’”」]品牌"),
)


class SheetError(ValueError):
    """The request cannot be understood; the message tells its sender why."""


@dataclass(frozen=True, slots=True)
class Guide:
    """What the system message tells of the brand; empty where it tells nothing."""

    name: str = ""
    philosophy: str = ""
    encouraged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One task, as the simulator understands it.

    family: paid_ad, social or ecommerce. hashtags: least and most. before: the text to mend (repair).
    sheet: everything that the task sheets hold, for what only one task needs.
    """

    task: str
    content_type: str
    family: str
    product: Mapping[str, Any]
    guide: Guide
    min_chars: int
    max_chars: int
    hashtags: tuple[int, int]
    call_to_action: bool
    before: str = ""
    sheet: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.product["product_name"])

    @property
    def reasons(self) -> tuple[Mapping[str, Any], ...]:
        found = self.sheet.get("reasons")
        return tuple(reason for reason in found if isinstance(reason, Mapping)) if isinstance(found, list) else ()

    def words(self, field_name: str) -> tuple[str, ...]:
        """Return a list field of the product sheet, however it was written down."""
        value = self.product.get(field_name) or ()
        parts = value if isinstance(value, list | tuple) else re.split(r"[|｜、,，;；]", str(value))
        return tuple(word for part in parts if (word := str(part).strip()))

    def line(self, field_name: str) -> str:
        """Return a field of the product sheet as one string."""
        value = self.product.get(field_name) or ""
        return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def read_order(messages: Sequence[Mapping[str, Any]]) -> Order:
    """Return the order in a conversation.

    Raises:
        SheetError: no task sheet, no JSON in it, an unknown task, or no product.
    """
    sheets = [_sheet_of(message) for message in messages if message.get("role") == "user"]
    if messages[-1].get("role") != "user" or not sheets[-1]:
        raise SheetError(f"copymill-simulator: the last user message has no line that starts with {MARK!r}")
    whole: dict[str, Any] = {}
    for sheet in filter(None, sheets):
        whole.pop("reasons", None)
        whole.update(sheet)
    return _order(whole, messages)


def _order(sheet: dict[str, Any], messages: Sequence[Mapping[str, Any]]) -> Order:
    if sheet.get("task") not in TASKS:
        raise SheetError(f"copymill-simulator: unknown task {sheet.get('task')!r}, known are {', '.join(TASKS)}")
    product = sheet.get("product")
    if not isinstance(product, dict) or not product.get("product_name"):
        raise SheetError("copymill-simulator: the task sheet has no product with a product_name")
    content_type = str(sheet.get("content_type") or "paid_ad_cta")
    least, most = _two_numbers(sheet.get("hashtags"), content_type)
    family = _family(content_type, most, sheet)
    low, high = {"paid_ad": (40, 120), "social": (150, 800), "ecommerce": (250, 1000)}[family]
    most_chars = _number(sheet.get("max_chars"), high)
    return Order(
        task=str(sheet["task"]),
        content_type=content_type,
        family=family,
        product=product,
        guide=read_guide("\n".join(str(m.get("content", "")) for m in messages if m.get("role") == "system")),
        min_chars=min(_number(sheet.get("min_chars"), low), most_chars),
        max_chars=most_chars,
        hashtags=(least, most),
        call_to_action=bool(sheet.get("call_to_action", family == "paid_ad")),
        before=next((str(m.get("content", "")) for m in reversed(messages) if m.get("role") == "assistant"), ""),
        sheet=sheet,
    )


def _sheet_of(message: Mapping[str, Any]) -> dict[str, Any] | None:
    content = message.get("content")
    if not isinstance(content, str):
        return None
    for line in reversed(content.splitlines()):
        if line.startswith(MARK):
            try:
                sheet = json.loads(line[len(MARK) :])
            except ValueError:
                raise SheetError(f"copymill-simulator: what follows {MARK!r} is not one line of JSON") from None
            if not isinstance(sheet, dict):
                raise SheetError("copymill-simulator: the task sheet is no JSON object")
            return sheet
    return None


def _family(content_type: str, most_tags: int, sheet: Mapping[str, Any]) -> str:
    """Return the family of a content type, a brand's own types included: by name, else by what it asks for."""
    for family in ("social", "ecommerce", "paid_ad"):
        if content_type.startswith(family):
            return family
    if most_tags:
        return "social"
    return "paid_ad" if sheet.get("call_to_action") or _number(sheet.get("max_chars"), 1000) <= 200 else "ecommerce"


def _two_numbers(value: object, content_type: str) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == 2:
        return _number(value[0], 0), _number(value[1], 0)
    return (3, 5) if content_type.startswith("social") else (0, 0)


def _number(value: object, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) and value >= 0 else otherwise


@lru_cache(maxsize=256)  # thousands of requests share a handful of system messages
def read_guide(system: str) -> Guide:
    """Return what a system message tells of the brand: from a JSON object with a name, else from plain sentences."""
    for line in system.splitlines():
        start = line.find("{")
        if start >= 0 and (guide := _json_guide(line[start:])):
            return guide
    found = next((match[1] for pattern in _GUIDE_NAMES if (match := pattern.search(system))), "")
    return Guide(name=found)


def _json_guide(text: str) -> Guide | None:
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    encouraged = value.get("encouraged")
    words = tuple(str(word) for word in encouraged) if isinstance(encouraged, list) else ()
    return Guide(value["name"], str(value.get("philosophy") or ""), words)
