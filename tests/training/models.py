"""Small random models with a tokenizer of the repository's own, made in milliseconds: no skill is needed of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

from tasks.training.export.subject import Base, Made, Sampling, Subject
from tasks.training.model_files import save_model
from tasks.training.tokenizer import train_tokenizer
from tests.training.tables import world

SHAPE: dict[str, Any] = {
    "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
    "intermediate_size": 96, "max_position_embeddings": 512, "bos_token_id": None, "tie_word_embeddings": True,
}  # fmt: skip
KINDS: dict[str, Any] = {"qwen2": (Qwen2Config, Qwen2ForCausalLM), "qwen3": (Qwen3Config, Qwen3ForCausalLM)}


def random_writer(folder: Path, kind: str = "qwen3", rows: int = 0, **shape: Any) -> Path:
    """Write a random model; its token table is longer than the tokenizer, as Qwen's are: by 3, or of `rows`."""
    texts = [turn["content"] for row in world().tables["sft"] for turn in row["messages"]]
    tokenizer = train_tokenizer(texts, 400, SHAPE["max_position_embeddings"])
    torch.manual_seed(7)
    config, model = KINDS[kind]
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    made = model(config(vocab_size=rows or len(tokenizer) + 3, **{**SHAPE, "head_dim": 32, **shape}, **ends))
    for name, weight in made.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight, std=0.1)
    made = made.to(made.config.dtype or torch.float32)
    made.generation_config = GenerationConfig(**ends, do_sample=True)
    folder.mkdir(parents=True)
    save_model(made, tokenizer, folder)
    return folder


def subject(folder: Path, **changes: Any) -> Subject:
    """Return it as something to export: an SFT model of a base that was made here."""
    made = Made("sft_model", "f" * 64, "c" * 64, 0, "abc1234")
    given: dict[str, Any] = {
        "step": "sft_model", "folder": folder, "base": Base("", "", folder), "sampling": Sampling(0.7, 0.8, 90),
        "system": "", "lineage": (made, Made("sft", "1" * 64, "2" * 64, 52, "abc1234")), "gates": {}, "warnings": (),
    }  # fmt: skip
    return Subject(**{**given, **changes})
