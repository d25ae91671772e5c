"""What went into training: the split over categories, the pairs by method, content type and side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tasks.lineage.step import Row

METHODS = ("weak", "exaggerated", "fake")


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


def pair_figures(pairs: Sequence[Row]) -> dict[str, Any]:
    """Return pairs by method (made, proven, selected, dropped, failed) and by content type and split."""
    made = [row for row in pairs if row["status"] == "made"]
    selected = [row for row in made if row["selected"]]
    return {
        "all": len(pairs),
        "made": len(made),
        "selected": len(selected),
        "methods": [method_figures(method, pairs, len(selected)) for method in methods_of(pairs)],
        "types": type_figures(made),
    }


def methods_of(pairs: Sequence[Row]) -> list[str]:
    present = {row["method"] for row in pairs}
    return [*(m for m in METHODS if m in present), *sorted(present - set(METHODS))]


def method_figures(method: str, pairs: Sequence[Row], selected_in_all: int) -> dict[str, Any]:
    rows = [row for row in pairs if row["method"] == method]
    made = [row for row in rows if row["status"] == "made"]
    selected = sum(bool(row["selected"]) for row in made)
    ratios = [row["length_ratio"] for row in made if row["length_ratio"] is not None]
    return {
        "method": method,
        "asked": len(rows),
        "made": len(made),
        "proven": sum(bool(row["proven"]) for row in made),
        "selected": selected,
        "selected_share": selected / selected_in_all if selected_in_all else None,
        "dropped": sum(row["status"] == "dropped" for row in rows),
        "failed": sum(row["status"] == "failed" for row in rows),
        "length_ratio": sum(ratios) / len(ratios) if ratios else None,
        "shorter_share": sum(ratio < 1 for ratio in ratios) / len(ratios) if ratios else None,
    }


def type_figures(made: Sequence[Row]) -> list[dict[str, Any]]:
    """Return made pairs by content type, split and method."""
    counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in made:
        counts[row["content_type"]][row["split"], row["method"]] += 1
    return [
        {
            "content_type": name,
            "train": {method: counts[name]["train", method] for method in METHODS},
            "val": {method: counts[name]["val", method] for method in METHODS},
        }
        for name in sorted(counts)
    ]
