"""Win rates of duels side by side: raw, with the gates in force, and where both texts pass them. Pure.

A judge may like a text that no brand may print. All rates count win 1, tie 1/2, loss 0 and are means over products.

- raw: the judge alone.
- gate-aware: a text that fails a judged gate loses to one that passes, whatever the judge says; where both fail the
  item is a tie. It stays in, because leaving it out would make "both fail" look like no item at all; the both-pass
  rate is the one that leaves it out.
- both-pass: the judge alone, on the items where both texts pass: what it prefers among texts that could be printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.judging.claims import Claim, claim
from tasks.judging.comparison import ItemKey, by_product, item_key, outcome
from tasks.judging.duels import agreed, winners_by_order
from tasks.judging.gates import SYSTEMS
from tasks.judging.statistics import Estimate, cluster_mean, cluster_rate
from tasks.lineage.step import Row
from tasks.teacher.duel import ORDERS

POINTS = {"left": 1.0, "tie": 0.5, "right": 0.0}
BOUNDS = (0.0, 1.0)
Passes = Mapping[tuple[str, ItemKey], bool]  # (system, item) -> whether its text passes the judged gates


@dataclass(frozen=True, slots=True)
class DuelRates:
    """The rates of one pair of systems, over the items that were judged in both orders and have both verdicts.

    disagreement: the share of these items whose two orders name different winners. even: the raw rate minus 1/2, with
    its p and detectable difference. both_pass_items, one_fails, both_fail: how many items are of each kind.
    without_verdict: items judged in both orders that no gate verdict exists for; they are in no rate.
    """

    left: str
    right: str
    raw: Estimate | None
    gate_aware: Estimate | None
    both_pass: Estimate | None
    disagreement: Estimate | None
    even: Claim | None
    both_pass_items: int
    one_fails: int
    both_fail: int
    without_verdict: int


def duel_rates(duels: Sequence[Row], verdicts: Sequence[Row]) -> list[DuelRates]:
    """Return the rates of every pair of systems that met, in the order of reading."""
    passes = {(row["system"], item_key(row)): bool(outcome(row, "judged")) for row in verdicts}
    by_pair: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in duels:
        by_pair[row["left"], row["right"]].append(row)
    reading = sorted(by_pair, key=lambda pair: [SYSTEMS.index(system) for system in pair])
    return [_pair_rates(left, right, by_pair[left, right], passes) for left, right in reading]


def _pair_rates(left: str, right: str, rows: Sequence[Row], passes: Passes) -> DuelRates:
    both = {item: found for item, found in sorted(winners_by_order(rows).items()) if len(found) == len(ORDERS)}
    gated = {
        item: (passes[left, item], passes[right, item])
        for item in both
        if (left, item) in passes and (right, item) in passes
    }
    raw = {item: POINTS[agreed(both[item])] for item in gated}
    aware = {item: gate_aware_points(raw[item], *gated[item]) for item in gated}
    clean = {item: raw[item] for item in gated if all(gated[item])}
    disagreed = {item: float(len(set(both[item].values())) > 1) for item in gated}
    return DuelRates(
        left,
        right,
        raw=cluster_mean(by_product(raw), BOUNDS),
        gate_aware=cluster_mean(by_product(aware), BOUNDS),
        both_pass=cluster_mean(by_product(clean), BOUNDS),
        disagreement=cluster_rate(by_product(disagreed)),
        even=claim(by_product({item: value - 0.5 for item, value in raw.items()}), (-0.5, 0.5)),
        both_pass_items=len(clean),
        one_fails=sum(sum(found) == 1 for found in gated.values()),
        both_fail=sum(not any(found) for found in gated.values()),
        without_verdict=len(both) - len(gated),
    )


def gate_aware_points(points: float, left_passes: bool, right_passes: bool) -> float:
    """Return left's points once the gates are in force; `points`: what the judge alone gives (1, 1/2 or 0)."""
    if left_passes and right_passes:
        return points
    return 0.5 + (left_passes - right_passes) / 2
