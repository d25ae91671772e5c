"""Requests as the prompts make them: conversations that end in a task sheet, of a brand's products and types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.model import ContentType, Product
from tasks.brief.products import load_products
from tasks.compliance import Rules, Verdict, check, load_rules
from tasks.compliance.verdict import Reason
from tasks.teacher.simulator.answers import answer_to
from tasks.teacher.simulator.knobs import Knobs

BRAND = Path(__file__).parents[3] / "brands" / "elemental_equation"
# As people write them: with words that no copy may use, a strength in the name, one ingredient, an odd audience.
AWKWARD = (
    {"product_name": "茶树祛痘精油", "category": "精油/芳香护理", "core_ingredients": ["茶树精油", "荷荷巴油"],
     "features": ["控油祛痘", "消炎杀菌", "改善毛孔"], "target_audience": "油性痘痘肌"},
    {"product_name": "0.2%视黄醇缓释精华", "category": "精华", "core_ingredients": ["0.2%视黄醇", "烟酰胺", "泛醇"],
     "features": ["缓释技术", "温和抗老"], "target_audience": "初抗老人群 耐受性肌肤"},
    {"product_name": "安神香膏", "category": "香氛", "core_ingredients": ["薰衣草精油"], "features": ["舒缓安神"],
     "target_audience": "25岁以上所有肤质"},
    {"product_name": "无名", "category": "", "core_ingredients": [], "features": [], "target_audience": ""},
)  # fmt: skip


@cache
def products() -> tuple[Product, ...]:
    """Return the 88 products of the built-in brand."""
    return tuple(row.product for row in load_products(BRAND / "products.csv").rows)


@cache
def types() -> dict[str, ContentType]:
    return load_content_types(BRAND)


@cache
def rules() -> Rules:
    return load_rules(load_brand(BRAND), BRAND)


@cache
def system() -> str:
    return "你是一名资深的品牌文案。\n# 品牌指南\n" + json.dumps(load_brand(BRAND).guide(), ensure_ascii=False)


def sheet(task: str, product: Product | Mapping[str, Any], content_type: str, **more: Any) -> dict[str, Any]:
    kind = types()[content_type]
    return {
        "task": task,
        "content_type": kind.id,
        "min_chars": kind.min_chars,
        "max_chars": kind.max_chars,
        "hashtags": list(kind.hashtags),
        "call_to_action": kind.call_to_action,
        "product": product.sheet() if isinstance(product, Product) else dict(product),
        **more,
    }


def body(*turns: Mapping[str, Any] | str, guide: bool = True, **more: Any) -> dict[str, Any]:
    """Return a request body. turns: task sheets (user) and texts (assistant), in turn."""
    messages = [{"role": "system", "content": system()}] if guide else []
    for turn in turns:
        if isinstance(turn, str):
            messages.append({"role": "assistant", "content": turn})
        else:
            said = f"请按任务单完成。\n任务单：{json.dumps(dict(turn), ensure_ascii=False)}"
            messages.append({"role": "user", "content": said})
    return {"model": "deepseek-v4-pro", "messages": messages, "temperature": 1.0, "max_tokens": 2048, **more}


def answer(request: Mapping[str, Any], knobs: Knobs | None = None, sample: str = "0") -> str:
    return answer_to(request, sample, knobs or Knobs()).text


def draft_body(product: Product | Mapping[str, Any], content_type: str, **more: Any) -> dict[str, Any]:
    return body(sheet("draft", product, content_type, variant=0), **more)


def verdict(text: str, product: Product, content_type: str) -> Verdict:
    return check(text, product, types()[content_type], rules())


def told(reasons: Iterable[Reason]) -> list[dict[str, str]]:
    """Return reasons as a repair's task sheet tells them."""
    fields = ("rule", "kind", "message", "suggestion")
    return [{**{name: getattr(r, name) for name in fields}, "span": " ".join(r.text.split())} for r in reasons]


def repair_body(
    draft: Mapping[str, Any], text: str, product: Product, content_type: str, reasons: Any
) -> dict[str, Any]:
    """Return the request that goes on with a draft's conversation, as cleaning does."""
    turn = body(text, sheet("repair", product, content_type, round=1, reasons=reasons, chars=len(text)), guide=False)
    return {**draft, "messages": [*draft["messages"], *turn["messages"]]}
