"""The page as axe-core sees it: no serious or critical fault, light and dark, in both languages, all folds open.

`make nightly` installs axe-core where npm is; without it these tests are skipped and say what is missing.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tasks.reporting.steps import write_report
from tests.judging.answering import silent
from tests.reporting.homes import report_inputs

pytestmark = pytest.mark.browser
AXE = Path(os.environ.get("COPYMILL_AXE", Path(__file__).resolve().parents[2] / "build" / "axe"))
INSTALL = f"npm install --prefix {AXE} axe-core@4.14.1 (or make nightly), or COPYMILL_AXE=FOLDER of one"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FAULTS = """() => axe.run(document).then(found => found.violations
    .filter(fault => ["serious", "critical"].includes(fault.impact))
    .map(fault => [fault.id, fault.nodes.length, fault.nodes[0].html]))"""


@pytest.fixture(scope="module")
def axe() -> str:
    script = AXE / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip(f"axe-core is not installed; {INSTALL}")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("report")
    write_report(report_inputs(folder / "models", count=30), folder, silent)
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_is_found(axe, report, browser, scheme, locale, width):
    page = browser.new_page(color_scheme=scheme, locale=locale, viewport={"width": width, "height": 800})
    page.goto(report)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    page.locator(".body mark").first.focus()
    page.evaluate(axe)
    assert page.evaluate(FAULTS) == []


def test_a_fault_put_in_on_purpose_is_found(axe, report, browser):
    page = browser.new_page(locale="en-US")
    page.goto(report)
    page.evaluate("document.querySelector('#filters').append(document.createElement('select'))")
    page.evaluate("document.querySelector('h1').style.color = '#ddd'")
    page.evaluate(axe)
    assert {name for name, _, _ in page.evaluate(FAULTS)} == {"color-contrast", "select-name"}
