"""The merged model, or its adapter alone, as transformers, PEFT, vLLM and TRL load them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tasks.lineage.errors import UserError
from tasks.training.export.chat_template import write_template
from tasks.training.export.subject import Subject
from tasks.training.merging import ADAPTER
from tasks.training.model_files import load_tokenizer, write_json

MODEL = ("*.safetensors", "*.safetensors.index.json", "config.json", "generation_config.json")
TOKENIZER = ("tokenizer*", "special_tokens_map.json", "vocab.json", "merges.txt")


def write_safetensors(subject: Subject, out: Path) -> None:
    """Write weights, configuration and tokenizer, ready to be served."""
    copy_files(subject.folder, out, (*MODEL, *TOKENIZER))
    write_tokenizer_parts(subject, out)
    settings = json.loads((subject.folder / "generation_config.json").read_text(encoding="utf-8"))
    write_json(out / "generation_config.json", {**settings, **generation_settings(subject)})


def write_adapter(subject: Subject, out: Path) -> None:
    """Write the adapter and the tokenizer; it fits on the model that the step started from, and on no other.

    Raises:
        UserError: the step trained all weights, so there is none.
    """
    folder = subject.folder / ADAPTER
    if not folder.is_dir():
        raise UserError(
            f"{subject.step}, adapter", "all weights were trained", "an adapter", "export safetensors instead"
        )
    copy_files(folder, out, ("adapter_config.json", "adapter_model.safetensors"))
    copy_files(subject.folder, out, TOKENIZER)
    write_tokenizer_parts(subject, out)
    if subject.step == "sft_model" and subject.base.name:
        settings = json.loads((out / "adapter_config.json").read_text(encoding="utf-8"))
        named = {"base_model_name_or_path": subject.base.name, "revision": subject.base.revision or None}
        write_json(out / "adapter_config.json", settings | named)


def write_tokenizer_parts(subject: Subject, out: Path) -> None:
    """Put the exported chat template into its one place."""
    write_template(out, load_tokenizer(subject.folder))
    path = out / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    if settings.pop("chat_template", None) is not None:  # an older place, which would win over the file
        write_json(path, settings)


def generation_settings(subject: Subject) -> dict[str, object]:
    """Return what a server must be told, or it ignores temperatures and runs on."""
    return {**subject.sampling.settings, "max_new_tokens": subject.sampling.max_new_tokens}


def copy_files(folder: Path, out: Path, patterns: tuple[str, ...]) -> None:
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        shutil.copyfile(path, out / path.name)
