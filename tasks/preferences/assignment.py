"""Which method an item gets, and which pairs are selected so that the shares are exact.

The method is a threshold on a seeded hash of the item, so a new product moves no old one. The hash gives the weights
only about; exactness comes from setting surplus pairs aside, in hash order, which costs no call.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import accumulate
from math import gcd
from typing import TypeVar

from tasks.lineage.canonical import unit_hash
from tasks.lineage.step import Row
from tasks.preferences.config import Method, PairParams, Weights

Key = TypeVar("Key", bound=str)


def method_of(item_id: str, params: PairParams) -> Method:
    """Return the method of an item: it depends on the seed, the weights and the item's id alone."""
    weights = params.weights.by_method()
    place = unit_hash(params.seed, "method", item_id) * sum(weights.values())
    for method, end in zip(weights, accumulate(weights.values()), strict=True):
        if place < end:
            return method
    raise AssertionError("a hash in [0, 1) lies below the sum of the weights")


def should_be_longer(item_id: str, params: PairParams) -> bool:
    """Return whether a rejected text should be longer than its chosen one, so that half of them are in the end.

    Writers fall short of the length they are told; left alone, that habit would teach a reward model that longer is
    better.
    """
    return unit_hash(params.seed, "length", item_id) < params.longer_share


def quotas(counts: Mapping[Method, int], weights: Weights) -> dict[Method, int]:
    """Return how many pairs of each method to select: the most that keep the weights exactly.

    Where there is not one full set (ten pairs at 50/30/20), the most that keep them to the nearest whole pair.
    """
    wanted = {method: weight for method, weight in weights.by_method().items() if weight}
    unit = gcd(*wanted.values())
    sets = min(counts.get(method, 0) // (weight // unit) for method, weight in wanted.items())
    if sets:
        return {method: sets * (weight // unit) for method, weight in wanted.items()}
    for total in range(sum(counts.get(method, 0) for method in wanted), 0, -1):
        rounded = nearest(total, wanted)
        if all(number <= counts.get(method, 0) for method, number in rounded.items()):
            return rounded
    return dict.fromkeys(wanted, 0)


def nearest(total: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """Return whole numbers that add up to `total`, by largest remainder; ties go to the earlier key."""
    whole = sum(weights.values())
    parts = {method: divmod(total * weight, whole) for method, weight in weights.items()}
    left = total - sum(number for number, _ in parts.values())
    richest = sorted(parts, key=lambda method: -parts[method][1])[:left]
    return {method: number + (method in richest) for method, (number, _) in parts.items()}


def selected_ids(rows: Iterable[Row], params: PairParams) -> set[str]:
    """Return the ids of the selected pairs.

    Args:
        rows: made pairs with `item_id`, `method` and `split`. Quotas hold within each split, so that both the pairs
            trained on and the pairs judged on are exact.
    """
    by_place: dict[tuple[str, Method], list[str]] = defaultdict(list)
    for row in rows:
        by_place[row["split"], row["method"]].append(row["item_id"])
    chosen: set[str] = set()
    for split in {split for split, _ in by_place}:
        counts = Counter({method: len(ids) for (place, method), ids in by_place.items() if place == split})
        for method, number in quotas(counts, params.weights).items():
            ids = by_place.get((split, method), [])
            chosen.update(sorted(ids, key=lambda item_id: unit_hash(params.seed, "select", item_id))[:number])
    return chosen
