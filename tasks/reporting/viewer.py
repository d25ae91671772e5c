"""The side-by-side viewer's data: every val item with its systems' texts, reasons and scores, compact and as data only.

Reasons, names and types are listed once and referred to by number. Offsets are code points of the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tasks.judging.comparison import ItemKey, item_key
from tasks.judging.gates import GATES, gate_passes
from tasks.lineage.step import Row
from tasks.reporting.judging_figures import score_keys
from tasks.reporting.wording import KIND, pair

SIDE_BY_SIDE = ("reference", "base", "sft", "grpo")
DEFINING = ("rule", "kind", "severity", "message", "message_en", "basis", "suggestion")


class Numbered:
    """Values listed once, each known by its place."""

    def __init__(self) -> None:
        self.values: list[list[str]] = []
        self.places: dict[tuple[str, ...], int] = {}

    def number(self, value: Sequence[str]) -> int:
        key = tuple(value)
        if key not in self.places:
            self.places[key] = len(self.values)
            self.values.append(list(key))
        return self.places[key]


def viewer_data(
    products: Sequence[Row], answers: Sequence[Row], verdicts: Sequence[Row], scores: Sequence[Row], titles: Any
) -> dict[str, Any]:
    """Return the data that report.js reads.

    items: product, type, judged (it has an accepted reference), texts: [system, text, ended, accepted, failed gates,
    [[reason, start, end]], criteria [[name, score, evidence, quoted]] or null].
    """
    reasons, sheets = Numbered(), {row["product_id"]: row for row in products}
    verdict_of, score_of = {row["answer_id"]: row for row in verdicts}, score_keys(scores)
    items: dict[ItemKey, dict[str, Row]] = defaultdict(dict)
    for row in answers:
        if row["status"] == "made":
            items[item_key(row)][row["system"]] = row
    listed: list[dict[str, Any]] = [
        {
            "product": product_id,
            "type": content_type,
            "judged": "reference" in systems,
            "texts": [
                text_entry(systems[system], verdict_of.get(systems[system]["answer_id"]), score_of, reasons)
                for system in SIDE_BY_SIDE
                if system in systems
            ],
        }
        for (product_id, content_type), systems in sorted(items.items())
    ]
    shown = {entry["product"] for entry in listed}
    return {
        "items": listed,
        "reasons": reasons.values,
        "products": {pid: product_entry(sheets[pid]) for pid in sorted(shown) if pid in sheets},
        "types": {name: list(titles[name]) for name in sorted({entry["type"] for entry in listed})},
        "gates": {gate.id: [gate.title, gate.title_zh] for gate in GATES},
        "kinds": {kind: list(pair(KIND, kind)) for kind in sorted({value[1] for value in reasons.values})},
    }


def text_entry(answer: Row, verdict: Row | None, score_of: Any, reasons: Numbered) -> list[Any]:
    score = score_of.get((answer["system"], item_key(answer)))
    criteria = [[c["name"], c["score"], c["evidence"], c["quoted"]] for c in score["criteria"]] if score else None
    head = [answer["system"], answer["text"], answer["ended_by_eos"]]
    if verdict is None:
        return [*head, None, [], [], criteria]
    failed = [gate.id for gate in GATES if gate_passes(verdict, gate) is False]
    spans = [
        [reasons.number([reason.get(name) or "" for name in DEFINING]), reason["start"], reason["end"]]
        for reason in verdict["reasons"] or ()
    ]
    return [*head, verdict["accepted"], failed, spans, criteria]


def product_entry(row: Row) -> dict[str, Any]:
    """Return what the viewer shows of a product's sheet."""
    return {
        "name": row["product_name"],
        "category": row["category"],
        "ingredients": row["core_ingredients"],
        "features": row["features"],
        "audience": row["target_audience"],
        "claims": row.get("claims") or [],
        "evidence": row.get("evidence") or [],
    }
