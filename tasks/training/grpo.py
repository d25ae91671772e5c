"""GRPO on the merged SFT model with a fresh adapter: the frozen reward model and the gates reward, KL is watched.

Differs from TRL's defaults on purpose: beta above 0 (else no KL is logged), a learning rate that moves a LoRA (TRL's
1e-6 changed nothing, facts/training.md), and every reward logged apart.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers.trainer_callback import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Report, Row
from tasks.training.adapters import TrainedWeights, lora_config
from tasks.training.arguments import micro_batch, trainer_arguments
from tasks.training.chat import TEMPLATE_OPTIONS
from tasks.training.config import GrpoParams
from tasks.training.merging import save_merged
from tasks.training.model_files import load_tokenizer, load_writer, precision_of, write_json
from tasks.training.progress import Progress, plot, write_metrics
from tasks.training.rewards import PARTS, Rewards, part_weights
from tasks.training.rows import user_turn, wanted
from tasks.training.scoring import load_reward


def reinforce(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the merged model, its adapter, metrics, curves and card.

    Raises:
        UserError: the group sizes do not divide, a reward has no such part, nothing was trained, or the merge differs.
    """
    params: GrpoParams = inputs.params
    rows = wanted(inputs.rows("grpo"), params.content_types, "grpo")
    check_groups(params, len(rows))
    weights = part_weights(params.weights)
    report(0, params.optimizer.steps, "loading the SFT and reward models")
    tokenizer = load_tokenizer(inputs.folder("sft_model"))
    model = load_writer(inputs.folder("sft_model"), precision_of(params))
    scorer, calibration = load_reward(inputs.folder("reward_model"), params)
    types, rules = inputs.source("content_types"), inputs.source("rules")
    rewards = Rewards(rows, types, rules, scorer, calibration, [tokenizer.eos_token_id])
    progress = Progress(report, shown="reward")
    with tempfile.TemporaryDirectory() as work:
        trainer = grpo_trainer(model, tokenizer, rows, params, rewards, weights, Path(work), progress)
        before = TrainedWeights(trainer.model, "grpo_model")
        trainer.train()
    change = before.change(trainer.model)
    dialogues = [user_turn(row["prompt"]) for row in rows[:4]]
    merge = save_merged(trainer.model, tokenizer, dialogues, out, "grpo_model", precision_of(params))
    write_metrics(out / "metrics.parquet", progress.metrics)
    draw(out, progress)
    write_json(out / "card.json", {
        "rows": len(rows), "trained_parameters": before.count, "relative_change": change, **merge,
        **outcome(progress, params.weights.model_dump()),
    })  # fmt: skip


def check_groups(params: GrpoParams, rows: int) -> None:
    """Hold TRL's divisibility rules against the params before anything is loaded.

    Raises:
        UserError: a batch is no whole number of groups, or there are fewer prompts than one batch asks for.
    """
    size, batch = params.group.size, params.optimizer.batch_size
    micro_batch(params, params.optimizer)
    if batch % size:
        raise UserError(
            "grpo_model", f"batch_size {batch} is no multiple of group.size {size}", "whole groups in a batch",
            f"use batch_size {max(size, batch - batch % size)}",
        )  # fmt: skip
    if rows < batch // size:
        raise UserError(
            "grpo_model", f"{rows} prompts and {batch // size} groups in a batch", "at least one prompt a group",
            f"use batch_size {rows * size} or less",
        )  # fmt: skip


def grpo_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], params: GrpoParams, rewards: Rewards, weights: list[float],
    work: Path, progress: Progress,
) -> GRPOTrainer:  # fmt: skip
    """Return a TRL trainer that samples answers to the task prompts and rewards each part apart."""
    arguments = GRPOConfig(
        **trainer_arguments(params, params.optimizer, work, "grpo_model"),
        num_generations=params.group.size,
        generation_batch_size=params.optimizer.batch_size,
        max_completion_length=params.group.max_new_tokens,
        temperature=params.group.temperature,
        top_p=params.group.top_p,
        beta=params.beta,
        loss_type=params.loss_type,
        scale_rewards=params.scale_rewards,
        reward_weights=weights,
        chat_template_kwargs=TEMPLATE_OPTIONS,
    )
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=rewards.functions(),
        args=arguments,
        train_dataset=Dataset.from_list(
            [{"prompt": user_turn(row["prompt"]), "item_id": row["item_id"]} for row in rows]
        ),
        processing_class=tokenizer,
        peft_config=lora_config(params.lora, "CAUSAL_LM", model.config.tie_word_embeddings),
        callbacks=[progress],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def draw(out: Path, progress: Progress) -> None:
    """Draw the reward with its parts, and the distance from the SFT model."""
    parts = {part: progress.series(f"rewards/{part}/mean") for part in PARTS}
    plot(out / "reward.png", "GRPO: reward and its parts", {"reward": progress.series("reward")} | parts, "reward")
    plot(out / "kl.png", "GRPO: KL from the SFT model", {"kl": progress.series("kl")}, "nats a token")


def outcome(progress: Progress, weights: dict[str, float]) -> dict[str, Any]:
    """Return first and last figures of every part (means over ten steps), and which parts were never rewarded."""
    parts = {
        part: {"first": progress.first(f"rewards/{part}/mean", 10), "last": progress.last(f"rewards/{part}/mean", 10)}
        for part in PARTS
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
