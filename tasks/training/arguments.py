"""From a profile's parameters to the arguments that transformers and TRL take, checked before anything is loaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tasks.lineage.errors import UserError
from tasks.training.config import Optimizer, Training


def micro_batch(params: Training, optimizer: Optimizer) -> int:
    """Return the rows of one forward pass.

    Raises:
        UserError: the optimizer's batch is no multiple of it.
    """
    micro = params.machine.micro_batch or optimizer.batch_size
    if optimizer.batch_size % micro:
        raise UserError(
            "profile", f"batch_size {optimizer.batch_size} is no multiple of micro_batch {micro}",
            "whole micro batches in a batch", "change micro_batch under machine",
        )  # fmt: skip
    return micro


def trainer_arguments(params: Training, optimizer: Optimizer, work: Path, stage: str) -> dict[str, Any]:
    """Return what every trainer takes: optimizer, batches, device, silence.

    Args:
        work: a scratch folder; nothing is left in it.
        stage: the step, for the folder of its TensorBoard events.
    """
    micro, machine = micro_batch(params, optimizer), params.machine
    if machine.tensorboard:
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(Path(machine.tensorboard) / stage)
    return {
        "output_dir": str(work),
        "seed": params.seed,
        "data_seed": params.seed,
        "learning_rate": optimizer.learning_rate,
        "max_steps": optimizer.steps or -1,
        "num_train_epochs": optimizer.epochs or 1.0,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": optimizer.batch_size // micro,
        "warmup_steps": optimizer.warmup,
        "lr_scheduler_type": optimizer.scheduler,
        "weight_decay": optimizer.weight_decay,
        "max_grad_norm": optimizer.max_grad_norm,
        "use_cpu": machine.device == "cpu",
        "bf16": params.precision == "bf16",
        "gradient_checkpointing": machine.gradient_checkpointing,
        "dataloader_pin_memory": machine.device != "cpu",
        "save_strategy": "no",
        "logging_steps": 1,
        "logging_first_step": True,
        "disable_tqdm": True,
        "report_to": ["tensorboard"] if machine.tensorboard else [],
    }
