"""How large the report gets and how fast it opens: `python bench/report.py [products]` prints a table.

The home is made up (tests/reporting/big_home.py): 200 products × 9 content types × 4 systems, texts of usual lengths,
each judged, all pairs in both orders. Three pages hold the same data and are opened in headless Chromium in turn:

| page | what it does |
|---|---|
| report | report.html as it is: the items wait as JSON, one at a time is drawn |
| all in the DOM | the plain way: every item's texts stand in the page as HTML, with their marks and the same styles |
| JSON alone | a page that parses the same JSON and shows nothing: what no such page can go below |

opens: median seconds from the navigation until the first item stands there and a key has turned to the next one (for
the plain page: until a click on a fold was answered; for JSON alone: until it is parsed). The last column, the time
against the plain page's, is what carries over from one machine to another.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tasks.reporting.page import STYLES, style_of
from tests.reporting.big_home import page_of

ROUNDS = 5
BLOCK = re.compile(r'<script type="application/json" id="viewer-data">(.*?)</script>', re.DOTALL)
FOLD = "<details id='fold'><summary>fold</summary></details>"


def main() -> None:
    products = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        report = page_of(Path(folder), products)
        found = BLOCK.search(report.read_text(encoding="utf-8"))
        assert found
        pages = {
            "report": (report, turned),
            "all in the DOM": (plain_page(Path(folder), json.loads(found[1])), unfolded),
            "JSON alone": (json_page(Path(folder), found[1]), parsed),
        }
        taken = opened_in_turn({name: (path.as_uri(), ready) for name, (path, ready) in pages.items()})
        print(f"{products} products\n{'page':<16}{'MB':>8}{'opens':>9}{'against plain':>15}")
        for name, (path, _) in pages.items():
            ratio = taken[name] / taken["all in the DOM"]
            print(f"{name:<16}{path.stat().st_size / 1e6:>8.1f}{taken[name]:>8.2f}s{ratio:>14.2f}×")


def opened_in_turn(pages: dict[str, tuple[str, Callable[[Page], None]]]) -> dict[str, float]:
    """Return name -> median seconds; the pages take turns, so that a busy moment hits them all."""
    taken: dict[str, list[float]] = {name: [] for name in pages}
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(ROUNDS):
            for name, (address, ready) in pages.items():
                taken[name].append(seconds(browser, address, ready))
        browser.close()
    return {name: median(times) for name, times in taken.items()}


def seconds(browser: Browser, address: str, ready: Callable[[Page], None]) -> float:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    ready(page)
    taken = time.perf_counter() - started
    page.context.close()
    return taken


def turned(page: Page) -> None:
    page.wait_for_selector("#item .text")
    page.locator("#next").press("j")
    page.wait_for_function("document.getElementById('count').textContent.startsWith('2 /')")


def unfolded(page: Page) -> None:
    page.wait_for_selector("#fold")
    page.click("#fold summary")
    page.wait_for_selector("#fold[open]")


def parsed(page: Page) -> None:
    page.wait_for_selector("#fold", state="attached")


def plain_page(folder: Path, data: dict[str, Any]) -> Path:
    """Write the page in which everything stands as HTML, the fold at its end."""
    items = "".join(plain_item(item, data) for item in data["items"])
    path = folder / "plain.html"
    style = style_of(STYLES)
    path.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{items}{FOLD}", encoding="utf-8")
    return path


def plain_item(item: dict[str, Any], data: dict[str, Any]) -> str:
    head = f"<p class=item-head><b>{escape(data['products'][item['product']]['name'])}</b> {item['type']}</p>"
    return f"{head}<div class=texts>{''.join(plain_text(text, data) for text in item['texts'])}</div>"


def plain_text(text: list[Any], data: dict[str, Any]) -> str:
    system, words, _, _, _, spans, criteria = text
    shown, at = "", 0
    for number, start, end in sorted(spans, key=lambda span: span[1]):
        if end > start >= at:
            tip = escape(" ".join(data["reasons"][number]))
            mark = f"<mark tabindex=0>{escape(words[start:end])}<span class=tip>{tip}</span></mark>"
            shown += escape(words[at:start]) + mark
            at = end
    said = "".join(
        f"<li>{data['criteria'][name]} {score} <span>{escape(quote)}</span>" for name, score, quote, _ in criteria
    )
    body = f"<p class=text-head>{system}</p><p class=body>{shown}{escape(words[at:])}</p>"
    return f"<article class='text {system}'>{body}<details><ul>{said}</ul></details></article>"


def json_page(folder: Path, block: str) -> Path:
    path = folder / "json.html"
    script = (
        f"JSON.parse(document.getElementById('d').textContent);document.body.insertAdjacentHTML('beforeend',\"{FOLD}\")"
    )
    data = f"<script type=application/json id=d>{block}</script>"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{data}<script>{script}</script>", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
