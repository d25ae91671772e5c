"""Supervised fine-tuning: an adapter on the accepted texts, proof that it learnt to stop, and its merge."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from datasets import Dataset
from transformers.trainer_callback import PrinterCallback
from trl import SFTConfig, SFTTrainer

from tasks.lineage.step import Inputs, Report, Row
from tasks.training.adapters import TrainedWeights, lora_config
from tasks.training.answer_ends import ended_share, labelled_ends
from tasks.training.arguments import trainer_arguments
from tasks.training.chat import TEMPLATE_OPTIONS
from tasks.training.config import GenerationParams, SftParams
from tasks.training.generation import answers_of
from tasks.training.merging import save_merged
from tasks.training.model_files import load_tokenizer, load_writer, precision_of, write_json
from tasks.training.progress import Progress, plot, write_metrics
from tasks.training.rows import split_answer, wanted


def fine_tune(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the merged model, its adapter, metrics, curve and card.

    Raises:
        UserError: an end-of-answer token is missing from the labels, nothing was trained, the merge differs, or too
            few sampled answers end by themselves.
    """
    params: SftParams = inputs.params
    rows = wanted(inputs.rows("sft"), params.content_types, "sft")
    report(0, params.optimizer.steps, "loading the base model")
    tokenizer = load_tokenizer(inputs.folder("base"))
    model = load_writer(inputs.folder("base"), precision_of(params))
    progress = Progress(report)
    with tempfile.TemporaryDirectory() as work:
        trainer = sft_trainer(model, tokenizer, rows, params, Path(work), progress)
        prepared: Any = trainer.train_dataset
        labelled = labelled_ends(prepared, trainer.data_collator, [tokenizer.eos_token_id])
        weights = TrainedWeights(trainer.model, "sft_model")
        trainer.train()
    change = weights.change(trainer.model)
    dialogues = [dialogue_of(row) for row in rows[:4]]
    merge = save_merged(trainer.model, tokenizer, dialogues, out, "sft_model", precision_of(params))
    ended = ended_share(sampled_answers(out, rows, params, report), params.min_ended)
    write_metrics(out / "metrics.parquet", progress.metrics)
    plot(out / "loss.png", "SFT: loss on the answers", {"loss": progress.series("loss")}, "nats a token")
    write_json(out / "card.json", {
        "rows": len(rows), "steps": len(progress.series("loss")), "trained_parameters": weights.count,
        "relative_change": change, "end_in_labels": labelled, "ended_by_eos_sampled": ended,
        "loss_first": progress.series("loss")[0][1], "loss_last": progress.last("loss"), **merge,
    })  # fmt: skip


def sft_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], params: SftParams, work: Path, progress: Progress
) -> SFTTrainer:
    """Return a TRL trainer whose labels hold only the answers."""
    arguments = SFTConfig(
        **trainer_arguments(params, params.optimizer, work, "sft_model"),
        max_length=params.max_length,
        assistant_only_loss=params.loss_on == "assistant",
        completion_only_loss=params.loss_on == "completion",
        eos_token=tokenizer.eos_token,
        packing=False,
        shuffle_dataset=False,
    )
    trainer = SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([example(row, params) for row in rows]),
        processing_class=tokenizer,
        peft_config=lora_config(params.lora, "CAUSAL_LM", model.config.tie_word_embeddings),
        callbacks=[progress],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def example(row: Row, params: SftParams) -> dict[str, Any]:
    """Return a row as TRL takes it for the chosen loss."""
    prompt, answer = split_answer(row["messages"])
    options = {"chat_template_kwargs": TEMPLATE_OPTIONS}
    if params.loss_on == "assistant":
        return {"messages": prompt + answer, **options}
    return {"prompt": prompt, "completion": answer, **options}


def dialogue_of(row: Row) -> list[dict[str, str]]:
    prompt, answer = split_answer(row["messages"])
    return prompt + answer


def sampled_answers(out: Path, rows: Sequence[Row], params: SftParams, report: Report) -> list[Any]:
    """Return answers of the saved model to some training prompts, sampled as it will be used."""
    generation = GenerationParams(
        max_new_tokens=params.max_new_tokens, temperature=0.8, top_p=0.95, seed=params.seed, machine=params.machine
    )
    chosen = Random(params.seed).sample(list(rows), min(len(rows), params.eos_samples))
    prompts = [split_answer(row["messages"])[0][-1]["content"] for row in chosen]
    model = load_writer(out).to(params.machine.device)
    return answers_of(model, load_tokenizer(out), prompts, generation, report)
