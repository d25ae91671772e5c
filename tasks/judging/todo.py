"""The next round's to-do: bad answers by content type, category and reason, and which training rows to read for each.

Where the training rows near to bad answers are suspicious more often than training rows are in general, mend those,
train again and see; where they are not, more or other rows are needed, not better ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tasks.judging.bad_cases import KINDS, TRAINED, BadCase, TrainingRow, bad_cases, training_rows
from tasks.judging.comparison import item_key, judged_items
from tasks.judging.quality import Mark
from tasks.lineage.step import Row

EXAMPLES = 5
Group = tuple[str, str, str, str]  # content type, category, kind, reason
Place = tuple[str, str]  # content type, category


@dataclass(frozen=True, slots=True)
class Todo:
    """What to look at before the next round, for one content type, category and reason.

    cases: bad answers; answers: all that trained models gave there. near: training rows near to the cases, each counted
    once; near_suspicious: those that should be read. own, own_suspicious: training rows of this type and category.
    examples: answer ids, the worst first. rows: item ids of the near rows, the suspicious ones first.
    """

    content_type: str
    category: str
    kind: str
    reason: str
    cases: int
    answers: int
    near: int
    near_suspicious: int
    near_suspicious_share: float | None
    own: int
    own_suspicious: int
    examples: tuple[str, ...]
    rows: tuple[str, ...]


def bad_case_figures(tables: Mapping[str, Sequence[Row]], marks: Sequence[Mark] = ()) -> dict[str, Any]:
    """Return what the report shows of bad answers.

    Args:
        tables: products, copy, sft, answers, verdicts, scores, duels. marks: what people said of the accepted texts.
    Returns:
        answers (of trained models to judged items), total (bad ones), by_kind and by_suspicion (counts), training
        (rows, suspicious), cases (all of `bad_cases`) and todo (all of `todo_of`), as dicts.
    """
    trained = training_rows(tables, marks)
    cases = bad_cases(tables, trained)
    answered = answered_places(tables)
    return {
        "answers": len(answered),
        "total": len(cases),
        "by_kind": {kind: sum(case.kind == kind for case in cases) for kind in KINDS},
        "by_suspicion": dict(sorted(Counter(why for row in trained for why in row.suspicious).items())),
        "training": {"rows": len(trained), "suspicious": sum(bool(row.suspicious) for row in trained)},
        "cases": [asdict(case) for case in cases],
        "todo": [asdict(row) for row in todo_of(cases, answered, trained)],
    }


def answered_places(tables: Mapping[str, Sequence[Row]]) -> list[Place]:
    """Return the content type and category of every answer of a trained model to a judged item."""
    categories = {row["product_id"]: row["category"] for row in tables["products"]}
    kept = judged_items(tables["verdicts"])
    return [
        (row["content_type"], categories[row["product_id"]])
        for row in tables["verdicts"]
        if row["system"] in TRAINED and item_key(row) in kept
    ]


def todo_of(cases: Iterable[BadCase], answered: Iterable[Place], trained: Sequence[TrainingRow]) -> list[Todo]:
    """Return the to-do: failed gates first, then lost duels, then low scores; within each the most bad answers first.

    A bad answer with several reasons of its kind stands under each of them.
    """
    groups: dict[Group, list[BadCase]] = defaultdict(list)
    for case in cases:
        for reason in case.reasons:
            groups[case.content_type, case.category, case.kind, reason].append(case)
    answers = Counter(answered)
    own: dict[Place, list[TrainingRow]] = defaultdict(list)
    for row in trained:
        own[row.content_type, row.category].append(row)
    made = [todo(group, found, answers[group[:2]], own[group[:2]]) for group, found in groups.items()]
    return sorted(made, key=lambda row: (KINDS.index(row.kind), -row.cases, row.content_type, row.category, row.reason))


def todo(group: Group, cases: Sequence[BadCase], answers: int, own: Sequence[TrainingRow]) -> Todo:
    near = {row.item_id: bool(row.suspicious) for case in cases for row in case.nearest}
    suspicious = sum(near.values())
    return Todo(
        *group,
        cases=len(cases),
        answers=answers,
        near=len(near),
        near_suspicious=suspicious,
        near_suspicious_share=suspicious / len(near) if near else None,
        own=len(own),
        own_suspicious=sum(bool(row.suspicious) for row in own),
        examples=tuple(case.answer_id for case in cases[:EXAMPLES]),
        rows=tuple(sorted(near, key=lambda name: (not near[name], name))),
    )
