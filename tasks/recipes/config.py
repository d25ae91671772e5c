"""Parameters of a recipe's steps. The four training steps have those of a brand's, less what only a brand has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tasks.lineage.params import Ident, Params, Run
from tasks.training.config import BaseParams, GenerationParams, GrpoParams, RewardParams, SftParams
from tasks.training.config_parts import Machine

System = Literal["reference", "base", "sft", "grpo"]
NoTypes = tuple[()]  # a recipe trains on all its tasks


class TableParams(Params):
    """A recipe's tables have no choices of their own: what is in them is decided by the recipe and its data."""


class RecipeBaseParams(BaseParams):
    """bad_share: of the texts that were rated bad. transplant_share: of the texts with another input's values."""

    content_types: Ident[NoTypes] = ()


class RecipeSftParams(SftParams):
    """As for a brand."""

    content_types: Ident[NoTypes] = ()


class RecipeRewardParams(RewardParams):
    """A classifier of texts with a label."""

    content_types: Ident[NoTypes] = ()
    kind: Ident[Literal["binary"]] = "binary"


class RecipeGrpoParams(GrpoParams):
    """weights: part -> weight, filled in from the recipe's `rewards`."""

    content_types: Ident[NoTypes] = ()
    method: Ident[Literal["grpo"]] = "grpo"
    weights: Ident[dict[str, Annotated[float, Field(ge=0)]]] = Field(default_factory=dict)  # type: ignore[assignment]

    @property
    def parts(self) -> dict[str, float]:
        return dict(self.weights)


class RecipeAnswerParams(Params):
    """most: how many val inputs are asked, those of the lowest seeded hash; a new one displaces at most one."""

    systems: Ident[tuple[System, ...]] = ("reference", "base", "sft", "grpo")
    most: Ident[int] = Field(default=160, ge=1)
    seed: Ident[int] = 38
    generation: Ident[GenerationParams] = GenerationParams()


class RecipeScoreParams(Params):
    """The frozen reward model on all answers."""

    precision: Ident[Literal["fp32", "bf16"]] = "fp32"
    machine: Run[Machine] = Machine()


class RecipeReportParams(Params):
    """samples: inputs of each task whose answers are printed."""

    samples: Ident[int] = Field(default=12, ge=0)
