"""The labelling page in headless Chromium: three pairs by keyboard, the file it exports, and what its import says."""

from __future__ import annotations

import json
import shutil

import pytest

from tasks.judging.label_pairs import sampled_pairs
from tasks.judging.labels import read_labels, standing
from tests.judging.labelling import pairs_of
from tests.judging.world import world
from tests.reporting.test_label_page import page_of

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(scope="module")
def tables():
    return world(count=30)


@pytest.fixture
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


def opened(browser, folder, tables, **context):
    """Return a page with a rater's name given, and its faults."""
    (folder / "label.html").write_text(page_of(tables), encoding="utf-8")
    page = browser.new_context(**{"locale": "en-US", **context}).new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((folder / "label.html").as_uri())
    begin(page)
    return page, faults


def begin(page, rater="Li Lei"):
    page.fill("#rater", rater)
    page.keyboard.press("Enter")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def exported(page, path):
    with page.expect_download() as waiting:
        page.click("#export")
    waiting.value.save_as(path)
    return waiting.value.suggested_filename


def test_three_pairs_by_keyboard_come_back_as_the_right_winners(browser, tmp_path, tables):
    page, faults = opened(browser, tmp_path, tables)
    press(page, "1", "2", "0")
    assert page.inner_text("#count") == "4 of 30 · 3 labelled"
    assert exported(page, tmp_path / "l.jsonl") == "labels-Li-Lei.jsonl"
    labels = read_labels([tmp_path / "l.jsonl"])
    shown = sampled_pairs(pairs_of(tables), 30, 1)[:3]
    assert [label.chosen for label in labels] == [shown[0].first, shown[1].second, "tie"]
    assert standing(labels, pairs_of(tables)) == labels and {label.rater for label in labels} == {"li lei"}
    assert faults == []


def test_keys_choose_at_once_after_the_name_is_given(browser, tmp_path, tables):
    page, _ = opened(browser, tmp_path, tables)
    page.reload()
    held = """() => { document.getElementById("rater").focus(); document.getElementById("start").requestSubmit();
                      return document.activeElement.tagName; }"""
    assert page.evaluate(held) == "BODY", "the name's field would swallow the first keys"


def test_undo_takes_back_the_last_and_arrows_move(browser, tmp_path, tables):
    page, _ = opened(browser, tmp_path, tables)
    press(page, "1", "1", "u")
    assert page.inner_text("#count") == "2 of 30 · 1 labelled"
    press(page, "ArrowLeft", "2", "ArrowRight")
    assert page.inner_text("#count") == "3 of 30 · 1 labelled"
    exported(page, tmp_path / "l.jsonl")
    (line,) = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text(encoding="utf-8").splitlines()]
    assert line["winner"] == "second"


def test_note_is_typed_without_choosing_and_goes_with_its_pair(browser, tmp_path, tables):
    page, _ = opened(browser, tmp_path, tables)
    press(page, "n")
    page.keyboard.type("10 points, u know")
    press(page, "Escape", "0")
    assert page.inner_text("#count") == "2 of 30 · 1 labelled" and page.input_value("#note") == ""
    exported(page, tmp_path / "l.jsonl")
    (label,) = read_labels([tmp_path / "l.jsonl"])
    assert (label.note, label.winner) == ("10 points, u know", "tie")


def test_labels_are_there_again_after_closing_and_only_for_their_rater(browser, tmp_path, tables):
    page, _ = opened(browser, tmp_path, tables)
    press(page, "1", "2")
    page.reload()
    assert page.input_value("#rater") == "Li Lei"
    begin(page)
    assert page.inner_text("#count") == "3 of 30 · 2 labelled"
    page.reload()
    begin(page, "Han Meimei")
    assert page.inner_text("#count") == "1 of 30 · 0 labelled"


def test_end_is_told_and_language_switches(browser, tmp_path, tables):
    page, _ = opened(browser, tmp_path, tables)
    assert page.locator("#done").is_hidden()
    press(page, *"10" * 15)
    assert "All pairs are labelled" in page.inner_text("#done")
    page.click("#language")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "全部标完" in page.inner_text("#done") and "已标 30" in page.inner_text("#count")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_its_window_and_choices_are_in_sight(browser, tmp_path, tables, width, scheme):
    page, faults = opened(browser, tmp_path, tables, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in (spot.bounding_box() for spot in page.locator(".choices button").all()):
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= 800
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark") and faults == []


def test_hostile_texts_stay_text(browser, tmp_path, tables):
    poisoned = {
        "answers": [{**row, "text": HOSTILE + row["text"]} for row in tables["answers"]],
        "products": [{**row, "product_name": HOSTILE, "evidence": [HOSTILE]} for row in tables["products"]],
    }
    page, faults = opened(browser, tmp_path, poisoned)
    press(page, "1", "n")
    assert page.title() != "owned" and page.locator("main img").count() == 0
    assert HOSTILE in page.inner_text("#first") and HOSTILE in page.inner_text("#sheet")
    assert faults == []
