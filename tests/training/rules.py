"""The real rules of a brand that is made up here."""

from __future__ import annotations

from functools import cache
from typing import Any

from tasks.brief.model import Brand
from tasks.compliance import load_rules


@cache
def few_rules() -> Any:
    return load_rules(
        Brand(
            id="trial", name="试写", philosophy="精简有效", persona="科研人员", points=("客观",), encouraged=("温和",),
            forbidden=("神器", "逆天", "奇迹", "秒杀", "绝绝子", "家人们"),
        )
    )  # fmt: skip
