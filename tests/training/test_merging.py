"""A merge that gives another model than was trained does not pass."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model

from tasks.lineage.errors import UserError
from tasks.training.adapters import largest_gap
from tasks.training.merging import save_merged
from tasks.training.model_files import load_tokenizer, load_writer
from tasks.training.rows import user_turn


def adapter_on(folder: Path) -> Any:
    torch.manual_seed(3)
    model = get_peft_model(load_writer(folder), LoraConfig(r=2, target_modules="all-linear"))
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    return model


def test_saved_model_that_lost_a_weight_is_caught(chain: SimpleNamespace, tmp_path: Path) -> None:
    def damaged(folder: Path) -> Any:
        model = load_writer(folder)
        model.get_input_embeddings().weight.data.mul_(1.5)
        return model

    tokenizer = load_tokenizer(chain.folders["base"])
    with pytest.raises(UserError, match="sft_model, merge: the merged model's logits differ"):
        save_merged(
            adapter_on(chain.folders["base"]), tokenizer, [user_turn("写广告")], tmp_path, "sft_model", torch.float32,
            damaged,
        )  # fmt: skip


def test_gap_of_a_last_cast_may_grow_with_the_logits_and_that_of_a_merge_may_not() -> None:
    logits = torch.tensor([[30.0, -4.0]])
    assert largest_gap(logits, logits + 1.0, "sft_model", torch.bfloat16) == 1.0
    with pytest.raises(UserError, match=r"differ by 2 from the adapter's; expected at most 1\.5"):
        largest_gap(logits, logits + 2.0, "sft_model", torch.bfloat16)
    with pytest.raises(UserError, match=r"expected at most 0\.001"):
        largest_gap(logits, logits + 0.01, "sft_model")


def test_cast_to_bf16_comes_last_and_is_measured_apart(chain: SimpleNamespace, tmp_path: Path) -> None:
    tokenizer = load_tokenizer(chain.folders["base"])
    gaps = save_merged(
        adapter_on(chain.folders["base"]), tokenizer, [user_turn("写广告")], tmp_path, "sft_model", torch.bfloat16
    )
    assert gaps["merge_largest_logit_gap"] < 1e-4
    assert gaps["merge_largest_logit_gap"] < gaps["saved_largest_logit_gap"] < 0.5
    assert load_writer(tmp_path, torch.bfloat16).dtype == torch.bfloat16
