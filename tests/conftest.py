"""How the tests share the cores: one thread a worker, and one worker for all tests that share something dear.

A file's tests stay on one worker, so that its fixtures are made once. In two rooms all files share one thing that takes
long to make (the micro chain of models; the Prefect server and the mill that ran on it): there the room stays together.
What takes longest comes first, and what is short fills the gaps at the end.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tasks.training.runtime import ENVIRONMENT

ROOT = Path(__file__).resolve().parent
TOGETHER = ("training", "flows")
LONGEST_FIRST = (*TOGETHER, "recipes", "judging", "reporting")

# Before any test imports torch or numpy: workers that each start a thread for every core would wait for each other.
os.environ.update(ENVIRONMENT | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})


def group_of(test: str) -> str:
    """Return what stays on one worker: a room, or a file. test: `tests/ROOM/FILE.py::NAME`."""
    file = test.split("::", 1)[0]
    room = file.split("/")[1]
    return room if room in TOGETHER else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        room = item.path.relative_to(ROOT).parts[0]
        return LONGEST_FIRST.index(room) if room in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)  # there is no such hook where pytest-xdist is not loaded
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    # `--dist loadgroup` would read marks, but its group names get lost in pytest 9.2.
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log)
