"""Whether a reward model saw more than surface: asked of its card before GRPO spends hours on its scores.

A reward model that ranks pairs no better than their length or their character n-grams has learnt no meaning, and a
writer trained on it learns those surfaces. Its folder and card are kept either way: only GRPO is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tasks.lineage.errors import UserError
from tasks.training.config import GrpoParams

BASELINES = ("length_only", "character_ngrams")  # as the card names them (tasks/training/reward_model.py)
DEMAND = "grpo_model.beats_surface_on"


def demand_more_than_surface(folder: Path, params: GrpoParams) -> None:
    """Hold the card in a reward model's folder against `params.beats_surface_on`.

    A recipe's card has no pairs by method, and nothing is asked of it.

    Raises:
        UserError: of a method there are no held-out pairs, or the model ranks them no better than a baseline does.
    """
    if not params.beats_surface_on or params.weights.reward_model == 0:
        return
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    for method in params.beats_surface_on if "held_out" in card else ():
        demand_of_method(method, card["held_out"].get(method))


def demand_of_method(method: str, figures: dict[str, Any] | None) -> None:
    """Refuse a method's held-out figures unless the model beats every baseline, or none can be beaten and it ties."""
    if figures is None:
        raise UserError(
            DEMAND, f"the reward model's card has no held-out {method!r} pairs", "some, to compare it with baselines",
            f"add val products, or take {method!r} out of {DEMAND}",
        )  # fmt: skip
    mine = figures["reward_model"]
    name = max(BASELINES, key=lambda baseline: figures[baseline])
    best = figures[name]
    if mine > best or mine == best == 1:
        return
    raise UserError(
        DEMAND,
        f"of {figures['pairs']} held-out {method!r} pairs the reward model ranks {mine:.1%} right, {name} {best:.1%}",
        "a reward model that beats length and n-grams there",
        f"train it longer, on more pairs or from a larger base; or take {method!r} out of {DEMAND}",
    )  # fmt: skip
