"""The simulator's own account of what it was asked: one JSON object a line, one line a finished request.

A line is on its way to the disk (one `write` to a file opened for appending) before its answer leaves the server, so
whatever a client holds is in the log, whenever either of them is killed.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One finished request.

    at: Unix time in seconds. request_sha: of the body (tasks.teacher.request). sample, attempt: the headers. fault:
    empty, or a name of `Faults`, balance, auth, bad_request, broken_json. usable: a whole answer that a client may
    keep. defects: what was done on purpose (kinds of draft defects; what a repair mended and added).
    """

    at: float
    request_sha: str
    sample: str
    attempt: int
    task: str
    content_type: str
    product: str
    model: str
    status: int
    fault: str = ""
    finish_reason: str = ""
    usable: bool = False
    prompt_tokens: int = 0
    cache_hit_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    defects: list[str] = field(default_factory=list)

    @property
    def identity(self) -> tuple[str, str]:
        """What was asked: the body and the sample number."""
        return self.request_sha, self.sample


class RequestLog:
    """An append-only file of requests; None as path keeps none."""

    def __init__(self, path: Path | None) -> None:
        self._file: int | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, request: LoggedRequest) -> None:
        if self._file is not None:
            os.write(self._file, orjson.dumps(asdict(request)) + b"\n")

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read_log(path: Path) -> list[LoggedRequest]:
    """Return the requests of a log in the order in which they finished; [] where there is none yet.

    A last line without an end (the server itself was killed) is left out.
    """
    if not path.exists():
        return []
    whole = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [LoggedRequest(**json.loads(line)) for line in whole if line.endswith("\n")]


def repeats(requests: Iterable[LoggedRequest]) -> dict[tuple[str, str], int]:
    """Return (request_sha, sample) -> how many usable answers beyond the first were given to it."""
    given = Counter(request.identity for request in requests if request.usable)
    return {identity: count - 1 for identity, count in given.items() if count > 1}
