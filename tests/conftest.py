"""How the tests share the cores: one thread a worker, and one worker for all tests that share something dear.

A file's tests stay on one worker, so that its fixtures are made once. Files that share what takes long to make stay
together: the room of training with its micro chain of models, and what runs on the Prefect server. What takes longest
comes first, and what is short fills the gaps at the end.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tasks.training.runtime import ENVIRONMENT

# Start of a test's id -> the group that it stays with; longest first, and before everything that is not named.
TOGETHER = {
    "tests/training/": "micro chain",
    "tests/flows/test_data_half.py": "Prefect",
    "tests/flows/test_recipe_job.py": "Prefect",
}
LONG = ("tests/compliance/", "tests/preferences/", "tests/recipes/", "tests/judging/", "tests/flows/")

# Before any test imports torch or numpy: workers that each start a thread for every core would wait for each other.
os.environ.update(ENVIRONMENT | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})


def group_of(test: str) -> str:
    """Return what stays on one worker: a named group, or the file. test: its id."""
    return next((group for start, group in TOGETHER.items() if test.startswith(start)), test.split("::", 1)[0])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = (*TOGETHER, *LONG)
    items.sort(key=lambda item: next((n for n, start in enumerate(order) if item.nodeid.startswith(start)), len(order)))


@pytest.hookimpl(optionalhook=True)  # there is no such hook where pytest-xdist is not loaded
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    # `--dist loadgroup` would read marks, but its group names get lost in pytest 9.2.
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log)
