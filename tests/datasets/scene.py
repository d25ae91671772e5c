"""Two train products and one val product with copy and pairs, as the steps above the datasets hand them over."""

from __future__ import annotations

from types import SimpleNamespace

from tasks.brief.model import ContentType, Product
from tasks.brief.steps import row_of
from tasks.datasets.config import SftParams
from tasks.lineage.params import Params

TYPES = {
    "paid_ad_cta": ContentType(
        id="paid_ad_cta",
        family="paid_ad",
        title="付费广告（行动号召型）",
        title_en="Paid ad",
        min_chars=40,
        max_chars=100,
        call_to_action=True,
        structure=("一句话",),
    ),
    "social_media_review": ContentType(
        id="social_media_review",
        family="social",
        title="社交媒体使用测评笔记",
        title_en="Review",
        min_chars=150,
        max_chars=800,
        hashtags=(3, 5),
        structure=("一句话",),
    ),
}


def product(product_id: str, name: str, **fields) -> Product:
    values = {
        "category": "精华",
        "core_ingredients": ("5%烟酰胺", "泛醇"),
        "features": ("控油", "清爽"),
        "target_audience": "油性肌 混合肌",
    }
    return Product(product_id=product_id, product_name=name, **{**values, **fields})


SERUM = product("p_1", "净屿精华", evidence=("人体测试（33人，4周）：控油",))
CREAM = product("p_2", "晨光面霜", category="面霜", registration="特殊", filing_number="国妆特字20990001")
MASK = product("p_3", "静川面膜", category="面膜")
SIDES = {"p_1": "train", "p_2": "train", "p_3": "val"}


def copy_row(item: Product, kind: str, text: str, status: str = "accepted") -> dict:
    return {
        "item_id": f"{item.product_id}/{kind}/0",
        "product_id": item.product_id,
        "product_name": item.product_name,
        "content_type": kind,
        "text": text,
        "status": status,
        "split": SIDES[item.product_id],
    }


def pair_row(item: Product, kind: str, method: str, *, selected: bool = True) -> dict:
    return {
        **copy_row(item, kind, "", "made"),
        "prompt": "as the step above rendered it",
        "chosen": f"{item.product_name}好文案",
        "rejected": f"{item.product_name}坏文案",
        "method": method,
        "selected": selected,
    }


def tables() -> dict[str, list[dict]]:
    return {
        "products": [{**row_of(item), "split": SIDES[item.product_id]} for item in (SERUM, CREAM, MASK)],
        "copy": [
            copy_row(SERUM, "paid_ad_cta", "净屿精华含5%烟酰胺，点击了解。"),
            copy_row(SERUM, "social_media_review", "不合格", status="quarantined"),
            copy_row(CREAM, "paid_ad_cta", "晨光面霜含泛醇，点击了解。"),
            copy_row(MASK, "paid_ad_cta", "静川面膜含泛醇，点击了解。"),
        ],
        "pairs": [
            pair_row(SERUM, "paid_ad_cta", "weak"),
            pair_row(CREAM, "paid_ad_cta", "fake", selected=False),
            pair_row(MASK, "paid_ad_cta", "weak"),
        ],
    }


def inputs(found: dict[str, list[dict]] | None = None, params: Params | None = None) -> SimpleNamespace:
    """Return what a step sees of the tables and the content types."""
    rows = found or tables()
    sources = {"content_types": TYPES}
    return SimpleNamespace(rows=rows.__getitem__, source=sources.__getitem__, params=params or SftParams())
