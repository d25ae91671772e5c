"""What the duels say of every pair of systems, as plain values: counts, rates side by side, equal length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tasks.judging.comparison import ItemKey, item_key
from tasks.judging.duel_rates import POINTS, DuelRates, duel_rates
from tasks.judging.duels import agreed_winners, duel_results
from tasks.judging.length_control import length_controlled
from tasks.lineage.step import Row

Figures = dict[str, Any]


def duel_figures(duels: Sequence[Row], verdicts: Sequence[Row]) -> list[Figures]:
    """Return one entry a pair of systems, in the order of reading.

    Args:
        duels: duel rows of judged items.
        verdicts: verdict rows of the same items, for the gates and for the texts' lengths in characters.
    """
    winners, chars = agreed_winners(duels), {(row["system"], item_key(row)): row["chars"] for row in verdicts}
    figures = []
    for result, rates in zip(duel_results(duels), duel_rates(duels, verdicts), strict=True):
        left, right = pair = (result.left, result.right)
        points = {(key[0], key[1]): POINTS[winner] for key, winner in winners.items() if key[2:] == pair}
        lengths: dict[ItemKey, float] = {
            item: chars[left, item] - chars[right, item]
            for item in points
            if (left, item) in chars and (right, item) in chars
        }
        length = asdict(length_controlled(points, lengths))
        figures.append({**asdict(result), "rates": rates_figures(rates), "length": length})
    return figures


def rates_figures(rates: DuelRates) -> Figures:
    """Return the rates without the names of the pair; p and detectable are those of the raw rate against 1/2."""
    found = {name: value for name, value in asdict(rates).items() if name not in ("left", "right", "even")}
    return {
        **found,
        "p": None if rates.even is None else rates.even.p,
        "detectable": None if rates.even is None else rates.even.detectable,
    }
