"""What steps may call while they run: teacher and journal, opened at first use so that a warm run opens none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flows.job import Job
from tasks.lineage.planner import World
from tasks.teacher.config import BASE_URL_VARIABLE, TeacherConfig
from tasks.teacher.journal import Journal


def journal_url(home: Path) -> str | Path:
    """Return the journal of a home: `COPYMILL_JOURNAL` (any SQLAlchemy URL), else SQLite beside its artifacts."""
    return os.environ.get("COPYMILL_JOURNAL") or home / "artifacts" / "journal.sqlite"


class Services:
    """The services of one run."""

    def __init__(self, job: Job, world: World, run_id: str) -> None:
        self.job, self.world, self.run_id = job, world, run_id
        teacher = world.sources.get("teacher")  # a recipe has none
        self.config: TeacherConfig | None = teacher.value if teacher else None
        self._journal: Journal | None = None
        self._teacher: Any = None
        self._simulator: Any = None

    @property
    def journal(self) -> Journal:
        if self._journal is None:
            # A preview shares the journal of its home: an answer that was paid for is never paid twice.
            url = journal_url(Path(self.job.home))
            Path(self.job.home, "artifacts").mkdir(parents=True, exist_ok=True)
            self._journal = Journal(url)
        return self._journal

    @property
    def teacher(self) -> Any:
        if self._teacher is None:
            from tasks.teacher.client import Teacher

            assert self.config is not None, "a step that calls a model reads the source `teacher`"
            config = self.with_simulator(self.config)
            self._teacher = Teacher(config, self.journal, self.run_id, budget=self.job.max_cost)
        return self._teacher

    def with_simulator(self, config: TeacherConfig) -> TeacherConfig:
        """Return the config, with a simulator of this run's own behind it where the simulator is the teacher."""
        if config.provider.split("~")[0] != "simulator" or os.environ.get(BASE_URL_VARIABLE):
            return config
        from tasks.teacher.simulator.process import SimulatorProcess

        log = self.job.home_path / "artifacts" / "simulator" / "requests.jsonl"
        self._simulator = SimulatorProcess(log_path=log)
        self._simulator.__enter__()
        return config.model_copy(update={"base_url": self._simulator.base_url})

    @property
    def bought(self) -> int:
        """How many usable answers this run bought."""
        return self._teacher.tally.answered if self._teacher else 0

    async def close(self) -> None:
        if self._teacher is not None:
            await self._teacher.__aexit__(None, None, None)
        if self._journal is not None:
            self._journal.close()
        if self._simulator is not None:
            self._simulator.__exit__(None, None, None)
