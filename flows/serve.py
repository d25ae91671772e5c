"""`copymill serve`: a local Prefect server for one home, its three deployments, and the report over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from flows.job import Job
from flows.settings import configure, prefect_folder, server_file
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text

START_SECONDS = 90
CANCEL_SECONDS = 5  # between two attempts to end what serves
SERVE_SETTINGS = {
    "PREFECT_RUNNER_POLL_FREQUENCY": "2",
    "PREFECT_LOGGING_LEVEL": "INFO",
    # Scheduled runs of `watch` come every few seconds: look ahead often.
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "10",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "true",
}


def serve_home(job: Job, port: int, watch_every: int, nightly: str, console: Console) -> None:
    """Serve until interrupted.

    Raises:
        UserError: the server does not come up (the port is taken, most often).
    """
    from flows.world import load_world

    load_world(job)  # a bad brand or product list is told now, not by the first run
    api = f"http://127.0.0.1:{port}/api"
    os.environ["PREFECT_API_URL"] = api
    os.environ.update({name: os.environ.get(name, value) for name, value in SERVE_SETTINGS.items()})
    configure(Path(job.home))
    with prefect_server(job, port, api), report_server(job, port + 1) as report:
        noted = {"pid": os.getpid(), "api": api, "report": f"{report}/report.html"}
        write_text(server_file(Path(job.home)), json.dumps(noted))
        try:
            console.print(
                f"Prefect UI: http://127.0.0.1:{port}  (deployments main-job, dataset, watch)", highlight=False
            )
            console.print(f"Report:     {noted['report']}", highlight=False)
            console.print("Stop with Ctrl-C.")
            asyncio.run(until_told(serve_deployments(job, watch_every, nightly)))
        finally:
            server_file(Path(job.home)).unlink(missing_ok=True)


async def until_told(serving: Coroutine[Any, Any, None]) -> None:
    """Serve until Ctrl-C, and then until it really ends: cancelled once, Prefect's runner may go on as if nothing was.

    Seen in a test: the one Ctrl-C came while a flow run was being started, and the runner kept polling for minutes.
    """
    task, told = asyncio.ensure_future(serving), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, told.set)
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    while told.is_set() and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_SECONDS)
    waiting.cancel()
    if told.is_set():
        raise KeyboardInterrupt
    await task


async def serve_deployments(job: Job, watch_every: int, nightly: str) -> None:
    from prefect import aserve
    from prefect.deployments.runner import EntrypointType
    from prefect.events import DeploymentEventTrigger

    from flows.pipeline import dataset, main_job
    from flows.watch import EVENTS, resource_of, watch

    given: dict[str, Any] = {
        "parameters": {"job": absolute(job).model_dump(mode="json")},
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
    changed = DeploymentEventTrigger(
        name="inputs changed",
        expect=set(EVENTS.values()),
        match={"prefect.resource.id": resource_of(job.home_path)},
        parameters=given["parameters"],
    )
    await aserve(
        await main_job.ato_deployment("main-job", concurrency_limit=1, **given),
        await dataset.ato_deployment("dataset", cron=nightly, triggers=[changed], concurrency_limit=1, **given),
        await watch.ato_deployment("watch", interval=timedelta(seconds=watch_every), concurrency_limit=1, **given),
        print_starting_message=False,
    )


def absolute(job: Job) -> Job:
    """Return the job with absolute paths: flow runs start in processes of their own, wherever those stand."""
    return job.model_copy(
        update={
            "home": str(Path(job.home).resolve()),
            "brand": str(job.brand_path.resolve()),
            "products": str(job.products_path.resolve()),
        }
    )


@contextmanager
def prefect_server(job: Job, port: int, api: str) -> Iterator[None]:
    """Run `prefect server start` as a child; its log lies beside its database."""
    log = prefect_folder(Path(job.home)) / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as file:
        server = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_for_server(server, api, log)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for_server(server: subprocess.Popen[bytes], api: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{api}/health", timeout=2).status_code == httpx.codes.OK and server.poll() is None:
                return
        except httpx.HTTPError:
            time.sleep(0.3)  # not up yet
    raise UserError(
        "prefect server", f"it did not come up at {api}", "a free port", f"see {log}, or name another --port"
    )


@contextmanager
def report_server(job: Job, port: int) -> Iterator[str]:
    """Serve the newest report.html of the home, and nothing else, on loopback."""
    folder = (job.home_path / "artifacts").resolve()
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(OnlyReport, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()


class OnlyReport(SimpleHTTPRequestHandler):
    """A handler that knows one file."""

    def do_GET(self) -> None:
        if self.path.split("?")[0] != "/report.html":
            self.send_error(404, "Only /report.html is here")
            return
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing: the server's own log holds what matters."""
