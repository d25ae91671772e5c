"""The labelling page as a file: whole, blind, and nothing in it that a text could run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest

from tasks.judging.gates import SYSTEMS
from tasks.judging.label_pairs import sampled_pairs
from tasks.reporting.label_page import label_data, render_label_page
from tasks.teacher.rubric import RUBRICS, parse_rubric
from tests.judging.brandbook import BRAND, PROMPTS, TYPES
from tests.judging.labelling import pairs_of
from tests.judging.world import world
from tests.reporting.test_page import HOSTILE, Seen

RUBRIC = {family: parse_rubric(path, (PROMPTS / path).read_text(encoding="utf-8")) for family, path in RUBRICS.items()}


def page_of(tables: dict[str, Any], size: int = 30, seed: int = 1, brand: str = BRAND.name) -> str:
    placed = sampled_pairs(pairs_of(tables), size, seed)
    return render_label_page(label_data(brand, placed, tables["products"], TYPES, RUBRIC))


def data_of(page: str) -> dict[str, Any]:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))


@pytest.fixture(scope="module")
def tables():
    return world(count=30)


def test_no_system_is_named_anywhere(tables):
    page = page_of(tables).replace("base-uri", "")
    assert not re.search(rf"\b({'|'.join(SYSTEMS)})\b", page, re.IGNORECASE)
    assert "answer_id" not in page and not re.search(r"\bp\d{3}\b", page), "no id of a table either"


def test_data_holds_both_texts_their_sheet_and_the_questions_of_their_rubric(tables):
    data, pairs = data_of(page_of(tables)), pairs_of(tables)
    assert len(data["pairs"]) == 30
    for pair in data["pairs"]:
        known = pairs[pair["id"]]
        assert dict([pair["first"], pair["second"]]) == known.texts
        english, _, family = data["types"][pair["type"]]
        assert english == TYPES[known.content_type].title_en
        assert [c[0] for c in data["rubrics"][family]] == [c.title_en for c in RUBRIC[family].criteria]
        product = next(row for row in tables["products"] if row["product_id"] == known.product_id)
        assert data["products"][pair["product"]]["name"] == product["product_name"]


def test_same_sample_is_the_same_file_and_another_seed_another_page(tables):
    assert page_of(tables) == page_of(tables)
    assert data_of(page_of(tables))["page"] != data_of(page_of(tables, seed=2))["page"]


def test_only_its_own_script_runs_and_nothing_is_fetched(tables):
    page = page_of(tables)
    seen = Seen()
    seen.feed(page)
    policy = next(value for _, value in seen.attributes if "default-src" in (value or ""))
    _, script = seen.scripts
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in policy and "default-src 'none'" in policy
    assert not any(name in ("src", "href") or name.startswith("on") for name, _ in seen.attributes)
    assert not {"img", "link", "iframe"} & set(seen.tags)
    assert "innerHTML" not in script and "insertAdjacentHTML" not in script


def test_hostile_texts_products_and_brands_stay_data(tables):
    poisoned = {
        "answers": [{**row, "text": HOSTILE + row["text"]} for row in tables["answers"]],
        "products": [{**row, "product_name": HOSTILE} for row in tables["products"]],
    }
    plain, seen, clean = page_of(poisoned, brand=HOSTILE), Seen(), Seen()
    seen.feed(plain)
    clean.feed(page_of(tables))
    assert seen.tags == clean.tags
    assert data_of(plain)["pairs"][0]["first"][1].startswith(HOSTILE)
