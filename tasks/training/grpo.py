"""GRPO on the merged SFT model: the frozen reward model and the gates reward, KL is watched.

Differs from TRL's defaults on purpose: beta above 0 (else no KL is logged), a learning rate that moves a LoRA (TRL's
1e-6 changed nothing, facts/training.md), and every reward logged apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from tasks.lineage.errors import UserError
from tasks.lineage.step import Row
from tasks.training.adapters import lora_config
from tasks.training.arguments import micro_batch
from tasks.training.chat import TEMPLATE_OPTIONS
from tasks.training.config import GrpoParams
from tasks.training.gate_evaluation import ChosenByGates
from tasks.training.progress import Progress
from tasks.training.rewards import Rewards, part_weights
from tasks.training.rows import user_turn

STAGE = "grpo_model"


class EpochSampler(torch.utils.data.Sampler):
    """TRL's sampler, which a resumed training can enter at any epoch.

    TRL's own draws each epoch's order from one generator that starts anew with the process: a run that is resumed in
    its third epoch would get the first one's order again.
    """

    def __init__(self, sampler: Any, trainer: Any) -> None:
        self.sampler, self.trainer = sampler, trainer

    def __iter__(self) -> Iterator[int]:
        self.sampler.generator.manual_seed(self.sampler.seed)
        for _ in range(int(self.trainer.state.epoch + 1e-6)):
            torch.randperm(self.sampler.num_samples, generator=self.sampler.generator)
        return iter(self.sampler)

    def __len__(self) -> int:
        return len(self.sampler)


class GatedGrpo(ChosenByGates, GRPOTrainer):
    """GRPO whose checkpoint is chosen by the gates, and which can be resumed in any epoch."""

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        return EpochSampler(super()._get_train_sampler(dataset), self)


def check_groups(params: GrpoParams, rows: int) -> None:
    """Hold TRL's divisibility rules against the params before anything is loaded.

    Raises:
        UserError: a batch is no whole number of groups, or there are fewer prompts than one batch asks for.
    """
    size, batch = params.group.size, params.optimizer.batch_size
    micro_batch(params, params.optimizer)
    if batch % size:
        raise UserError(
            STAGE, f"batch_size {batch} is no multiple of group.size {size}", "whole groups in a batch",
            f"use batch_size {max(size, batch - batch % size)}",
        )  # fmt: skip
    if rows < batch // size:
        raise UserError(
            STAGE, f"{rows} prompts and {batch // size} groups in a batch", "at least one prompt a group",
            f"use batch_size {rows * size} or less",
        )  # fmt: skip


def grpo_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], back: Sequence[Row], params: GrpoParams, rewards: Rewards,
    arguments: dict[str, Any], callbacks: Sequence[Any],
) -> GatedGrpo:  # fmt: skip
    """Return a TRL trainer that samples answers to the task prompts and rewards each part apart."""
    return GatedGrpo(
        model=model,
        reward_funcs=rewards.functions(),
        args=grpo_arguments(params, arguments),
        train_dataset=prompts(rows),
        eval_dataset=prompts(back) if back else None,
        processing_class=tokenizer,
        peft_config=lora_config(params.lora, "CAUSAL_LM", model.config.tie_word_embeddings),
        callbacks=list(callbacks),
    )


def grpo_arguments(params: GrpoParams, arguments: dict[str, Any]) -> GRPOConfig:
    """Return TRL's arguments. arguments: what every trainer takes."""
    vllm: dict[str, Any] = {"use_vllm": True, "vllm_mode": params.group.vllm} if params.group.vllm != "no" else {}
    return GRPOConfig(
        **arguments,
        **vllm,
        per_device_eval_batch_size=params.group.size,  # a whole number of groups, as TRL wants it; its rows are unused
        num_generations=params.group.size,
        generation_batch_size=params.optimizer.batch_size,
        max_completion_length=params.group.max_new_tokens,
        temperature=params.group.temperature,
        top_p=params.group.top_p,
        beta=params.beta,
        loss_type=params.loss_type,
        scale_rewards=params.scale_rewards,
        reward_weights=part_weights(params.parts),
        chat_template_kwargs=TEMPLATE_OPTIONS,
    )


def prompts(rows: Sequence[Row]) -> Dataset:
    return Dataset.from_list([{"prompt": user_turn(row["prompt"]), "item_id": row["item_id"]} for row in rows])


def outcome(progress: Progress, weights: dict[str, float]) -> dict[str, Any]:
    """Return first and last figures of every part (means over ten steps), and which parts were never rewarded."""
    parts = {
        part: {"first": progress.first(f"rewards/{part}/mean", 10), "last": progress.last(f"rewards/{part}/mean", 10)}
        for part in weights
    }
    return {
        "steps": len(progress.series("reward")),
        "reward_first": progress.first("reward", 10),
        "reward_last": progress.last("reward", 10),
        "kl_last": progress.last("kl", 10),
        "clipped_last": progress.last("completions/clipped_ratio", 10),
        "answer_tokens_last": progress.last("completions/mean_length", 10),
        "weights": weights,
        "parts": parts,
        "never_rewarded": sorted(part for part, weight in weights.items() if not weight),
    }
