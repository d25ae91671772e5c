"""A person before Prefect's UI, in headless Chromium: start from the form, edit the list, retry a stopped run."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.flows.conftest import DEFAULT_BRAND, Mill, first_rows, write_products

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


class Served:
    """A home that `copymill serve` serves, its API and a page of its UI."""

    def __init__(self, mill: Mill, port: int, page) -> None:
        self.mill, self.page, self.root = mill, page, f"http://127.0.0.1:{port}"

    def post(self, path: str, body: dict) -> list[dict]:
        return httpx.post(f"{self.root}/api/{path}", json=body, timeout=30).raise_for_status().json()

    def deployment(self, name: str) -> str:
        wanted = {"deployments": {"name": {"any_": [name]}}}
        return self.post("deployments/filter", wanted)[0]["id"]

    def runs(self, deployment: str) -> list[dict]:
        wanted = {"flow_runs": {"deployment_id": {"any_": [self.deployment(deployment)]}}, "sort": "START_TIME_DESC"}
        return [run for run in self.post("flow_runs/filter", wanted) if run["start_time"]]

    def wait_for_run(self, deployment: str, state: str, more_than: int = 0, seconds: float = 180) -> dict:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            runs = self.runs(deployment)
            if len(runs) > more_than and runs[0]["state_type"] == state:
                return runs[0]
            time.sleep(1)
        raise AssertionError(
            f"no {state} run of {deployment} in {seconds} s: {[r['state_name'] for r in self.runs(deployment)]}"
        )

    def submit_form(self, **fields: str) -> None:
        """Open the run form of main-job, fill in fields by their descriptions' first words, and submit."""
        self.page.goto(f"{self.root}/deployments/deployment/{self.deployment('main-job')}/run")
        for label, value in fields.items():
            box = self.page.locator(".p-label", has=self.page.get_by_text(f"{label} (Optional)", exact=True)).last
            box.locator("textarea, input").first.fill(value)
        self.page.get_by_role("button", name="Submit").click()
        self.page.wait_for_url(lambda url: not url.endswith("/run"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(folder: Path, **environment: str):
    from playwright.sync_api import sync_playwright

    mill = Mill(folder)
    shutil.copytree(DEFAULT_BRAND.parent, folder / "brands")
    write_products(mill.products, first_rows(4))
    port, job = free_port(), mill.job()
    command = [sys.executable, "-m", "flows", "serve", "--port", str(port), "--watch-every", "10"]
    paths = ["--home", job.home, "--brand", job.brand, "--products", job.products]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with (folder / "serve.log").open("w") as log, sync_playwright() as playwright:
        server = subprocess.Popen([*command, *paths], env={**surroundings, **environment}, stdout=log, stderr=log)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.set_default_timeout(60_000)
            this = Served(mill, port, page)
            wait_until_up(this, folder / "serve.log")
            yield this
        finally:
            browser.close()
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def wait_until_up(this: Served, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if this.deployment("watch") and this.runs("watch"):  # the schedule fires: the pinned set of versions works
                return
        except (httpx.HTTPError, IndexError):
            pass
        time.sleep(1)
    raise AssertionError(log.read_text())


def test_form_starts_the_job_and_an_edit_starts_the_dataset(tmp_path):
    with served(tmp_path) as this:
        this.submit_form(Only="pairs")
        running = this.wait_for_run("main-job", "RUNNING", seconds=60)
        this.page.goto(f"{this.root}/runs/flow-run/{running['id']}")
        this.page.get_by_text("Running").first.wait_for()
        this.page.get_by_text("Completed", exact=True).first.wait_for(timeout=180_000)
        this.page.screenshot(path=str(tmp_path / "main-job.png"))
        before = {row["item_id"]: row["text"] for row in this.mill.rows("drafts")}
        assert len(before) == 36

        rows = first_rows(4)
        rows[1][2] += "|神经酰胺"
        edited = time.monotonic()
        write_products(this.mill.products, rows)
        run = (
            this.wait_for_run("dataset", "RUNNING", seconds=60) if not this.runs("dataset") else this.runs("dataset")[0]
        )
        assert time.monotonic() - edited < 60
        this.wait_for_run("dataset", "COMPLETED")
        assert run["deployment_id"] == this.deployment("dataset")
        after = {row["item_id"]: row["text"] for row in this.mill.rows("drafts")}
        changed = {item.split("/")[0] for item in after if before[item] != after[item]}
        assert len(changed) == 1 and len(after) == 36


def test_run_that_ran_out_of_money_is_retried_from_the_ui(tmp_path):
    from tasks.teacher.simulator.process import SimulatorProcess

    with SimulatorProcess(log_path=tmp_path / "requests.jsonl") as simulator:
        simulator.control(faults={"balance": 40})
        with served(tmp_path / "served", COPYMILL_BASE_URL=simulator.base_url) as this:
            this.submit_form(Only="pairs")
            failed = this.wait_for_run("main-job", "FAILED")
            bought = sum(request.usable for request in simulator.requests())
            simulator.control(faults={"balance": None})
            this.page.goto(f"{this.root}/runs/flow-run/{failed['id']}")
            this.page.get_by_role("button", name="Retry").first.click()
            this.page.get_by_role("dialog").get_by_role("button", name="Retry").click()
            done = this.wait_for_run("main-job", "COMPLETED")
            assert done["id"] == failed["id"] and done["run_count"] == 2
            usable = [request.request_sha for request in simulator.requests() if request.usable]
            assert bought >= 36
            assert len(usable) == len(set(usable)), "an answer that was paid before the stop was paid again"
