"""The pairwise reward model, trained from the SFT model, and its card: what it ranks right, and what surface does."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from datasets import Dataset
from transformers import set_seed
from transformers.trainer_callback import PrinterCallback
from trl import RewardConfig, RewardTrainer

from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Report, Row
from tasks.training.adapters import TrainedWeights, lora_config
from tasks.training.arguments import trainer_arguments
from tasks.training.config import RewardParams
from tasks.training.merging import save_merged
from tasks.training.model_files import load_scorer, load_tokenizer, precision_of, write_json
from tasks.training.progress import Progress, plot, write_metrics
from tasks.training.rows import assistant_turn, user_turn, wanted
from tasks.training.scoring import Calibration, Scorer
from tasks.training.surface_baselines import length_accuracy, ngram_accuracy


def train_reward(inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` with the merged reward model, its adapter, metrics, curve and card.

    Raises:
        UserError: nothing was trained, the merge differs, or pairs are longer than `max_length`.
    """
    params: RewardParams = inputs.params
    rows = wanted(inputs.rows("preference"), params.content_types, "preference")
    report(0, params.optimizer.steps, "loading the SFT model")
    tokenizer = load_tokenizer(inputs.folder("sft_model"))
    set_seed(params.seed)  # the new head's weights are drawn here
    model = load_scorer(inputs.folder("sft_model"), precision_of(params))
    progress = Progress(report)
    with tempfile.TemporaryDirectory() as work:
        trainer = reward_trainer(model, tokenizer, rows, params, Path(work), progress)
        prepared: Any = trainer.train_dataset
        refuse_dropped(len(rows), len(prepared), params.max_length)
        weights = TrainedWeights(trainer.model, "reward_model")
        trainer.train()
    change = weights.change(trainer.model)
    dialogues = [user_turn(row["prompt"]) + assistant_turn(row["chosen"]) for row in rows[:4]]
    dtype = precision_of(params)
    merge = save_merged(trainer.model, tokenizer, dialogues, out, "reward_model", dtype, load_scorer)
    scorer = Scorer(load_scorer(out, dtype).to(params.machine.device), load_tokenizer(out))
    write_metrics(out / "metrics.parquet", progress.metrics)
    curves = {name: progress.series(name) for name in ("loss", "accuracy")}
    plot(out / "loss.png", "Reward model: loss and accuracy on its training batches", curves, "")
    write_json(out / "card.json", {
        "rows": len(rows), "steps": len(progress.series("loss")), "trained_parameters": weights.count,
        "relative_change": change, "loss_last": progress.last("loss"), **merge,
        "calibration": calibration(scorer, rows),
        "held_out": held_out_figures(scorer, rows, held_out_pairs(inputs)),
    })  # fmt: skip


def reward_trainer(
    model: Any, tokenizer: Any, rows: Sequence[Row], params: RewardParams, work: Path, progress: Progress
) -> RewardTrainer:
    """Return a TRL trainer on pairs in the chat format."""
    arguments = RewardConfig(
        **trainer_arguments(params, params.optimizer, work, "reward_model"),
        max_length=params.max_length,
        center_rewards_coefficient=params.center or None,
        eos_token=tokenizer.eos_token,
    )
    trainer = RewardTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([as_dialogues(row) for row in rows]),
        processing_class=tokenizer,
        peft_config=lora_config(params.lora, "SEQ_CLS", tied=False),
        callbacks=[progress],
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
    """TRL drops pairs over `max_length` in silence; here that is an error."""
    if kept < given:
        raise UserError(
            "reward_model", f"{given - kept} of {given} pairs are longer than {max_length} tokens",
            "all pairs within max_length", "raise reward_model.max_length",
        )  # fmt: skip


def held_out_pairs(inputs: Inputs) -> list[Row]:
    """Return the pairs of val products: made, of a wanted content type, whether selected or set aside."""
    types = inputs.params.content_types
    return [
        row
        for row in inputs.rows("pairs")
        if row["split"] == "val" and row["status"] == "made" and (not types or row["content_type"] in types)
    ]


def calibration(scorer: Scorer, rows: Sequence[Row]) -> dict[str, float]:
    """Return mean and deviation of the scores of the train pairs' texts, both sides."""
    prompts = [row["prompt"] for row in rows]
    found = scorer.scores(prompts * 2, [row["chosen"] for row in rows] + [row["rejected"] for row in rows])
    return vars(Calibration(fmean(found), max(pstdev(found), 1e-3)))


def held_out_figures(scorer: Scorer, train: Sequence[Row], held_out: Sequence[Row]) -> dict[str, Any]:
    """Return, by method and in all: pairs, and the share ranked right by the model, by length and by n-grams.

    Counted by sample: a mean of batch means, as trainers log it, gives the last batch's pairs more weight.
    """
    if not held_out:
        return {}
    pairs, known = as_pairs(held_out), as_pairs(train)
    prompts = [row["prompt"] for row in held_out]
    chosen, rejected = (scorer.scores(prompts, list(texts)) for texts in zip(*pairs, strict=True))
    right = {
        "reward_model": [0.5 + 0.5 * ((a > b) - (a < b)) for a, b in zip(chosen, rejected, strict=True)],
        "length_only": length_accuracy(known, pairs),
        "character_ngrams": ngram_accuracy(known, pairs),
    }
    return by_method([row["method"] for row in held_out], right)


def as_pairs(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(row["chosen"], row["rejected"]) for row in rows]


def by_method(methods: Sequence[str], right: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Return {method or `all`: {pairs, share right by each ranker}}."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, method in enumerate(methods):
        places[method].append(place)
        places["all"].append(place)
    return {
        method: {"pairs": len(mine)} | {name: round(fmean(found[p] for p in mine), 4) for name, found in right.items()}
        for method, mine in sorted(places.items())
    }
