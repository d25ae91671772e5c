"""`copymill serve` as a process of its own, and its API."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.flows.conftest import DEFAULT_BRAND, Mill, first_rows, write_products


class Api:
    """A home that is served, and what its Prefect API says."""

    def __init__(self, mill: Mill, port: int) -> None:
        self.mill, self.root = mill, f"http://127.0.0.1:{port}"

    def post(self, path: str, body: dict) -> list[dict]:
        return httpx.post(f"{self.root}/api/{path}", json=body, timeout=30).raise_for_status().json()

    def deployment(self, name: str) -> str:
        return self.post("deployments/filter", {"deployments": {"name": {"any_": [name]}}})[0]["id"]

    def runs(self, deployment: str) -> list[dict]:
        """Return the runs of a deployment that have started, newest first."""
        wanted = {"flow_runs": {"deployment_id": {"any_": [self.deployment(deployment)]}}, "sort": "START_TIME_DESC"}
        return [run for run in self.post("flow_runs/filter", wanted) if run["start_time"]]

    def wait_for_run(self, deployment: str, states: str, seconds: float = 180) -> dict:
        """Return the newest run of a deployment in one of the states (`RUNNING COMPLETED`), once there is one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                runs = self.runs(deployment)
            except (httpx.HTTPError, IndexError):  # the server is still coming up
                runs = []
            for run in runs:
                if run["state_type"] in states.split():
                    return run
            time.sleep(1)
        raise AssertionError(f"no run of {deployment} in {states} within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[Api]:
    """Serve a home of four products; stopped as a person stops it, with Ctrl-C."""
    mill = Mill(folder)
    shutil.copytree(DEFAULT_BRAND.parent, folder / "brands")
    write_products(mill.products, first_rows(4))
    port, job = free_port(), mill.job()
    command = [sys.executable, "-m", "flows", "serve", "--port", str(port), "--watch-every", "10"]
    paths = ["--home", job.home, "--brand", job.brand, "--products", job.products]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen([*command, *paths], env={**surroundings, **environment}, stdout=log, stderr=log)
        try:
            yield Api(mill, port)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
