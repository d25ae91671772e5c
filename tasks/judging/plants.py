"""The step PLANTS: accepted texts of train products, each with one known defect put in, to try the judge on.

Plants of `tune` products are for people who edit the rubric; those of `test` products certify. The side is a threshold
on a seeded hash of the product's name. All defects are planted in the same texts as far as they go, so that accuracies
compare and an original is scored once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tasks.brief.model import ContentType, Product
from tasks.brief.products import normal_name
from tasks.brief.steps import product_of
from tasks.compliance import Rules, check
from tasks.copywriting.origin import (
    by_id,
    content_type_component,
    is_pending,
    item,
    param_components,
    product_components,
    prompt_components,
    source_components,
)
from tasks.judging.defects import BY_ID, DEFECTS, Defect
from tasks.judging.plant_edits import Subject
from tasks.judging.plant_words import PLANT_PROMPTS, PlantWords, parse_plant_words
from tasks.lineage.canonical import digest, unit_hash
from tasks.lineage.step import Inputs, Item, Report, Row

CANDIDATES = 40  # edits of one text that are shown to the gates before it is given up


def side_of(product_name: str, seed: int, tune_share: float) -> str:
    """Return `tune` for a share of the product names, else `test`; namesakes are on one side."""
    return "tune" if unit_hash(seed, "tune", normal_name(product_name)) < tune_share else "test"


def chosen_texts(copy: Iterable[Row], types: Mapping[str, ContentType], count: int, seed: int) -> list[Row]:
    """Return `count` rows in an order of a seeded hash that takes families in turn, and in them their content types.

    Families have rubrics of their own: each criterion needs plants, also those of a family with one content type. Of a
    type, texts of products that have not had a turn come first.
    """
    shuffled = sorted(copy, key=lambda row: unit_hash(seed, "plant", row["item_id"]))
    by_product = in_turn(shuffled, lambda row: row["product_id"])
    by_type = in_turn(by_product, lambda row: row["content_type"])
    return in_turn(by_type, lambda row: types[row["content_type"]].family)[:count]


def in_turn(rows: Iterable[Row], group: Callable[[Row], str]) -> list[Row]:
    """Return the rows so that groups take turns, each in its own order."""
    places: Counter[str] = Counter()
    turns = []
    for row in rows:
        turns.append((places[group(row)], group(row), row))
        places[group(row)] += 1
    return [row for _, _, row in sorted(turns, key=lambda turn: turn[:2])]


def wanted_plants(inputs: Inputs) -> Iterator[Item]:
    """Yield one item for each defect and chosen text of a train product that is accepted, or still to come."""
    types, products = inputs.source("content_types"), by_id(inputs.rows("products"), "product_id")
    trained = [row for row in inputs.rows("copy") if products[row["product_id"]]["split"] == "train"]
    able = [row for row in trained if row["status"] == "accepted" or is_pending(row)]
    for defect in DEFECTS:
        bearing = [row for row in able if not defect.ads_only or types[row["content_type"]].call_to_action]
        for copy in chosen_texts(bearing, types, inputs.params.per_defect, inputs.params.seed):
            yield plant_item(inputs, defect, copy, products[copy["product_id"]], types[copy["content_type"]])


def plant_item(inputs: Inputs, defect: Defect, copy: Row, product: Row, content_type: ContentType) -> Item:
    params = inputs.params
    data = {
        "plant_id": f"{defect.id}/{copy['item_id']}",
        "side": side_of(product["product_name"], params.seed, params.tune_share),
        "defect": defect.id,
        "item_id": copy["item_id"],
        "product_id": copy["product_id"],
        "content_type": copy["content_type"],
        "criterion": defect.criteria.get(content_type.family, ""),
    }
    pending = is_pending(copy, product)
    made_from = {
        "above.copy": digest(copy["text"]),
        **product_components(product_of(product)),
        **content_type_component(content_type),
        **source_components(inputs, "rules"),
        **prompt_components(inputs.prompts, PLANT_PROMPTS),
        **param_components({"seed": params.seed, "tune_share": params.tune_share}),
    }
    key = digest([data, made_from])
    return item(data["plant_id"], made_from, data, key=key, pending=pending, group=copy["content_type"])


async def make_plants(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return a row an item: `made`, or `unplanted` where the text cannot bear this defect and no other."""
    return await asyncio.to_thread(planted_rows, items, inputs, report)


def planted_rows(items: Sequence[Item], inputs: Inputs, report: Report) -> list[Row]:
    garden = Garden(inputs)
    rows = []
    for done, wanted in enumerate(items, 1):
        rows.append(garden.row(wanted))
        report(done, len(items))
    return rows


class Garden:
    """The inputs of PLANTS, ready to plant any defect in any accepted text."""

    def __init__(self, inputs: Inputs) -> None:
        self.rules: Rules = inputs.source("rules")
        self.words: PlantWords = parse_plant_words(inputs.prompts)
        self.types, self.seed = inputs.source("content_types"), inputs.params.seed
        self.products = by_id(inputs.rows("products"), "product_id")
        self.copy = by_id(inputs.rows("copy"), "item_id")

    def row(self, wanted: Item) -> Row:
        data, original = wanted.data, self.copy[wanted.data["item_id"]]["text"]
        product, content_type = product_of(self.products[data["product_id"]]), self.types[data["content_type"]]
        text = self.planted(BY_ID[data["defect"]], original, product, content_type, data["item_id"])
        start, end, was = changed_span(original, text) if text else (0, 0, "")
        return {
            **data,
            "seed": self.seed,
            "original": original,
            "text": text or "",
            "span_start": start,
            "span_end": end,
            "was": was,
            "length_ratio": round(len(text) / len(original), 4) if text else None,
            "status": "made" if text else "unplanted",
            "error": "" if text else "no edit of this text shows this defect and no other",
        }

    def planted(
        self, defect: Defect, text: str, product: Product, content_type: ContentType, item_id: str
    ) -> str | None:
        """Return the first candidate in which the gates see just this defect; None where there is none."""
        seed = f"{self.seed}/{item_id}/{defect.id}"
        subject = Subject(text, product, content_type, self.words, self.rules.brand_words, seed)
        for _, candidate in zip(range(CANDIDATES), defect.edit(subject), strict=False):
            if candidate == text:
                continue
            if defect.any_reason or defect.shows(check(candidate, product, content_type, self.rules)):
                return candidate
        return None


def changed_span(original: str, text: str) -> tuple[int, int, str]:
    """Return (start, end, was): the smallest stretch of `text` outside which both texts are the same."""
    shorter = min(len(original), len(text))
    head = next((n for n in range(shorter) if original[n] != text[n]), shorter)
    room = shorter - head
    tail = next((n for n in range(room) if original[-1 - n] != text[-1 - n]), room)
    return head, len(text) - tail, original[head : len(original) - tail]
