"""Line charts as SVG paths: geometry only. Labels are HTML beside them, so that text never shrinks with the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320.0, 96.0
PAD = 5.0  # room for the stroke and the end point
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn series. path: SVG path data in a WIDTH x HEIGHT box; smooth: its running mean, empty for short series.

    end: where the last point lies. low, high, first, last: values that are printed beside it.
    """

    path: str
    smooth: str
    end: tuple[float, float]
    low: float
    high: float
    first: float
    last: float
    steps: tuple[float, float]


def line(points: Points) -> Line:
    """Return the drawing of (step, value) points, at least two, in step order."""
    steps, values = [step for step, _ in points], [value for _, value in points]
    low, high = min(values), max(values)
    means = running_mean(values)
    placed = place(steps, values, low, high)
    smooth = place(steps, means, low, high) if len(points) >= 24 else []
    last = (smooth or placed)[-1]
    return Line(path(placed), path(smooth), last, low, high, values[0], values[-1], (steps[0], steps[-1]))


def place(steps: Sequence[float], values: Sequence[float], low: float, high: float) -> list[tuple[float, float]]:
    span, height = (steps[-1] - steps[0]) or 1.0, (high - low) or 1.0
    return [
        (
            PAD + (step - steps[0]) / span * (WIDTH - 2 * PAD),
            HEIGHT - PAD - (value - low) / height * (HEIGHT - 2 * PAD) if high > low else HEIGHT / 2,
        )
        for step, value in zip(steps, values, strict=True)
    ]


def path(points: Points) -> str:
    return "".join(f"{'L' if place else 'M'}{x:.1f} {y:.1f}" for place, (x, y) in enumerate(points))


def running_mean(values: Sequence[float]) -> list[float]:
    """Return the mean of each value and its neighbours, about a twelfth of the series wide."""
    reach = max(1, len(values) // 24)
    windows = (values[max(0, place - reach) : place + reach + 1] for place in range(len(values)))
    return [sum(window) / len(window) for window in windows]
