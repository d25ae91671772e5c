"""One training in several processes: which one this is, and what all of them must agree on.

Everything here is a no-op in a single process. The count is read from the environment that the launcher sets, as
accelerate itself does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def count() -> int:
    """Return how many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main() -> bool:
    """Return whether this process writes what the training makes: exactly one of them does."""
    return count() == 1 or state().is_main_process


def local_index() -> int:
    """Return the number of this process on its machine, which is the number of its GPU."""
    return 0 if count() == 1 else state().local_process_index


@contextmanager
def main_first() -> Iterator[None]:
    """Let the main process through before the others."""
    if count() == 1:
        yield
    else:
        with state().main_process_first():
            yield


def wait() -> None:
    """Wait until every process is here."""
    if count() > 1:
        state().wait_for_everyone()


def from_main(value: Any) -> Any:
    """Return the main process's value in all of them: what decides how long they train must be one and the same."""
    if count() == 1:
        return value
    from accelerate.utils import broadcast_object_list

    return broadcast_object_list([value])[0]


def state() -> Any:
    from accelerate import PartialState

    return PartialState()
