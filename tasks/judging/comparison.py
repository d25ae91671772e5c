"""What the verdict rows say of the systems: pass rates by gate and content type, differences between two systems.

An item is one product and content type. Only items with an accepted reference are judged, everywhere; the others are
counted and left out, so that every system is measured on the same items.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.judging.gates import GATES, JUDGED, SYSTEMS, Gate, gate_passes, passes_all
from tasks.judging.statistics import Estimate, cluster_mean, cluster_rate
from tasks.lineage.step import Row

ItemKey = tuple[str, str]  # product_id, content_type
ALL = "all"
DIFFERENCE_BOUNDS = (-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class GateRate:
    """The share of a system's texts that pass one gate; `gate` may be "judged" (all judged gates) or "all"."""

    system: str
    gate: str
    content_type: str
    rate: Estimate


def item_key(row: Row) -> ItemKey:
    return row["product_id"], row["content_type"]


def judged_items(verdicts: Iterable[Row]) -> set[ItemKey]:
    """Return the items whose reference text is there and accepted by today's rules."""
    return {item_key(row) for row in verdicts if row["system"] == "reference" and row["accepted"]}


def excluded_items(verdicts: Iterable[Row]) -> set[ItemKey]:
    """Return the items that some system answered and that have no accepted reference."""
    rows = list(verdicts)
    return {item_key(row) for row in rows} - judged_items(rows)


def judged_verdicts(verdicts: Iterable[Row]) -> list[Row]:
    """Return the verdict rows of judged items alone."""
    rows = list(verdicts)
    kept = judged_items(rows)
    return [row for row in rows if item_key(row) in kept]


def systems_of(verdicts: Iterable[Row]) -> list[str]:
    present = {row["system"] for row in verdicts}
    return [system for system in SYSTEMS if system in present]


def gate_rates(verdicts: Sequence[Row]) -> list[GateRate]:
    """Return every system's pass rate by gate, over all content types ("all") and by each; judged items only."""
    rows = judged_verdicts(verdicts)
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["system"], ALL].append(row)
        groups[row["system"], row["content_type"]].append(row)
    types = [ALL, *sorted({row["content_type"] for row in rows})]
    return [
        GateRate(system, gate, content_type, rate)
        for system in systems_of(rows)
        for content_type in types
        for gate in [*(gate.id for gate in GATES), "judged", "all"]
        if (rate := _rate(groups[system, content_type], system, gate)) is not None
    ]


def judged_rate(verdicts: Sequence[Row], system: str) -> Estimate | None:
    """Return one system's pass rate of all judged gates, over all judged items; None where it has none."""
    return _rate([row for row in judged_verdicts(verdicts) if row["system"] == system], system, "judged")


def _rate(rows: Sequence[Row], system: str, gate: str) -> Estimate | None:
    outcomes = ((row["product_id"], outcome(row, gate)) for row in rows)
    rate = cluster_rate((product, float(passed)) for product, passed in outcomes if passed is not None)
    if rate and system == "reference" and gate != "name":
        return replace(rate, low=None, high=None)  # 100% by selection: an interval would pretend to a sample
    return rate


def outcome(verdict: Row, gate: str) -> bool | None:
    """Return whether a verdict row passes the gate called `gate`, the judged gates, or everything that blocks."""
    if gate == "judged":
        return passes_all(verdict, JUDGED)
    if gate == "all":
        return bool(verdict["accepted"]) and gate_passes(verdict, GATE_BY_ID["eos"]) is not False
    return gate_passes(verdict, GATE_BY_ID[gate])


def difference(verdicts: Sequence[Row], left: str, right: str, gate: str = "judged") -> Estimate | None:
    """Return left's pass rate minus right's on the same items, clustered by product; None where nothing is shared."""
    return cluster_mean(by_product(item_differences(verdicts, left, right, gate)), DIFFERENCE_BOUNDS)


def item_differences(verdicts: Sequence[Row], left: str, right: str, gate: str = "judged") -> dict[ItemKey, float]:
    """Return item -> 1 (only left passes), 0, or -1 (only right passes), for judged items that both have."""
    rows = judged_verdicts(verdicts)
    first, second = (_outcomes(rows, system, gate) for system in (left, right))
    return {item: first[item] - second[item] for item in first if item in second}


def by_product(values: Mapping[ItemKey, float]) -> list[tuple[str, float]]:
    """Return (product, value) pairs, as the clustered figures want them."""
    return [(item[0], value) for item, value in values.items()]


def _outcomes(rows: Sequence[Row], system: str, gate: str) -> dict[ItemKey, float]:
    passed = {item_key(row): outcome(row, gate) for row in rows if row["system"] == system}
    return {item: float(value) for item, value in passed.items() if value is not None}


GATE_BY_ID: Mapping[str, Gate] = {gate.id: gate for gate in GATES}
