"""The side-by-side viewer's data: every val item with its systems' texts, reasons and scores, compact and as data only.

Reasons, names and types are listed once and referred to by number. Offsets are code points of the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.judging.comparison import ItemKey, item_key
from tasks.judging.gates import GATES, gate_passes
from tasks.lineage.step import Row
from tasks.reporting.judging_figures import score_keys
from tasks.reporting.wording import KIND, pair
from tasks.teacher.duel import ORDERS

VIEWED = ("products", "answers", "verdicts", "scores", "duels")
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


def viewer_data(tables: Mapping[str, Sequence[Row]], titles: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the data that the viewer's scripts read, made of the tables VIEWED.

    items: product, type, judged (it has an accepted reference), duels: [left, right, winner in the first order, in the
    second], texts: [system, text, ended, accepted, failed gates, [[reason, start, end]], criteria [[name, score,
    evidence, quoted]] or null]. Reasons and names of criteria are numbers into `reasons` and `criteria`.
    """
    reasons, names, sheets = Numbered(), Numbered(), {row["product_id"]: row for row in tables["products"]}
    verdict_of = {row["answer_id"]: row for row in tables["verdicts"]}
    score_of, met = score_keys(tables["scores"]), duel_entries(tables["duels"])

    def entry_of(answer: Row) -> list[Any]:
        verdict, score = verdict_of.get(answer["answer_id"]), score_of.get((answer["system"], item_key(answer)))
        return [*text_entry(answer, verdict, reasons), opinion(score, names)]

    items: dict[ItemKey, dict[str, Row]] = defaultdict(dict)
    for row in tables["answers"]:
        if row["status"] == "made":
            items[item_key(row)][row["system"]] = row
    listed: list[dict[str, Any]] = [
        {
            "product": product_id,
            "type": content_type,
            "judged": "reference" in systems,
            "duels": met.get((product_id, content_type), []),
            "texts": [entry_of(systems[system]) for system in SIDE_BY_SIDE if system in systems],
        }
        for (product_id, content_type), systems in sorted(items.items())
    ]
    shown = {entry["product"] for entry in listed}
    return {
        "items": listed,
        "reasons": reasons.values,
        "criteria": [name for (name,) in names.values],
        "products": {pid: product_entry(sheets[pid]) for pid in sorted(shown) if pid in sheets},
        "types": {name: list(titles[name]) for name in sorted({entry["type"] for entry in listed})},
        "gates": {gate.id: [gate.title, gate.title_zh] for gate in GATES},
        "kinds": {kind: list(pair(KIND, kind)) for kind in sorted({value[1] for value in reasons.values})},
    }


def text_entry(answer: Row, verdict: Row | None, reasons: Numbered) -> list[Any]:
    head = [answer["system"], answer["text"], answer["ended_by_eos"]]
    if verdict is None:
        return [*head, None, [], []]
    failed = [gate.id for gate in GATES if gate_passes(verdict, gate) is False]
    spans = [
        [reasons.number([reason.get(name) or "" for name in DEFINING]), reason["start"], reason["end"]]
        for reason in verdict["reasons"] or ()
    ]
    return [*head, verdict["accepted"], failed, spans]


def opinion(score: Row | None, names: Numbered) -> list[Any] | None:
    if score is None:
        return None
    return [[names.number([c["name"]]), round(c["score"], 2), c["evidence"], c["quoted"]] for c in score["criteria"]]


def duel_entries(duels: Sequence[Row]) -> dict[ItemKey, list[list[Any]]]:
    """Return item -> [left, right, winner of the first order, of the second]; None where an order was not judged."""
    found: dict[ItemKey, dict[tuple[str, str], list[Any]]] = defaultdict(dict)
    for row in duels:
        entry = found[item_key(row)].setdefault((row["left"], row["right"]), [row["left"], row["right"], None, None])
        if row["status"] == "judged":
            entry[2 + ORDERS.index(row["order"])] = row["winner"]
    return {item: list(pairs.values()) for item, pairs in found.items()}


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
