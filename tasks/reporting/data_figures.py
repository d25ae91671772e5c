"""What went into training: the split over categories. The cards of data and pairs are made where the data is made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tasks.lineage.step import Row


def split_figures(products: Sequence[Row]) -> dict[str, Any]:
    """Return train and val products in all and by category, the largest category first."""
    sides: dict[str, Counter[str]] = defaultdict(Counter)
    for row in products:
        sides[row["category"]][row["split"]] += 1
    total: Counter[str] = Counter(row["split"] for row in products)
    ordered = sorted(sides, key=lambda name: (-sides[name].total(), name))
    return {
        "products": len(products),
        "train": total["train"],
        "val": total["val"],
        "categories": [
            {"category": name, **{side: sides[name][side] for side in ("train", "val")}} for name in ordered
        ],
    }
