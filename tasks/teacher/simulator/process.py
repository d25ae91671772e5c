"""The simulator as a child process: started, asked for its address, turned, and gone when its parent is gone.

The child watches its standard input: when the last copy of the pipe's other end closes, however the parent died, it
exits. PR_SET_PDEATHSIG would not do: it fires when the thread that started the child ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import tasks
from tasks.lineage.errors import UserError
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.request_log import LoggedRequest, read_log

START_SECONDS = 30.0  # it takes about half a second; two busy cores may need longer


class SimulatorProcess:
    """A running simulator; a context manager, or `start` and `stop`.

    Args:
        log_path: where its request log goes (appended to); None keeps no log.
        knobs: how it behaves.
        port: 0 takes a free one.
    """

    def __init__(self, log_path: Path | None = None, knobs: Knobs | None = None, port: int = 0) -> None:
        self.log_path, self.knobs = log_path, knobs or Knobs()
        self.base_url = ""
        self._port = port
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> SimulatorProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> str:
        """Start the server, wait until it listens, and return its base URL.

        Raises:
            UserError: it did not come up (the port is taken, the log cannot be written).
        """
        command = [sys.executable, "-m", "tasks.teacher.simulator", "--port", str(self._port), "--with-parent"]
        if self.log_path is not None:
            command += ["--log", str(self.log_path)]
        command += ["--knobs-json", self.knobs.model_dump_json()]
        root = str(Path(next(iter(tasks.__path__))).resolve().parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self.base_url = self._announced(self._child)
        return self.base_url

    def _announced(self, child: subprocess.Popen[str]) -> str:
        """Return the URL that the child prints once it listens; a watchdog ends a child that never does."""
        watchdog = threading.Timer(START_SECONDS, child.kill)
        watchdog.start()
        try:
            line = child.stdout.readline() if child.stdout else ""
        finally:
            watchdog.cancel()
        if not line:
            self.stop()
            found = f"did not start on port {self._port} (exit {child.returncode})"
            todo = "see its message above, or take another port"
            raise UserError("simulator", found, f"a listening server within {START_SECONDS:.0f} s", todo)
        return str(json.loads(line)["base_url"])

    def stop(self) -> None:
        """Stop the server; it keeps nothing in memory that anybody needs, its log is on disk."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def control(self, **changes: Any) -> dict[str, Any]:
        """Turn knobs at run time (`control(faults={"balance": 1000})`) and return the server's state."""
        return self._asked("/control", changes)

    def state(self) -> dict[str, Any]:
        """Return the knobs as they stand and the counters."""
        return self._asked("/control", None)

    def requests(self) -> list[LoggedRequest]:
        """Return the request log."""
        return read_log(self.log_path) if self.log_path else []

    def _asked(self, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(self.base_url + path, data, headers)  # noqa: S310 (our own http address)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy knows nothing of loopback
        with opener.open(asked, timeout=10) as reply:
            state: dict[str, Any] = json.load(reply)
        return state
