"""The step JUDGE_TRIAL: the judge of weak pairs is tried on planted weak texts before it is believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tasks.brief.steps import product_of
from tasks.copywriting.fold import Spend, calls_needed, live, side_by_side
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
from tasks.lineage.canonical import digest
from tasks.lineage.step import Inputs, Item, Report, Row
from tasks.preferences.judge import Comparison, judge_components, judge_of
from tasks.preferences.plants import FILLERS, Plant, chosen_for_trial, parse_fillers, planted
from tasks.preferences.tables import trial_row
from tasks.teacher.duel import ORDERS

GROUP = "judge_trial"


def wanted_plants(inputs: Inputs) -> Iterator[Item]:
    """Yield one plant for each of some accepted texts of train products, and of texts still to come."""
    types, params = inputs.source("content_types"), inputs.params
    products = by_id(inputs.rows("products"), "product_id")
    sides = {name: row["split"] for name, row in products.items()}
    shared = source_components(inputs, "rules") | param_components({"seed": params.seed})
    shared |= prompt_components(inputs.prompts, [FILLERS])
    asked = judge_components(inputs)
    candidates = [row for row in inputs.rows("copy") if row["status"] == "accepted" or is_pending(row)]
    for copy in chosen_for_trial(candidates, sides, params.plants, params.seed):
        pending = is_pending(copy, products[copy["product_id"]])
        content_type = types[copy["content_type"]]
        own = shared | {
            "above.copy": digest(copy["text"]),
            **asked[content_type.family],
            **product_components(product_of(products[copy["product_id"]])),
            **content_type_component(content_type),
        }
        data = {"product_id": copy["product_id"], "content_type": copy["content_type"]}
        key = digest([own, inputs.digest("rules")])
        yield item(copy["item_id"], own, data, key=key, pending=pending, group=GROUP)


async def make_trial(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return one row a plant; one that would break a rule or its length is not tried.

    Raises:
        StopRun: the run cannot go on; answers so far are in the journal.
    """
    court = Court(inputs)

    async def one(wanted: Item) -> Row:
        plant = court.plant(wanted)
        if plant is None:
            return trial_row(wanted, None, None, "", Spend())
        ended = await live(court.comparison(wanted, plant), services.teacher)
        return trial_row(wanted, plant, ended.fold, ended.error, ended.spend)

    return await side_by_side(items, one, report)


def trial_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many calls are not in the journal; a plant of a text to come may need both orders."""
    court = Court(inputs)
    plants = [(wanted, court.plant(wanted)) for wanted in items if not wanted.pending]
    folds = [court.comparison(wanted, plant) for wanted, plant in plants if plant]
    least, most = calls_needed(folds, court.judge.teacher.provider, services.journal.get_many)
    return least, most + len(ORDERS) * sum(wanted.pending for wanted in items)


class Court:
    """The inputs of JUDGE_TRIAL, ready to plant in any accepted text and to have it compared."""

    def __init__(self, inputs: Inputs) -> None:
        self.judge, self.rules, self.seed = judge_of(inputs), inputs.source("rules"), inputs.params.seed
        self.fillers = parse_fillers(inputs.prompts[FILLERS])
        self.types = inputs.source("content_types")
        self.products = by_id(inputs.rows("products"), "product_id")
        self.copy = by_id(inputs.rows("copy"), "item_id")

    def plant(self, wanted: Item) -> Plant | None:
        product = product_of(self.products[wanted.data["product_id"]])
        content_type = self.types[wanted.data["content_type"]]
        return planted(
            wanted.id, self.copy[wanted.id]["text"], product, content_type, self.rules, self.seed, self.fillers
        )

    def comparison(self, wanted: Item, plant: Plant) -> Comparison:
        product = product_of(self.products[wanted.data["product_id"]])
        return Comparison(self.judge, product, self.types[wanted.data["content_type"]], plant.good, plant.weak)
