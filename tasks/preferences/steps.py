"""The steps NEGATIVES (one worse text for each accepted one) and PAIRS (prompt, quotas, selection)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tasks.brief.steps import product_of
from tasks.copywriting.desk import desk_of
from tasks.copywriting.fold import calls_needed, live, side_by_side
from tasks.copywriting.origin import (
    by_id,
    content_type_component,
    is_pending,
    item,
    param_components,
    product_components,
    prompt_components,
    source_components,
    teacher_component,
)
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Item, ItemStep, Report, Row, TableStep
from tasks.preferences.assignment import method_of, selected_ids
from tasks.preferences.config import PairParams
from tasks.preferences.negatives import Bench, Negative, begun
from tasks.preferences.proof import Task
from tasks.preferences.tables import NEGATIVES_TABLE, PAIRS_TABLE, negative_row, pair_row

ASSIGNS = ("weights",)  # parameters that act through the method alone, which is a component of its own


def wanted_negatives(inputs: Inputs) -> Iterator[Item]:
    """Yield one negative for each accepted text, and for each text that is still to come."""
    types, params = inputs.source("content_types"), inputs.params
    products = by_id(inputs.rows("products"), "product_id")
    identity = {name: value for name, value in params.identity().items() if name not in ASSIGNS}
    shared = source_components(inputs, "rules") | param_components(identity)
    desk = desk_of(inputs, guide={})
    for copy in inputs.rows("copy"):
        pending = is_pending(copy, products[copy["product_id"]])
        if not pending and copy["status"] != "accepted":
            continue
        method = method_of(copy["item_id"], params)
        own = shared | {
            "above.copy": digest(copy["text"]),
            "method": method,
            **prompt_components(inputs.prompts, [f"{method}.j2"]),
            **teacher_component(desk.teacher, [desk.prompts[method]]),
            **product_components(product_of(products[copy["product_id"]])),
            **content_type_component(types[copy["content_type"]]),
        }
        data = {"product_id": copy["product_id"], "content_type": copy["content_type"], "method": method}
        key = digest([own, inputs.digest("rules")])
        yield item(copy["item_id"], own, data, key=key, pending=pending, group=method)


async def make_negatives(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return one row an item: made, dropped with its reason, or failed where a call has no usable answer.

    Raises:
        StopRun: the run cannot go on; answers so far are in the journal, and the fold is replayed over them.
    """
    shop = Shop(inputs)

    async def one(wanted: Item) -> Row:
        ended = await live(shop.negative(wanted), services.teacher)
        return negative_row(wanted, ended.fold, ended.error, ended.spend)

    return await side_by_side(items, one, report)


def negative_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many attempts are not in the journal, by a dry run of the same fold; a text to come may need all."""
    shop = Shop(inputs)
    folds = [shop.negative(wanted) for wanted in items if not wanted.pending]
    least, most = calls_needed(folds, shop.bench.desk.provider, services.journal.get_many)
    return least, most + sum(wanted.pending for wanted in items) * inputs.params.attempts


class Shop:
    """The inputs of NEGATIVES, ready to start the negative of any accepted text."""

    def __init__(self, inputs: Inputs) -> None:
        self.bench = Bench(desk_of(inputs, guide={}), inputs.source("rules"), inputs.params)
        self.types = inputs.source("content_types")
        self.products = by_id(inputs.rows("products"), "product_id")
        self.copy = by_id(inputs.rows("copy"), "item_id")

    def negative(self, wanted: Item) -> Negative:
        data = wanted.data
        product = product_of(self.products[data["product_id"]])
        chosen = self.copy[wanted.id]["text"]
        return begun(self.bench, Task(wanted.id, product, self.types[data["content_type"]], chosen, data["method"]))


def made_pairs(inputs: Inputs) -> list[Row]:
    """Return one row a negative, dropped ones included; `selected` marks those that keep the quotas exact.

    Raises:
        UserError: the negatives were assigned by other parameters than these.
    """
    types = inputs.source("content_types")
    products = by_id(inputs.rows("products"), "product_id")
    copies = by_id(inputs.rows("copy"), "item_id")
    negatives = inputs.rows("negatives")
    if any(row["method"] != method_of(row["item_id"], inputs.params) for row in negatives):
        todo = "set `negatives` and `pairs` alike"
        raise UserError("parameters of pairs", "weights or seed differ", "those of negatives", todo)
    candidates = [{**row, "split": copies[row["item_id"]]["split"]} for row in negatives if row["status"] == "made"]
    chosen = selected_ids(candidates, inputs.params)
    return [
        pair_row(
            row,
            copies[row["item_id"]],
            product_of(products[row["product_id"]]),
            types[row["content_type"]],
            selected=row["item_id"] in chosen,
        )
        for row in negatives
    ]


NEGATIVES = ItemStep(
    name="negatives",
    version=2,
    room="preferences",
    title="A worse text for each accepted one, with its proof",
    reads=("products", "copy", "content_types", "rules", "teacher"),
    params=PairParams,
    prompts=("weak.j2", "exaggerated.j2", "fake.j2"),
    makes=NEGATIVES_TABLE,
    wanted=wanted_negatives,
    compute=make_negatives,
    calls=negative_calls,
)

PAIRS = TableStep(
    name="pairs",
    version=1,
    room="preferences",
    title="Preference pairs, 50 / 30 / 20 among the selected",
    reads=("products", "copy", "negatives", "content_types"),
    params=PairParams,
    makes=PAIRS_TABLE,
    compute=made_pairs,
)
