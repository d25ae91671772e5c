"""One writer a home. The lock is the kernel's (flock): it goes with its process, however that ends."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

POLL = 0.5  # seconds between two tries


@contextmanager
def writing(home: Path, what: str, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the home's only write lock; while another holds it, say who through `waiting` and wait.

    Args:
        what: the command, shown to whoever waits.
        waiting: called once with a sentence that names the holder.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+", encoding="utf-8") as file:
        wait_for(file, waiting)
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "what": what, "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            fcntl.flock(file, fcntl.LOCK_UN)


def wait_for(file: TextIO, waiting: Callable[[str], None]) -> None:
    told = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not told:
                waiting(f"waiting for this home: {holder(file)}")
                told = True
            time.sleep(POLL)


def holder(file: TextIO) -> str:
    file.seek(0)
    try:
        held = json.loads(file.read())
    except json.JSONDecodeError:
        return "another run holds it"
    return f"`{held['what']}` (process {held['pid']}) holds it since {held['since']}"
