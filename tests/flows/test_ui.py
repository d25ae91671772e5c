"""A person before Prefect's UI, in headless Chromium: start from the form, edit the list, retry a stopped run."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager

import pytest

from tests.flows.conftest import first_rows, write_products
from tests.flows.serving import Api, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@contextmanager
def chromium_page():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def submit_form(api: Api, page, **fields: str) -> None:
    """Open the run form of main-job, fill in fields by their titles, and submit."""
    page.goto(f"{api.root}/deployments/deployment/{api.deployment('main-job')}/run")
    for label, value in fields.items():
        box = page.locator(".p-label", has=page.get_by_text(f"{label} (Optional)", exact=True)).last
        box.locator("textarea, input").first.fill(value)
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(lambda url: not url.endswith("/run"))


def test_form_starts_the_job_and_an_edit_starts_the_dataset(tmp_path):
    with serving(tmp_path) as api, chromium_page() as page:
        api.wait_for_run("watch", "COMPLETED")
        submit_form(api, page, Only="pairs")
        run = api.wait_for_run("main-job", "RUNNING", seconds=60)
        page.goto(f"{api.root}/runs/flow-run/{run['id']}")
        page.get_by_text("Running").first.wait_for()
        page.get_by_text("Completed", exact=True).first.wait_for(timeout=180_000)
        before = {row["item_id"]: row["text"] for row in api.mill.rows("drafts")}
        assert len(before) == 36

        rows = first_rows(4)
        rows[1][2] += "|神经酰胺"
        edited = time.monotonic()
        write_products(api.mill.products, rows)
        api.wait_for_run("dataset", "RUNNING COMPLETED", seconds=60)
        assert time.monotonic() - edited < 60
        api.wait_for_run("dataset", "COMPLETED")
        after = {row["item_id"]: row["text"] for row in api.mill.rows("drafts")}
        changed = {item.split("/")[0] for item in after if before[item] != after[item]}
        assert len(changed) == 1 and len(after) == 36


def test_run_that_ran_out_of_money_is_retried_from_the_ui(tmp_path):
    from tasks.teacher.simulator.process import SimulatorProcess

    with SimulatorProcess(log_path=tmp_path / "requests.jsonl") as simulator:
        simulator.control(faults={"balance": 40})
        with serving(tmp_path / "served", COPYMILL_BASE_URL=simulator.base_url) as api, chromium_page() as page:
            api.wait_for_run("watch", "COMPLETED")
            submit_form(api, page, Only="pairs")
            failed = api.wait_for_run("main-job", "FAILED")
            bought = sum(request.usable for request in simulator.requests())
            simulator.control(faults={"balance": None})
            page.goto(f"{api.root}/runs/flow-run/{failed['id']}")
            page.get_by_role("button", name="Retry").first.click()
            page.get_by_role("dialog").get_by_role("button", name="Retry").click()
            done = api.wait_for_run("main-job", "COMPLETED")
            assert done["id"] == failed["id"] and done["run_count"] == 2
            usable = [request.request_sha for request in simulator.requests() if request.usable]
            assert bought >= 36
            assert len(usable) == len(set(usable)), "an answer that was paid before the stop was paid again"
