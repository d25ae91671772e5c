"""Bradley-Terry strengths of the systems from their duels, with product-resampled intervals.

A strength is a logarithm of odds, centred: the systems' mean is 0, and left wins against right with probability
1 / (1 + exp(right - left)). A tie is half a win for either side. Fitted by evalica (Newman 2023, JMLR 24:1-25).

The maximum likelihood exists only where every system can be reached from every other along won points (Ford 1957,
American Mathematical Monthly 64:28-33). Elsewhere a solver still prints numbers; here there is a reason instead.
Pure; evalica is imported when a fit is first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tasks.judging.duel_rates import POINTS
from tasks.judging.duels import agreed_winners
from tasks.judging.gates import SYSTEMS
from tasks.judging.resampling import RESAMPLES, SEED, percentile_interval, resampled_counts
from tasks.lineage.step import Row

TOLERANCE, LIMIT = 1e-8, 20_000  # of evalica's iteration; its own 100 rounds stop early on lopsided duels
BATCH = 50  # resamples fitted in one call
Reason = Literal["", "no_duels", "not_connected", "separated", "not_converged"]
IntervalReason = Literal["", "no_fit", "one_product", "resamples_separated"]


@dataclass(frozen=True, slots=True)
class Strength:
    """One system's strength and its 95% interval; low, high: None where the ranking says why."""

    system: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Strengths, the strongest first; none where `reason` says why.

    reason: "no_duels"; "not_connected" (two groups of systems never met); "separated" (one group won every point
    against the rest, so that its lead has no upper end); "not_converged".
    interval_reason: "one_product"; "resamples_separated" (over 1% of the resamples have no maximum). duels: items
    judged in both orders, over all pairs; products: what was resampled; dropped: resamples without a maximum.
    """

    strengths: tuple[Strength, ...]
    reason: Reason
    interval_reason: IntervalReason
    duels: int
    products: int
    resamples: int
    dropped: int


def bradley_terry(duels: Sequence[Row], resamples: int = RESAMPLES, seed: int = SEED) -> Ranking:
    """Return the systems' strengths from the duel rows that were judged in both orders."""
    winners = agreed_winners(duels)
    systems = [name for name in SYSTEMS if any(name in key[2:] for key in winners)]
    products = sorted({key[0] for key in winners})
    wins = np.zeros((len(products), len(systems), len(systems)))
    for (product_id, _, left, right), winner in winners.items():
        at, first, second = products.index(product_id), systems.index(left), systems.index(right)
        wins[at, first, second] += POINTS[winner]
        wins[at, second, first] += 1 - POINTS[winner]
    counts = (len(winners), len(products))
    whole = wins.sum(axis=0)
    reason = refusal(whole)
    fitted = None if reason else strengths_of(whole)
    if fitted is None:
        return Ranking((), reason or "not_converged", "no_fit", *counts, 0, 0)
    drawn = np.tensordot(resampled_counts(len(products), resamples, seed), wins, axes=1)
    return _ranking(systems, fitted, _resampled_strengths(drawn), counts)


def refusal(wins: np.ndarray) -> Reason:
    """Return why a (systems, systems) matrix of won points has no maximum likelihood; "" where it has one."""
    if not wins.any():
        return "no_duels"
    if not _reaches_all(wins + wins.T):
        return "not_connected"
    return "" if _reaches_all(wins) else "separated"


def strengths_of(wins: np.ndarray) -> np.ndarray | None:
    """Return the centred log strengths of one (systems, systems) matrix with a maximum; None if not converged."""
    found = _fitted(wins[None])
    return None if np.isnan(found).any() else found[0]


def _resampled_strengths(drawn: np.ndarray) -> np.ndarray:
    """Return (resamples, systems) strengths of (resamples, systems, systems) won points; NaN where there are none."""
    found = np.full(drawn.shape[:2], np.nan)
    kept = [place for place, wins in enumerate(drawn) if not refusal(wins)]
    for start in range(0, len(kept), BATCH):
        some = kept[start : start + BATCH]
        found[some] = _fitted(drawn[some])
    return found


def _fitted(stack: np.ndarray) -> np.ndarray:
    """Return (matrices, systems) centred log strengths, fitted by evalica in one call; NaN where not converged.

    The matrices are handed over as systems of one big comparison that never meet. A step of the iteration scales with
    the strengths it starts from, so that blocks neither move each other nor lose their own fixed point, and a call
    costs the same for fifty blocks as for one: evalica's overhead is a hundred times its arithmetic here.
    """
    import evalica

    blocks, systems = stack.shape[:2]
    entries = [tuple(map(int, place)) for place in np.argwhere(stack > 0)]
    found = evalica.bradley_terry(
        [block * systems + row for block, row, _ in entries],
        [block * systems + column for block, _, column in entries],
        [evalica.Winner.X] * len(entries),
        weights=[float(stack[entry]) for entry in entries],
        tolerance=TOLERANCE,
        limit=LIMIT,
    )
    if found.iterations >= LIMIT and blocks > 1:  # one block alone may be the slow one
        return np.concatenate([_fitted(one[None]) for one in stack])
    if found.iterations >= LIMIT:
        return np.full((blocks, systems), np.nan)
    strengths = np.log(found.scores.sort_index().to_numpy()).reshape(blocks, systems)
    return strengths - strengths.mean(axis=1, keepdims=True)


def _ranking(systems: list[str], fitted: np.ndarray, found: np.ndarray, counts: tuple[int, int]) -> Ranking:
    intervals = [percentile_interval(found[:, place], counts[1]) or (None, None) for place in range(len(systems))]
    strengths = [Strength(*row) for row in zip(systems, map(float, fitted), *zip(*intervals, strict=True), strict=True)]
    reason: IntervalReason = ""
    if intervals[0][0] is None:
        reason = "one_product" if counts[1] < 2 else "resamples_separated"
    ranked = tuple(sorted(strengths, key=lambda strength: -strength.value))
    return Ranking(ranked, "", reason, *counts, len(found), int(np.isnan(found[:, 0]).sum()))


def _reaches_all(matrix: np.ndarray) -> bool:
    """Return whether every place reaches every other along positive entries."""
    reached = np.eye(len(matrix), dtype=bool) | (matrix > 0)
    for _ in range(len(matrix).bit_length()):
        reached = reached @ reached
    return bool(reached.all())
