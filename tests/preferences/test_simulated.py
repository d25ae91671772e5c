"""Drafts, copy, negatives and pairs of six products of the built-in brand, over real HTTP with the simulator."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.products import load_products
from tasks.brief.steps import product_of
from tasks.compliance import Rules, check, load_rules
from tasks.copywriting.config import CopyParams, DraftParams
from tasks.copywriting.steps import COPY, DRAFTS
from tasks.lineage.step import Row
from tasks.lineage.views import View
from tasks.preferences.config import PairParams, TrialParams
from tasks.preferences.judge import trial_of
from tasks.preferences.steps import JUDGE_TRIAL, NEGATIVES, PAIRS
from tasks.teacher.client import Teacher
from tasks.teacher.config import load_provider
from tasks.teacher.journal import Journal
from tasks.teacher.simulator.process import SimulatorProcess
from tests.copywriting.scene import content, inputs_of, product_view, sources, view

BRAND_FOLDER = Path(__file__).parents[2] / "brands" / "elemental_equation"
PARAMS = {
    "drafts": DraftParams(), "copy": CopyParams(), "judge_trial": TrialParams(), "negatives": PairParams(),
    "pairs": PairParams(),
}  # fmt: skip
MADE = (DRAFTS, COPY, JUDGE_TRIAL, NEGATIVES)


@dataclass
class Pipeline:
    """The steps over one journal and one simulator. bought: answers that came over the wire, by step."""

    folder: Path
    base_url: str
    brand: Any
    views: dict[str, View] = field(default_factory=dict)
    bought: Counter[str] = field(default_factory=Counter)
    foreseen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def run(self, rules: Rules) -> dict[str, list[Row]]:
        """Run all steps; return their rows."""
        self.bought.clear()
        asyncio.run(self._run(rules))
        return {name: self.views[name].rows() for name in PARAMS}

    async def _run(self, rules: Rules) -> None:
        types = list(load_content_types(BRAND_FOLDER).values())
        config = load_provider("simulator", {"base_url": self.base_url, "max_in_flight": 16})
        known = sources(rules, types, self.brand, config)
        with Journal(self.folder / "journal.sqlite") as journal:
            async with Teacher(config, journal, "test") as teacher:
                services = SimpleNamespace(teacher=teacher, journal=journal)
                for step in MADE:
                    inputs = inputs_of(step, PARAMS[step.name], self.views, known)
                    items = list(step.wanted(inputs))
                    self.foreseen[step.name] = step.calls(items, inputs, services)  # type: ignore[misc]
                    before = teacher.tally.answered
                    self.views[step.name] = view(
                        await step.compute(items, inputs, services, lambda *_: None), step.makes
                    )
                    self.bought[step.name] = teacher.tally.answered - before
        rows = PAIRS.compute(inputs_of(PAIRS, PARAMS["pairs"], self.views, known))
        self.views["pairs"] = view(rows, PAIRS.makes)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    products = [row.product for row in load_products(BRAND_FOLDER / "products.csv").rows[:6]]
    with SimulatorProcess(log_path=folder / "requests.jsonl") as simulator:
        yield Pipeline(folder, simulator.base_url, load_brand(BRAND_FOLDER), {"products": product_view(products)})


@pytest.fixture(scope="module")
def first(pipeline):
    """The rows of the first run, and what was foreseen and bought."""
    rows = pipeline.run(load_rules(pipeline.brand))
    return SimpleNamespace(rows=rows, foreseen=dict(pipeline.foreseen), bought=Counter(pipeline.bought))


def test_every_draft_ends_accepted_or_quarantined_with_reasons(first):
    copies = first.rows["copy"]
    assert len(copies) == 54 and {row["status"] for row in copies} <= {"accepted", "quarantined"}
    accepted = [row for row in copies if row["status"] == "accepted"]
    assert len(accepted) >= 0.8 * len(copies)
    assert any(row["rounds"] for row in accepted), "some drafts needed repair"
    for row in copies:
        assert bool([reason for reason in row["reasons"] if reason["severity"] == "block"]) is (
            row["status"] == "quarantined"
        )


def test_accepted_copy_passes_the_checker_anew(pipeline, first):
    rules, types = load_rules(pipeline.brand), load_content_types(BRAND_FOLDER)
    products = {row["product_id"]: product_of(row) for row in pipeline.views["products"].rows()}
    for row in first.rows["copy"]:
        verdict = check(row["text"], products[row["product_id"]], types[row["content_type"]], rules)
        assert verdict.accepted is (row["status"] == "accepted")


def test_most_accepted_texts_get_a_pair_of_their_method(first):
    accepted = {row["item_id"] for row in first.rows["copy"] if row["status"] == "accepted"}
    pairs = first.rows["pairs"]
    assert {row["item_id"] for row in pairs} == accepted
    made = [row for row in pairs if row["status"] == "made"]
    assert len(made) >= 0.85 * len(accepted), Counter(row["error"] for row in pairs if row["error"])
    for row in made:
        assert row["proven"], "the simulated judge passes its trial, so weak pairs are proven too"
        assert all(row["rejected"][e["span_start"] : e["span_end"]] == e["became"] for e in row["evidence"])
        assert row["evidence"] or row["method"] == "weak"
    counts = Counter(row["method"] for row in made if row["selected"])
    assert counts["weak"] * 3 == counts["exaggerated"] * 5 and counts["weak"] * 2 == counts["fake"] * 5


def test_simulated_judge_passes_its_trial_on_train_products_alone(first):
    trial = trial_of(first.rows["judge_trial"])
    assert trial.plants >= 30 and trial.trusted


def test_plan_bounds_what_was_bought(first):
    for step, (least, most) in first.foreseen.items():
        assert least <= first.bought[step] <= most
    assert first.bought["drafts"] == first.foreseen["drafts"][0] == 54


def test_second_run_and_rules_there_and_back_end_the_same(pipeline, first):
    before = {step.name: content(first.rows[step.name], step.makes) for step in (*MADE, PAIRS)}
    again = pipeline.run(load_rules(pipeline.brand))
    assert pipeline.bought.total() == 0
    assert {step.name: content(again[step.name], step.makes) for step in (*MADE, PAIRS)} == before
    word = most_common_bigram(first.rows["copy"])
    pipeline.run(load_rules(pipeline.brand.model_copy(update={"forbidden": (*pipeline.brand.forbidden, word)})))
    assert pipeline.bought["drafts"] == 0 and pipeline.bought["copy"] > 0
    back = pipeline.run(load_rules(pipeline.brand))
    assert pipeline.bought.total() == 0
    assert {step.name: content(back[step.name], step.makes) for step in (*MADE, PAIRS)} == before


def most_common_bigram(rows: list[Row]) -> str:
    """Return a pair of Han characters that stands in about a tenth of the texts: a word to forbid."""
    texts = [{row["text"][n : n + 2] for n in range(len(row["text"]) - 1)} for row in rows]
    counts = Counter(pair for text in texts for pair in text if all("一" <= c <= "鿿" for c in pair))
    return min(counts, key=lambda pair: (abs(counts[pair] - len(rows) / 10), pair))
