"""Labels for the tests: pairs of the made-up home's answers, and raters who prefer by a rule with a share of slips."""

from __future__ import annotations

from random import Random
from typing import Any

from tasks.judging.config import DEFAULT_PAIRS
from tasks.judging.label_pairs import Placed, TextPair, sampled_pairs, text_pairs
from tasks.judging.labels import Label

STRENGTH = {"reference": 3, "grpo": 2, "sft": 1, "base": 0}


def pairs_of(tables: dict[str, Any]) -> dict[str, TextPair]:
    return text_pairs(tables["answers"], DEFAULT_PAIRS)


def stronger(placed: Placed) -> str:
    """Return the side whose system is the stronger one."""
    left, left_wording, right, _ = placed.pair.meetings[0]
    best = left_wording if STRENGTH[left] > STRENGTH[right] else next(w for w in placed.pair.texts if w != left_wording)
    return "first" if placed.first == best else "second"


def label(placed: Placed, winner: str, rater: str, note: str = "") -> Label:
    return Label(placed.pair.id, placed.first, placed.second, winner, rater, note)  # type: ignore[arg-type]


def labels_of(tables: dict[str, Any], size: int, raters: dict[str, float], seed: int = 1) -> list[Label]:
    """Return what raters say of a sample: the stronger system's text, or at their rate of slips another answer."""
    made = []
    for rater, slips in raters.items():
        draw = Random(f"{seed} {rater}")
        for placed in sampled_pairs(pairs_of(tables), size, seed):
            best = stronger(placed)
            others = [side for side in ("first", "second", "tie") if side != best]
            made.append(label(placed, draw.choice(others) if draw.random() < slips else best, rater))
    return made
