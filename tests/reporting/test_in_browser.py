"""The page in headless Chromium: it runs without a fault, marks the right characters, and hostile texts stay text."""

from __future__ import annotations

import shutil
from itertools import pairwise

import pytest

from tasks.reporting.steps import write_report
from tests.judging.answering import silent
from tests.reporting.big_home import page_of
from tests.reporting.homes import report_inputs

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


def opened(browser, folder, change=None, count=30, **context):
    inputs = report_inputs(folder / "models", count=count)
    if change:
        change(inputs)
    write_report(inputs, folder, silent)
    page = browser.new_context(**context).new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((folder / "report.html").as_uri())
    return page, faults


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_page_fits_its_window_and_runs_without_a_fault(browser, tmp_path, width):
    page, faults = opened(browser, tmp_path, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#item .text").count() in (3, 4)
    assert faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_flow_fills_its_width_and_names_keep_inside(browser, tmp_path, width, scheme):
    page, _ = opened(browser, tmp_path, viewport={"width": width, "height": 800}, color_scheme=scheme)
    frame = page.locator(".sankey").bounding_box()
    boxes = [spot.bounding_box() for spot in page.locator(".stream svg, .stage-names > span, .node-name").all()]
    assert all(frame["x"] - 1 <= b["x"] and b["x"] + b["width"] <= frame["x"] + frame["width"] + 1 for b in boxes)
    names = sorted((spot.bounding_box() for spot in page.locator(".stage-names > span").all()), key=lambda b: b["x"])
    assert all(left["x"] + left["width"] <= right["x"] for left, right in pairwise(names)), "names of stages overlap"
    fills = page.eval_on_selector_all(".stream .node", "ns => ns.map(n => getComputedStyle(n).fill)")
    assert "rgb(0, 0, 0)" not in fills and len(set(fills)) == page.locator(".sankey .tone").count()


def test_flow_tells_numbers_on_hover_and_in_a_table(browser, tmp_path):
    page, _ = opened(browser, tmp_path, locale="en-US")
    title = page.locator(".stream .band title").first.text_content()
    assert title.split(": ")[-1].isdigit()
    page.click("#flow-numbers summary")
    assert page.locator("#flow-numbers table").first.is_visible()


def test_marks_count_code_points(browser, tmp_path):
    def astral(inputs):
        for row in inputs.tables["answers"]:
            row["text"] = "😀" * 3 + row["text"]
        for row in inputs.tables["verdicts"]:
            for reason in row["reasons"]:
                if reason["end"]:
                    reason["start"], reason["end"] = reason["start"] + 3, reason["end"] + 3

    page, _ = opened(browser, tmp_path, astral)
    page.select_option("#f-gate", "words")
    marked = page.eval_on_selector_all(".body mark", "ms => ms.map(m => m.firstChild.textContent)")
    assert "堪称护肤神器" in marked


def test_filters_keys_and_language_work(browser, tmp_path):
    page, _ = opened(browser, tmp_path, locale="en-US")
    everything = page.inner_text("#count")
    page.select_option("#f-gate", "words")
    page.select_option("#f-system", "base")
    some = page.inner_text("#count")
    assert int(some.split("/")[1]) < int(everything.split("/")[1])
    page.locator("#next").focus()
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#count").startswith("2 /")
    page.click("#language")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "并非" in page.inner_text("main")
    page.fill("#f-product", "没有这个商品")
    assert page.inner_text("#count") == "没有结果"


def test_filter_shows_items_whose_orders_disagree(browser, tmp_path):
    page, _ = opened(browser, tmp_path, count=60, locale="en-US")
    everything = int(page.inner_text("#count").split("/")[1])
    page.select_option("#f-judge", "odd")
    assert 0 < int(page.inner_text("#count").split("/")[1]) < everything
    page.click("#item > .opinion summary")
    assert "orders disagree" in page.inner_text("#item > .opinion")
    page.click("#clear")
    assert page.inner_text("#count") == f"1 / {everything}"


def test_viewer_says_nothing_of_a_refused_judge(browser, tmp_path):
    def turning(inputs):
        for row in inputs.tables["duels"]:
            row["winner"] = "left" if row["order"] == "left_first" else "right"

    page, faults = opened(browser, tmp_path, turning, count=60, locale="en-US")
    assert page.locator("#f-judge option").count() == 1
    assert [option.get_attribute("value") for option in page.locator("#f-sort option").all()] == ["", "faults"]
    assert page.locator(".opinion").count() == 0
    assert "refused" in page.inner_text("#judge .status") and "hidden" in page.inner_text("#opinions")
    assert page.locator("#opinions table").count() == 0
    assert faults == []


def test_worst_score_comes_first_and_scores_rise(browser, tmp_path):
    page, _ = opened(browser, tmp_path, count=60, locale="en-US")
    page.select_option("#f-system", "sft")
    page.select_option("#f-sort", "score")
    page.locator("#next").focus()
    seen = []
    for _ in range(4):
        seen.append(float(page.inner_text(".text.sft .opinion summary").split()[2]))
        page.keyboard.press("j")
    assert seen == sorted(seen) and seen[0] < seen[-1]


def test_address_leads_to_its_item_whatever_the_filters(browser, tmp_path):
    page, faults = opened(browser, tmp_path, locale="en-US")
    page.locator("#next").focus()
    page.keyboard.press("j")
    address, name = page.url, page.inner_text(".item-head b")
    assert "#item=" in address
    page.keyboard.press("k")
    assert page.inner_text("#count").startswith("1 /")
    page.fill("#f-product", "没有这个商品")
    page.evaluate("address => { location.hash = new URL(address).hash }", address)
    page.wait_for_selector(".item-head b")
    assert page.inner_text(".item-head b") == name
    page.goto("about:blank")
    page.goto(address)
    assert page.inner_text(".item-head b") == name
    assert page.evaluate("document.activeElement.className") == "item-head"
    assert faults == []


def test_cell_of_the_heat_map_leads_to_the_texts_that_fail_there(browser, tmp_path):
    page, _ = opened(browser, tmp_path, locale="en-US")
    cell = page.locator('.heatmap[aria-labelledby=heat-base] a[href*="paid_ad_bab"]').first
    texts, passed = int(cell.locator("xpath=..").get_attribute("title").split()[0]), int(cell.inner_text())
    cell.click()
    chosen = [page.input_value(f"#f-{name}") for name in ("gate", "system", "type")]
    assert chosen == ["words", "base", "paid_ad_bab"]
    failing = int(page.inner_text("#count").split("/")[1])
    assert failing >= round(texts * (100 - passed) / 100)  # texts of items without a reference are shown too


@pytest.mark.parametrize("width", [390, 1280])
def test_tap_and_focus_tell_rule_basis_and_suggestion_inside_the_window(browser, tmp_path, width):
    page, _ = opened(browser, tmp_path, viewport={"width": width, "height": 800}, has_touch=True, locale="en-US")
    page.select_option("#f-gate", "law")
    for mark in page.locator(".body mark").all():
        mark.tap()
        tip = mark.locator(".tip")
        box = tip.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
    told = page.locator(".tip", has_text="claim_").first.text_content()
    assert "absolute wording" in told or "medical wording" in told
    assert "《" in told and "改为" in told
    page.keyboard.press("Escape")
    assert not tip.is_visible()


@pytest.mark.slow
def test_page_of_200_products_stays_small_and_works(browser, tmp_path):
    path = page_of(tmp_path)
    assert path.stat().st_size < 15e6
    page = browser.new_page(locale="en-US")
    page.goto(path.as_uri())
    assert page.inner_text("#count") == "1 / 1800"
    assert page.locator("#item .text").count() == 4
    assert page.locator("#item .text .opinion").count() == 4, "without the judge's quotes the page would be smaller"
    page.fill("#f-product", page.inner_text(".item-head b"))
    assert page.inner_text("#count").endswith("/ 36"), "4 products of that name, 9 types"


def test_hostile_texts_do_not_run(browser, tmp_path):
    def poison(inputs):
        for row in [*inputs.tables["answers"], *inputs.tables["products"]]:
            row["text"] = row["product_name"] = HOSTILE

    page, faults = opened(browser, tmp_path, poison)
    assert page.title() != "owned"
    assert page.locator("#item img").count() == 0
    assert HOSTILE in page.inner_text("#item")
    assert faults == []
