"""The base model: a small Qwen3 built and pre-trained here, or a model from a hub or a folder that is pointed to.

A base made here never sees the val side, a chat marker or an end-of-answer token; its card discloses what its text was
made of. Who calls says where that text comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, Qwen3Config, Qwen3ForCausalLM, Trainer, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback

from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Report
from tasks.training.arguments import trainer_arguments
from tasks.training.checkpoints import Workplace, train, workplace
from tasks.training.config import Architecture, BaseParams
from tasks.training.config_parts import Evaluation
from tasks.training.evaluation import checkpoint_arguments
from tasks.training.model_files import point_to, save_model, write_json
from tasks.training.processes import is_main
from tasks.training.progress import Progress, plot, write_metrics
from tasks.training.tokenizer import train_tokenizer

# What a base is pre-trained on -> (training strings, what its card says of them).
TextOf = Callable[[Inputs], tuple[list[str], dict[str, object]]]


def build_base(inputs: Inputs, out: Path, report: Report, text_of: TextOf) -> None:
    """Fill `out` with the base model that the params name."""
    if inputs.params.model:
        point_to_base(inputs.params, out, report)
    else:
        pretrain_base(inputs, out, report, text_of)


def point_to_base(params: BaseParams, out: Path, report: Report) -> None:
    """Record a model of a hub or a folder: its name, revision and digests; nothing is copied."""
    report(0, 1, f"finding {params.model}")
    weights = Path(params.folder) if params.folder else hub_folder(params)
    revision = params.revision or ("" if params.folder else weights.resolve().name)
    files = point_to(weights, params.model, revision, out)
    write_json(out / "card.json", {"kind": "pretrained", "model": params.model, "revision": revision, "files": files})
    report(1, 1, f"{params.model} {revision[:12]}")


def hub_folder(params: BaseParams) -> Path:
    """Return the hub's snapshot of the model in the local cache, fetched first unless the profile is offline.

    Raises:
        UserError: it is not there and cannot be fetched.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    patterns = ["*.json", "*.safetensors", "*.jinja", "*.txt", "LICENSE*", "README.md"]
    try:
        return Path(
            snapshot_download(
                params.model,
                revision=params.revision or None,
                allow_patterns=patterns,
                local_files_only=params.machine.offline,
            )
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise UserError(
            f"base model {params.model}", f"not in the hub's cache, and not fetched ({type(error).__name__})",
            "its weights", "set base.folder to a local copy, or machine.offline to false with a network",
        ) from error  # fmt: skip


def pretrain_base(inputs: Inputs, out: Path, report: Report, text_of: TextOf) -> None:
    """Train tokenizer and model on text of the train side; write them with metrics, curve and card."""
    params: BaseParams = inputs.params
    report(0, params.optimizer.steps, "writing the base model's text")
    texts, disclosed = text_of(inputs)
    tokenizer = train_tokenizer(texts, params.architecture.vocabulary, params.architecture.positions)
    rows = blocks(tokenizer, texts, params.block)
    set_seed(params.seed)
    model = Qwen3ForCausalLM(architecture(params.architecture, tokenizer))
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, do_sample=True
    )
    progress = Progress(report)
    with workplace(inputs) as work:
        fit(model, rows, params, progress, work)
    if not is_main():
        return
    save_model(model, tokenizer, out)
    write_metrics(out / "metrics.parquet", progress.metrics)
    plot(out / "loss.png", "Base model: pre-training loss", {"loss": progress.series("loss")}, "nats a token")
    write_json(out / "card.json", {"kind": "pretrained here", **figures(model, tokenizer, rows, params, progress),
                                   "text": disclosed})  # fmt: skip


def architecture(shape: Architecture, tokenizer: Any) -> Qwen3Config:
    """Return the shape as transformers wants it; embeddings and output are tied."""
    return Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=shape.head_dim,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def blocks(tokenizer: Any, texts: Sequence[str], size: int) -> list[dict[str, torch.Tensor]]:
    """Return training rows of `size` tokens. Each begins where a document begins, so that its sheet is in sight."""
    rows, row = [], []
    for ids in tokenizer(list(texts), add_special_tokens=False)["input_ids"]:
        row += ids
        if len(row) >= size:
            tokens = torch.tensor(row[:size])
            rows.append({"input_ids": tokens, "labels": tokens})
            row = []
    return rows


def fit(
    model: Any, rows: Sequence[dict[str, torch.Tensor]], params: BaseParams, progress: Progress, work: Workplace
) -> None:
    """Train the model in place on rows of equal length."""
    arguments = TrainingArguments(
        **trainer_arguments(params, params.optimizer, work, "base"),
        **checkpoint_arguments(params.machine, Evaluation()),
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=list(rows), callbacks=[progress])  # type: ignore[arg-type]
    trainer.remove_callback(PrinterCallback)
    train(trainer)
    model.to("cpu")


def figures(model: Any, tokenizer: Any, rows: Sequence[Any], params: BaseParams, progress: Progress) -> dict[str, Any]:
    steps = len(progress.series("loss"))
    return {
        "parameters": model.num_parameters(),
        "vocabulary": len(tokenizer),
        "rows": len(rows),
        "tokens": len(rows) * params.block,
        "tokens_trained": steps * params.optimizer.batch_size * params.block,
        "steps": steps,
        "loss_first": progress.series("loss")[0][1],
        "loss_last": progress.last("loss", 20),
    }
