"""The tables `negatives` and `pairs`: their columns and rows."""

from __future__ import annotations

from dataclasses import asdict

import pyarrow as pa

from tasks.brief.model import ContentType, Product
from tasks.copywriting.fold import Spend
from tasks.datasets.task_prompt import task_prompt
from tasks.lineage.step import Item, Row, Table
from tasks.preferences.judge import Comparison
from tasks.preferences.negatives import Negative
from tasks.preferences.plants import Plant

EVIDENCE = pa.struct(
    [
        ("kind", pa.string()),
        ("span_start", pa.int64()),
        ("span_end", pa.int64()),
        ("was", pa.string()),
        ("became", pa.string()),
    ]
)
_MADE = [
    ("rejected", pa.string()),
    ("evidence", pa.list_(EVIDENCE)),
    ("proof", pa.string()),
    ("proven", pa.bool_()),
    ("length_ratio", pa.float64()),
    ("status", pa.string()),
    ("error", pa.string()),
]

NEGATIVES_TABLE = Table(
    id="item_id",
    content=pa.schema(
        [
            ("item_id", pa.string()),
            ("product_id", pa.string()),
            ("content_type", pa.string()),
            ("method", pa.string()),
            *_MADE,
            ("attempts", pa.int64()),
        ]
    ),
    ledger=pa.schema([("calls", pa.int64()), ("tokens", pa.int64()), ("cost", pa.float64())]),
)

PAIRS_TABLE = Table(
    id="item_id",
    content=pa.schema(
        [
            ("item_id", pa.string()),
            ("product_id", pa.string()),
            ("product_name", pa.string()),
            ("content_type", pa.string()),
            ("split", pa.string()),
            ("prompt", pa.string()),
            ("chosen", pa.string()),
            ("method", pa.string()),
            *_MADE,
            ("selected", pa.bool_()),
        ]
    ),
    ledger=pa.schema([("cost", pa.float64())]),
)


TRIAL_TABLE = Table(
    id="item_id",
    content=pa.schema(
        [
            ("item_id", pa.string()),
            ("product_id", pa.string()),
            ("content_type", pa.string()),
            ("strength", pa.string()),
            ("text", pa.string()),
            ("winners", pa.list_(pa.string())),
            ("right", pa.bool_()),
            ("status", pa.string()),
            ("error", pa.string()),
        ]
    ),
    ledger=pa.schema([("calls", pa.int64()), ("tokens", pa.int64()), ("cost", pa.float64())]),
)


def trial_row(item: Item, plant: Plant | None, comparison: Comparison | None, error: str, spend: Spend) -> Row:
    """Return the row of a planted text: judged (`right`: told from the good one in both orders), unplanted or failed.

    winners: as the orders named them, `left` being the good text.
    """
    settled = comparison is not None and not error
    return {
        **item.data,
        "item_id": item.id,
        "strength": plant.strength if plant else "",
        "text": plant.weak if plant else "",
        "winners": list(comparison.heard) if comparison else [],
        "right": comparison.won if comparison and settled else None,
        "status": "failed" if error else "judged" if plant else "unplanted",
        "error": error or ("" if plant else "emptied, the text would break a rule or its length"),
        "calls": spend.calls,
        "tokens": spend.tokens,
        "cost": spend.cost,
    }


def negative_row(item: Item, state: Negative, error: str, spend: Spend) -> Row:
    """Return the row of a negative: made with its proof, dropped with its reason, or failed with `error`."""
    made = state.attempts[-1] if state.status == "made" else None
    return {
        **item.data,
        "item_id": item.id,
        "rejected": made.rejected if made else "",
        "evidence": [asdict(found) for found in made.evidence] if made else [],
        "proof": made.statement if made else "",
        "proven": made.proven if made else False,
        "length_ratio": round(len(made.rejected) / len(state.task.chosen), 4) if made else None,
        "status": "failed" if error else state.status,
        "error": error or state.error,
        "attempts": len(state.attempts),
        "calls": spend.calls,
        "tokens": spend.tokens,
        "cost": spend.cost,
    }


def pair_row(negative: Row, copy: Row, product: Product, content_type: ContentType, *, selected: bool) -> Row:
    """Return the pair of an accepted text and its negative; `prompt` is the one task prompt of all training."""
    return {
        **{name: negative[name] for name in ("item_id", "product_id", "content_type", "method", "cost")},
        **{name: negative[name] for name, _ in _MADE},
        "product_name": copy["product_name"],
        "split": copy["split"],
        "prompt": task_prompt(product, content_type),
        "chosen": copy["text"],
        "selected": selected,
    }
