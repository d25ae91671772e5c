"""What the real profiles ask of TRL and transformers is accepted as it stands: no GPU, no model, arguments only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import TrainingArguments
from trl import DPOConfig, GRPOConfig, KTOConfig, RewardConfig, SFTConfig

from tasks.training.adapters import lora_config
from tasks.training.arguments import trainer_arguments
from tasks.training.checkpoints import Workplace
from tasks.training.config import GrpoParams, RewardParams, SftParams, profile_sections
from tasks.training.evaluation import checkpoint_arguments
from tasks.training.grpo import check_groups, grpo_arguments

STEPS: dict[str, tuple[Any, Any]] = {
    "sft_model": (SftParams, SFTConfig), "reward_model": (RewardParams, RewardConfig),
    "grpo_model": (GrpoParams, None),
}  # fmt: skip


def params_of(profile: str, name: str) -> Any:
    """Return a profile's params, moved to this machine: nothing else of them is changed."""
    params = STEPS[name][0](**profile_sections(profile)[name])
    machine = params.machine.model_copy(update={"device": "cpu", "report_to": ()})
    return params.model_copy(update={"machine": machine})


@pytest.mark.parametrize("profile", ["tiny", "small", "full"])
@pytest.mark.parametrize("name", STEPS)
def test_trainer_takes_the_profile_s_arguments(profile: str, name: str, tmp_path: Path) -> None:
    params = params_of(profile, name)
    shared = trainer_arguments(params, params.optimizer, Workplace(tmp_path), name)
    shared |= checkpoint_arguments(params.machine, params.evaluation)
    if name == "grpo_model":
        check_groups(params, 10_000)
        made = grpo_arguments(params, shared)
        assert isinstance(made, GRPOConfig)
        assert made.generation_batch_size == params.optimizer.batch_size
        assert made.steps_per_generation == made.gradient_accumulation_steps
        DPOConfig(**shared, beta=params.preference_beta)
        KTOConfig(**shared, beta=params.preference_beta)
    else:
        made = STEPS[name][1](**shared, max_length=params.max_length)
    assert made.per_device_train_batch_size * made.gradient_accumulation_steps == params.optimizer.batch_size
    assert made.load_best_model_at_end == (profile != "tiny")
    assert made.bf16 == (profile != "tiny")
    assert lora_config(params.lora, "CAUSAL_LM", tied=True) is not None
    TrainingArguments(**shared)


def test_checkpoints_can_be_switched_off_and_follow_an_evaluation(tmp_path: Path) -> None:
    params = params_of("tiny", "sft_model")
    none = params.machine.model_copy(update={"checkpoint_every": 0})
    assert checkpoint_arguments(none, params.evaluation) == {"save_strategy": "no"}
    evaluated = checkpoint_arguments(none, params.evaluation.model_copy(update={"share": 0.1, "every": 7}))
    assert (evaluated["save_steps"], evaluated["eval_steps"], evaluated["save_total_limit"]) == (7, 7, 3)
