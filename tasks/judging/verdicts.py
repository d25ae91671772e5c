"""The gates on every answer: what today's rules say of it, and whether it names its product and stopped by itself."""

from __future__ import annotations

import unicodedata

from tasks.brief.model import ContentType, Product
from tasks.brief.steps import product_of
from tasks.compliance import Rules, check
from tasks.lineage.step import Inputs, Row


def compute_verdicts(inputs: Inputs) -> list[Row]:
    """Return one row an answer: accepted, the kinds of reasons that block it, all reasons with spans.

    An answer that could not be made has no verdict; it is counted where answers are counted.
    """
    products = {row["product_id"]: product_of(row) for row in inputs.rows("products")}
    rules, types = inputs.source("rules"), inputs.source("content_types")
    return [
        verdict_row(answer, products[answer["product_id"]], types[answer["content_type"]], rules)
        for answer in inputs.rows("answers")
        if answer["status"] == "made"
    ]


def verdict_row(answer: Row, product: Product, content_type: ContentType, rules: Rules) -> Row:
    """Return the verdict on one answer (answer_id, system, product_id, content_type, text, ended_by_eos)."""
    verdict = check(answer["text"], product, content_type, rules)
    return {
        **{name: answer[name] for name in ("answer_id", "system", "product_id", "content_type")},
        "accepted": verdict.accepted,
        "gates": sorted({reason.kind for reason in verdict.blocking}),
        "reasons": [reason.as_dict() for reason in verdict.reasons],
        "chars": len(answer["text"].strip()),
        "ended_by_eos": bool(answer["ended_by_eos"]),
        "names_product": names_product(answer["text"], product.product_name),
        "wants_call_to_action": content_type.call_to_action,
    }


def names_product(text: str, name: str) -> bool:
    """Return whether the name stands in the text, whatever its spacing, width or case."""
    return _plain(name) in _plain(text)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
