"""Does the model stop by itself? Checked twice: in the labels before training, and on sampled answers after it.

End-of-answer tokens in the labels are necessary and not sufficient: a frozen end-of-answer row that the base has not
learnt cannot be raised by LoRA (facts/training.md: 16% of answers ended, with perfect labels).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.lineage.errors import UserError
from tasks.training.generation import Generated

ROWS_CHECKED = 256
LEAST_LABELLED = 0.99


def labelled_ends(dataset: Sequence[dict[str, Any]], collator: Any, ends: Sequence[int]) -> float:
    """Return the share of rows whose collated labels hold an end-of-answer token, over the first rows of the dataset.

    Raises:
        UserError: fewer than 99% do: the end is masked (pad = eos), outside the generation markers, or cut off.
    """
    rows = [dataset[index] for index in range(min(len(dataset), ROWS_CHECKED))]
    labels = collator([{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows])["labels"]
    found = sum(any(label in ends for label in row) for row in labels.tolist()) / len(rows)
    if found < LEAST_LABELLED:
        raise UserError(
            "sft_model, before training",
            f"{found:.0%} of the rows have an end-of-answer token in their labels",
            "all of them, or the model never learns to stop",
            "raise max_length, set loss_on to completion, or put the end inside the template's generation markers",
        )
    return found


def ended_share(answers: Sequence[Generated], least: float) -> float:
    """Return the share of answers that ended by themselves.

    Raises:
        UserError: it is under `least`: this model would write on without end.
    """
    share = sum(answer.ended_by_eos for answer in answers) / len(answers)
    if share < least:
        raise UserError(
            "sft_model, after training",
            f"{share:.0%} of {len(answers)} sampled answers end by themselves",
            f"at least {least:.0%}",
            "set lora.train_embeddings to true (a base that has not learnt to stop needs it), or train more steps",
        )
    return share
