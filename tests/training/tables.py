"""Small tables shaped as the contracts say: products, accepted and broken copy, pairs, and the datasets made of them.

The texts are built from templates, so that a checker of a few lines can judge them and a tiny model can learn them.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any

from tasks.brief.model import ContentType, Product
from tasks.datasets.task_prompt import task_prompt

HEADS = ["净颜", "星夜", "时光", "晨露", "青澜", "初雪", "静水", "云岚", "霁月", "松间", "清和", "微光"]
TAILS = ["修护", "控油", "舒缓", "保湿", "紧致", "焕亮", "屏障", "润养"]
FORMS = [("精华", "精华"), ("面霜", "面霜"), ("面膜", "面膜"), ("乳液", "乳液")]
INGREDIENTS = ["烟酰胺", "神经酰胺", "玻尿酸", "积雪草", "泛醇", "依克多因", "角鲨烷", "红没药醇", "麦角硫因", "虾青素"]
FEATURES = ["强韧屏障", "舒缓泛红", "源头控油", "提亮肤色", "淡化细纹", "长效保湿", "质地轻盈", "改善暗沉"]
AUDIENCES = ["油性肌", "干性肌", "敏感肌", "熟龄肌", "混合肌"]
TYPES = {
    "paid_ad_bab": ("前后桥广告", 100, ("之前", "之后", "桥梁")),
    "paid_ad_cta": ("行动号召广告", 100, ("号召",)),
    "paid_ad_fab": ("特点优势利益广告", 120, ("特点", "优势", "利益")),
    "paid_ad_pas": ("痛点广告", 120, ("痛点", "激化", "方案")),
}
CALLS = [
    "点击了解配方详情。",
    "立即点击选购。",
    "现在下单，开始科学护肤。",
    "点击链接，了解更多。",
    "马上体验温和修护。",
]
OPENINGS = {
    "paid_ad_bab": ["从前{audience}容易不适，如今肌肤安稳。", "换季曾让{audience}困扰，现在状态平稳。"],
    "paid_ad_cta": ["{audience}的日常护理，从精简配方开始。", "为{audience}准备的科学配方。"],
    "paid_ad_fab": ["{name}以{first}为核心成分。", "{name}采用{first}与{second}。"],
    "paid_ad_pas": ["{audience}常感紧绷，屏障受损后更难打理。", "{audience}总被不适困扰，拖久更难护理。"],
}
BODIES = [
    "{name}含{first}与{second}，帮助{feature}，温和不刺激。",
    "{name}以{first}搭配{second}，从源头{feature}。",
    "科学配方精简有效，{first}协同{second}，{feature}。",
    "{name}专注{feature}，{first}的浓度清晰可查。",
]
HYPE = [
    "真的是逆天神器，用过都说绝绝子！",
    "秒杀一切大牌，效果堪称奇迹！",
    "全网第一，家人们快冲！",
    "三天见效，永久根治！",
]


@dataclass(frozen=True)
class World:
    """The tables of one small brand, by name, and the sources beside them."""

    tables: dict[str, list[dict[str, Any]]]
    content_types: dict[str, ContentType]

    def inputs(self, params: Any, folders: dict[str, Any] | None = None, rules: Any = None) -> SimpleNamespace:
        """Return what a step sees of it."""
        sources = {"content_types": self.content_types, "rules": rules}
        return SimpleNamespace(
            params=params,
            rows=lambda name: [dict(row) for row in self.tables[name]],
            folder=lambda name: (folders or {})[name],
            source=lambda name: sources[name],
            checkpoints=None,
            events=None,
        )

    def val_items(self) -> list[tuple[Product, ContentType]]:
        """Return (product, content type) of the held-out products."""
        products = [product_from(row) for row in self.tables["products"] if row["split"] == "val"]
        return [(product, kind) for product in products for kind in self.content_types.values()]


def product_from(row: dict[str, Any]) -> Product:
    return Product(**{name: row[name] for name in Product.model_fields})


def content_types() -> dict[str, ContentType]:
    return {
        name: ContentType(
            id=name,
            family="paid_ad",
            title=title,
            title_en=name,
            min_chars=20,
            max_chars=limit,
            call_to_action=True,
            structure=labels,
            labels=labels,
        )
        for name, (title, limit, labels) in TYPES.items()
    }


def products(count: int, random: Random) -> list[dict[str, Any]]:
    """Return product rows; one in five is held out."""
    names = random.sample([(head, tail, form) for head in HEADS for tail in TAILS for form in FORMS], count)
    return [
        {
            "product_id": f"p{index:03d}",
            "product_name": f"{head}{tail}{form[0]}",
            "category": form[1],
            "core_ingredients": random.sample(INGREDIENTS, 3),
            "features": random.sample(FEATURES, 3),
            "target_audience": random.choice(AUDIENCES),
            "registration": "",
            "filing_number": "",
            "claims": [],
            "evidence": [],
            "split": "val" if index % 5 == 4 else "train",
        }
        for index, (head, tail, form) in enumerate(names)
    ]


def clean_ad(product: dict[str, Any], kind: str, random: Random) -> str:
    """Return an ad that breaks no gate of `gates`."""
    first, second = random.sample(product["core_ingredients"], 2)
    facts = {
        "name": product["product_name"],
        "audience": product["target_audience"],
        "first": first,
        "second": second,
        "feature": random.choice(product["features"]),
    }
    return (random.choice(OPENINGS[kind]) + random.choice(BODIES)).format(**facts) + random.choice(CALLS)


def broken_draft(text: str, random: Random) -> tuple[str, str]:
    """Return (a draft of the ad that breaks a gate, the rule that it breaks)."""
    rule = random.choice(["forbidden_word", "call_to_action", "framework_label"])
    if rule == "forbidden_word":
        return random.choice(HYPE) + text, rule
    if rule == "call_to_action":
        return text[: text.rindex("。", 0, -1) + 1], rule
    return f"【痛点】{text}", rule


def world(count: int = 16, seed: int = 5) -> World:
    """Return the tables of `count` products with four ads each; a function of its arguments alone."""
    random = Random(seed)
    types, listed = content_types(), products(count, random)
    copy, pairs = [], []
    for product in listed:
        for kind in types:
            text = clean_ad(product, kind, random)
            copy.append(copy_row(product, kind, text, random))
            pairs.append(pair_row(product, kind, text, types, random))
    return World({"products": listed, "copy": copy, "pairs": pairs, **datasets(listed, copy, pairs, types)}, types)


def copy_row(product: dict[str, Any], kind: str, text: str, random: Random) -> dict[str, Any]:
    history = [{"round": 1, "action": "repair", "text": text, "reasons": [], "call_key": "k"}]
    if random.random() < 0.5:
        draft, rule = broken_draft(text, random)
        history.insert(0, {"round": 0, "action": "draft", "text": draft, "reasons": [rule], "call_key": "k"})
    return {**item(product, kind), "text": text, "status": "accepted", "history": history, "split": product["split"]}


def pair_row(product: dict[str, Any], kind: str, text: str, types: dict, random: Random) -> dict[str, Any]:
    method = random.choice(["weak", "exaggerated", "exaggerated", "fake"])
    rejected = {
        "weak": lambda: text.replace("科学配方精简有效，", "").replace("温和不刺激", "还可以吧"),
        "exaggerated": lambda: random.choice(HYPE) + text[: len(text) // 2] + random.choice(HYPE),
        "fake": lambda: text.replace(product["core_ingredients"][0], random.choice(INGREDIENTS)),
    }[method]()
    return {
        **item(product, kind),
        "split": product["split"],
        "prompt": task_prompt(product_from(product), types[kind]),
        "chosen": text,
        "rejected": rejected if rejected != text else text[:-4],
        "method": method,
        "selected": True,
        "status": "made",
    }


def item(product: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "item_id": f"{product['product_id']}/{kind}/0",
        "product_id": product["product_id"],
        "product_name": product["product_name"],
        "content_type": kind,
    }


def datasets(listed: list, copy: list, pairs: list, types: dict) -> dict[str, list[dict[str, Any]]]:
    """Return the datasets of the train products."""
    by_id = {product["product_id"]: product for product in listed if product["split"] == "train"}
    prompts = {row["item_id"]: row["prompt"] for row in pairs}
    mine = [row for row in copy if row["product_id"] in by_id]
    sft = [
        {
            "item_id": row["item_id"],
            "product_id": row["product_id"],
            "content_type": row["content_type"],
            "messages": [
                {"role": "user", "content": prompts[row["item_id"]]},
                {"role": "assistant", "content": row["text"]},
            ],
        }
        for row in mine
    ]
    preference = [
        {key: row[key] for key in ("item_id", "product_id", "content_type", "prompt", "chosen", "rejected", "method")}
        for row in pairs
        if row["product_id"] in by_id and row["selected"]
    ]
    grpo = [
        {
            **by_id[row["product_id"]],
            **item(by_id[row["product_id"]], row["content_type"]),
            "prompt": prompts[row["item_id"]],
        }
        for row in mine
    ]
    singles = [
        {"id": f"{row['item_id']}/{side}", **{key: row[key] for key in ("product_id", "content_type", "prompt")},
         "completion": row[side], "text": row[side], "label": side == "chosen"}
        for row in preference
        for side in ("chosen", "rejected")
    ]  # fmt: skip
    kto = [{key: row[key] for key in row if key != "text"} for row in singles]
    reward_rows = [{key: row[key] for key in ("id", "product_id", "content_type", "text", "label")} for row in singles]
    return {"sft": sft, "preference": preference, "kto": kto, "reward_rows": reward_rows, "grpo": grpo}
