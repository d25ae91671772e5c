"""A product, content types and rules that the tests of this room share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tasks.brief.model import Brand, ContentType, Family, Product
from tasks.compliance import Rules, Verdict, check, load_rules

DATA = Path(__file__).parents[1] / "data" / "compliance"


def brand(**changes: Any) -> Brand:
    fields = {
        "id": "demo",
        "name": "原素方程",
        "philosophy": "精简有效",
        "persona": "科研人员",
        "points": (),
        "encouraged": ("屏障",),
        "forbidden": ("神器", "逆天", "奇迹", "秒杀", "绝绝子", "yyds", "家人们"),
    }
    return Brand(**{**fields, **changes})


def product(**changes: Any) -> Product:
    fields = {
        "product_id": "p1",
        "product_name": "泛醇修护精华",
        "category": "精华",
        "core_ingredients": ("30%玻色因", "泛醇", "神经酰胺", "角鲨烷"),
        "features": ("修护屏障", "舒缓泛红"),
        "target_audience": "25岁以上敏感肌",
    }
    return Product(**{**fields, **changes})


def kind(family: Family = "social", **changes: Any) -> ContentType:
    fields = {
        "id": "demo",
        "family": family,
        "title": "示例",
        "title_en": "demo",
        "min_chars": 1,
        "max_chars": 5000,
        "hashtags": (0, 9) if family == "social" else (0, 0),
        "structure": (),
    }
    return ContentType(**{**fields, **changes})


@cache
def rules() -> Rules:
    return load_rules(brand())


def verdict(text: str, **changes: Any) -> Verdict:
    """Return the verdict of an ordinary social note about the demo product, its sheet changed as told."""
    return check(text, product(**changes), kind(), rules())


def found(text: str, **changes: Any) -> list[tuple[str, str]]:
    """Return (rule, text) of all reasons."""
    return [(reason.rule, reason.text) for reason in verdict(text, **changes).reasons]


def kinds(text: str, **changes: Any) -> set[str]:
    return {reason.kind for reason in verdict(text, **changes).blocking}
