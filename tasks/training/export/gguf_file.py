"""One GGUF file of a Qwen2 or Qwen3 model, in F16 or Q8_0, written tensor by tensor.

Matrices are stored in the wanted type, vectors (norms, biases) in F32, as llama.cpp's own converter does. A matrix
whose rows are no multiple of 32 cannot be Q8_0 and stays F16.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Kind
from safetensors import safe_open
from transformers import AutoConfig

from tasks.lineage.errors import UserError
from tasks.training.export.chat_template import check_template, exported_template
from tasks.training.export.gguf_vocabulary import write_vocabulary
from tasks.training.export.licences import licence_of
from tasks.training.export.subject import Sampling, Subject
from tasks.training.model_files import load_tokenizer

ARCHITECTURES = {"qwen2": gguf.MODEL_ARCH.QWEN2, "qwen3": gguf.MODEL_ARCH.QWEN3}
KINDS = {"f16": (Kind.F16, gguf.LlamaFileType.MOSTLY_F16), "q8": (Kind.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0)}
FILE_NAMES = {"f16": "model-f16.gguf", "q8": "model-q8_0.gguf"}
BLOCK = 32  # weights that share one scale in Q8_0
LARGEST = float(np.finfo(np.float16).max)
OUTPUT = "lm_head.weight"


def write_gguf(subject: Subject, out: Path, kind: str) -> Path:
    """Write the model's one file and return it.

    Raises:
        UserError: another architecture or tokenizer than llama.cpp knows by these names, or weights beyond F16.
    """
    config = AutoConfig.from_pretrained(subject.folder)
    check_architecture(config)
    tokenizer = load_tokenizer(subject.folder)
    template = exported_template(tokenizer.chat_template)
    check_template(tokenizer, template)
    path = out / FILE_NAMES[kind]
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[ARCHITECTURES[config.model_type]])
    write_origin(writer, subject)
    write_shape(writer, config, subject.sampling, KINDS[kind][1])
    write_vocabulary(writer, tokenizer, config.vocab_size, template)
    write_tensors(writer, subject.folder, config, KINDS[kind][0])
    writer.close()
    return path


def check_architecture(config: Any) -> None:
    """Refuse what these files could not hold."""
    rope = config.rope_parameters or {}
    odd = {
        "architecture": config.model_type not in ARCHITECTURES,
        "scaled positions": rope.get("rope_type", "default") != "default",
        "sliding window": bool(getattr(config, "use_sliding_window", False)),
    }
    if found := [name for name, there in odd.items() if there]:
        raise UserError(
            f"GGUF of {config.model_type}", f"its {' and '.join(found)} cannot be written here",
            f"one of {', '.join(ARCHITECTURES)}, with plain positions and full attention",
            "export safetensors, and convert it with llama.cpp's own script",
        )  # fmt: skip


def write_origin(writer: gguf.GGUFWriter, subject: Subject) -> None:
    """Write what the file is of; the card beside it says the rest."""
    licence = licence_of(subject.base)
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(f"copymill {subject.step} {subject.lineage[0].content[:12]}")
    writer.add_license(licence.id)
    if subject.base.name:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, subject.base.name)


def write_shape(writer: gguf.GGUFWriter, config: Any, sampling: Sampling, file_type: int) -> None:
    """Write the architecture's keys, and the sampling that servers start from."""
    writer.add_file_type(file_type)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    if head_dim := getattr(config, "head_dim", None):
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    writer.add_sampling_temp(sampling.temperature)
    writer.add_sampling_top_p(sampling.top_p)
    writer.add_sampling_top_k(0)


def write_tensors(writer: gguf.GGUFWriter, folder: Path, config: Any, kind: Kind) -> None:
    """Announce all tensors, then write them one at a time, so that only one is in memory."""
    names = gguf.get_tensor_name_map(ARCHITECTURES[config.model_type], config.num_hidden_layers)
    for name, shape in shapes(folder, config):
        stored = stored_kind(shape, kind)
        size = gguf.quants.quant_shape_to_byte_shape(shape, stored) if stored is Kind.Q8_0 else shape
        bytes_each = {Kind.F32: 4, Kind.F16: 2, Kind.Q8_0: 1}[stored]
        writer.add_tensor_info(
            written_name(names, name), shape, np.dtype(np.float32), int(np.prod(size)) * bytes_each, raw_dtype=stored
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, shape in shapes(folder, config):
        writer.write_tensor_data(stored_values(folder, name, stored_kind(shape, kind)))


def written_name(names: gguf.TensorNameMap, name: str) -> str:
    """Return GGUF's name of a tensor.

    Raises:
        UserError: GGUF has none, so that llama.cpp would run without this weight.
    """
    found = names.get_name(name, try_suffixes=(".weight", ".bias"))
    if found is None:
        raise UserError("GGUF", f"weight {name} has no name there", "a plain model", "export safetensors instead")
    return found


def stored_kind(shape: tuple[int, ...], wanted: Kind) -> Kind:
    if len(shape) < 2:
        return Kind.F32
    return Kind.F16 if wanted is Kind.Q8_0 and shape[-1] % BLOCK else wanted


def stored_values(folder: Path, name: str, kind: Kind) -> np.ndarray:
    """Return one tensor in the type that it is stored in.

    Raises:
        UserError: a weight is beyond what F16 can hold.
    """
    with safe_open(file_of(folder, name), framework="pt") as file:
        values = file.get_tensor(name).to(torch.float32).numpy()
    if kind is Kind.F16 and np.abs(values).max(initial=0.0) > LARGEST:
        raise UserError(f"weight {name}", "a value beyond F16", f"at most {LARGEST:g}", "export safetensors instead")
    return gguf.quants.quantize(values, kind)


def shapes(folder: Path, config: Any) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield every tensor's name and shape, in order; a tied output is its token table and has no tensor of its own."""
    for path in files_of(folder):
        with safe_open(path, framework="pt") as file:
            for name in sorted(file.keys()):
                if name != OUTPUT or not config.tie_word_embeddings:
                    yield name, tuple(file.get_slice(name).get_shape())


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("model*.safetensors"))


def file_of(folder: Path, name: str) -> Path:
    """Return the file that holds a tensor."""
    for path in files_of(folder):
        with safe_open(path, framework="pt") as file:
            if name in file.keys():  # noqa: SIM118 - no mapping
                return path
    raise KeyError(name)
