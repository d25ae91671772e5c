"""The systems' answers to val inputs: a text of the data as reference, and what each model writes when asked."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from tasks.judging.answers import MODEL_STEPS, after, write
from tasks.lineage.canonical import digest, unit_hash
from tasks.lineage.step import PENDING, Inputs, Item, Report, Row
from tasks.recipes.tables import asked, examples_of


def wanted_answers(inputs: Inputs) -> list[Item]:
    """Return one item for each system and val input that is asked."""
    tasks = val_tasks(inputs)
    return [item_of(inputs, system, row) for system in inputs.params.systems for row in tasks]


def val_tasks(inputs: Inputs) -> list[Row]:
    """Return what the systems are asked: at most `most` val inputs, each in its one way."""
    rows = list(asked(inputs, "val").values())
    rows.sort(key=lambda row: unit_hash(inputs.params.seed, "asked", row["subject"]))
    return rows[: inputs.params.most]


def references(inputs: Inputs) -> dict[str, str]:
    """Return subject -> the first good text that the data hold for it."""
    found: dict[str, str] = {}
    for row in examples_of(inputs, "grpo", "val"):
        if row["label"] != 0:
            found.setdefault(row["subject"], row["text"])
    return found


def item_of(inputs: Inputs, system: str, row: Row) -> Item:
    answer_id = f"{system}/{row['item_id']}"
    data = {"answer_id": answer_id, "system": system, **{name: row[name] for name in ("item_id", "subject", "task")}}
    if system == "reference":
        components = {"above.examples": digest([row["prompt"], references(inputs).get(row["subject"], "")])}
        return Item(answer_id, digest(components), components, data, system)
    model, decoding = inputs.digest(MODEL_STEPS[system]), inputs.params.generation.identity()
    components = {
        f"above.{MODEL_STEPS[system]}": model, "prompt": digest(row["prompt"]), "generation": digest(decoding),
    }  # fmt: skip
    return Item(answer_id, PENDING if model == PENDING else digest(components), components, data, system)


async def make_answers(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return a row an item; a blank answer is an answer."""
    by_system: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_system[item.data["system"]].append(item)
    rows: list[Row] = []
    for system, mine in sorted(by_system.items()):
        rows += await asyncio.to_thread(answered, system, mine, inputs, after(report, len(rows), len(items)))
    return rows


def answered(system: str, items: list[Item], inputs: Inputs, report: Report) -> list[Row]:
    """Return what one system answers; blocks while a model writes."""
    prompts = {row["item_id"]: row["prompt"] for row in asked(inputs, "val").values()}
    asked_for = [prompts[item.data["item_id"]] for item in items]
    if system == "reference":
        known = references(inputs)
        found = [(known.get(item.data["subject"], ""), True, None) for item in items]
    else:
        written = write(inputs.folder(MODEL_STEPS[system]), asked_for, inputs.params, report)
        found = [(answer.text, answer.ended_by_eos, answer.tokens) for answer in written]
    return [
        {**item.data, "prompt": prompt, "text": text, "ended_by_eos": ended, "tokens": tokens, "status": "made",
         "error": ""}
        for item, prompt, (text, ended, tokens) in zip(items, asked_for, found, strict=True)
    ]  # fmt: skip
