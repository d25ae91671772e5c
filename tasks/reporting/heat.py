"""The heat map of the gates: one panel a system, content types by gates, each cell a pass rate in one of five shades.

Shades run from orange (fails) over grey to blue (passes): two hues that colour-blind people tell apart, and every cell
bears its number, so that nothing is said by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHADES = (50, 75, 90, 100)  # per cent: below the first the darkest orange; the strongest blue is 100% alone
TOTALS = ("judged", "all")


@dataclass(frozen=True, slots=True)
class Cell:
    """gate: whose rate it is; rate: an estimate, None where the gate does not apply; percent: as it is printed."""

    gate: str
    rate: Mapping[str, Any] | None
    percent: int | None

    @property
    def shade(self) -> str:
        """Return "h0" ... "h4" by the printed number, so that number and legend agree."""
        return "" if self.percent is None else f"h{sum(self.percent >= step for step in SHADES)}"

    @property
    def linked(self) -> bool:
        """Return whether there are texts to look at: some fail, and the viewer has a filter for the gate."""
        return self.percent is not None and self.percent < 100 and self.gate not in TOTALS


def columns(judging: Mapping[str, Any]) -> list[str]:
    """Return the gates in the order of reading: judged ones, all of these, those beside, every rule."""
    return [*judging["judged_gates"], "judged", *judging["beside_gates"], "all"]


def panel(judging: Mapping[str, Any], system: str) -> list[tuple[str, list[Cell]]]:
    """Return (content type, cells) of one system, all types together first."""
    return [
        (kind, row(judging["gates"].get(kind, {}), system, columns(judging))) for kind in ["all", *judging["types"]]
    ]


def row(rates: Mapping[str, Any], system: str, gates: Sequence[str]) -> list[Cell]:
    found = ((gate, rates.get(gate, {}).get(system)) for gate in gates)
    return [Cell(gate, rate, percent(rate["value"]) if rate else None) for gate, rate in found]


def percent(rate: float) -> int:
    """Return a rate in per cent; 0 and 100 only where it is exactly that."""
    return round(rate * 100) if rate in (0, 1) else min(99, max(1, round(rate * 100)))
