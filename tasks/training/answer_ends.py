"""Does the model stop by itself? Checked twice: in the labels before training, and on sampled answers after it.

End-of-answer tokens in the labels are necessary and not sufficient: a frozen end-of-answer row that the base has not
learnt cannot be raised by LoRA (facts/training.md: 16% of answers ended, with perfect labels).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from tasks.lineage.errors import UserError
from tasks.training.generation import Generated

ROWS_CHECKED = 256
ROWS_PROBED = 8
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


@torch.no_grad()
def end_probability(model: Any, dataset: Sequence[dict[str, Any]], collator: Any, ends: Sequence[int]) -> float:
    """Return how likely the model already finds the end of an answer where the answers of some rows end (0 to 1)."""
    found: list[float] = []
    model.eval()
    for row in [dataset[index] for index in range(min(len(dataset), ROWS_PROBED))]:
        batch = collator([{"input_ids": row["input_ids"], "labels": row["labels"]}])
        places = torch.isin(batch["labels"][0, 1:], torch.tensor(ends))
        inputs = {name: batch[name].to(model.device) for name in ("input_ids", "attention_mask") if name in batch}
        chances = model(**inputs).logits[0, :-1].float().softmax(dim=-1).cpu()
        found += chances[places][:, ends].sum(dim=-1).tolist()
    model.train()
    return sum(found) / len(found)


def check_reachable(probability: float, vocabulary: int, base: str) -> str:
    """Judge whether plain LoRA can teach the base to stop; return a warning, "" where nothing speaks against it.

    Args:
        probability: of the end where answers end, before training.
        base: the card's kind of the base. One that was made here has never seen the token (its text holds none).
    Raises:
        UserError: the base was made here, and finds the end less likely than any token at random.
    """
    if probability >= 1 / vocabulary:
        return ""
    found = f"the base gives the end of an answer a probability of {probability:.1e}, and LoRA cannot reach its row"
    if base == "pretrained here":
        raise UserError(
            "sft_model, before training", found, "a base that has learnt to stop, or a token table that is trained",
            "set lora.train_embeddings to true",
        )  # fmt: skip
    return f"{found}: set lora.train_embeddings to true if the answers do not end"


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
