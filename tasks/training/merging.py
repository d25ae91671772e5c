"""From a trained adapter to the model that later steps read: merged, saved, read back and held against the adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import extract_model_from_parallel
from peft import PeftModel

from tasks.training.adapters import largest_gap, logits_of, merged, trainable, weights_digest
from tasks.training.chat import dialogue_text
from tasks.training.model_files import load_writer, make_reproducible, save_model

ADAPTER = "adapter"
Loader = Callable[[Path], Any]


def save_merged(
    model: Any, tokenizer: Any, dialogues: Sequence[list[dict[str, str]]], out: Path, stage: str,
    dtype: torch.dtype, load: Loader = load_writer, base: Loader | None = None,
) -> dict[str, object]:  # fmt: skip
    """Write the adapter into `out/adapter` and the merged model into `out`; return the adapter's digest and the gaps.

    The merge is in fp32 and cast to `dtype` last. What was written is read back, so the check also covers tied
    weights and new heads that saving could lose. A model of which all weights were trained is only saved and checked.

    Args:
        base: given an adapter that was trained on a base in four bits, loads it (from its folder) onto that base's own
            weights, into which it is merged.
    Raises:
        UserError: on some dialogue the merged or the saved model's logits are not the trained adapter's.
    """
    model = without_autocast(model)
    batch = right_padded(tokenizer, [dialogue_text(tokenizer, dialogue) for dialogue in dialogues])
    model = model if base else model.to("cpu").float()
    digest = weights_digest(trainable(model))
    if not isinstance(model, PeftModel):
        return {"weights_sha256": digest, **save_plain(model, logits_of(model, batch), tokenizer, batch, out, stage,
                                                       dtype, load)}  # fmt: skip
    model.save_pretrained(str(out / ADAPTER))
    make_reproducible(out / ADAPTER)
    model = base(out / ADAPTER) if base else model
    trained = logits_of(model, batch)
    plain = merged(model)
    gap = largest_gap(trained, logits_of(plain, batch), stage)
    saved = save_plain(plain, trained, tokenizer, batch, out, stage, dtype, load)
    return {"adapter_sha256": digest, "merge_largest_logit_gap": gap, **saved}


def save_plain(
    plain: Any, trained: torch.Tensor, tokenizer: Any, batch: dict[str, torch.Tensor], out: Path, stage: str,
    dtype: torch.dtype, load: Loader,
) -> dict[str, float]:  # fmt: skip
    """Save a model without adapters and read it back; return the largest gap of its logits to the trained ones."""
    save_model(plain.to(dtype), tokenizer, out)
    return {"saved_largest_logit_gap": largest_gap(trained, logits_of(load(out), batch), stage, dtype)}


def without_autocast(model: Any) -> Any:
    """Return the model as it computes by itself.

    A trainer in bf16 wraps its model's forward in autocast and leaves it so: the adapter's logits would be bf16's, the
    merged model's fp32's, and 0.2 apart on 28 layers, with nothing wrong in the merge.
    """
    return extract_model_from_parallel(model, keep_fp32_wrapper=False)


def onto_whole_weights(folder: Path, load: Loader = load_writer) -> Loader:
    """Return what loads an adapter onto the unquantised model of a folder."""
    return lambda adapter: PeftModel.from_pretrained(load(folder), str(adapter))


def right_padded(tokenizer: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
    batch = tokenizer(list(texts), return_tensors="pt", padding=True, padding_side="right", add_special_tokens=False)
    return {name: batch[name] for name in ("input_ids", "attention_mask")}
