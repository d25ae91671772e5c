"""What Prefect's UI shows of a run besides its task runs: progress, a table of counts, a link to the report."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect.artifacts import acreate_link_artifact, acreate_table_artifact
from prefect.context import FlowRunContext

from flows.settings import server_file
from tasks.lineage.files import replacing
from tasks.lineage.run import Observer
from tasks.lineage.step import Step

if TYPE_CHECKING:
    from flows.opened import Opened

READ = ("report.html", "todo.csv", "bad_cases.jsonl")  # what people read of the report's files
QUIET_SECONDS = 5.0  # between two lines of progress of one step in the flow run's log


class PrefectProgress:
    """Log progress to the flow run, and pass everything on to whoever else watches."""

    def __init__(self, watcher: Observer) -> None:
        self.watcher = watcher
        self.last: dict[str, float] = {}

    def step_started(self, step: Step, total: int, note: str) -> None:
        self.log(f"{step.name}: {total:,} to make ({note})")
        self.watcher.step_started(step, total, note)

    def step_progress(self, step: Step, done: int, total: int, note: str) -> None:
        now = time.monotonic()
        if now - self.last.get(step.name, 0.0) >= QUIET_SECONDS:
            self.last[step.name] = now
            self.log(f"{step.name}: {done:,} of {total:,} {note}")
        self.watcher.step_progress(step, done, total, note)

    def step_ended(self, step: Step, action: str, note: str) -> None:
        self.log(f"{step.name}: {'Cached, ' if action != 'run' else ''}{note}")
        self.watcher.step_ended(step, action, note)

    def log(self, text: str) -> None:
        """Log to the flow run; training threads carry no flow context, so the logger is made in the flow's own."""
        if not hasattr(self, "logger"):
            from prefect.logging import get_run_logger

            self.logger: Any = get_run_logger()
        self.logger.info(text)


async def publish(this: Opened) -> None:
    """Put the table of counts and the link to the report into the UI."""
    if FlowRunContext.get() is None or not this.run.records:
        return
    rows = [
        {
            "step": name,
            "state": this.run.actions[name],
            "rows": record.rows,
            "failed": record.failed,
            "made from": record.fingerprint[:12],
        }
        for name, record in this.run.records.items()
    ]
    await acreate_table_artifact(
        rows, key="counts", description=f"Run {this.run.id}: {this.services.bought:,} answers bought"
    )
    if "report" in this.run.records:
        link = report_link(this, latest_report(this))
        await acreate_link_artifact(
            link, link_text="report.html", key="report", description="The verdict, with all figures"
        )


def latest_report(this: Opened) -> Path:
    """Copy what people read of the report to `HOME/artifacts/` where it is not there already; return the page."""
    made = this.run.world.store.files_folder(this.run.records["report"])
    place = this.job.home_path / "artifacts"
    for name in READ:
        if (made / name).exists():  # a recipe's report has no to-do
            place_file(made / name, place / name)
    return place / READ[0]


def place_file(made: Path, place: Path) -> None:
    if not place.exists() or place.read_bytes() != made.read_bytes():
        with replacing(place) as temporary:
            shutil.copyfile(made, temporary)


def report_link(this: Opened, report: Path) -> str:
    """Return the address the home's server gives the report, or a file address where no server runs."""
    file = server_file(this.job.home_path)
    if file.exists():
        noted = json.loads(file.read_text(encoding="utf-8"))
        return str(noted["report"])
    return report.resolve().as_uri()
