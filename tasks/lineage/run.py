"""One run over a home: the world it sees, the outputs made so far, the services that steps may call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from tasks.lineage.planner import World
from tasks.lineage.records import Record
from tasks.lineage.step import Step
from tasks.lineage.views import View


class Observer(Protocol):
    """Who watches a run: the terminal's progress bars, a Prefect artifact, nobody."""

    def step_started(self, step: Step, total: int, note: str) -> None: ...

    def step_progress(self, step: Step, done: int, total: int, note: str) -> None: ...

    def step_ended(self, step: Step, action: str, note: str) -> None: ...


class Unwatched:
    """An observer that does nothing."""

    def step_started(self, step: Step, total: int, note: str) -> None: ...

    def step_progress(self, step: Step, done: int, total: int, note: str) -> None: ...

    def step_ended(self, step: Step, action: str, note: str) -> None: ...


@dataclass
class Run:
    """What a run carries from step to step. services: opened at first use, so that a warm run opens none."""

    id: str
    world: World
    services: Any
    observer: Observer = field(default_factory=Unwatched)
    views: dict[str, View] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)
