"""Other ways to fine-tune: all weights, rsLoRA, DoRA, an earlier adapter; and switches that say what is missing."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from tasks.lineage.errors import UserError
from tasks.lineage.store import folder_digests
from tasks.training.adapters import TrainedWeights, continued, logits_of
from tasks.training.config import Group, GrpoParams, Lora, SftParams
from tasks.training.config_parts import Machine
from tasks.training.merging import onto_whole_weights, right_padded, save_merged
from tasks.training.model_files import load_tokenizer, load_writer
from tasks.training.rows import user_turn
from tasks.training.steps import make_grpo_model, make_reward_model, make_sft_model
from tasks.training.switches import check_switches, reporters
from tests.training.conftest import GRPO, MACHINE, REWARD, SFT, Told
from tests.training.rules import few_rules
from tests.training.tables import World

MAKERS = {"sft_model": make_sft_model, "reward_model": make_reward_model, "grpo_model": make_grpo_model}
LORA = Lora(r=4, alpha=8, train_embeddings=True)


def made(chain: SimpleNamespace, tables: World, out: Path, name: str, params: Any) -> dict[str, Any]:
    out.mkdir()
    MAKERS[name](tables.inputs(params, chain.folders, few_rules()), out, Told())
    return json.loads((out / "card.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "params"), [("sft_model", SFT), ("reward_model", REWARD), ("grpo_model", GRPO)])
def test_all_weights_are_trained_without_lora(
    chain: SimpleNamespace, tables: World, tmp_path: Path, name: str, params: Any
) -> None:
    card = made(chain, tables, tmp_path / "out", name, params.model_copy(update={"lora": None}))
    adapted = json.loads((chain.folders[name] / "card.json").read_text(encoding="utf-8"))
    assert card["trained_parameters"] > adapted["trained_parameters"]
    assert card["saved_largest_logit_gap"] < 1e-3
    assert "weights_sha256" in card
    assert not (tmp_path / "out" / "adapter").exists()


@pytest.mark.parametrize("kind", [{"rslora": True}, {"dora": True}])
def test_other_adapters_train_and_merge_exactly(
    chain: SimpleNamespace, tables: World, tmp_path: Path, kind: dict[str, bool]
) -> None:
    card = made(
        chain, tables, tmp_path / "out", "sft_model", SFT.model_copy(update={"lora": LORA.model_copy(update=kind)})
    )
    settings = json.loads((tmp_path / "out" / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    assert settings["use_rslora"] == kind.get("rslora", False)
    assert settings["use_dora"] == kind.get("dora", False)
    assert card["merge_largest_logit_gap"] < 1e-3


def later(chain: SimpleNamespace, **changed: Any) -> SftParams:
    """Return params that go on from the chain's SFT adapter."""
    folder = str(chain.folders["sft_model"] / "adapter")
    return SftParams(**(SFT.model_dump() | {"adapter_from": folder} | changed))


