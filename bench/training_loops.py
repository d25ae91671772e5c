"""The loops that `training.py` times: TRL's trainers as we set them up and as anyone would, and a clock on one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from compliance import BRAND


def our_sft(model: Any, tokenizer: Any, rows: list[Any], params: Any, work: Path) -> Any:
    from tasks.training.checkpoints import Continued, Marks, Workplace
    from tasks.training.generation import silent
    from tasks.training.progress import Progress
    from tasks.training.sft import sft_trainer

    trainer = sft_trainer(model, tokenizer, rows, [], params, Workplace(work), Progress(silent))
    trainer.add_callback(Marks())
    trainer.add_callback(Continued(trainer))
    return trainer


def plain_sft(model: Any, tokenizer: Any, rows: list[Any], params: Any, work: Path) -> Any:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    examples = [{"prompt": row["messages"][:1], "completion": row["messages"][1:]} for row in rows]
    return SFTTrainer(
        model=model,
        args=SFTConfig(
            **shared(params, work, "sft_model"), max_length=params.max_length, eos_token=tokenizer.eos_token
        ),
        train_dataset=Dataset.from_list(examples),
        processing_class=tokenizer,
        peft_config=adapter(params),
    )


def our_grpo(model: Any, scorer: Any, tokenizer: Any, rows: list[Any], params: Any, work: Path) -> Any:
    from tasks.brief.brand import load_brand, load_content_types
    from tasks.compliance import load_rules
    from tasks.training.alarms import Watch
    from tasks.training.generation import silent
    from tasks.training.grpo import grpo_trainer
    from tasks.training.progress import Progress
    from tasks.training.rewards import Gates, Rewards
    from tasks.training.scoring import Calibration, Scorer

    rules = load_rules(load_brand(BRAND), BRAND)
    rewards = Rewards(
        Gates(rows, load_content_types(BRAND), rules), tuple(params.parts), Scorer(scorer, tokenizer),
        Calibration(0.0, 1.0), [tokenizer.eos_token_id],
    )  # fmt: skip
    watch = Watch(params.alarms.model_copy(update={"stop": False}), params.weights.model_dump())
    arguments = shared(params, work, "grpo_model")
    callbacks = [Progress(silent, shown="reward"), watch]
    return grpo_trainer(model, tokenizer, rows, [], params, rewards, arguments, callbacks)


def plain_grpo(model: Any, tokenizer: Any, rows: list[Any], params: Any, work: Path) -> Any:
    from trl import GRPOTrainer

    from tasks.training.grpo import grpo_arguments, prompts

    def length(completions: list[Any], **_: Any) -> list[float]:
        return [float(len(completion[-1]["content"])) for completion in completions]

    arguments = grpo_arguments(params, shared(params, work, "grpo_model"))
    arguments.reward_weights = None
    return GRPOTrainer(
        model=model, reward_funcs=[length], args=arguments, train_dataset=prompts(rows), processing_class=tokenizer,
        peft_config=adapter(params),
    )  # fmt: skip


def shared(params: Any, work: Path, stage: str) -> dict[str, Any]:
    from tasks.training.arguments import trainer_arguments
    from tasks.training.checkpoints import Workplace

    return {**trainer_arguments(params, params.optimizer, Workplace(work), stage), "save_strategy": "no"}


def adapter(params: Any) -> Any:
    from tasks.training.adapters import lora_config

    return lora_config(params.lora, "CAUSAL_LM", tied=True)


def clock_on(trainer: Any) -> Any:
    """Put a clock on a trainer, that reads the time and the tokens so far after every step."""
    import torch
    from transformers import TrainerCallback
    from transformers.trainer_callback import PrinterCallback

    now = time.monotonic if torch.cuda.is_available() else time.process_time

    class Clock(TrainerCallback):
        def __init__(self) -> None:
            self.read: list[tuple[float, float]] = []
            self.lengths: list[float] = []

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if "num_tokens" in logs:
                if torch.cuda.is_available():
                    torch.cuda.synchronize()
                self.read.append((now(), logs["num_tokens"]))
                self.lengths.append(logs.get("completions/mean_length", 0.0))

        def speed(self) -> float:
            (start, before), (end, after) = self.read[0], self.read[-1]
            return (after - before) / (end - start)

        def answers(self) -> float:
            """Return sampled tokens a second, without those of the first step."""
            batch = trainer.args.per_device_train_batch_size * trainer.args.gradient_accumulation_steps
            return sum(self.lengths[1:]) * batch / (self.read[-1][0] - self.read[0][0])

    clock = Clock()
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(clock)
    return clock
