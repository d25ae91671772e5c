"""How far a long file has been read: a bar on a terminal, a line every few seconds elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

EVERY = 10.0  # seconds between two lines where there is no terminal


class ReadingProgress:
    """Call it with (bytes read, bytes in the file) for each row.

    Args:
        console: on stderr, so that results can be piped.
        clock: seconds, monotonic.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.console, self.clock = console, clock
        self.rows, self.told = 0, clock()
        self.bar = Progress(
            TextColumn("{task.fields[rows]:>12,} rows"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # what is printed meanwhile goes above the bar
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("", total=None, rows=0)

    def __enter__(self) -> ReadingProgress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def __call__(self, done: int, total: int) -> None:
        self.rows += 1
        if self.console.is_terminal:
            self.bar.update(self.task, completed=done, total=total, rows=self.rows)
        elif self.clock() - self.told >= EVERY:
            self.told = self.clock()
            self.console.print(f"{self.rows:,} rows read, {done / max(total, 1):.0%} of the file", highlight=False)
