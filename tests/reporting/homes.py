"""Model folders for the report's tests: cards and training curves as the training room writes them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.datasets.steps import GRPO, KTO, PREFERENCE, REWARD_ROWS, SFT
from tasks.judging.labels import Label
from tasks.judging.quality import Mark
from tests.judging.trying import plants_and_trials
from tests.judging.world import FakeInputs, judge_prompts, sources, world

CARDS: dict[str, dict[str, Any]] = {
    "base": {
        "kind": "pretrained here",
        "parameters": 1_146_112,
        "vocabulary": 1536,
        "steps": 600,
        "loss_first": 7.31,
        "loss_last": 1.42,
        "text": {
            "documents": {"ad": 3100, "drill": 1800, "note": 1100},
            "characters": 812_344,
            "products": 70,
            "bad_on_purpose": 0.6031,
            "drills": 0.3,
        },
    },
    "sft_model": {
        "rows": 236,
        "steps": 60,
        "trained_parameters": 486_400,
        "relative_change": 0.21,
        "end_in_labels": 1.0,
        "ended_by_eos_sampled": 0.97,
        "loss_first": 3.4,
        "loss_last": 0.82,
        "max_logit_difference": 1.1e-5,
    },
    "reward_model": {
        "rows": 224,
        "steps": 60,
        "held_out": {
            "all": {"pairs": 61, "reward_model": 0.86, "length_only": 0.63, "character_ngrams": 0.9},
            "weak": {"pairs": 30, "reward_model": 0.93, "length_only": 0.74, "character_ngrams": 0.98},
            "exaggerated": {"pairs": 19, "reward_model": 0.97, "length_only": 0.58, "character_ngrams": 1.0},
            "fake": {"pairs": 12, "reward_model": 0.56, "length_only": 0.44, "character_ngrams": 0.61},
        },
    },
    "grpo_model": {"steps": 40, "reward_first": 0.41, "reward_last": 0.93, "kl_last": 0.034, "relative_change": 0.008},
}
SERIES = {
    "base": {"loss": (7.3, 1.4, 600)},
    "sft_model": {"loss": (3.4, 0.8, 60), "mean_token_accuracy": (0.4, 0.8, 60)},
    "reward_model": {"loss": (0.7, 0.3, 60), "accuracy": (0.5, 0.9, 60)},
    "grpo_model": {
        "reward": (0.4, 0.93, 40),
        "kl": (0.0, 0.034, 40),
        "completions/mean_length": (41, 46, 40),
        "rewards/length/mean": (0.6, 0.98, 40),
    },
}


def write_models(folder: Path) -> dict[str, Path]:
    """Write the four model folders; return step name -> folder."""
    draw = Random(3)
    for name, card in CARDS.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "card.json").write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")
        rows = [
            {
                "step": step,
                "name": series,
                "value": first
                + (last - first) * (1 - math.exp(-5 * step / steps))
                + draw.gauss(0, abs(last - first) * 0.06),
            }
            for series, (first, last, steps) in SERIES[name].items()
            for step in range(1, steps + 1)
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / name / "metrics.parquet")
    return {name: folder / name for name in CARDS}


def report_inputs(folder: Path, marks: Sequence[Mark] = (), labels: Sequence[Label] = (), **options: Any) -> FakeInputs:
    """Return the inputs of REPORT over a made-up home. marks, labels: what people said of its texts and answers."""
    return with_models(folder, world(**options), sources() | {"quality": marks, "labels": labels})


def with_models(folder: Path, tables: dict[str, Any], known: dict[str, Any]) -> FakeInputs:
    """Return the inputs of REPORT over these rows and sources, with the datasets made of them and model folders."""
    seen = FakeInputs(tables, SFT.params(), sources=known)
    datasets = {step.name: step.compute(seen) for step in (SFT, PREFERENCE, KTO, GRPO, REWARD_ROWS)}
    tables["judge_trial"] = [{"status": "judged", "right": place > 1, "calls": 2, "cost": 0.001} for place in range(40)]
    tables |= plants_and_trials(tables["products"])
    return FakeInputs(tables | datasets, folders=write_models(folder), sources=known, prompts=judge_prompts())
