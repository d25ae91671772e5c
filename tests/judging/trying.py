"""Made-up plants and trials: rows as the steps make them, of a judge that is as good as it is told to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tasks.judging.defects import DEFECTS, Defect
from tasks.lineage.step import Row
from tasks.teacher.duel import ORDERS

RIGHT = {"worse": "original", "lure": "original", "same": "tie"}
GAP = 1.0


def plants_and_trials(
    products: Sequence[Row], wrong: Mapping[str, float] | None = None, rows: int = 110,
    seed: int = 5,
) -> dict[str, list[Row]]:  # fmt: skip
    """Return plants and trials. wrong: defect -> share of its plants that the judge chooses over the original."""
    draw, tables = Random(seed), {"plants": [], "trials": []}
    for defect in DEFECTS:
        for number in range(rows):
            plant = plant_row(defect, products[number % len(products)], number)
            tables["plants"].append(plant)
            lost = draw.random() < (wrong or {}).get(defect.id, 0.0)
            winner = "plant" if lost else RIGHT[defect.role]
            tables["trials"] += duel_trials(plant, (winner, winner))
            if plant["criterion"]:
                tables["trials"] += score_trials(plant, 0.0 if lost else GAP)
    return tables


def plant_row(defect: Defect, product: Row, number: int, side: str = "test") -> Row:
    families = tuple(defect.criteria) or ("paid_ad",)
    family = families[number % len(families)]
    item_id = f"{product['product_id']}/{family}/{number}"
    return {
        "plant_id": f"{defect.id}/{item_id}", "side": side, "defect": defect.id, "item_id": item_id,
        "product_id": product["product_id"], "content_type": family, "criterion": defect.criteria.get(family, ""),
        "seed": 31, "original": "原文。", "text": "植入。", "span_start": 0, "span_end": 2, "was": "",
        "length_ratio": 1.0, "status": "made", "error": "",
    }  # fmt: skip


def trial(plant: Row, ask: str, **columns: Any) -> Row:
    named = ("plant_id", "item_id", "side", "defect", "criterion", "product_id", "content_type")
    order, repeat = columns.get("order", ""), columns.get("repeat", 0)
    return {
        "trial_id": f"{ask}/{plant['plant_id']}/{order}/{repeat}", "ask": ask, **{name: plant[name] for name in named},
        "order": order, "repeat": repeat, "winner": None, "criteria": [], "score": None, "unread": 0,
        "status": "judged", "error": "", "call_keys": [f"{ask}/{plant['plant_id']}/{order}/{repeat}"],
        "prompt_tokens": 1400, "cache_hit_tokens": 1100, "completion_tokens": 60, "cost": 0.0004, "unusable": 0,
        **columns,
    }  # fmt: skip


def duel_trials(plant: Row, winners: tuple[str, str], again: str = "") -> list[Row]:
    """Return both orders, and a repeat of the first one. again: what the repeat says, if something else."""
    asked = [trial(plant, "duel", order=order, winner=won) for order, won in zip(ORDERS, winners, strict=True)]
    return [*asked, trial(plant, "duel", order=ORDERS[0], winner=again or winners[0], repeat=1)]


def score_trials(plant: Row, gap: float) -> list[Row]:
    def scored(points: float) -> dict[str, Any]:
        criteria = [{"name": plant["criterion"], "score": points, "evidence": "", "quoted": False}]
        return {"criteria": criteria, "score": points}

    return [trial(plant, "score", **scored(4.0 - gap)), trial(plant, "original", **scored(4.0))]


def natural_duels(products: Sequence[Row], consistent: float = 0.95, first: float = 0.5, seed: int = 9) -> list[Row]:
    """Return duels of two systems. consistent: share of pairs with one winner; first: of the others, won in front."""
    draw, rows = Random(seed), []
    for product in products:
        for kind in ("paid_ad_cta", "paid_ad_pas", "paid_ad_bab", "paid_ad_fab"):
            winner = draw.choice(("left", "right"))
            winners = (winner, winner)
            if draw.random() >= consistent:
                winners = ("left", "right") if draw.random() < first else ("right", "left")
            for order, won in zip(ORDERS, winners, strict=True):
                rows.append({"left": "sft", "right": "base", "product_id": product["product_id"], "content_type": kind,
                             "order": order, "winner": won, "status": "judged", "call_keys": ["k"]})  # fmt: skip
    return rows
