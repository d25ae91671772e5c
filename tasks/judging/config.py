"""Parameters of the judging steps; every field says whether it is identity or runtime."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from tasks.judging.gates import SYSTEMS
from tasks.lineage.params import Ident, Params
from tasks.training.config import GenerationParams

SAMPLES = 1_000  # answers to one question within one resample; more would run into the next
DEFAULT_PAIRS = (("sft", "base"), ("grpo", "base"), ("grpo", "sft"), ("reference", "sft"), ("reference", "grpo"))


class AnswerParams(Params):
    """How the systems answer the val items.

    content_types: the types that are asked; empty means all (the tiny profile trains and judges the four ad types).
    generation: how the models decode; greedy by default, so that a row depends on its own prompt alone.
    """

    content_types: Ident[tuple[str, ...]] = ()
    systems: Ident[tuple[str, ...]] = SYSTEMS
    generation: Ident[GenerationParams] = GenerationParams()

    @field_validator("systems")
    @classmethod
    def known_systems(cls, systems: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(systems) - set(SYSTEMS):
            raise ValueError(f"unknown systems {sorted(unknown)}; expected some of {list(SYSTEMS)}")
        return systems


class VerdictParams(Params):
    """The gates have no parameters of their own: the rules decide."""


class ScoreParams(Params):
    """How often the judge scores one text; a criterion's score is the mean of the repeats.

    attempts: answers asked for until one fits the rubric's schema. resample: raised to buy new answers.
    """

    repeats: Ident[int] = Field(default=1, ge=1, le=SAMPLES)
    attempts: Ident[int] = Field(default=3, ge=1, le=SAMPLES)
    resample: Ident[int] = Field(default=0, ge=0)


class DuelParams(Params):
    """Which systems meet, each pair in both orders. attempts, resample: as in ScoreParams."""

    pairs: Ident[tuple[tuple[str, str], ...]] = DEFAULT_PAIRS
    attempts: Ident[int] = Field(default=3, ge=1, le=SAMPLES)
    resample: Ident[int] = Field(default=0, ge=0)

    @field_validator("pairs")
    @classmethod
    def two_known_systems(cls, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        for left, right in pairs:
            if left == right or {left, right} - set(SYSTEMS):
                raise ValueError(f"{left} against {right}; expected two different systems of {list(SYSTEMS)}")
        return pairs


class PlantParams(Params):
    """Which texts are planted in.

    per_defect: accepted texts of train products that each defect is tried in, both sides together. seed: of their
    choice and of every edit. tune_share: of the train products, for people who edit the rubric; the rest certifies.
    """

    per_defect: Ident[int] = Field(default=200, ge=1, le=10_000)
    seed: Ident[int] = 31
    tune_share: Ident[float] = Field(default=0.25, ge=0, lt=1)


class TrialParams(Params):
    """Which plants the judge is asked about. sides: `test` certifies; `tune` is for work on the rubric, and shows in
    no certificate. repeats: questions that are asked a second time. attempts, resample: as in ScoreParams."""

    sides: Ident[tuple[Literal["test", "tune"], ...]] = ("test",)
    repeats: Ident[int] = Field(default=100, ge=0, le=10_000)
    seed: Ident[int] = 37
    attempts: Ident[int] = Field(default=3, ge=1, le=SAMPLES)
    resample: Ident[int] = Field(default=0, ge=0)
