"""The columns of a product list, under the names that people give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from tasks.lineage.errors import UserError

REQUIRED = ("product_name", "category", "core_ingredients", "features", "target_audience")
OPTIONAL = ("product_id", "registration", "filing_number", "claims", "evidence")

ALIASES = {
    # 序号 and 编号 are not ids: they number the rows, and would move every product when one is inserted
    "product_id": "product_id id sku 产品id 商品id 产品编号 商品编号 产品编码 商品编码 货号",
    "product_name": "product_name name product 产品名 产品名称 商品名 商品名称 名称 品名 产品",
    "category": "category 品类 类别 类目 分类 产品类别 产品品类 产品分类 商品类目",
    "core_ingredients": "core_ingredients ingredients key_ingredients 核心成分 主要成分 关键成分 功效成分 成分 "
    "核心成份 主要成份 成份",
    "features": "features feature selling_points 功效 卖点 特点 特色 功能 产品功效 产品卖点 产品特点 核心功效 核心卖点 "
    "主要功效 功效特点 功效卖点",
    "target_audience": "target_audience audience target_users 目标人群 适用人群 适合人群 人群 目标用户 适用肤质 "
    "适合肤质",
    "registration": "registration registration_class 注册类别 备案类别 注册备案类别 化妆品类别 监管类别",
    "filing_number": "filing_number filing_no 备案号 备案编号 注册号 注册证号 注册备案号 备案注册号 批准文号",
    "claims": "claims approved_claims 功效宣称 宣称功效 备案功效 宣称",
    "evidence": "evidence 证据 依据 功效依据 宣称依据 评价依据 功效评价 功效证据",
}
NOISE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\s_\-*:/\"'“”.]")


def heading_key(heading: str) -> str:
    """Return a heading without case, width, brackets, spaces and marks: `产品名称 (必填)` is `产品名称`."""
    return NOISE.sub("", unicodedata.normalize("NFKC", heading).casefold().replace("\ufeff", ""))


FIELDS = {heading_key(alias): field for field, aliases in ALIASES.items() for alias in aliases.split()}


def field_of(heading: str) -> str | None:
    """Return the field that a heading means, or None."""
    return FIELDS.get(heading_key(heading))


def fields_named(headings: Sequence[str]) -> int:
    """Return how many different fields a row of headings names: how much it looks like the header."""
    return len({field for heading in headings if (field := field_of(heading))})


def columns_of(subject: str, headings: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Return field -> column position, and the (clean) headings that mean no field.

    Raises:
        UserError: two columns mean one field, or a required column is missing.
    """
    places: dict[str, int] = {}
    unknown = []
    for place, heading in enumerate(headings):
        field = field_of(heading)
        if field in places:
            found = f"columns {headings[places[field]]} and {heading} both mean {field}"
            raise UserError(subject, found, f"one column {field}", "rename or remove one of them")
        if field:
            places[field] = place
        elif heading:
            unknown.append(heading)
    refuse_missing(subject, places, headings)
    return places, unknown


def refuse_missing(subject: str, places: dict[str, int], headings: Sequence[str]) -> None:
    missing = [field for field in REQUIRED if field not in places]
    if missing:
        found = "missing columns " if len(missing) > 1 else "missing column "
        there = ", ".join(filter(None, headings))[:200] or "nothing"
        raise UserError(
            subject,
            f"{found}{', '.join(missing)} (the header has {there})",
            f"the columns {', '.join(REQUIRED)}",
            "add them, or rename the columns that hold them",
        )
