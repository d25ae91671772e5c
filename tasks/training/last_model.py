"""The last model: the SFT model trained on by GRPO, DPO or KTO, chosen by the gates, merged, with its card.

The step is called `grpo_model` whatever the method, so that what reads it does not change with one word of a profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers.trainer_callback import PrinterCallback

from tasks.lineage.step import Inputs, Report, Row
from tasks.training.adapters import TrainedWeights
from tasks.training.alarms import Watch
from tasks.training.arguments import trainer_arguments
from tasks.training.checkpoints import Workplace, train, workplace
from tasks.training.config import GrpoParams
from tasks.training.doctor import Use, fit_to_train
from tasks.training.evaluation import checkpoint_arguments, chosen, kept_back, stopping
from tasks.training.gate_evaluation import METRIC, GateEvaluation
from tasks.training.grpo import check_groups, grpo_trainer, outcome
from tasks.training.merging import onto_whole_weights, save_merged
from tasks.training.model_files import load_tokenizer, load_writer, precision_of, write_json
from tasks.training.preference_training import check_preference, preference_trainer
from tasks.training.processes import is_main
from tasks.training.progress import Progress, plot, write_metrics
from tasks.training.rewards import GatesOf, Rewards, part_weights
from tasks.training.rows import subject_of, user_turn, wanted
from tasks.training.scoring import load_reward
from tasks.training.surface_proof import demand_more_than_surface
from tasks.training.switches import check_switches, loading

STAGE = "grpo_model"
TABLES = {"grpo": "grpo", "dpo": "preference", "kto": "kto"}
SHOWN = {"grpo": "reward", "dpo": "loss", "kto": "loss"}


def train_last(inputs: Inputs, out: Path, report: Report, gates_of: GatesOf) -> None:
    """Fill `out` with the merged model, its adapter, metrics, curves and card.

    Args:
        gates_of: gives the gates over rows of the grpo table, for the reward and for the choice of the checkpoint.
    Raises:
        UserError: the rows are not fit to train on, sizes do not divide, no gate is left unrewarded, the reward model
            saw no more than surface, an alarm stopped the run, nothing was trained, or the merge differs.
    """
    params: GrpoParams = inputs.params
    check_switches(params, STAGE)
    tasks = wanted(inputs.rows("grpo"), params.content_types, "grpo")
    table = TABLES[params.method]
    rows, back = kept_back(
        wanted(inputs.rows(table), params.content_types, table), params.evaluation, params.seed, STAGE
    )
    check_sizes(params, len(rows))
    if params.method == "grpo":
        demand_more_than_surface(inputs.folder("reward_model"), params)
    report(0, params.optimizer.steps, "loading the SFT model")
    folder = inputs.folder("sft_model")
    tokenizer = load_tokenizer(folder)
    data = fit_to_train(Use(STAGE, table, params), rows, tokenizer)
    model = load_writer(folder, precision_of(params), **loading(params))
    progress = Progress(report, shown=SHOWN[params.method])
    watch = Watch(params.alarms, params.parts)
    with workplace(inputs) as work:
        trainer = last_trainer(inputs, model, tokenizer, rows, back, work, [progress, watch], gates_of)
        trainer.gate_evaluation = gate_evaluation(inputs, tasks, back, tokenizer, gates_of)
        before = TrainedWeights(trainer.model, STAGE)
        train(trainer)
        evaluated = chosen(trainer, back)
    if not is_main():
        return
    change = before.change(trainer.model)
    four_bits = onto_whole_weights(folder) if params.lora and params.lora.qlora else None
    dialogues = [user_turn(row["prompt"]) for row in rows[:4]]
    merge = save_merged(trainer.model, tokenizer, dialogues, out, STAGE, precision_of(params), base=four_bits)
    write_metrics(out / "metrics.parquet", progress.metrics)
    draw(out, progress, params)
    write_json(out / "card.json", {
        "rows": len(rows), "trained_parameters": before.count, "relative_change": change, **merge,
        **figures(progress, params), **evaluated, **data, **({"alarms": watch.found} if watch.found else {}),
    })  # fmt: skip


def check_sizes(params: GrpoParams, rows: int) -> None:
    """Hold the method's own rules against the params before anything is loaded."""
    if params.method == "grpo":
        check_groups(params, rows)
        part_weights(params.parts)
    else:
        check_preference(params)


def last_trainer(
    inputs: Inputs, model: Any, tokenizer: Any, rows: Sequence[Row], back: Sequence[Row], work: Workplace,
    callbacks: Sequence[Any], gates_of: GatesOf,
) -> Any:  # fmt: skip
    """Return the trainer of the profile's method."""
    params: GrpoParams = inputs.params
    arguments = trainer_arguments(params, params.optimizer, work, STAGE)
    arguments |= checkpoint_arguments(params.machine, params.evaluation, METRIC)
    callbacks = [*callbacks, *stopping(params.evaluation)]
    if params.method == "grpo":
        scorer, calibration = load_reward(inputs.folder("reward_model"), params)
        rewards = Rewards(gates_of(inputs, rows), tuple(params.parts), scorer, calibration, [tokenizer.eos_token_id])
        trainer = grpo_trainer(model, tokenizer, rows, back, params, rewards, arguments, callbacks)
    else:
        trainer = preference_trainer(model, tokenizer, rows, back, params, arguments, callbacks)
    trainer.remove_callback(PrinterCallback)
    return trainer


def gate_evaluation(
    inputs: Inputs, tasks: Sequence[Row], back: Sequence[Row], tokenizer: Any, gates_of: GatesOf
) -> GateEvaluation:
    """Return the evaluation by the tasks of the products that are kept back."""
    subjects = {subject_of(row) for row in back}
    mine = [row for row in tasks if subject_of(row) in subjects]
    return GateEvaluation(mine, gates_of(inputs, mine), tokenizer, inputs.params)


def figures(progress: Progress, params: GrpoParams) -> dict[str, Any]:
    """Return the card's figures of the method: means over ten steps at the start and at the end."""
    if params.method == "grpo":
        return outcome(progress, params.parts)
    names = ("loss", "rewards/margins", "rewards/accuracies", "kl")
    return {
        "method": params.method,
        "steps": len(progress.series("loss")),
        **{f"{name}_first": progress.first(name, 10) for name in names if progress.series(name)},
        **{f"{name}_last": progress.last(name, 10) for name in names if progress.series(name)},
    }


def draw(out: Path, progress: Progress, params: GrpoParams) -> None:
    """Draw the reward with its parts and the gates on kept-back prompts, and the distance from the SFT model."""
    gates = {"gates, kept back": progress.series(METRIC)}
    if params.method == "grpo":
        parts = {part: progress.series(f"rewards/{part}/mean") for part in params.parts}
        plot(out / "reward.png", "GRPO: reward and its parts", {"reward": progress.series("reward")} | parts | gates,
             "reward")  # fmt: skip
        plot(out / "kl.png", "GRPO: KL from the SFT model", {"kl": progress.series("kl")}, "nats a token")
        return
    title = params.method.upper()
    margins = {"margin": progress.series("rewards/margins")} | gates
    plot(out / "loss.png", f"{title}: loss", {"loss": progress.series("loss")}, "nats")
    plot(out / "reward.png", f"{title}: margin of the implied reward", margins, "nats")
