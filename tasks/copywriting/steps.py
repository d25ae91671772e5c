"""The steps DRAFTS and COPY: which texts are wanted, what each is made from, and the calls that they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tasks.brief.steps import product_of
from tasks.copywriting.cleaning import Bench, Cleaning, Job, most_calls, started
from tasks.copywriting.config import CopyParams, DraftParams
from tasks.copywriting.desk import Desk, desk_of
from tasks.copywriting.drafting import draft_call
from tasks.copywriting.fold import live, side_by_side, unanswered
from tasks.copywriting.model_gates import GATE_PROMPTS, line_of
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
from tasks.copywriting.tables import COPY_TABLE, DRAFTS_TABLE, copy_row, draft_row
from tasks.copywriting.tone import TONE_RUBRIC, parse_tone
from tasks.lineage.canonical import digest
from tasks.lineage.step import Inputs, Item, ItemStep, Report, Row
from tasks.teacher.call import CallFailed

# -- drafts -----------------------------------------------------------------------------------------------------------


def wanted_drafts(inputs: Inputs) -> Iterator[Item]:
    """Yield product x content type x sample; the key is the call key, so that an unchanged question stays fresh."""
    desk, params = desk_of(inputs), inputs.params
    types = inputs.source("content_types")
    shared = source_components(inputs, "guide") | prompt_components(inputs.prompts, DRAFTS.prompts)
    shared |= teacher_component(desk.teacher, desk.prompts.values()) | param_components(params.identity())
    for row in inputs.rows("products"):
        product, pending = product_of(row), is_pending(row)
        components = shared | product_components(product)
        for content_type in types.values():
            own = components | content_type_component(content_type)
            for sample in range(params.samples):
                variant = params.variant(sample)
                key = draft_call(desk, product, content_type, variant).key(desk.provider)
                data = {
                    "product_id": product.product_id,
                    "content_type": content_type.id,
                    "sample": sample,
                    "variant": variant,
                    "call_key": key,
                }
                item_id = f"{product.product_id}/{content_type.id}/{sample}"
                yield item(item_id, own, data, key=key, pending=pending, group=content_type.id)


async def make_drafts(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return one row an item: `drafted` with its text, or `failed` with the reason.

    Raises:
        StopRun: the run cannot go on (no balance, no key, budget reached); answers so far are in the journal.
    """
    desk, types = desk_of(inputs), inputs.source("content_types")
    products = by_id(inputs.rows("products"), "product_id")

    async def one(wanted: Item) -> Row:
        data = wanted.data
        product = product_of(products[data["product_id"]])
        call = draft_call(desk, product, types[data["content_type"]], data["variant"])
        try:
            return draft_row(wanted, await services.teacher.answer(call))
        except CallFailed as error:
            return draft_row(wanted, str(error))

    return await side_by_side(items, one, report)


def draft_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many drafts the journal does not hold; (0, n) for those that are not known yet."""
    keys = {wanted.data["call_key"] for wanted in items}
    missing = len(keys) - len(services.journal.get_many(sorted(keys)))
    pending = sum(wanted.pending for wanted in items)
    return max(0, missing - pending), missing


# -- copy -------------------------------------------------------------------------------------------------------------


def wanted_copy(inputs: Inputs) -> Iterator[Item]:
    """Yield one text a draft. Its key holds the draft's row and its question, the sheet and today's rules."""
    desk, types = desk_of(inputs), inputs.source("content_types")
    products = by_id(inputs.rows("products"), "product_id")
    shared = source_components(inputs, "guide") | source_components(inputs, "rules")
    used = prompts_in_use(inputs.params)
    asked = [desk.prompts[path.removesuffix(".j2")] for path in used if path.endswith(".j2")]
    shared |= prompt_components(inputs.prompts, used) | teacher_component(desk.teacher, asked)
    shared |= param_components(inputs.params.identity())
    for draft in inputs.rows("drafts"):
        row, content_type = products[draft["product_id"]], types[draft["content_type"]]
        product = product_of(row)
        own = shared | {
            "above.draft": draft["row_digest"],
            "above.draft_call": draft["call_key"],
            "product.split": row["split"],
            **product_components(product),
            **content_type_component(content_type),
        }
        data = {
            "product_id": product.product_id,
            "product_name": product.product_name,
            "content_type": content_type.id,
            "split": row["split"],
        }
        key = digest([own, inputs.digest("rules")])
        yield item(draft["item_id"], own, data, key=key, pending=is_pending(draft, row), group=content_type.id)


def prompts_in_use(params: CopyParams) -> tuple[str, ...]:
    """Return the prompts that texts are made with: those of model gates only where the gates are asked."""
    return (*WRITING, *(path for gate in params.model_gates for path in GATE_PROMPTS[gate]))


async def make_copy(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return one row an item: accepted, quarantined with its reasons, or failed where a call has no usable answer.

    Raises:
        StopRun: the run cannot go on; answers so far are in the journal, and the fold is replayed over them.
    """
    drafts = by_id(inputs.rows("drafts"), "item_id")
    shop = Shop(inputs)

    async def one(wanted: Item) -> Row:
        draft = drafts[wanted.id]
        if draft["status"] == "failed":
            return copy_row(wanted, None, f"draft failed: {draft['error']}", {})
        ended = await live(shop.cleaning(draft), services.teacher)
        return copy_row(wanted, ended.fold, ended.error or ended.fold.stuck, ended.parts)

    return await side_by_side(items, one, report)


