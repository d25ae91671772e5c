"""The steps JUDGE_TRIAL (may the judge be believed), NEGATIVES (one worse text for each accepted one) and PAIRS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tasks.brief.steps import product_of
from tasks.copywriting.desk import desk_of
from tasks.copywriting.fold import live, side_by_side, unanswered
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
from tasks.preferences.config import PairParams, TrialParams
from tasks.preferences.judge import PROMPTS, judge_components, judge_of, trial_of
from tasks.preferences.negatives import WEAK_PROOF, WRITING, Bench, Negative, begun, comparisons
from tasks.preferences.plants import FILLERS
from tasks.preferences.proof import Task
from tasks.preferences.tables import NEGATIVES_TABLE, PAIRS_TABLE, TRIAL_TABLE, negative_row, pair_row
from tasks.preferences.trial import make_trial, trial_calls, wanted_plants
from tasks.teacher.duel import PURPOSE

ASSIGNS = ("weights",)  # parameters that act through the method alone, which is a component of its own


def wanted_negatives(inputs: Inputs) -> Iterator[Item]:
    """Yield one negative for each accepted text, and for each text that is still to come."""
    types, params = inputs.source("content_types"), inputs.params
    products = by_id(inputs.rows("products"), "product_id")
    identity = {name: value for name, value in params.identity().items() if name not in ASSIGNS}
    shared = source_components(inputs, "rules") | param_components(identity)
    desk, trusted, untried = desk_of(inputs, guide={}), believed(inputs), is_pending(*inputs.rows("judge_trial"))
    asked = judge_components(inputs) if trusted else {}
    for copy in inputs.rows("copy"):
        pending = is_pending(copy, products[copy["product_id"]])
        if not pending and copy["status"] != "accepted":
            continue
        method = method_of(copy["item_id"], params)
        content_type = types[copy["content_type"]]
        proof: dict[str, str] = {}
        if method == "weak" and params.weak_proof == "judge":
            pending = pending or untried
            proof = {"judge_trial": digest(trusted)} | asked.get(content_type.family, {})
        own = (
            shared
            | proof
            | {
                "above.copy": digest(copy["text"]),
                "method": method,
                **prompt_components(inputs.prompts, [f"{method}.j2"]),
                **teacher_component(desk.teacher, [desk.prompts[method]]),
                **product_components(product_of(products[copy["product_id"]])),
                **content_type_component(content_type),
            }
        )
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


def believed(inputs: Inputs) -> bool:
    """Return whether weak texts are put before the judge: it is wanted, and it passed its trial."""
    return inputs.params.weak_proof == "judge" and trial_of(inputs.rows("judge_trial")).trusted


def negative_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many calls are not in the journal, (at least, at most); see `negative_calls_by_line`."""
    counts = negative_calls_by_line(items, inputs, services).values()
    return sum(least for least, _ in counts), sum(most for _, most in counts)


def negative_calls_by_line(items: list[Item], inputs: Inputs, services: Any) -> dict[str, tuple[int, int]]:
    """Return the writer's and the judge's calls that the journal lacks, (at least, at most), by a dry run of the fold.

    A text to come may need all attempts; where the judge is still to be tried, it may be believed.
    """
    shop, params = Shop(inputs), inputs.params
    folds = [shop.negative(wanted) for wanted in items if not wanted.pending]
    missing = unanswered(folds, shop.bench.desk.provider, services.journal.get_many)
    once = {call.key(shop.bench.desk.provider): call.purpose for _, call in missing}  # equal questions are bought once
    least = Counter(WEAK_PROOF if purpose == PURPOSE else WRITING for purpose in once.values())
    most: Counter[str] = Counter()
    for fold, _ in missing:
        most.update(fold.lines_left)
    for wanted in items:
        if wanted.pending:
            judged = comparisons(wanted.data["method"], params.weak_proof == "judge")
            most.update({WRITING: params.attempts, WEAK_PROOF: params.attempts * judged})
    return {line: (least[line], most[line]) for line in (WRITING, WEAK_PROOF)}


class Shop:
    """The inputs of NEGATIVES, ready to start the negative of any accepted text."""

    def __init__(self, inputs: Inputs) -> None:
        judge = judge_of(inputs) if believed(inputs) else None
        self.bench = Bench(desk_of(inputs, guide={}), inputs.source("rules"), inputs.params, judge)
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


JUDGE_TRIAL = ItemStep(
    name="judge_trial",
    version=1,
    room="preferences",
    title="The judge tried on planted weak texts",
    reads=("products", "copy", "guide", "content_types", "rules", "teacher"),
    params=TrialParams,
    prompts=(*PROMPTS, FILLERS),
    makes=TRIAL_TABLE,
    wanted=wanted_plants,
    compute=make_trial,
    calls=trial_calls,
)

NEGATIVES = ItemStep(
    name="negatives",
    version=4,
    room="preferences",
    title="A worse text for each accepted one, with its proof",
    reads=("products", "copy", "judge_trial", "guide", "content_types", "rules", "teacher"),
    params=PairParams,
    prompts=("weak.j2", "exaggerated.j2", "fake.j2", *PROMPTS),
    makes=NEGATIVES_TABLE,
    wanted=wanted_negatives,
    compute=make_negatives,
    calls=negative_calls,
    calls_by_line=negative_calls_by_line,
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
