"""GGUF files, read back with the package's own reader: every tensor, the shape, the vocabulary, the template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

gguf = pytest.importorskip("gguf")

from tasks.lineage.errors import UserError  # noqa: E402 - after the package is known to be there
from tasks.training.export.chat_template import exported_template  # noqa: E402
from tasks.training.export.formats import export_model  # noqa: E402
from tasks.training.export.gguf_vocabulary import split_name  # noqa: E402
from tasks.training.model_files import load_tokenizer  # noqa: E402
from tests.training.models import random_writer, subject  # noqa: E402


def read(folder: Path, kind: str, out: Path) -> Any:
    export_model(subject(folder), f"gguf-{kind}", out)
    return gguf.GGUFReader(next(out.glob("*.gguf")))


def values(reader: Any) -> dict[str, np.ndarray]:
    return {found.name: gguf.quants.dequantize(found.data, found.tensor_type) for found in reader.tensors}


def kinds(reader: Any) -> dict[str, str]:
    return {found.name: found.tensor_type.name for found in reader.tensors}


def key(reader: Any, name: str) -> Any:
    return reader.get_field(name).contents()


def test_f16_file_holds_every_tensor_of_a_tied_qwen3(tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model")
    reader = read(folder, "f16", tmp_path / "out")
    found, weights = values(reader), load_file(folder / "model.safetensors")
    assert len(found) == len(weights)
    assert np.array_equal(found["token_embd.weight"], weights["model.embed_tokens.weight"].half().float().numpy())
    q_norm = weights["model.layers.1.self_attn.q_norm.weight"].numpy()
    assert np.array_equal(found["blk.1.attn_q_norm.weight"], q_norm)
    down = weights["model.layers.0.mlp.down_proj.weight"].half().float().numpy()
    assert np.array_equal(found["blk.0.ffn_down.weight"], down)
    assert "output.weight" not in found
    assert kinds(reader)["output_norm.weight"] == "F32"
    assert key(reader, "general.file_type") == 1


def test_q8_file_is_within_half_a_step_of_the_weights(tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model")
    reader = read(folder, "q8", tmp_path / "out")
    weight = load_file(folder / "model.safetensors")["model.layers.0.self_attn.k_proj.weight"].numpy()
    step = np.abs(weight).reshape(-1, 32).max(axis=1) / 127
    gap = np.abs(values(reader)["blk.0.attn_k.weight"] - weight).reshape(-1, 32).max(axis=1)
    assert (gap <= step * 0.57).all()  # half a step, and what the scale loses in F16: 127 / 2,048
    assert kinds(reader)["blk.0.attn_k.weight"] == "Q8_0"
    assert key(reader, "general.file_type") == 7


def test_matrix_that_has_no_whole_blocks_stays_f16(tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model", hidden_size=48, intermediate_size=96)
    found = kinds(read(folder, "q8", tmp_path / "out"))
    assert (found["blk.0.attn_q.weight"], found["blk.0.ffn_down.weight"]) == ("F16", "Q8_0")


def test_untied_qwen2_has_its_output_and_biases_in_several_files(tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model", "qwen2", tie_word_embeddings=False)
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    for number, part in enumerate((names[:7], names[7:]), 1):  # as large models are stored
        save_file({name: weights[name] for name in part}, folder / f"model-0000{number}-of-00002.safetensors")
    reader = read(folder, "f16", tmp_path / "out")
    found = values(reader)
    assert np.array_equal(found["output.weight"], weights["lm_head.weight"].half().float().numpy())
    assert np.array_equal(found["blk.0.attn_q.bias"], weights["model.layers.0.self_attn.q_proj.bias"].numpy())
    assert key(reader, "general.architecture") == "qwen2"
    assert len(found) == len(weights)


def test_keys_say_shape_vocabulary_ends_and_template(tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model")
    tokenizer = load_tokenizer(folder)
    reader = read(folder, "f16", tmp_path / "out")
    wanted = {
        "qwen3.context_length": 512, "qwen3.embedding_length": 64, "qwen3.block_count": 2,
        "qwen3.feed_forward_length": 96, "qwen3.attention.head_count": 2, "qwen3.attention.head_count_kv": 1,
        "qwen3.attention.key_length": 32, "qwen3.attention.value_length": 32, "qwen3.rope.freq_base": 10000.0,
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2", "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.eos_token_id": tokenizer.eos_token_id,
        "tokenizer.ggml.padding_token_id": tokenizer.pad_token_id,
        "tokenizer.chat_template": exported_template(tokenizer.chat_template),
    }  # fmt: skip
    assert {name: key(reader, name) for name in wanted} == wanted
    tokens, types = key(reader, "tokenizer.ggml.tokens"), key(reader, "tokenizer.ggml.token_type")
    assert tokens[: len(tokenizer)] == tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    assert tokens[len(tokenizer)] == f"[PAD{len(tokenizer)}]"
    assert types[tokenizer.eos_token_id] == gguf.TokenType.CONTROL
    assert types[-1] == gguf.TokenType.UNUSED
    assert types[300] == gguf.TokenType.NORMAL
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    assert key(reader, "tokenizer.ggml.merges") == [" ".join(merge) for merge in merges]


def test_tokenizer_whose_split_llama_does_not_know_is_refused(tmp_path: Path) -> None:
    described = json.loads(load_tokenizer(random_writer(tmp_path / "model")).backend_tokenizer.to_str())
    assert split_name(described) == "qwen2"
    described["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = r"\s+"
    with pytest.raises(UserError, match=r"split by .*expected byte-level BPE with the split of Qwen2"):
        split_name(described)


def test_architecture_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["rope_parameters"] |= {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 512}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(UserError, match="its scaled positions cannot be written here"):
        export_model(subject(folder), "gguf-f16", tmp_path / "out")


def test_weight_beyond_f16_is_refused(tmp_path: Path) -> None:
    folder = random_writer(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][0, 0] = 1e6
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"up_proj.weight: a value beyond F16"):
        export_model(subject(folder), "gguf-f16", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert torch.isfinite(weights["model.embed_tokens.weight"]).all()
