"""Parameters: every field is identity or runtime, and the three profiles are accepted as they stand."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from tasks.lineage.errors import UserError
from tasks.lineage.params import undeclared_fields
from tasks.training import config
from tasks.training.config import (
    BaseParams,
    GenerationParams,
    GrpoParams,
    Optimizer,
    RewardParams,
    SftParams,
    profile_sections,
)
from tasks.training.config_parts import PAID_ADS

SECTIONS = {
    "base": BaseParams,
    "sft_model": SftParams,
    "reward_model": RewardParams,
    "grpo_model": GrpoParams,
    "generation": GenerationParams,
}
MODELS = [found for found in vars(config).values() if isinstance(found, type) and issubclass(found, config.Params)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_identity_or_runtime(model: type[BaseModel]) -> None:
    assert undeclared_fields(model) == []


@pytest.mark.parametrize("name", ["tiny", "small", "full"])
def test_profile_is_accepted_and_names_every_section(name: str) -> None:
    sections = profile_sections(name)
    assert sections.keys() == SECTIONS.keys()
    for section, model in SECTIONS.items():
        model(**sections[section])


def test_tiny_trains_only_ads_and_real_profiles_all_types() -> None:
    assert SftParams(**profile_sections("tiny")["sft_model"]).content_types == PAID_ADS
    assert SftParams(**profile_sections("full")["sft_model"]).content_types == ()


def test_machine_is_no_identity_and_nested_parameters_are() -> None:
    one, other = SftParams(), SftParams(machine=config.Machine(threads=7, tensorboard="logs"))
    assert one.identity() == other.identity()
    assert one.identity() != SftParams(optimizer=Optimizer(learning_rate=1e-3, steps=60)).identity()
    assert BaseParams(model="m", folder="/a").identity() == BaseParams(model="m", folder="/b").identity()


def test_length_given_twice_or_not_at_all_is_refused() -> None:
    with pytest.raises(ValidationError, match="exactly one"):
        Optimizer(learning_rate=1e-3, steps=5, epochs=2)
    with pytest.raises(ValidationError, match="exactly one"):
        Optimizer(learning_rate=1e-3)


def test_unknown_profile_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"profile huge: no such training profile; expected one of full, small, tiny"):
        profile_sections("huge")
