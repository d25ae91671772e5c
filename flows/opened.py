"""A run that is open: the home's lock held, its world loaded, its services at hand; closed with a manifest."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flows.artifacts import PrefectProgress, publish
from flows.job import Job
from flows.services import Services
from flows.steps import needed_for, steps_for
from flows.world import check_overrides, load_world
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text
from tasks.lineage.lock import writing
from tasks.lineage.run import Observer, Run, Unwatched
from tasks.lineage.step import Step
from tasks.lineage.steps import execute

# Who watches besides Prefect's own UI; the command line sets its progress bars here.
WATCHER: ContextVar[Observer | None] = ContextVar("watcher", default=None)


@dataclass
class Opened:
    """A run over one home, and which of its steps the job asks for."""

    job: Job
    flow: str
    run: Run
    services: Services
    wanted: frozenset[str]
    started: float

    async def stages(self, steps: Iterable[Step]) -> None:
        """Bring these steps up to date in order, as far as the job asks for them."""
        for step in steps:
            if step.name in self.wanted:
                await execute(self.run, step)

    def summary(self) -> dict[str, Any]:
        """Return what was done, small enough for a flow run's result."""
        return {
            "run": self.run.id,
            "steps": self.run.actions,
            "contents": {name: record.content for name, record in self.run.records.items()},
            "failed": {name: record.failed for name, record in self.run.records.items() if record.failed},
            "calls": self.services.bought,
            "seconds": round(time.monotonic() - self.started, 1),
        }


@asynccontextmanager
async def opened(job: Job, flow: str) -> AsyncIterator[Opened]:
    """Hold the home, load its world, and at the end close services, write the manifest and publish to the UI.

    Raises:
        UserError: bad inputs, before anything is spent; at the end, items without a usable answer.
    """
    check_overrides(job)
    watcher = WATCHER.get() or Unwatched()
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
    with writing(job.home_path / "artifacts", f"{flow} {run_id}", print):
        world = load_world(job)
        services = Services(job, world, run_id)
        run = Run(run_id, world, services, PrefectProgress(watcher))
        wanted = frozenset(step.name for step in needed_for(job.only, steps_for(job.recipe)))
        this = Opened(job, flow, run, services, wanted, time.monotonic())
        try:
            yield this
        finally:
            await services.close()
            write_manifest(this)
            await publish(this)
        say_failed(this)


def write_manifest(this: Opened) -> None:
    """Write `artifacts/runs/<run>.json`: the job, what each step did, what was bought."""
    path = this.job.home_path / "artifacts" / "runs" / f"{this.run.id}.json"
    manifest = {"flow": this.flow, "job": this.job.model_dump(mode="json"), **this.summary()}
    write_text(path, json.dumps(manifest, ensure_ascii=False, indent=1))


def say_failed(this: Opened) -> None:
    failed = this.summary()["failed"]
    if failed:
        told = ", ".join(f"{count:,} {name}" for name, count in failed.items())
        raise UserError(
            "run", f"{told} without a usable answer", "an answer for every item", "run again: only these are done"
        )
