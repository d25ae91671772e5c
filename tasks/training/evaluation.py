"""Evaluation while training: which rows are kept back for it, what it tells the trainer, and what the card says of it.

The rows are of train products (a recipe's: inputs), chosen by product with a seeded hash, so that no text of one is on
both sides.
Val products are left alone: a checkpoint that was chosen on them could not be judged on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import EarlyStoppingCallback

from tasks.datasets.general import is_brand
from tasks.lineage.canonical import unit_hash
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row
from tasks.training.config_parts import Evaluation, Machine
from tasks.training.rows import subject_of

LOSS = "eval_loss"


def kept_back(rows: Sequence[Row], evaluation: Evaluation, seed: int, stage: str) -> tuple[list[Row], list[Row]]:
    """Return (rows to train on, rows kept back for evaluation), by product; none are kept back at a share of 0.

    General rows have no product and are all trained on.

    Raises:
        UserError: all products fall on one side.
    """
    subjects = {subject_of(row) for row in rows if is_brand(row)}
    back = {subject for subject in subjects if unit_hash(seed, "evaluation", subject) < evaluation.share}
    if evaluation.share and (not back or back == subjects):
        raise UserError(
            f"{stage}.evaluation.share", f"{evaluation.share} keeps back {len(back)} of {len(subjects)} products",
            "products on both sides", "change the share, or set it to 0",
        )  # fmt: skip
    return [row for row in rows if subject_of(row) not in back], [row for row in rows if subject_of(row) in back]


def checkpoint_arguments(machine: Machine, evaluation: Evaluation, metric: str = LOSS) -> dict[str, Any]:
    """Return when the trainer evaluates and saves, how many checkpoints it keeps, and which one it ends with.

    metric: what is best; a loss by its lowest value, anything else by its highest.
    """
    every = evaluation.every if evaluation.share else machine.checkpoint_every
    if not every:
        return {"save_strategy": "no"}
    found = {"save_strategy": "steps", "save_steps": every, "save_total_limit": machine.keep_checkpoints}
    if not evaluation.share:
        return found
    return found | {
        "save_total_limit": machine.keep_checkpoints + 1,  # the best one beside the last ones
        "eval_strategy": "steps",
        "eval_steps": every,
        "load_best_model_at_end": True,
        "metric_for_best_model": metric,
        "greater_is_better": metric != LOSS,
        "restore_callback_states_from_checkpoint": True,  # else a resumed run counts its patience anew
    }


def stopping(evaluation: Evaluation) -> list[Any]:
    """Return the callback that stops training when evaluations have not improved for `patience` times."""
    if not evaluation.share or not evaluation.patience:
        return []
    return [EarlyStoppingCallback(early_stopping_patience=evaluation.patience)]


def even_batch(rows: int, most: int) -> int:
    """Return the largest batch up to `most` that divides the rows: a mean of batch means is then a mean of samples."""
    return max(size for size in range(1, max(1, min(rows, most)) + 1) if rows % size == 0)


def chosen(trainer: Any, back: Sequence[Row]) -> dict[str, Any]:
    """Return what the card says of the evaluation; nothing where there was none.

    Raises:
        UserError: no checkpoint is the best: every evaluation gave nan.
    """
    if not back:
        return {}
    state, args = trainer.state, trainer.args
    if state.best_model_checkpoint is None:
        raise UserError(
            f"{args.metric_for_best_model} while training", "no evaluation gave a number", "a loss that is one",
            "lower the learning rate",
        )  # fmt: skip
    return {
        "evaluation": {
            "products": len({subject_of(row) for row in back}),
            "rows": len(back),
            "metric": args.metric_for_best_model,
            "best": state.best_metric,
            "best_step": state.best_global_step,
            "stopped_at": state.global_step,
            "planned_steps": state.max_steps,
        }
    }
