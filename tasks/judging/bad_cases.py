"""The worst answers of the trained models, why they are bad, and the training rows nearest to them.

Rules come before opinions: an answer that fails a gate is bad for that; else one that lost to another model in both of
the judge's orders (to lose to the reference is no news); else the lowest scored tenth. Near is the overlap of character
3-grams (tasks/datasets/nearest.py): a hint at where to look, not a proof of a cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.datasets.nearest import nearest_texts
from tasks.judging.comparison import ItemKey, item_key, judged_items
from tasks.judging.duels import agreed_winners
from tasks.judging.gates import GATES, gate_passes
from tasks.judging.quality import Mark, standing
from tasks.lineage.step import Row

TRAINED = ("sft", "grpo")
KINDS = ("gate", "duel", "score")  # in the order of weight
LOWEST = 0.1  # the share of a system's other answers that counts as low scored
NEAREST = 3  # training rows named beside a bad answer
Reasons = tuple[str, list[str]]  # kind, and what of it: gates; systems that won; the criterion that scored lowest


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A row that a model learnt from. suspicious: why somebody should read it; empty where nothing is known."""

    item_id: str
    product_name: str
    category: str
    content_type: str
    text: str
    suspicious: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A training row beside a bad answer. overlap: the share of 3-grams in common, 0 to 1."""

    item_id: str
    product_name: str
    overlap: float
    suspicious: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadCase:
    """One bad answer. kind: gate, duel or score; reasons: gate ids, systems that won, or a criterion."""

    answer_id: str
    system: str
    product_id: str
    product_name: str
    category: str
    content_type: str
    kind: str
    reasons: tuple[str, ...]
    score: float | None
    nearest: tuple[Near, ...]


def bad_cases(tables: Mapping[str, Sequence[Row]], trained: Sequence[TrainingRow]) -> list[BadCase]:
    """Return the bad answers, the worst first: by kind, then most reasons, then lowest score.

    Args:
        tables: products, answers, verdicts, scores, duels. trained: what `training_rows` returns.
    """
    answers = {row["answer_id"]: row for row in tables["answers"] if row["status"] == "made"}
    scores = {row["answer_id"]: row for row in tables["scores"] if row["status"] == "judged"}
    reasons = reasons_of(tables["verdicts"], tables["duels"], scores)
    categories = {row["product_id"]: row["category"] for row in tables["products"]}
    near = nearest_texts(
        {name: answers[name]["text"] for name in reasons}, {row.item_id: row.text for row in trained}, NEAREST
    )
    by_id = {row.item_id: row for row in trained}
    cases = [
        BadCase(
            **{name: answers[answer_id][name] for name in CASE_COLUMNS},
            category=categories[answers[answer_id]["product_id"]],
            kind=kind,
            reasons=tuple(found),
            score=scores[answer_id]["score"] if answer_id in scores else None,
            nearest=tuple(near_row(by_id[other.of], other.overlap) for other in near[answer_id]),
        )
        for answer_id, (kind, found) in reasons.items()
    ]
    return sorted(cases, key=weight)


CASE_COLUMNS = ("answer_id", "system", "product_id", "product_name", "content_type")


def near_row(row: TrainingRow, overlap: float) -> Near:
    return Near(row.item_id, row.product_name, overlap, row.suspicious)


def weight(case: BadCase) -> tuple[int, int, float, str]:
    return KINDS.index(case.kind), -len(case.reasons), 9.0 if case.score is None else case.score, case.answer_id


# -- why an answer is bad ----------------------------------------------------------------------------------------------


def reasons_of(verdicts: Sequence[Row], duels: Sequence[Row], scores: Mapping[str, Row]) -> dict[str, Reasons]:
    """Return answer_id -> its weightiest kind of reason, for the bad answers of trained models to judged items."""
    kept = judged_items(verdicts)
    mine = [row for row in verdicts if row["system"] in TRAINED and item_key(row) in kept]
    lost = losses(duels)
    found: dict[str, Reasons] = {}
    for row in mine:
        failed = [gate.id for gate in GATES if gate_passes(row, gate) is False]
        beaten = lost.get((item_key(row), row["system"]), [])
        if failed or beaten:
            found[row["answer_id"]] = ("gate", failed) if failed else ("duel", beaten)
    others = [row for row in mine if row["answer_id"] not in found]
    return found | low_scored(others, scores)


def losses(duels: Iterable[Row]) -> dict[tuple[ItemKey, str], list[str]]:
    """Return (item, system) -> the models that won against it in both orders."""
    lost: dict[tuple[ItemKey, str], list[str]] = defaultdict(list)
    for (product_id, content_type, left, right), winner in agreed_winners(duels).items():
        if winner != "tie":
            loser, better = (right, left) if winner == "left" else (left, right)
            if better != "reference":
                lost[(product_id, content_type), loser].append(better)
    return {key: sorted(systems) for key, systems in lost.items()}


def low_scored(verdicts: Iterable[Row], scores: Mapping[str, Row]) -> dict[str, Reasons]:
    """Return the lowest scored tenth of each system's answers, each with its lowest criterion."""
    by_system: dict[str, list[Row]] = defaultdict(list)
    for row in verdicts:
        if row["answer_id"] in scores:
            by_system[row["system"]].append(scores[row["answer_id"]])
    lowest = [
        row
        for rows in by_system.values()
        for row in sorted(rows, key=lambda row: (row["score"], row["answer_id"]))[: round(len(rows) * LOWEST)]
    ]
    return {row["answer_id"]: ("score", [lowest_criterion(row)]) for row in lowest}


def lowest_criterion(score: Row) -> str:
    return str(min(score["criteria"], key=lambda criterion: criterion["score"])["name"])


# -- what was learnt from ----------------------------------------------------------------------------------------------


def training_rows(tables: Mapping[str, Sequence[Row]], marks: Sequence[Mark] = ()) -> list[TrainingRow]:
    """Return the brand's own training rows, each with what makes it suspicious.

    Args:
        tables: products, copy, sft. marks: what people said of the accepted texts.
    """
    known = {row["item_id"]: row for row in tables["copy"]}
    categories = {row["product_id"]: row["category"] for row in tables["products"]}
    marked = {mark.item_id for mark in standing(marks, tables["copy"]) if not mark.good}
    return [
        TrainingRow(
            row["item_id"],
            known[row["item_id"]]["product_name"],
            categories[row["product_id"]],
            row["content_type"],
            row["messages"][-1]["content"],
            suspicions(known[row["item_id"]], row["item_id"] in marked),
        )
        for row in tables["sft"]
        if row["item_id"] in known
    ]


def suspicions(copy: Row, marked_bad: bool) -> tuple[str, ...]:
    """Return why a training text should be read: warnings of the rules, a redraft, a person's mark."""
    warned = sorted({reason["rule"] for reason in copy["reasons"] or () if reason["severity"] == "warn"})
    redrafted = any(entry["action"] == "redraft" for entry in copy["history"] or ())
    return (*warned, *(["redrafted"] if redrafted else []), *(["marked_bad"] if marked_bad else []))
