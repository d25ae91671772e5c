"""Geometry of the judging pictures: a scatter of score against length, and axes that fit intervals around zero."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

WIDTH, HEIGHT = 260.0, 150.0
PAD = 6.0  # room for half a point at the edges
SCORES = (1.0, 5.0)
TIMES = (0.25, 4.0)  # of the median length; points beyond stand on the edge
FAIR = 0.5
STEPS = (0.05, 0.1, 0.2, 0.25, 0.5)  # of an axis of differences, as shares


def scatter(points: Iterable[Sequence[float]]) -> str:
    """Return (times the median length, score) points as one SVG path of dots: length on a log scale, score upwards."""
    return "".join(f"M{across(times):.1f} {upwards(score):.1f}h0" for times, score in points)


def across(times: float) -> float:
    least, most = map(math.log, TIMES)
    share = (math.log(min(TIMES[1], max(TIMES[0], times))) - least) / (most - least)
    return PAD + share * (WIDTH - 2 * PAD)


def upwards(score: float) -> float:
    return HEIGHT - PAD - (score - SCORES[0]) / (SCORES[1] - SCORES[0]) * (HEIGHT - 2 * PAD)


def axis(ends: Iterable[float | None]) -> tuple[float, float, list[float]]:
    """Return (least, most, ticks) of an axis around zero that holds all ends, symmetric, with two to five steps a side.

    Symmetric, so that the eye reads gain and loss in the same measure. ends: shares; None counts as zero.
    """
    reach = max([0.04, *(abs(end) for end in ends if end is not None)])
    step = next((step for step in STEPS if reach / step <= 4), STEPS[-1])
    count = math.ceil(reach / step - 1e-9)
    ticks = [round(at * step, 4) for at in range(-count, count + 1)]
    return ticks[0], ticks[-1], ticks


def zones(line: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """Return (level, from, to) of a judge's line over 0 to 1: where a share is trusted, provisional, refused."""
    trust, refuse = line["trust"], line["refuse"]
    if line["by"] == "centre":
        cuts = [0.0, FAIR - refuse, FAIR - trust, FAIR + trust, FAIR + refuse, 1.0]
        levels = ["refused", "provisional", "trusted", "provisional", "refused"]
    elif line["by"] == "most":
        cuts, levels = [0.0, trust, refuse, 1.0], ["trusted", "provisional", "refused"]
    else:
        cuts, levels = [0.0, refuse, trust, 1.0], ["refused", "provisional", "trusted"]
    return [(level, *ends) for level, ends in zip(levels, pairwise(cuts), strict=True) if ends[0] < ends[1]]


def strengths(ranking: Mapping[str, Any]) -> tuple[float, float, list[float]]:
    """Return (least, most, ticks) of an axis of log-odds that holds all strengths with their intervals."""
    ends = [end for one in ranking["strengths"] for end in (one["value"], one["low"], one["high"]) if end is not None]
    reach = math.ceil(max(1.0, *map(abs, ends)))
    step = math.ceil(reach / 4)
    most = math.ceil(reach / step) * step
    return -most, most, [float(at) for at in range(-most, most + 1, step)]
