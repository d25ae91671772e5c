"""The reward model, trained from the SFT model, and its card: what it ranks right, and what surface alone does.

Pairwise (TRL's RewardTrainer) or a binary classifier of single texts (`binary_reward.py`); both end as one score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from datasets import Dataset
from transformers import set_seed
from transformers.trainer_callback import PrinterCallback
from trl import RewardConfig, RewardTrainer

from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Report, Row
from tasks.preferences.surface_baselines import by_method, length_accuracy, ngram_accuracy, texts_of
from tasks.training.adapters import TrainedWeights, lora_config
from tasks.training.arguments import trainer_arguments
from tasks.training.binary_reward import binary_trainer, classified
from tasks.training.checkpoints import Workplace, train, workplace
from tasks.training.config import RewardParams
from tasks.training.doctor import Use, fit_to_train
from tasks.training.evaluation import checkpoint_arguments, chosen, even_batch, kept_back, stopping
from tasks.training.merging import save_merged
from tasks.training.model_files import load_scorer, load_tokenizer, precision_of, write_json
from tasks.training.processes import is_main
from tasks.training.progress import Progress, plot, write_metrics
from tasks.training.rows import assistant_turn, user_turn, wanted
from tasks.training.scoring import Calibration, Scorer
from tasks.training.switches import check_switches, loading

STAGE = "reward_model"


# The model, and what it was trained on -> what the card says of it on held-out rows.
FiguresOf = Callable[[Inputs, Scorer, Sequence[Row]], dict[str, Any]]


def train_reward(inputs: Inputs, out: Path, report: Report, figures_of: FiguresOf) -> None:
    """Fill `out` with the merged reward model, its adapter, metrics, curve and card.

    Rows of single texts that name their prompt are read as dialogues, as the writer is asked; others alone.

    Args:
        figures_of: judges the model on rows that it was not trained on.
    Raises:
        UserError: the rows are not fit to train on (longer than `max_length`, say), nothing was trained, or the merge
            differs.
    """
    params: RewardParams = inputs.params
    check_reward(params)
    binary = params.kind == "binary"
    table = "reward_rows" if binary else "preference"
    rows = wanted(inputs.rows(table), params.content_types, table)
    rows, back = kept_back(rows, params.evaluation, params.seed, STAGE)
    report(0, params.optimizer.steps, "loading the SFT model")
    tokenizer = load_tokenizer(inputs.folder("sft_model"))
    data = fit_to_train(Use(STAGE, table, params), rows, tokenizer)
    set_seed(params.seed)  # the new head's weights are drawn here
    model = load_scorer(inputs.folder("sft_model"), precision_of(params), **loading(params))
    progress = Progress(report)
    with workplace(inputs) as work:
        make = binary_trainer if binary else reward_trainer
        trainer = make(model, tokenizer, rows, back, params, work, progress)
        prepared: Any = trainer.train_dataset
        refuse_dropped(len(rows), len(prepared), params.max_length)
        weights = TrainedWeights(trainer.model, STAGE)
        train(trainer)
        evaluated = chosen(trainer, back)
    if not is_main():
        return
    change = weights.change(trainer.model)
    dtype = precision_of(params)
    dialogues = [user_turn(prompt) + assistant_turn(text) for prompt, text in asked_texts(rows[:4])]
    merge = save_merged(trainer.model, tokenizer, dialogues, out, STAGE, dtype, load_scorer)
    reads = {"with_prompt": not binary or rows[0].get("prompt") is not None}
    scorer = Scorer(load_scorer(out, dtype).to(params.machine.device), load_tokenizer(out), **reads)
    write_metrics(out / "metrics.parquet", progress.metrics)
    curves = {name: progress.series(name) for name in ("loss", "accuracy", "eval_loss", "eval_accuracy")}
    plot(out / "loss.png", "Reward model: loss and accuracy on its training batches", curves, "")
    write_json(out / "card.json", {
        "rows": len(rows), "steps": len(progress.series("loss")), "trained_parameters": weights.count,
        "relative_change": change, "loss_last": progress.last("loss"), **merge, **evaluated, **data,
        "calibration": calibration(scorer, rows), **({"kind": "binary", **reads} if binary else {}),
        **figures_of(inputs, scorer, rows),
    })  # fmt: skip


def check_reward(params: RewardParams) -> None:
    """Hold the switches against this machine, and refuse what a reward model cannot be.

    Raises:
        UserError: something is missing, or the base of a classifier is asked for in four bits.
    """
    check_switches(params, STAGE)
    if params.lora and params.lora.qlora:
        raise UserError(f"{STAGE}.lora.qlora", "it is true", "false: a new head is not trained in four bits", "drop it")


def reward_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], back: Sequence[Row], params: RewardParams, work: Workplace,
    progress: Progress,
) -> RewardTrainer:  # fmt: skip
    """Return a TRL trainer on pairs in the chat format."""
    shared = trainer_arguments(params, params.optimizer, work, STAGE)
    arguments = RewardConfig(
        **shared,
        **checkpoint_arguments(params.machine, params.evaluation),
        per_device_eval_batch_size=even_batch(len(back), shared["per_device_train_batch_size"]),
        max_length=params.max_length,
        center_rewards_coefficient=params.center or None,
        eos_token=tokenizer.eos_token,
    )
    trainer = RewardTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([as_dialogues(row) for row in rows]),
        eval_dataset=Dataset.from_list([as_dialogues(row) for row in back]) if back else None,
        processing_class=tokenizer,
        peft_config=lora_config(params.lora, "SEQ_CLS", tied=False),
        callbacks=[progress, *stopping(params.evaluation)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def as_dialogues(row: Row) -> dict[str, Any]:
    return {
        "prompt": user_turn(row["prompt"]),
        "chosen": assistant_turn(row["chosen"]),
        "rejected": assistant_turn(row["rejected"]),
    }


def refuse_dropped(given: int, kept: int, max_length: int) -> None:
    """Rows over `max_length` are dropped in silence by TRL; here that is an error."""
    if kept < given:
        raise UserError(
            STAGE, f"{given - kept} of {given} rows are longer than {max_length} tokens",
            "all rows within max_length", "raise reward_model.max_length",
        )  # fmt: skip


def pair_figures(inputs: Inputs, scorer: Scorer, rows: Sequence[Row]) -> dict[str, Any]:
    """Return a brand's figures: val products' pairs by method, and for a classifier their texts one by one."""
    params: RewardParams = inputs.params
    pairs = wanted(inputs.rows("preference"), params.content_types, "preference")
    known = kept_back(pairs, params.evaluation, params.seed, STAGE)[0]
    held_out = held_out_pairs(inputs)
    singly = {"held_out_texts": classified(scorer, held_out)} if params.kind == "binary" else {}
    return {"held_out": held_out_figures(scorer, known, held_out), **singly}


def held_out_pairs(inputs: Inputs) -> list[Row]:
    """Return the pairs of val products: made, of a wanted content type, whether selected or set aside."""
    types = inputs.params.content_types
    return [
        row
        for row in inputs.rows("pairs")
        if row["split"] == "val" and row["status"] == "made" and (not types or row["content_type"] in types)
    ]


def asked_texts(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return (prompt, text) of single texts, or of both sides of pairs; "" for a prompt that a text does not name."""
    sides = ("text",) if "text" in rows[0] else ("chosen", "rejected")
    return [(row.get("prompt") or "", row[side]) for side in sides for row in rows]


def calibration(scorer: Scorer, rows: Sequence[Row]) -> dict[str, float]:
    """Return mean and deviation of the scores of the texts that the model was trained on."""
    prompts, texts = zip(*asked_texts(rows), strict=True)
    found = scorer.scores(prompts, texts)
    return vars(Calibration(fmean(found), max(pstdev(found), 1e-3)))


def held_out_figures(scorer: Scorer, train: Sequence[Row], held_out: Sequence[Row]) -> dict[str, Any]:
    """Return, by method and in all: pairs, and the share ranked right by the model, by length and by n-grams.

    Counted by sample: a mean of batch means, as trainers log it, gives the last batch's pairs more weight.
    """
    if not held_out:
        return {}
    pairs, known = texts_of(held_out), texts_of(train)
    prompts = [row["prompt"] for row in held_out]
    chosen, rejected = (scorer.scores(prompts, list(texts)) for texts in zip(*pairs, strict=True))
    right = {
        "reward_model": [0.5 + 0.5 * ((a > b) - (a < b)) for a, b in zip(chosen, rejected, strict=True)],
        "length_only": length_accuracy(known, pairs),
        "character_ngrams": ngram_accuracy(known, pairs),
    }
    return by_method([row["method"] for row in held_out], right)
