"""From a profile's parameters to the arguments that transformers and TRL take, checked before anything is loaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tasks.lineage.errors import UserError
from tasks.training.checkpoints import Workplace
from tasks.training.config_parts import Machine, Optimizer, Training
from tasks.training.processes import count
from tasks.training.switches import TENSORBOARD, reporters


def micro_batch(params: Training, optimizer: Optimizer) -> int:
    """Return the rows of one forward pass, in each of the processes that train.

    Raises:
        UserError: the optimizer's batch is no multiple of what all processes take at once.
    """
    micro = params.machine.micro_batch or max(1, optimizer.batch_size // count())
    if optimizer.batch_size % (micro * count()):
        found = f"micro_batch {micro}" + (f" times {count()} processes" if count() > 1 else "")
        raise UserError(
            "profile", f"batch_size {optimizer.batch_size} is no multiple of {found}",
            "whole micro batches in a batch", "change micro_batch under machine",
        )  # fmt: skip
    return micro


def trainer_arguments(params: Training, optimizer: Optimizer, work: Workplace, stage: str) -> dict[str, Any]:
    """Return what every trainer takes: optimizer, batches, device, who is told.

    Args:
        stage: the step, for the folder of its TensorBoard events.
    """
    micro, machine = micro_batch(params, optimizer), params.machine
    return {
        "output_dir": str(work.folder),
        "seed": params.seed,
        "data_seed": params.seed,
        "learning_rate": optimizer.learning_rate,
        "max_steps": optimizer.steps or -1,
        "num_train_epochs": optimizer.epochs or 1.0,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": optimizer.batch_size // (micro * count()),
        "warmup_steps": optimizer.warmup,
        "lr_scheduler_type": optimizer.scheduler,
        "weight_decay": optimizer.weight_decay,
        "max_grad_norm": optimizer.max_grad_norm,
        "use_cpu": machine.device == "cpu",
        "bf16": params.precision == "bf16",
        "gradient_checkpointing": machine.gradient_checkpointing,
        "dataloader_pin_memory": machine.device != "cpu",
        "use_liger_kernel": machine.liger,
        "logging_steps": 1,
        "logging_first_step": True,
        "disable_tqdm": True,
        "report_to": told(machine, work, stage),
    }


def told(machine: Machine, work: Workplace, stage: str) -> list[str]:
    """Return who is told the curves; TensorBoard only where its files have a place."""
    names = reporters(machine, stage)
    folder = Path(machine.tensorboard) / stage if machine.tensorboard else work.events
    if TENSORBOARD in names and folder is None:
        names.remove(TENSORBOARD)
    elif TENSORBOARD in names:
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(folder)
    return names
