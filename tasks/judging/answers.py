"""The systems' answers to every val item: the accepted reference text, and what each model writes for the same prompt.

A model's answer depends on its weights, the task prompt and the decoding; a reference's on its text alone. Torch is
imported when a model is really asked, in a thread; one model generates at a time.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tasks.brief.model import ContentType, Product
from tasks.brief.steps import product_of
from tasks.datasets.task_prompt import task_prompt
from tasks.lineage.canonical import digest
from tasks.lineage.step import PENDING, Inputs, Item, Report, Row

MODEL_STEPS: Mapping[str, str] = {"base": "base", "sft": "sft_model", "grpo": "grpo_model"}
GENERATING = threading.Lock()  # two models decoding side by side would only fight for the same cores and memory


def wanted_answers(inputs: Inputs) -> list[Item]:
    """Return one item for each system, val product and content type that is judged."""
    references, params = reference_rows(inputs), inputs.params
    items: list[Item] = []
    for product in val_products(inputs):
        for content_type in asked_types(inputs):
            for system in params.systems:
                if system != "reference":
                    items.append(model_item(inputs, system, product, content_type))
                elif found := references.get((product.product_id, content_type.id)):
                    items.append(reference_item(found))
    return items


def val_products(inputs: Inputs) -> list[Product]:
    return [product_of(row) for row in inputs.rows("products") if row["split"] == "val"]


def asked_types(inputs: Inputs) -> list[ContentType]:
    types, wanted = inputs.source("content_types"), inputs.params.content_types
    return [types[name] for name in sorted(types) if not wanted or name in wanted]


def reference_rows(inputs: Inputs) -> dict[tuple[str, str], Row]:
    """Return (product_id, content_type) -> the first sample that is accepted, or that may still be."""
    found: dict[tuple[str, str], Row] = {}
    for row in inputs.rows("copy"):
        if row["status"] == "accepted" or row["row_digest"] == PENDING:
            found.setdefault((row["product_id"], row["content_type"]), row)
    return found


def reference_item(copy: Row) -> Item:
    product_id, content_type = copy["product_id"], copy["content_type"]
    answer_id = f"reference/{product_id}/{content_type}"
    data = item_data("reference", product_id, content_type)
    if copy["row_digest"] == PENDING:
        return Item(answer_id, PENDING, {"above.copy": PENDING}, data, "reference")
    components = {"above.copy": digest([copy["item_id"], copy["product_name"], copy["text"]])}
    return Item(answer_id, digest(components), components, data, "reference")


def model_item(inputs: Inputs, system: str, product: Product, content_type: ContentType) -> Item:
    step, prompt = MODEL_STEPS[system], task_prompt(product, content_type)
    decoding = inputs.params.generation.identity()
    made_from = [inputs.digest(step), prompt, product.product_name, decoding]
    key = PENDING if made_from[0] == PENDING else digest(made_from)
    components = {f"product.{name}": digest(value) for name, value in product.sheet().items()}
    components |= {f"above.{step}": inputs.digest(step), "task_prompt": digest(prompt), "generation": digest(decoding)}
    data = item_data(system, product.product_id, content_type.id)
    return Item(f"{system}/{product.product_id}/{content_type.id}", key, components, data, system)


def item_data(system: str, product_id: str, content_type: str) -> Row:
    return {
        "answer_id": f"{system}/{product_id}/{content_type}",
        "system": system,
        "product_id": product_id,
        "content_type": content_type,
    }


async def make_answers(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return a row an item. A blank answer is an answer: the gates fail it, and asking again would give the same."""
    by_system: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_system[item.data["system"]].append(item)
    rows: list[Row] = []
    for system, asked in sorted(by_system.items()):
        if system == "reference":
            rows += references(asked, inputs)
        else:
            rows += await asyncio.to_thread(generated, system, asked, inputs, after(report, len(rows), len(items)))
        report(len(rows), len(items), system)
    return rows


def references(items: list[Item], inputs: Inputs) -> list[Row]:
    found = reference_rows(inputs)
    rows = []
    for item in items:
        copy = found[item.data["product_id"], item.data["content_type"]]
        named = {"item_id": copy["item_id"], "product_name": copy["product_name"]}
        rows.append(answer_row(item, named, copy["text"], True, None))
    return rows


def after(report: Report, done: int, total: int) -> Report:
    """Return a report that counts on from `done` of `total`."""
    return lambda more, _, note="": report(done + more, total, note)


def generated(system: str, items: list[Item], inputs: Inputs, report: Report) -> list[Row]:
    """Return what one model writes for the items' task prompts; blocks, so it runs in a thread."""
    products = {product.product_id: product for product in val_products(inputs)}
    types = {content_type.id: content_type for content_type in asked_types(inputs)}
    subjects = [(products[item.data["product_id"]], types[item.data["content_type"]]) for item in items]
    prompts = [task_prompt(*subject) for subject in subjects]
    written = write(inputs.folder(MODEL_STEPS[system]), prompts, inputs.params, report)
    rows = []
    for item, (product, content_type), answer in zip(items, subjects, written, strict=True):
        item_id = f"{product.product_id}/{content_type.id}/0"
        named = {"item_id": item_id, "product_name": product.product_name}
        rows.append(answer_row(item, named, answer.text, answer.ended_by_eos, answer.tokens))
    return rows


def write(folder: Path, prompts: list[str], params: Any, report: Report) -> list[Any]:
    """Return what the model in a folder generates for the prompts, in their order."""
    from tasks.training.generation import generate  # imports torch: only when a model is really asked

    with GENERATING:
        return list(generate(folder, prompts, params.generation, report))


def answer_row(item: Item, named: Row, text: str, ended: bool, tokens: int | None) -> Row:
    return {
        **item.data,
        **named,
        "text": text,
        "ended_by_eos": ended,
        "tokens": tokens,
        "status": "made",
        "error": "",
    }
