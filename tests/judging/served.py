"""The judge over real HTTP: plants and natural pairs of the built-in brand, tried on a simulator with turned knobs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tasks.judging.certificate import Certificate, certify
from tasks.judging.config import DuelParams, TrialParams
from tasks.judging.duels import make_duels, wanted_duels
from tasks.judging.trials import make_trials, wanted_trials
from tasks.lineage.step import Row
from tasks.teacher.client import Teacher
from tasks.teacher.config import load_provider
from tasks.teacher.journal import Journal
from tasks.teacher.rubric import RUBRICS, parse_rubric
from tasks.teacher.simulator.answers import answer_to
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.process import SimulatorProcess
from tests.judging.simulated import brand_inputs, planted
from tests.judging.world import FakeInputs
from tests.teacher.simulator.asking import draft_body, products

PRODUCTS, TEXTS, REPEATS = 40, 30, 30
NATURAL = "paid_ad_pas"
WRITER = Knobs(seed=8)  # of the other system's texts: drafts with the usual defects


@cache
def plants() -> FakeInputs:
    """Return the inputs of TRIALS: every defect in 30 texts of 40 products."""
    return planted(PRODUCTS, per_defect=TEXTS, tune_share=0.0)


@cache
def natural_answers() -> tuple[Row, ...]:
    """Return two systems' ads for every product: the accepted copy, and drafts with the usual defects."""
    inputs, listed = brand_inputs(PRODUCTS), {one.product_id: one for one in products()}
    rows = []
    for copy in inputs.tables["copy"]:
        if copy["content_type"] == NATURAL and copy["status"] == "accepted":
            body = draft_body(listed[copy["product_id"]], copy["content_type"])
            draft = answer_to(body, "1", WRITER).text
            rows += [answer(copy, "reference", copy["text"]), answer(copy, "sft", draft)]
    return tuple(rows)


def answer(copy: Row, system: str, text: str) -> Row:
    place = {"product_id": copy["product_id"], "content_type": copy["content_type"]}
    return {**place, "answer_id": "/".join([system, *place.values()]), "system": system, "text": text, "status": "made"}


def asked_of(judge: dict[str, Any], folder: Path, defects: Collection[str] = ()) -> SimpleNamespace:
    """Return what a judge said: trials, duels and its certificate. defects: only these plants (none: all)."""
    rows = [row for row in plants().tables["plants"] if not defects or row["defect"] in defects]
    with SimulatorProcess(log_path=folder / "requests.jsonl", knobs=Knobs().turned({"judge": judge})) as simulator:
        return asyncio.run(asked(rows, simulator.base_url, folder))


async def asked(rows: list[Row], base_url: str, folder: Path) -> SimpleNamespace:
    config = load_provider("simulator", {"base_url": base_url, "max_in_flight": 32, "attempts": 3})
    known = {**plants().sources, "teacher": config}
    tables = {**plants().tables, "plants": rows, "answers": list(natural_answers())}
    trials = FakeInputs(tables, TrialParams(repeats=REPEATS), sources=known, prompts=plants().prompts)
    duels = FakeInputs(tables, DuelParams(pairs=(("reference", "sft"),)), sources=known, prompts=plants().prompts)
    with Journal(folder / "journal.sqlite") as journal:
        async with Teacher(config, journal, "test") as teacher:
            services = SimpleNamespace(teacher=teacher, journal=journal)
            tried = await make_trials(list(wanted_trials(trials)), trials, services, lambda *_: None)
            met = await make_duels(wanted_duels(duels), duels, services, lambda *_: None)
            bought = teacher.tally.answered
    return SimpleNamespace(trials=tried, duels=met, bought=bought, certificate=certificate(rows, tried, met))


def certificate(rows: list[Row], trials: list[Row], duels: list[Row]) -> Certificate:
    return certify(rows, trials, duels, criteria(plants().prompts))


def criteria(prompts: dict[str, str]) -> list[str]:
    rubrics = [parse_rubric(path, prompts[path]) for path in RUBRICS.values()]
    return list(dict.fromkeys(criterion.name for rubric in rubrics for criterion in rubric.criteria))
