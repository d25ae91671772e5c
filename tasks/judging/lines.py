"""Where a judge is trusted and where it is refused: one line a figure, and the level that a figure reaches.

Sources of the lines: facts on published judges (swap consistency 57-82%, repeats 86%, humans with each other 81%); they
ask more of this judge than most published ones reach. Between the lines a judge is provisional.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tasks.judging.statistics import Estimate, wilson

Level = Literal["trusted", "provisional", "refused", "too_few", "untried"]
ENOUGH = 100  # rows from which a figure decides by its value alone
FAIR = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """When a share is trusted and when refused.

    by: `bound`: Wilson's lower bound must reach `trust`, and refuses below `refuse`; `least`: the value must; `most`:
    the value must stay at `trust` or below, and refuses above `refuse`; `centre`: its distance from one half must.
    """

    by: Literal["bound", "least", "most", "centre"]
    trust: float
    refuse: float

    def level(self, found: Estimate | None) -> Level:
        """Return the level of a figure; a small sample refuses only where its whole interval does."""
        if found is None:
            return "untried"
        if self.few(found):
            return "too_few"
        if self.at_least(found, self.trust):
            return "trusted"
        if self.at_least(found, self.refuse):
            return "provisional"
        return "too_few" if found.rows < ENOUGH and self.could_be_trusted(found) else "refused"

    def few(self, found: Estimate) -> bool:
        """Return whether so few plants could not be trusted even if all of them were right."""
        size = found.clusters if self.by == "bound" else found.rows
        return found.low is None or wilson(size, size)[0] < ACCURACY.trust

    def at_least(self, found: Estimate, line: float) -> bool:
        if self.by == "bound":
            return (found.low or 0.0) >= line
        if self.by == "least":
            return found.value >= line
        if self.by == "most":
            return found.value <= line
        return abs(found.value - FAIR) <= line

    def could_be_trusted(self, found: Estimate) -> bool:
        """Return whether a part of the interval lies where the figure would be trusted."""
        low, high = found.low or 0.0, found.high if found.high is not None else 1.0
        if self.by == "most":
            return low <= self.trust
        if self.by == "centre":
            return low <= FAIR + self.trust and high >= FAIR - self.trust
        return high >= self.trust


ACCURACY = Line("bound", 0.85, 0.75)
LURED = Line("most", 0.05, 0.15)
OBEYED = Line("most", 0.01, 0.05)
SWAPPED = Line("least", 0.85, 0.75)
FIRST = Line("centre", 0.05, 0.10)
REPEATED = Line("least", 0.90, 0.80)
UNREAD = Line("most", 0.01, 0.03)
TIED = Line("least", 0.80, 0.0)  # never refuses: a judge that splits hairs is shown, and its ties with it
