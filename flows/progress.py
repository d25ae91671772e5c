"""Progress of a run on a terminal: one bar a step, and one line for each step that ended."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from tasks.lineage.step import Step


class Bars:
    """An observer that draws; where the output is no terminal, it prints a line when a step starts, moves and ends."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.bars: dict[str, TaskID] = {}
        self.told: dict[str, int] = {}

    def __enter__(self) -> Bars:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def step_started(self, step: Step, total: int, note: str) -> None:
        self.bars[step.name] = self.progress.add_task(f"{step.name:<13}", total=total, note="")
        if not self.console.is_terminal:
            self.console.print(f"{step.name}: {total:,} to make", highlight=False, markup=False)

    def step_progress(self, step: Step, done: int, total: int, note: str) -> None:
        if step.name in self.bars:
            self.progress.update(self.bars[step.name], completed=done, total=total, note=note[:60])
        tenth = 10 * done // max(total, 1)
        if not self.console.is_terminal and tenth > self.told.get(step.name, 0):
            self.told[step.name] = tenth
            self.console.print(f"{step.name}: {done:,} of {total:,} {note}", highlight=False, markup=False)

    def step_ended(self, step: Step, action: str, note: str) -> None:
        if step.name in self.bars:
            self.progress.remove_task(self.bars.pop(step.name))
        mark = {"run": "[green]made  [/]", "fresh": "[dim]cached[/]", "tolerated": "[yellow]kept  [/]"}[action]
        self.console.print(f"{mark} {step.name:<13} [dim]{note}[/]", highlight=False, soft_wrap=True)
