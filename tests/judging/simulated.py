"""The simulated judge without its server: what it answers is a function of the call, so many rows are judged fast."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.products import load_products
from tasks.brief.steps import row_of
from tasks.compliance import Rules, check, load_rules
from tasks.judging.config import PlantParams, TrialParams
from tasks.judging.plants import make_plants, wanted_plants
from tasks.judging.steps import PLANTS, TRIALS
from tasks.judging.trials import make_trials, wanted_trials
from tasks.lineage.step import Row
from tasks.teacher.call import Answer, Call, CallFailed, ErrorKind
from tasks.teacher.request import request_body
from tasks.teacher.simulator.answers import answer_to
from tasks.teacher.simulator.knobs import Knobs
from tests.judging.brandbook import PROMPTS, TEACHER
from tests.judging.world import FakeInputs
from tests.teacher.simulator.asking import draft_body

BRAND = Path(__file__).parents[2] / "brands" / "elemental_equation"
KINDS = ("ecommerce_long_form", "paid_ad_pas", "social_media_review")  # one a family
CLEAN = Knobs().turned({"defects": {"scale": 0}})


@dataclass
class SimulatedJudge:
    """`services`, teacher and journal in one. asked: calls in order; broken: keys of answers that were no JSON."""

    knobs: Knobs = field(default_factory=Knobs)
    asked: list[Call] = field(default_factory=list)
    known: dict[str, Answer] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def teacher(self) -> SimulatedJudge:
        return self

    @property
    def journal(self) -> SimulatedJudge:
        return self

    def get_many(self, keys: Iterable[str]) -> dict[str, Answer]:
        return {key: self.known[key] for key in keys if key in self.known}

    def malformed(self, keys: Iterable[str]) -> set[str]:
        return self.broken.intersection(keys)

    async def answer(self, call: Call) -> Answer:
        key = call.key("simulator")
        if key not in self.known:
            self.asked.append(call)
            text = answer_to(request_body(call, TEACHER), str(call.sample), self.knobs).text
            try:
                json.loads(text)
            except ValueError:
                self.broken.add(key)
                raise CallFailed(ErrorKind.MALFORMED, "not a JSON object") from None
            self.known[key] = Answer(key, text, 100, 60, 20, 0.001, 0.1, False)
        return self.known[key]


@cache
def rules() -> Rules:
    return load_rules(load_brand(BRAND), BRAND)


@cache
def brand_inputs(products: int) -> FakeInputs:
    """Return the inputs of PLANTS and TRIALS: the first products of the built-in brand, clean copy a family."""
    brand, types = load_brand(BRAND), {name: kind for name, kind in load_content_types(BRAND).items() if name in KINDS}
    listed = [row.product for row in load_products(BRAND / "products.csv").rows[:products]]
    copy = [copy_row(product, kind) for product in listed for kind in types.values()]
    prompts = {path: (PROMPTS / path).read_text(encoding="utf-8") for path in (*PLANTS.prompts, *TRIALS.prompts)}
    tables: dict[str, list[Row]] = {"products": [{**row_of(one), "split": "train"} for one in listed], "copy": copy}
    known = {"guide": brand, "content_types": types, "teacher": TEACHER, "rules": rules()}
    return FakeInputs(tables, sources=known, prompts=prompts)


def copy_row(product: Any, kind: Any) -> Row:
    text = answer_to(draft_body(product, kind.id), "0", CLEAN).text.strip()
    return {
        "item_id": f"{product.product_id}/{kind.id}/0", "product_id": product.product_id,
        "product_name": product.product_name, "content_type": kind.id, "text": text, "error": "",
        "status": "accepted" if check(text, product, kind, rules()).accepted else "quarantined",
    }  # fmt: skip


def planted(products: int = 24, **params: Any) -> FakeInputs:
    """Return the inputs of TRIALS with the plants in them."""
    inputs = brand_inputs(products)
    sown = FakeInputs(dict(inputs.tables), PlantParams(**params), sources=inputs.sources, prompts=inputs.prompts)
    rows = asyncio.run(make_plants(list(wanted_plants(sown)), sown, None, lambda *_: None))
    return FakeInputs({**inputs.tables, "plants": rows}, TrialParams(), sources=inputs.sources, prompts=inputs.prompts)


def tried(inputs: FakeInputs, judge: SimulatedJudge) -> list[Row]:
    return asyncio.run(make_trials(list(wanted_trials(inputs)), inputs, judge, lambda *_: None))
