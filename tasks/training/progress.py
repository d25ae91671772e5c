"""What a training run says while it goes on, and the curves that it leaves: metrics.parquet and PNG plots.

Logged values that depend on the clock (seconds, rates) are dropped, so that the same training gives the same files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from transformers import TrainerCallback

from tasks.lineage.step import Report

CLOCKS = ("runtime", "per_second", "step_time", "profiling", "time/", "total_flos")
METRICS = pa.schema([("step", pa.int64()), ("name", pa.string()), ("value", pa.float64())])
Metric = tuple[int, str, float]


class Progress(TrainerCallback):
    """Hands every step to `report` and keeps what the trainer logs.

    shown: the logged value said beside the step ("loss", "reward").
    """

    def __init__(self, report: Report, shown: str = "loss") -> None:
        self.report, self.shown = report, shown
        self.metrics: list[Metric] = []
        self.note = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take over what a checkpoint says was logged before it."""
        self.metrics = [metric for entry in state.log_history for metric in metrics_of(entry["step"], entry)]

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.report(state.global_step, state.max_steps, self.note)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.metrics += metrics_of(state.global_step, logs or {})
        if logs and self.shown in logs:
            self.note = f"{self.shown} {float(logs[self.shown]):.3f}"

    def series(self, name: str) -> list[tuple[int, float]]:
        """Return (step, value) of one logged name, in order."""
        return [(step, value) for step, logged, value in self.metrics if logged == name]

    def first(self, name: str, count: int = 5) -> float | None:
        """Return the mean of the first `count` values of a logged name, None where it was never logged."""
        return mean([value for _, value in self.series(name)][:count])

    def last(self, name: str, count: int = 5) -> float | None:
        """Return the mean of the last `count` values of a logged name, None where it was never logged."""
        return mean([value for _, value in self.series(name)][-count:])


def metrics_of(step: int, logs: Mapping[str, Any]) -> list[Metric]:
    """Return what was logged at a step, by name, without clocks."""
    return [
        (step, name, float(value))
        for name, value in sorted(logs.items())
        if name != "step" and isinstance(value, int | float) and not any(clock in name for clock in CLOCKS)
    ]


def mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None


def write_metrics(path: Path, metrics: Sequence[Metric]) -> None:
    """Write the logged values as Parquet: step, name, value."""
    columns = list(zip(*metrics, strict=True)) or [(), (), ()]
    pq.write_table(pa.table([pa.array(column) for column in columns], schema=METRICS), path)


def plot(path: Path, title: str, series: Mapping[str, Sequence[tuple[int, float]]], axis: str) -> None:
    """Write curves over the training step as a PNG; names with no value are left out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    for name, points in series.items():
        if points:
            axes.plot([step for step, _ in points], [value for _, value in points], label=name, linewidth=1.4)
    axes.set(title=title, xlabel="step", ylabel=axis)
    axes.grid(alpha=0.3)
    if len([points for points in series.values() if points]) > 1:
        axes.legend(fontsize=7, ncols=2)
    FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})