def test_training_goes_on_from_an_earlier_adapter(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    first = json.loads((chain.folders["sft_model"] / "card.json").read_text(encoding="utf-8"))
    card = made(chain, tables, tmp_path / "out", "sft_model", later(chain))
    assert card["loss_first"] < first["loss_first"]
    assert card["trained_parameters"] == first["trained_parameters"]
    assert card["adapter_sha256"] != first["adapter_sha256"]
    assert card["continued_from"] == later(chain).adapter_sha256


def test_earlier_adapter_is_known_by_its_content_and_not_by_its_place(chain: SimpleNamespace, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(chain.folders["sft_model"] / "adapter", tmp_path / "elsewhere")
    moved = later(chain, adapter_from=str(tmp_path / "elsewhere"))
    assert moved.identity() == later(chain).identity() != SFT.identity()


def test_adapter_that_is_not_there_or_not_wanted_is_refused(chain: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"has no adapter_config\.json and no adapter_model\.safetensors"):
        SftParams(adapter_from=str(tmp_path))
    with pytest.raises(ValidationError, match="an adapter needs lora"):
        later(chain, lora=None)


def test_adapter_of_another_shape_or_base_is_refused(chain: SimpleNamespace, tmp_path: Path) -> None:
    folder = chain.folders["sft_model"] / "adapter"
    with pytest.raises(UserError, match="r is 4; expected 16, as the profile says"):
        continued(load_writer(chain.folders["base"]), folder, Lora(r=16, alpha=8))
    wider = load_writer(chain.folders["base"])
    wider.resize_token_embeddings(900)
    with pytest.raises(UserError, match="it does not fit this base"):
        continued(wider, folder, LORA)


def test_adapter_that_was_loaded_frozen_is_an_error(chain: SimpleNamespace) -> None:
    from peft import PeftModel

    folder = str(chain.folders["sft_model"] / "adapter")
    frozen = PeftModel.from_pretrained(load_writer(chain.folders["base"]), folder)
    with pytest.raises(UserError, match="no weight is trainable"):
        TrainedWeights(frozen, "sft_model")


def test_adapter_of_a_base_in_four_bits_is_merged_into_the_base_s_own_weights(
    chain: SimpleNamespace, tmp_path: Path
) -> None:
    """The merge that QLoRA needs, with a damaged base in the place of one in four bits."""
    base = chain.folders["base"]
    model = continued(load_writer(base), chain.folders["sft_model"] / "adapter", LORA)
    right = logits_of(model, right_padded(load_tokenizer(base), ["写一则广告"]))
    for name, weight in model.named_parameters():
        if "lora" not in name and "modules_to_save" not in name:
            weight.data.add_(0.01 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    card = save_merged(
        model, load_tokenizer(base), [user_turn("写一则广告")], tmp_path, "sft_model", torch.float32,
        base=onto_whole_weights(base),
    )  # fmt: skip
    assert card["merge_largest_logit_gap"] < 1e-3  # type: ignore[operator]
    saved = logits_of(load_writer(tmp_path), right_padded(load_tokenizer(base), ["写一则广告"]))
    assert torch.allclose(saved, right, atol=1e-3)


SWITCHES = [
    (
        SFT.model_copy(update={"lora": Lora(qlora=True)}),
        r"sft_model.lora.qlora: a CUDA GPU .* and the package bitsandbytes",
    ),
    (
        SFT.model_copy(update={"packing": True}),
        r"sft_model.packing: machine.attention is auto; expected flash attention",
    ),
    (
        SFT.model_copy(update={"machine": Machine(attention="flash_attention_2")}),
        r"machine.attention flash_attention_2: a CUDA GPU .* and the package flash-attn are missing",
    ),
    (SFT.model_copy(update={"machine": Machine(liger=True)}), r"machine.liger: a CUDA GPU .* the package liger-kernel"),
    (
        GRPO.model_copy(update={"group": Group(vllm="colocate")}),
        r"group.vllm: a CUDA GPU .* the package vllm are missing",
    ),
    (
        SFT.model_copy(update={"machine": Machine(report_to=("wandb",))}),
        r"machine.report_to: the package of wandb is not installed",
    ),
    (
        SFT.model_copy(update={"machine": Machine(report_to=("pigeons",))}),
        r"report_to: pigeons is unknown; expected some of",
    ),
]


@pytest.mark.parametrize(
    ("params", "message"), SWITCHES, ids=lambda value: value[:24] if isinstance(value, str) else ""
)
def test_switch_names_what_is_missing_before_anything_is_loaded(tables: World, params: Any, message: str) -> None:
    packages = ("bitsandbytes", "flash_attn", "liger_kernel", "vllm", "wandb")
    assert not any(find_spec(name) for name in packages), "this test is of a machine without them"
    name = "grpo_model" if isinstance(params, GrpoParams) else "sft_model"
    with pytest.raises(UserError, match=message):
        MAKERS[name](tables.inputs(params, {}, few_rules()), Path("never-written"), Told())


def test_gpu_that_has_no_bf16_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    params = SFT.model_copy(update={"precision": "bf16", "machine": Machine(device="cuda")})
    with pytest.raises(UserError, match="this GPU has no bf16; expected Ampere or newer; set precision to fp32"):
        check_switches(params, "sft_model")


def test_switch_with_all_it_needs_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for name in ("flash_attn", "bitsandbytes"):
        module = SimpleNamespace(__spec__=SimpleNamespace(), __name__=name)
        monkeypatch.setitem(sys.modules, name, module)  # type: ignore[arg-type]
    machine = Machine(device="cuda", attention="flash_attention_2")
    check_switches(SFT.model_copy(update={"machine": machine, "packing": True, "lora": Lora(qlora=True)}), "sft_model")


def test_tensorboard_is_told_by_default_where_it_is_installed() -> None:
    assert reporters(MACHINE, "sft_model") == ["tensorboard"]
    assert reporters(Machine(report_to=()), "sft_model") == []


def test_curves_go_to_the_home_s_own_place_for_them_and_nowhere_without_one(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    for name, events in {"watched": tmp_path / "events", "unwatched": None}.items():
        inputs = tables.inputs(SFT, chain.folders)
        inputs.events = events
        (tmp_path / name).mkdir()
        make_sft_model(inputs, tmp_path / name, Told())
    assert list((tmp_path / "events").glob("events.out.tfevents.*"))
    assert folder_digests(tmp_path / "watched") == folder_digests(tmp_path / "unwatched")


def test_classifier_is_not_trained_in_four_bits(tables: World) -> None:
    params = REWARD.model_copy(update={"machine": Machine(device="cpu"), "lora": Lora(qlora=True)})
    with pytest.raises(UserError, match=r"reward_model.lora.qlora"):
        make_reward_model(tables.inputs(params), Path("never-written"), Told())
