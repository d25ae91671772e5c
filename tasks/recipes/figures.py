"""What a recipe's report shows, as plain values: what was trained on, how the answers fare, and what they look like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from tasks.judging.statistics import Estimate, cluster_rate, paired_difference
from tasks.lineage.canonical import unit_hash
from tasks.lineage.step import Inputs, Row
from tasks.recipes.model import Gate, Recipe
from tasks.reporting.model_figures import model_figures

MODELS = ("base", "sft_model", "reward_model", "grpo_model")
SYSTEMS = ("reference", "base", "sft", "grpo")
COMPARED = (("sft", "base"), ("grpo", "sft"))
# Measures that are a column of the verdicts; the others are gates.
COLUMNS = {"ended": "ended_by_eos", "passes": "passes", "known": "known", "reward": "reward"}


def recipe_figures(inputs: Inputs) -> dict[str, Any]:
    """Return everything that the report shows, as plain values."""
    recipe: Recipe = inputs.source("recipe")
    gates: Mapping[str, Gate] = inputs.source("gates")
    rewards = {row["answer_id"]: row["reward"] for row in inputs.rows("scores")}
    verdicts = [{**row, "reward": rewards[row["answer_id"]]} for row in inputs.rows("verdicts")]
    texts = {row["answer_id"]: row["text"] for row in inputs.rows("answers")}
    systems = [name for name in SYSTEMS if any(row["system"] == name for row in verdicts)]
    return {
        **inputs.source("about"),
        "inputs": list(recipe.inputs),
        "examples": example_counts(inputs.rows("examples")),
        "models": {name: model_figures(inputs.folder(name)) for name in MODELS},
        "systems": systems,
        "measures": measures(verdicts, list(gates), systems),
        "changes": changes(verdicts, list(gates), systems),
        "plain": {name: plain_figures([row for row in verdicts if row["system"] == name], texts) for name in systems},
        "samples": samples(inputs, verdicts, systems),
    }


def example_counts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return, by table and side: rows, inputs, and rows of either label."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["source"], row["split"]].append(row)
    return [
        {
            "source": source, "split": split, "rows": len(mine), "inputs": len({row["subject"] for row in mine}),
            "good": sum(row["label"] == 1 for row in mine), "bad": sum(row["label"] == 0 for row in mine),
        }
        for (source, split), mine in sorted(found.items())
    ]  # fmt: skip


def measures(verdicts: Sequence[Row], gates: Sequence[str], systems: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return measure -> system -> a share with its interval over inputs; a gate counts where it applies."""
    return {
        measure: {system: estimate(cluster_rate(values_of(verdicts, measure, system).items())) for system in systems}
        for measure in ("ended", *gates, "passes", "known")
    }


def values_of(verdicts: Iterable[Row], measure: str, system: str) -> dict[Hashable, float]:
    """Return input -> value (a share's 0 or 1) of each answer of a system that the measure applies to."""
    column = COLUMNS.get(measure)
    return {
        row["subject"]: float(row[column]) if column else float(measure not in row["broken"])
        for row in verdicts
        if row["system"] == system and (column or measure in row["gates"])
    }


def changes(verdicts: Sequence[Row], gates: Sequence[str], systems: Sequence[str]) -> list[dict[str, Any]]:
    """Return, for each pair of systems, measure -> the paired difference with its interval over inputs."""
    return [
        {
            "left": left,
            "right": right,
            "measures": {
                measure: difference(values_of(verdicts, measure, left), values_of(verdicts, measure, right))
                for measure in ("ended", *gates, "passes", "reward")
            },
        }
        for left, right in COMPARED
        if left in systems and right in systems
    ]


def difference(left: Mapping[Hashable, float], right: Mapping[Hashable, float]) -> dict[str, Any] | None:
    """Return the mean paired difference left - right; every input has one answer of each system."""
    return estimate(paired_difference(left, right, {subject: subject for subject in left}))


def estimate(found: Estimate | None) -> dict[str, Any] | None:
    return asdict(found) | {"direction": found.direction} if found else None


def plain_figures(rows: Sequence[Row], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return answers, mean reward, mean characters, different answers (a share) and distinct-2 of one system."""
    mine = [texts[row["answer_id"]] for row in rows]
    pairs = [text[place : place + 2] for text in mine for place in range(len(text) - 1)]
    return {
        "answers": len(rows),
        "reward": round(fmean(row["reward"] for row in rows), 4),
        "characters": round(fmean(row["chars"] for row in rows), 1),
        "different": round(len(set(mine)) / len(mine), 4),
        "distinct_2": round(len(set(pairs)) / len(pairs), 4) if pairs else 0.0,
    }


def samples(inputs: Inputs, verdicts: Sequence[Row], systems: Sequence[str]) -> list[dict[str, Any]]:
    """Return some inputs of each task with every system's answer, chosen by a hash and not by how they read."""
    answers = {row["answer_id"]: row for row in inputs.rows("answers")}
    by_item: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in verdicts:
        by_item[answers[row["answer_id"]]["item_id"]][row["system"]] = row
    values = {row["subject"]: row["inputs"] for row in inputs.rows("examples")}
    shown: list[dict[str, Any]] = []
    for task in inputs.source("recipe").tasks:
        items = [item for item, found in by_item.items() if next(iter(found.values()))["task"] == task]
        for item in sorted(items, key=lambda item: unit_hash("sample", item))[: inputs.params.samples]:
            found = by_item[item]
            subject = next(iter(found.values()))["subject"]
            told = {system: sample(answers, found[system]) for system in systems if system in found}
            shown.append({"item": item, "task": task, "inputs": values[subject], "answers": told})
    return shown


def sample(answers: Mapping[str, Row], verdict: Row) -> dict[str, Any]:
    return {
        "text": answers[verdict["answer_id"]]["text"], "ended": verdict["ended_by_eos"], "broken": verdict["broken"],
        "reward": verdict["reward"],
    }  # fmt: skip
