"""GRPO is refused, before anything is loaded, where its reward model saw no more than surface does."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.lineage.errors import UserError
from tasks.training.config import GrpoParams, Weights, profile_sections
from tasks.training.steps import make_grpo_model
from tasks.training.surface_proof import BASELINES, demand_more_than_surface
from tests.training.conftest import GRPO, Told
from tests.training.rules import few_rules
from tests.training.tables import World

ON_FAKE = GRPO.model_copy(update={"beats_surface_on": ("fake",)})


def folder_with(root: Path, **held_out: tuple[float, float, float]) -> Path:
    """Write a card whose methods have (reward model, length, n-grams)."""
    names = ("reward_model", "length_only", "character_ngrams")
    figures = {method: {"pairs": 40} | dict(zip(names, shares, strict=True)) for method, shares in held_out.items()}
    (root / "card.json").write_text(json.dumps({"held_out": figures}), encoding="utf-8")
    return root


@pytest.mark.parametrize("profile", ["small", "full"])
def test_real_profiles_demand_it_of_fake_pairs(profile: str) -> None:
    assert GrpoParams(**profile_sections(profile)["grpo_model"]).beats_surface_on == ("fake",)


@pytest.mark.parametrize("shares", [(0.7, 0.55, 0.65), (1.0, 0.5, 1.0)])
def test_model_that_beats_surface_or_ties_with_all_right_is_taken(tmp_path: Path, shares: Any) -> None:
    demand_more_than_surface(folder_with(tmp_path, fake=shares), ON_FAKE)


@pytest.mark.parametrize(
    ("shares", "named"),
    [((0.65, 0.55, 0.65), "character_ngrams 65.0%"), ((0.6, 0.62, 0.5), "length_only 62.0%")],
)
def test_model_that_sees_no_more_is_refused_with_the_figures(tmp_path: Path, shares: Any, named: str) -> None:
    with pytest.raises(UserError, match=f"of 40 held-out 'fake' pairs .* {named}"):
        demand_more_than_surface(folder_with(tmp_path, fake=shares, weak=(1, 0.5, 0.5)), ON_FAKE)


def test_method_without_held_out_pairs_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no held-out 'fake' pairs"):
        demand_more_than_surface(folder_with(tmp_path, weak=(1, 0.5, 0.5)), ON_FAKE)


def test_nothing_is_asked_where_it_is_not_demanded_or_not_rewarded_or_not_of_pairs(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, fake=(0.5, 0.6, 0.6))
    demand_more_than_surface(folder, GRPO)
    demand_more_than_surface(folder, ON_FAKE.model_copy(update={"weights": Weights(reward_model=0)}))
    (folder / "card.json").write_text(json.dumps({"held_out_texts": {}}), encoding="utf-8")
    demand_more_than_surface(folder, ON_FAKE)


def test_step_refuses_before_it_loads_a_model(tables: World, tmp_path: Path) -> None:
    folders = {"reward_model": folder_with(tmp_path, fake=(0.5, 0.6, 0.6))}  # no SFT model: loading would be a KeyError
    with pytest.raises(UserError, match=r"ranks 50\.0% right"):
        make_grpo_model(tables.inputs(ON_FAKE, folders, few_rules()), tmp_path / "never-written", Told())


def test_what_is_read_is_what_a_trained_reward_model_s_card_holds(chain: SimpleNamespace) -> None:
    card = json.loads((chain.folders["reward_model"] / "card.json").read_text(encoding="utf-8"))
    for figures in card["held_out"].values():
        assert figures.keys() == {"pairs", "reward_model", *BASELINES}
