"""A small pipeline with the shape of the real one: products -> drafts -> copy (a fold over a journal) -> set -> model.

Its teacher is a dict: the journal. `asked` counts the answers that had to be bought.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from tasks.lineage.canonical import digest
from tasks.lineage.commit import commit_folder, commit_items, commit_table
from tasks.lineage.params import Ident, Params, Run
from tasks.lineage.planner import World, inputs_of, plan_all, plan_step, recorded_view
from tasks.lineage.step import PENDING, FolderStep, Item, ItemStep, Row, Table, TableStep
from tasks.lineage.store import Store
from tasks.lineage.views import Source

TEXT = pa.string()


class NoParams(Params):
    speed: Run[int] = 1


class DraftParams(Params):
    style: Ident[str] = "plain"
    workers: Run[int] = 4


class ModelParams(Params):
    retrain_after: Ident[float] = 0.25


@dataclass
class Journal:
    """What was bought. `fails`: keys that get no usable answer now."""

    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)

    def answer(self, prompt: str) -> str:
        if prompt not in self.answers:
            self.asked.append(prompt)
            self.answers[prompt] = digest(prompt)[:8]
        return self.answers[prompt]


def products(inputs) -> list[Row]:
    return [{"product_id": name, "sheet": sheet} for name, sheet in inputs.source("list").items()]


def wanted_drafts(inputs) -> list[Item]:
    style = inputs.params.style
    return [
        Item(
            id=row["product_id"],
            key=draft_prompt(row, style),
            components={"product.sheet": digest(row["sheet"]), "params.style": digest(style)},
            data={"product_id": row["product_id"]},
        )
        for row in inputs.rows("products")
    ]


def draft_prompt(row: Row, style: str) -> str:
    return f"draft {row['sheet']} {style}"


async def make_drafts(items, inputs, journal: Journal, report) -> list[Row]:
    rows = []
    for item in items:
        failed = item.id in journal.fails
        text = "" if failed else journal.answer(call_of(item, inputs))
        rows.append(
            {**item.data, "text": text, "status": "failed" if failed else "drafted", "error": "down" if failed else ""}
        )
    return rows


def call_of(item: Item, inputs) -> str:
    row = next(row for row in inputs.rows("products") if row["product_id"] == item.data["product_id"])
    return draft_prompt(row, inputs.params.style)


def wanted_copy(inputs) -> list[Item]:
    return [
        Item(
            id=row["product_id"],
            key=PENDING if row["row_digest"] == PENDING else digest([row["row_digest"], inputs.digest("rules")]),
            components={"above.draft": row["row_digest"], "rules": inputs.digest("rules")},
            data={"product_id": row["product_id"]},
        )
        for row in inputs.rows("drafts")
    ]


async def make_copy(items, inputs, journal: Journal, report) -> list[Row]:
    drafts = {row["product_id"]: row["text"] for row in inputs.rows("drafts")}
    return [
        {**item.data, "text": mended(drafts[item.id], inputs.source("rules"), journal), "status": "made", "error": ""}
        for item in items
    ]


def mended(text: str, forbidden: frozenset[str], journal: Journal) -> str:
    """Ask for a repair while a forbidden letter stands in the text, three rounds at most."""
    for _ in range(3):
        found = sorted(letter for letter in forbidden if letter in text)
        if not found:
            return text
        text = journal.answer(f"mend {text} {found}")
    return text


def good_rows(inputs) -> list[Row]:
    return [{"product_id": row["product_id"], "text": row["text"]} for row in inputs.rows("copy")]


def train(inputs, out: Path, report) -> None:
    (out / "weights.txt").write_text(digest([row["text"] for row in inputs.rows("set")]))


def table(*names: str) -> Table:
    return Table("product_id", pa.schema([(name, TEXT) for name in names]))


PRODUCTS = TableStep(
    "products", 1, "lineage", "products", ("list",), NoParams, makes=table("product_id", "sheet"), compute=products
)
DRAFTS = ItemStep(
    "drafts", 1, "lineage", "drafts", ("products",), DraftParams,
    makes=table("product_id", "text", "status", "error"), wanted=wanted_drafts, compute=make_drafts,
)  # fmt: skip
COPY = ItemStep(
    "copy", 1, "lineage", "texts", ("drafts", "rules"), NoParams,
    makes=table("product_id", "text", "status", "error"), wanted=wanted_copy, compute=make_copy,
)  # fmt: skip
SET = TableStep("set", 1, "lineage", "set", ("copy",), NoParams, makes=table("product_id", "text"), compute=good_rows)
MODEL = FolderStep("model", 1, "lineage", "model", ("set",), ModelParams, compute=train, trains_on=("set",))
STEPS = [PRODUCTS, DRAFTS, COPY, SET, MODEL]


def world_of(
    home: Path, sheets: dict[str, str], forbidden: frozenset[str], params: dict | None = None, **options
) -> World:
    given = {
        "products": NoParams(),
        "drafts": DraftParams(),
        "copy": NoParams(),
        "set": NoParams(),
        "model": ModelParams(),
    }
    return World(
        store=Store(home),
        params={**given, **(params or {})},
        sources={
            "list": Source("list", digest(sheets), sheets),
            "rules": Source("rules", digest(sorted(forbidden)), forbidden, {"letters": digest(sorted(forbidden))}),
        },
        prompts={},
        **options,
    )


def run(world: World, journal: Journal, steps=None) -> dict:
    """Bring all steps up to date without Prefect; return step name -> (plan, record)."""
    views, done = {}, {}
    for step in steps or STEPS:
        plan = plan_step(step, world, views)
        record = plan.record if plan.does_nothing else make(plan, world, views, journal)
        world.store.make_current(record)
        views[step.name] = recorded_view(step, record, world.store)
        done[step.name] = (plan, record)
    return done


def make(plan, world: World, views, journal: Journal):
    inputs = inputs_of(plan.step, world, views)
    if isinstance(plan.step, TableStep):
        return commit_table(plan, plan.step.compute(inputs), world, {})
    if isinstance(plan.step, ItemStep):
        return commit_items(plan, asyncio.run(plan.step.compute(plan.todo, inputs, journal, print)), world, {})
    out = world.store.scratch(plan.step.name)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    plan.step.compute(inputs, out, print)
    return commit_folder(plan, out, world, {})


def plans(world: World) -> dict:
    return {plan.step.name: plan for plan in plan_all(STEPS, world)}


def contents(done: dict) -> dict[str, str]:
    return {name: record.content for name, (_, record) in done.items()}
