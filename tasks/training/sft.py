"""Supervised fine-tuning on the accepted texts, proof that it learnt to stop, and its merge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from datasets import Dataset
from transformers.trainer_callback import PrinterCallback
from trl import SFTConfig, SFTTrainer

from tasks.datasets.general import is_brand
from tasks.lineage.step import Inputs, Report, Row
from tasks.training.adapters import TrainedWeights, continued, lora_config
from tasks.training.answer_ends import check_reachable, end_probability, ended_share, labelled_ends
from tasks.training.arguments import trainer_arguments
from tasks.training.chat import TEMPLATE_OPTIONS
from tasks.training.checkpoints import Workplace, train, workplace
from tasks.training.config import GenerationParams, SftParams
from tasks.training.doctor import Use, fit_to_train
from tasks.training.evaluation import checkpoint_arguments, chosen, even_batch, kept_back, stopping
from tasks.training.generation import answers_of
from tasks.training.merging import onto_whole_weights, save_merged
from tasks.training.model_files import load_tokenizer, load_writer, precision_of, write_json
from tasks.training.processes import is_main
from tasks.training.progress import Progress, plot, write_metrics
from tasks.training.rows import split_answer, wanted
from tasks.training.switches import check_switches, loading

STAGE = "sft_model"


def fine_tune(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the merged model, its adapter, metrics, curve and card.

    Raises:
        UserError: the rows are not fit to train on, an end-of-answer token is missing from the labels or cannot be
            learnt, nothing was trained, the merge differs, or too few sampled answers end by themselves.
    """
    params: SftParams = inputs.params
    check_switches(params, STAGE)
    rows = wanted(inputs.rows("sft"), params.content_types, "sft")
    rows, back = kept_back(rows, params.evaluation, params.seed, STAGE)
    own = [row for row in rows if is_brand(row)]
    report(0, params.optimizer.steps, "loading the base model")
    base = inputs.folder("base")
    tokenizer = load_tokenizer(base)
    data = fit_to_train(Use(STAGE, "sft", params), rows, tokenizer)
    model = load_writer(base, precision_of(params), **loading(params))
    if params.adapter_from and params.lora:
        model = continued(model, Path(params.adapter_from), params.lora)
    progress = Progress(report)
    with workplace(inputs) as work:
        trainer = sft_trainer(model, tokenizer, rows, back, params, work, progress)
        ends = checked_ends(trainer, tokenizer, params, base)
        weights = TrainedWeights(trainer.model, STAGE)
        train(trainer)
        evaluated = chosen(trainer, back)
    if not is_main():
        return
    change = weights.change(trainer.model)
    four_bits = onto_whole_weights(base) if params.lora and params.lora.qlora else None
    dialogues = [dialogue_of(row) for row in own[:4]]
    merge = save_merged(trainer.model, tokenizer, dialogues, out, STAGE, precision_of(params), base=four_bits)
    ended = ended_share(sampled_answers(out, own, params, report), params.min_ended)
    write_metrics(out / "metrics.parquet", progress.metrics)
    curves = {name: progress.series(name) for name in ("loss", "eval_loss")}
    plot(out / "loss.png", "SFT: loss on the answers", curves, "nats a token")
    write_json(out / "card.json", {
        "rows": len(own), "steps": len(progress.series("loss")), "trained_parameters": weights.count,
        "relative_change": change, **ends, "ended_by_eos_sampled": ended,
        "loss_first": progress.series("loss")[0][1], "loss_last": progress.last("loss"), **merge, **evaluated, **data,
        **({"general_rows": len(rows) - len(own)} if len(own) < len(rows) else {}),
        **({"continued_from": params.adapter_sha256} if params.adapter_from else {}),
    })  # fmt: skip


def checked_ends(trainer: SFTTrainer, tokenizer: Any, params: SftParams, base: Path) -> dict[str, Any]:
    """Return what the card says of the answers' ends before training: in the labels, and whether they can be learnt."""
    prepared: Any = trainer.train_dataset
    ends = [tokenizer.eos_token_id]
    found: dict[str, Any] = {"end_in_labels": labelled_ends(prepared, trainer.data_collator, ends)}
    if params.lora is None or params.lora.train_embeddings or params.adapter_from:
        return found
    kind = json.loads((base / "card.json").read_text(encoding="utf-8"))["kind"]
    known = end_probability(trainer.model, prepared, trainer.data_collator, ends)
    warning = check_reachable(known, len(tokenizer), kind)
    return found | {"end_probability_of_the_base": known} | ({"warnings": [warning]} if warning else {})


def sft_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], back: Sequence[Row], params: SftParams, work: Workplace,
    progress: Progress,
) -> SFTTrainer:  # fmt: skip
    """Return a TRL trainer whose labels hold only the answers."""
    shared = trainer_arguments(params, params.optimizer, work, STAGE)
    arguments = SFTConfig(
        **shared,
        **checkpoint_arguments(params.machine, params.evaluation),
        per_device_eval_batch_size=even_batch(len(back), shared["per_device_train_batch_size"]),
        max_length=params.max_length,
        assistant_only_loss=params.loss_on == "assistant",
        completion_only_loss=params.loss_on == "completion",
        eos_token=tokenizer.eos_token,
        packing=params.packing,
        shuffle_dataset=False,
    )
    tied = model.config.tie_word_embeddings
    trainer = SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([example(row, params) for row in rows]),
        eval_dataset=Dataset.from_list([example(row, params) for row in back]) if back else None,
        processing_class=tokenizer,
        peft_config=None if params.adapter_from else lora_config(params.lora, "CAUSAL_LM", tied),
        callbacks=[progress, *stopping(params.evaluation)],
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
    chosen_rows = Random(params.seed).sample(list(rows), min(len(rows), params.eos_samples))
    prompts = [split_answer(row["messages"])[0][-1]["content"] for row in chosen_rows]
    model = load_writer(out).to(params.machine.device)
    return answers_of(model, load_tokenizer(out), prompts, generation, report)
