"""Checkpoints of one training: where they lie, which are whole, and going on from the last one.

A killed training goes on from its last whole checkpoint and ends as if nothing had happened: weights, optimizer,
schedule, random states, the logged curve, and what chooses the best model. The folder is named by the step's
fingerprint, so a changed parameter finds none of them; the step's commit removes them all.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from tasks.lineage.files import write_text
from tasks.lineage.step import Inputs
from tasks.training.processes import is_main, main_first, wait

MARK = "whole.json"


@dataclass(frozen=True)
class Workplace:
    """Where a trainer keeps its checkpoints, and where TensorBoard's events go (None: nowhere)."""

    folder: Path
    events: Path | None = None


@contextmanager
def workplace(inputs: Inputs) -> Iterator[Workplace]:
    """Yield the step's own workplace; a temporary one where nothing is to outlive the process."""
    if inputs.checkpoints is None:
        with tempfile.TemporaryDirectory() as work:
            yield Workplace(Path(work), inputs.events)
    else:
        inputs.checkpoints.mkdir(parents=True, exist_ok=True)
        yield Workplace(inputs.checkpoints, inputs.events)


def train(trainer: Any) -> None:
    """Train to the end, from the last whole checkpoint in the trainer's folder where there is one."""
    with main_first():  # it throws broken ones away; the others then find what it found
        last = last_whole(Path(trainer.args.output_dir))
    trainer.add_callback(Marks())
    trainer.add_callback(Continued(trainer))
    trainer.train(resume_from_checkpoint=str(last) if last else None)


def last_whole(work: Path) -> Path | None:
    """Return the last checkpoint to go on from, and remove those that no training can go on from.

    These are the ones that a kill cut short, and one that was written when training had ended: from it, the trainer
    would take a step too many.
    """
    found = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    for path in [path for path in found if not usable(path)]:
        shutil.rmtree(path)
        found.remove(path)
    return found[-1] if found else None


def usable(checkpoint: Path) -> bool:
    mark = checkpoint / MARK
    return mark.is_file() and not json.loads(mark.read_text(encoding="utf-8"))["ended"]


class Marks(TrainerCallback):
    """Marks a checkpoint as whole once all of it is on disk."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        wait()  # for the random states of all processes
        if not is_main():
            return
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        mark = {"step": state.global_step, "ended": bool(control.should_training_stop)}
        write_text(folder / MARK, json.dumps(mark))


class Continued(TrainerCallback):
    """Gives back to a resumed trainer the two running sums that its checkpoint does not hold: loss and tokens."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        logged = [entry for entry in state.log_history if "loss" in entry]
        if logged:
            self.trainer._total_loss_scalar = sum(entry["loss"] for entry in logged)  # one entry a step
        counted = [entry["num_tokens"] for entry in state.log_history if "num_tokens" in entry]
        if counted:
            self.trainer._total_train_tokens = int(counted[-1])
