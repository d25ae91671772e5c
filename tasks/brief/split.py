"""Which products train and which are kept back, from a threshold on a seeded hash.

Invariants: a product's side depends on its name, the seed and the share alone, so that a new product moves no old one,
and a larger share only moves products from train to val. Namesakes are on one side: a product name that the model
learnt must not come back among the products that it is judged on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tasks.brief.model import Product, Split
from tasks.brief.products import normal_name
from tasks.lineage.canonical import unit_hash
from tasks.lineage.step import Row


def split_of(key: str, seed: int, val_share: float) -> Split:
    """Return the side of a key: `val` for a share `val_share` (0 to 1) of all keys."""
    return "val" if unit_hash(seed, "split", key) < val_share else "train"


def side_of(product: Product, seed: int, val_share: float) -> Split:
    """Return the side of a product, which is that of its normal name."""
    return split_of(normal_name(product.product_name), seed, val_share)


def balance(products: Sequence[Row]) -> list[Row]:
    """Return how the split falls over the categories.

    Args:
        products: rows with `category` and `split`.
    Returns:
        rows with category, train, val (counts) and val_share (0 to 1), largest category first.
    """
    counts = Counter((row["category"], row["split"]) for row in products)
    rows = []
    for category, total in Counter(row["category"] for row in products).most_common():
        val = counts[category, "val"]
        rows.append({"category": category, "train": total - val, "val": val, "val_share": val / total})
    return rows
