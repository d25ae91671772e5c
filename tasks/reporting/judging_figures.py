"""What the judging says, as plain values: verdicts, gates, scores and duels, each with its interval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tasks.judging.by_type import TypeDifference, differences_by_type
from tasks.judging.claims import Adjusted
from tasks.judging.comparison import (
    difference,
    excluded_items,
    gate_rates,
    item_key,
    judged_items,
    systems_of,
)
from tasks.judging.conclusion import PAIRS, Conclusion, conclusions
from tasks.judging.config import DEFAULT_PAIRS
from tasks.judging.gates import BESIDE, GATES, JUDGED
from tasks.judging.ranking import bradley_terry
from tasks.judging.score_differences import score_differences
from tasks.judging.statistics import cluster_mean, optional
from tasks.lineage.step import Row
from tasks.reporting.duel_figures import duel_figures
from tasks.reporting.length_figures import length_figures

SCORE_BOUNDS = (1.0, 5.0)
Figures = dict[str, Any]


def judging_figures(
    answers: Sequence[Row], verdicts: Sequence[Row], scores: Sequence[Row], duels: Sequence[Row]
) -> Figures:
    """Return everything that the report shows of the four systems.

    Scores and duels of items without an accepted reference are left out, as their verdicts are; what the judge was
    asked about them still counts among its unusable answers.
    """
    kept = judged_items(verdicts)
    scored = [row for row in scores if item_key(row) in kept]
    duelled = [row for row in duels if item_key(row) in kept]
    return {
        "systems": systems_of(verdicts),
        "judged_items": len(kept),
        "products": len({product for product, _ in kept}),
        "types": sorted({content_type for _, content_type in kept}),
        "excluded": len(excluded_items(verdicts)),
        "answers_failed": sum(row["status"] == "failed" for row in answers),
        "conclusions": [conclusion_figures(found) for found in conclusions(verdicts)],
        "gates": gate_figures(verdicts),
        "judged_gates": [gate.id for gate in JUDGED],
        "beside_gates": [gate.id for gate in BESIDE],
        "gate_titles": {gate.id: [gate.title, gate.title_zh] for gate in GATES},
        "every_rule": optional(difference(verdicts, "sft", "base", "all")),
        "by_type": [by_type_figures(found) for found in differences_by_type(verdicts, PAIRS)],
        "scores": score_figures(scored),
        "length": length_figures(verdicts, scored),
        "score_differences": [asdict(found) for found in score_differences(scored, DEFAULT_PAIRS)],
        "duels": duel_figures(duelled, verdicts),
        "ranking": asdict(bradley_terry(duelled)),
        "scored_by": dict(sorted(Counter(row["scored_by"] for row in scores if row["status"] == "judged").items())),
        "unusable": unusable_figures([*scores, *duels]),
    }


def conclusion_figures(conclusion: Conclusion) -> Figures:
    return {
        "left": conclusion.left,
        "right": conclusion.right,
        "outcome": conclusion.outcome,
        "sentence": asdict(conclusion.sentence),
        "change": optional(conclusion.change),
        "p": conclusion.claim and conclusion.claim.p,
        "detectable": conclusion.claim and conclusion.claim.detectable,
        "influence": conclusion.influence and asdict(conclusion.influence),
        "changes": [
            {
                "gate": change.gate.id,
                "judged": change.gate.judged,
                "direction": change.change.direction,
                **asdict(change.change),
                **adjusted_figures(change.adjusted),
            }
            for change in conclusion.changes
        ],
    }


def adjusted_figures(found: Adjusted) -> Figures:
    """Return p, p_holm, rejected and detectable, without the estimate."""
    return {name: value for name, value in asdict(found).items() if name != "estimate"}


def by_type_figures(found: TypeDifference) -> Figures:
    """Return one row of the forest plot: left's pass rate of the judged gates minus right's on one content type."""
    return {
        "content_type": found.content_type,
        "left": found.left,
        "right": found.right,
        "estimate": asdict(found.difference.estimate),
        **adjusted_figures(found.difference),
    }


def gate_figures(verdicts: Sequence[Row]) -> Figures:
    """Return content type -> gate -> system -> estimate."""
    table: Figures = defaultdict(lambda: defaultdict(dict))
    for found in gate_rates(verdicts):
        table[found.content_type][found.gate][found.system] = asdict(found.rate)
    return {content_type: dict(gates) for content_type, gates in table.items()}


def score_figures(scores: Sequence[Row]) -> list[Figures]:
    """Return mean scores (1 to 5) by content type and system: the mean of all criteria, and each criterion."""
    judged = [row for row in scores if row["status"] == "judged"]
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in judged:
        groups["all", row["system"]].append(row)
        groups[row["content_type"], row["system"]].append(row)
    return [
        {
            "content_type": content_type,
            "system": system,
            "score": mean_score((row["product_id"], row["score"]) for row in rows),
            "criteria": {} if content_type == "all" else criteria_means(rows),
        }
        for (content_type, system), rows in sorted(groups.items())
    ]


def mean_score(values: Any) -> Figures | None:
    return optional(cluster_mean(values, SCORE_BOUNDS))


def criteria_means(rows: Sequence[Row]) -> Figures:
    values: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in rows:
        for criterion in row["criteria"]:
            values[criterion["name"]].append((row["product_id"], criterion["score"]))
    return {name: mean_score(found) for name, found in values.items()}


def unusable_figures(rows: Sequence[Row]) -> Figures:
    """Return how many of the judge's answers could not be used, and how many quotes do not stand in their text."""
    quotes = [c["quoted"] for row in rows for c in row.get("criteria") or () if c["evidence"]]
    asked = sum(len(row.get("call_keys") or ()) for row in rows)
    return {
        "answers": asked,
        "unusable": sum(row.get("unusable") or 0 for row in rows),
        "rows_without": sum(row["status"] in ("failed", "unparsed") for row in rows),
        "quotes": len(quotes),
        "quotes_missing": sum(not found for found in quotes),
    }


def score_keys(scores: Sequence[Row]) -> dict[tuple[str, tuple[str, str]], Row]:
    """Return (system, item) -> score row, judged ones only."""
    return {(row["system"], item_key(row)): row for row in scores if row["status"] == "judged"}
