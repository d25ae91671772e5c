"""The page on which people compare texts: one HTML file, no server, nothing in it that says who wrote what.

Everything that varies is data in a JSON block, and label.js sets it as text alone (tasks/reporting/page.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from tasks.brief.model import ContentType
from tasks.judging.label_pairs import Placed
from tasks.lineage.canonical import digest
from tasks.lineage.step import Row
from tasks.reporting.page import TEMPLATES, embedded_json, environment, policy
from tasks.reporting.viewer import product_entry
from tasks.teacher.rubric import Rubric

SCRIPT, STYLE = "scripts/label.js", "styles/label.css"


def render_label_page(data: Mapping[str, Any]) -> str:
    """Return the page as one HTML document; `data` is what `label_data` returns."""
    script, style = ((TEMPLATES / name).read_text(encoding="utf-8") for name in (SCRIPT, STYLE))
    template = environment().get_template("label.html.j2")
    return template.render(
        brand=data["brand"],
        style=Markup(style),  # noqa: S704 -- our own file, not a value
        script=Markup(script),  # noqa: S704 -- as above
        policy=policy(script),
        data=embedded_json(data),
    )


def label_data(
    brand: str,
    placed: Sequence[Placed],
    products: Sequence[Row],
    types: Mapping[str, ContentType],
    rubrics: Mapping[str, Rubric],
) -> dict[str, Any]:
    """Return the data that label.js reads.

    Args:
        placed: the sample, in the order of the page. products: rows with the product columns. rubrics: by family.
    Returns:
        brand; page (a digest of what is compared: under it a browser keeps labels); pairs (id, type, product: places
        in the lists; first, second: [wording, text]); types ([English, Chinese title, family]); products (sheets);
        rubrics (family -> [English title, title, question, {score: description}] a criterion).
    """
    sheets = {row["product_id"]: row for row in products}
    product_ids = sorted({entry.pair.product_id for entry in placed})
    type_ids = sorted({entry.pair.content_type for entry in placed})
    listed: list[dict[str, Any]] = [
        {
            "id": entry.pair.id,
            "type": type_ids.index(entry.pair.content_type),
            "product": product_ids.index(entry.pair.product_id),
            "first": [entry.first, entry.pair.texts[entry.first]],
            "second": [entry.second, entry.pair.texts[entry.second]],
        }
        for entry in placed
    ]
    kinds = [types[name] for name in type_ids]
    return {
        "brand": brand,
        "page": digest([[pair["id"], pair["first"][0]] for pair in listed])[:16],
        "pairs": listed,
        "types": [[kind.title_en, kind.title, kind.family] for kind in kinds],
        "products": [product_entry(sheets[name]) for name in product_ids],
        "rubrics": {family: criteria(rubrics[family]) for family in sorted({kind.family for kind in kinds})},
    }


def criteria(rubric: Rubric) -> list[list[Any]]:
    return [[c.title_en, c.title, c.question, {str(k): v for k, v in c.anchors.items()}] for c in rubric.criteria]
