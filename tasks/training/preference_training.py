"""DPO and KTO: the last model learnt offline from pairs or single texts, instead of from rewarded samples.

Both hold the merged SFT model, adapter off, as the reference that the answers' likelihood is measured against.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from datasets import Dataset
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

from tasks.lineage.errors import UserError
from tasks.lineage.step import Row
from tasks.training.adapters import lora_config
from tasks.training.arguments import micro_batch
from tasks.training.config import GrpoParams
from tasks.training.gate_evaluation import ChosenByGates
from tasks.training.rows import assistant_turn, user_turn

STAGE = "grpo_model"


class GatedDpo(ChosenByGates, DPOTrainer):
    """DPO whose checkpoint is chosen by the gates."""


class GatedKto(ChosenByGates, KTOTrainer):
    """KTO whose checkpoint is chosen by the gates."""


def check_preference(params: GrpoParams) -> None:
    """Refuse what TRL would refuse after loading.

    Raises:
        UserError: KTO with one row a forward pass: its KL is measured on the neighbours in the batch.
    """
    micro = micro_batch(params, params.optimizer)
    if params.method == "kto" and micro < 2:
        raise UserError(
            STAGE, f"method kto with {micro} row in a forward pass", "at least 2",
            "raise machine.micro_batch or optimizer.batch_size",
        )  # fmt: skip


def preference_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], back: Sequence[Row], params: GrpoParams,
    arguments: dict[str, Any], callbacks: Sequence[Any],
) -> Any:  # fmt: skip
    """Return TRL's trainer for `params.method`.

    Args:
        rows, back: of the preference table (dpo) or the kto table (kto); back are kept back, and only counted.
        arguments: what every trainer takes.
    Raises:
        UserError: a row is longer than max_length, which TRL would cut off in silence.
    """
    config, trainer_class, example = CLASSES[params.method]
    ordered = Random(params.seed).sample(
        list(rows), len(rows)
    )  # KTO reads in order, and texts of a pair are neighbours
    trainer = trainer_class(
        model=model,
        args=config(**arguments, beta=params.preference_beta, max_length=params.max_length),
        train_dataset=Dataset.from_list([example(row) for row in ordered]),
        eval_dataset=Dataset.from_list([example(row) for row in back]) if back else None,
        processing_class=tokenizer,
        peft_config=lora_config(params.lora, "CAUSAL_LM", model.config.tie_word_embeddings),
        callbacks=list(callbacks),
    )
    refuse_cut(trainer.train_dataset, len(rows), params.max_length)
    return trainer


def pair_example(row: Row) -> dict[str, Any]:
    turns = {side: assistant_turn(row[side]) for side in ("chosen", "rejected")}
    return {"prompt": user_turn(row["prompt"]), **turns}


def text_example(row: Row) -> dict[str, Any]:
    return {
        "prompt": user_turn(row["prompt"]),
        "completion": assistant_turn(row["completion"]),
        "label": bool(row["label"]),
    }


def refuse_cut(prepared: Any, given: int, longest: int) -> None:
    """TRL cuts what is over `max_length`, and the end of an answer with it, and drops a row whose prompt alone is over
    it; here that is an error."""
    answers = [name for name in prepared.column_names if name in ("chosen_ids", "rejected_ids", "completion_ids")]
    lengths = [len(row["prompt_ids"]) + max(len(row[name]) for name in answers) for row in prepared]
    cut = given - len(lengths) + sum(length > longest for length in lengths)
    if cut:
        raise UserError(
            STAGE, f"{cut} of {given} rows are longer than {longest} tokens", "all rows within max_length",
            "raise grpo_model.max_length",
        )  # fmt: skip


CLASSES: dict[str, tuple[Any, Any, Any]] = {
    "dpo": (DPOConfig, GatedDpo, pair_example),
    "kto": (KTOConfig, GatedKto, text_example),
}