def copy_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many calls are not in the journal, (at least, at most); see `copy_calls_by_line`."""
    counts = copy_calls_by_line(items, inputs, services).values()
    return sum(least for least, _ in counts), sum(most for _, most in counts)


def copy_calls_by_line(items: list[Item], inputs: Inputs, services: Any) -> dict[str, tuple[int, int]]:
    """Return `copy` (paid rounds) and each model gate in use -> calls that the journal lacks, (at least, at most).

    A dry run of the same fold; a draft that is yet to come may need all of them.
    """
    drafts = by_id(inputs.rows("drafts"), "item_id")
    shop, params = Shop(inputs), inputs.params
    gates = [line_of(gate) for gate in params.model_gates]
    known = [drafts[wanted.id] for wanted in items if not wanted.pending]
    folds = [shop.cleaning(draft) for draft in known if draft["status"] == "drafted"]
    missing = unanswered(folds, shop.desk.provider, services.journal.get_many)
    once = {call.key(shop.desk.provider): call.purpose for _, call in missing}  # equal questions are bought once
    least = Counter(purpose if purpose in gates else "copy" for purpose in once.values())
    most: Counter[str] = Counter()
    for fold, _ in missing:
        most.update(fold.lines_left)
    pending = sum(wanted.pending for wanted in items)
    for line, calls in most_calls(params, params.rounds).items():
        most[line] += pending * (calls + (params.gate_attempts if line in gates else 0))
    return {line: (least[line], most[line]) for line in ("copy", *gates)}


class Shop:
    """The inputs of COPY, ready to start the cleaning of any draft."""

    def __init__(self, inputs: Inputs) -> None:
        self.desk: Desk = desk_of(inputs)
        tone = parse_tone(inputs.prompts[TONE_RUBRIC]) if "tone" in inputs.params.model_gates else None
        self.bench = Bench(self.desk, inputs.source("rules"), inputs.params, tone)
        self.types = inputs.source("content_types")
        self.products = by_id(inputs.rows("products"), "product_id")

    def cleaning(self, draft: Row) -> Cleaning:
        product = product_of(self.products[draft["product_id"]])
        content_type = self.types[draft["content_type"]]
        call = draft_call(self.desk, product, content_type, draft["variant"])
        return started(self.bench, Job(product, content_type, call, draft["variant"]), draft["text"])


WRITING = ("draft.j2", "repair.j2", "redraft.j2")

DRAFTS = ItemStep(
    name="drafts",
    version=1,
    room="copywriting",
    title="First drafts by the teacher",
    reads=("products", "guide", "content_types", "teacher"),
    params=DraftParams,
    prompts=("draft.j2",),
    makes=DRAFTS_TABLE,
    wanted=wanted_drafts,
    compute=make_drafts,
    calls=draft_calls,
)

COPY = ItemStep(
    name="copy",
    version=2,
    room="copywriting",
    title="Copy, checked and repaired until compliant",
    reads=("products", "drafts", "guide", "content_types", "rules", "teacher"),
    params=CopyParams,
    prompts=(*WRITING, *(path for paths in GATE_PROMPTS.values() for path in paths)),
    makes=COPY_TABLE,
    wanted=wanted_copy,
    compute=make_copy,
    calls=copy_calls,
    calls_by_line=copy_calls_by_line,
)
