"""Models on disk: load them, save them so that the same weights give the same bytes, and say where a base really lies.

Nothing that is written here holds a path of this machine or a clock. A base that was not made here is not copied:
`base.json` records its name, revision and file digests, and the link `weights` beside it leads to the files. A link is
no file, so where the weights lie on this machine is not part of what the step made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from tasks.lineage.canonical import file_digest
from tasks.lineage.errors import UserError
from tasks.training.config_parts import Loaded

POINTER = "base.json"
WEIGHTS = "weights"
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
NOT_REPRODUCIBLE = (
    "_name_or_path", "base_model_name_or_path", "name_or_path", "transformers_version", "peft_version",
    "is_local", "local_files_only",
)  # fmt: skip
SETS = ("modules_to_save", "target_modules")  # PEFT keeps them as sets, whose order changes from process to process
SETTINGS = ("config.json", "generation_config.json", "tokenizer_config.json", "adapter_config.json")
STRAY = ("README.md", "training_args.bin")


def model_folder(folder: Path) -> Path:
    """Return where the model files of a step's folder lie.

    Raises:
        UserError: the folder points to weights that have gone.
    """
    if not (folder / POINTER).is_file():
        return folder
    weights = folder / WEIGHTS
    if not (weights / "config.json").is_file():
        name = json.loads((folder / POINTER).read_text(encoding="utf-8"))["model"]
        raise UserError(f"base model {name}", "its files have gone", f"them where {weights} leads", "run --force base")
    return weights.resolve()


def load_tokenizer(folder: Path) -> Any:
    """Return a model's tokenizer, padding on the left, as generation needs it."""
    tokenizer = AutoTokenizer.from_pretrained(model_folder(folder), padding_side="left")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_writer(folder: Path, dtype: torch.dtype = torch.float32, **options: Any) -> Any:
    """Return the language model of a step's folder; options are `from_pretrained`'s."""
    return AutoModelForCausalLM.from_pretrained(model_folder(folder), dtype=dtype, **options)


def load_scorer(folder: Path, dtype: torch.dtype = torch.float32, **options: Any) -> Any:
    """Return the sequence classifier with one score that a step's folder holds, or a new head on its language model."""
    from trl.trainer.reward_trainer import suppress_seqcls_warning

    with suppress_seqcls_warning():
        return AutoModelForSequenceClassification.from_pretrained(
            model_folder(folder), num_labels=1, dtype=dtype, **options
        )


def precision_of(params: Loaded) -> torch.dtype:
    return DTYPES[params.precision]


def save_model(model: Any, tokenizer: Any, out: Path) -> None:
    """Write weights, configuration and tokenizer into `out`, reproducibly."""
    model.config.use_cache = True  # trainers switch it off, and would leave slow generation behind
    model.save_pretrained(out)
    tokenizer.backend_tokenizer.no_padding()  # the last batch's padding is no property of the tokenizer
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.save_pretrained(out)
    make_reproducible(out)


def make_reproducible(folder: Path) -> None:
    """Take out of a saved model what depends on this machine: paths, library notes, training arguments."""
    for name in STRAY:
        (folder / name).unlink(missing_ok=True)
    for path in (folder / name for name in SETTINGS if (folder / name).is_file()):
        settings = json.loads(path.read_text(encoding="utf-8"))
        for key in NOT_REPRODUCIBLE:
            settings.pop(key, None)
        for key in SETS:
            if isinstance(settings.get(key), list):
                settings[key] = sorted(settings[key])
        write_json(path, settings)
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)  # safetensors writes files that only their owner reads


def write_json(path: Path, value: object) -> None:
    """Write readable JSON with sorted keys."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def point_to(weights: Path, model: str, revision: str, out: Path) -> dict[str, str]:
    """Make `out` stand for a model that lies elsewhere; return its file digests.

    Raises:
        UserError: the folder holds no model.
    """
    needed = ("config.json", "tokenizer_config.json")
    missing = [name for name in needed if not (weights / name).is_file()]
    if missing or not list(weights.glob("*.safetensors")):
        found = f"{', '.join(missing) or 'no *.safetensors'} missing in {weights}"
        raise UserError(f"base model {model}", found, "a model in Hugging Face's form", "point base.folder to one")
    files = {path.name: file_digest(path) for path in sorted(weights.iterdir()) if path.is_file()}
    (out / WEIGHTS).symlink_to(weights.resolve(), target_is_directory=True)
    write_json(out / POINTER, {"model": model, "revision": revision, "files": files})
    return files
