"""From a trained adapter to the model that later steps read: merged, saved, read back and held against the adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tasks.training.adapters import largest_gap, logits_of, merged, trainable, weights_digest
from tasks.training.chat import dialogue_text
from tasks.training.model_files import load_writer, make_reproducible, save_model

ADAPTER = "adapter"
Loader = Callable[[Path], Any]


def save_merged(
    model: Any, tokenizer: Any, dialogues: Sequence[list[dict[str, str]]], out: Path, stage: str,
    dtype: torch.dtype, load: Loader = load_writer,
) -> dict[str, object]:  # fmt: skip
    """Write the adapter into `out/adapter` and the merged model into `out`; return the adapter's digest and the gaps.

    The merge is in fp32 and cast to `dtype` last. What was written is read back, so the check also covers tied
    weights and new heads that saving could lose.

    Raises:
        UserError: on some dialogue the merged or the saved model's logits are not the trained adapter's.
    """
    model = model.to("cpu").float()
    batch = right_padded(tokenizer, [dialogue_text(tokenizer, dialogue) for dialogue in dialogues])
    trained = logits_of(model, batch)
    digest = weights_digest(trainable(model))
    model.save_pretrained(out / ADAPTER)
    make_reproducible(out / ADAPTER)
    plain = merged(model)
    gap = largest_gap(trained, logits_of(plain, batch), stage)
    save_model(plain.to(dtype), tokenizer, out)
    saved_gap = largest_gap(trained, logits_of(load(out), batch), stage, dtype)
    return {"adapter_sha256": digest, "merge_largest_logit_gap": gap, "saved_largest_logit_gap": saved_gap}


def right_padded(tokenizer: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
    batch = tokenizer(list(texts), return_tensors="pt", padding=True, padding_side="right", add_special_tokens=False)
    return {name: batch[name] for name in ("input_ids", "attention_mask")}
