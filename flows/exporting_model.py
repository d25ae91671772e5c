"""`copymill export-model`: a model as the last run left it, in a form that other programs run, with its card."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from flows.job import Job
from flows.status import last_runs
from flows.steps import PIPELINE, step_named
from flows.world import load_profile, params_of
from tasks.judging.gates import GATES, JUDGED, gate_passes, passes_all
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.records import Record
from tasks.lineage.step import FolderStep, Row
from tasks.lineage.store import Store
from tasks.training.config import GenerationParams
from tasks.training.export.formats import export_model
from tasks.training.export.subject import Base, Made, Sampling, Subject

MODELS = {"grpo_model": "grpo", "sft_model": "sft"}  # the last one first; and how judging calls its answers
STEPS = frozenset(step.name for step in PIPELINE)
SIMULATED = "Its training texts were written by rules, by a simulated teacher: it shows a pipeline and writes no copy."
SMALL = "Its base is a small model that this run built and pre-trained on its own texts: it is a demonstration."


def show_export(home: Path, step: str, format_: str, out: Path, force: bool, console: Console) -> None:
    """Export and say what was written.

    Raises:
        UserError: no such model, it is not made or its files have changed; a format or place that cannot be.
    """
    subject = subject_of(Store(home), step)
    files = export_model(subject, format_, out, force)

    def line(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True, markup=False)

    size = sum((out / name).stat().st_size for name in files) / 1e6
    line(f"{subject.step} {subject.lineage[0].content[:12]} as {format_} -> {out} ({len(files)} files, {size:,.1f} MB)")
    line(f"  {out / 'README.md'}: what it is made of, whose licence it bears, how it is run")
    for warning in subject.warnings:
        line(f"  note: {warning}")


def subject_of(store: Store, step: str) -> Subject:
    """Return what is known of a home's model; of its last one for an empty name."""
    record = model_record(store, step)
    above = upstream(store, record)
    base = base_of(store, above["base"])
    return Subject(
        step=record.step,
        folder=store.files_folder(record),
        base=base,
        sampling=sampling_of(store),
        system=system_of(store, above["sft"]),
        lineage=tuple(made_of(found) for found in (record, *above.values())),
        gates=gates_of(store, record),
        warnings=warnings_of(above, base),
    )


def model_record(store: Store, step: str) -> Record:
    """Return the record of a model, whole.

    Raises:
        UserError: no such model, not made, or damaged.
    """
    if step and step not in MODELS:
        raise UserError(f"model {step!r}", "no such model", f"one of {', '.join(MODELS)}", "name one of these")
    wanted = [step] if step else list(MODELS)
    record = next((found for name in wanted if (found := store.current_record(name))), None)
    if record is None:
        todo = f"run `copymill run --only {wanted[-1]}` first"
        raise UserError(f"model {' or '.join(wanted)}", f"not made yet in {store.home}", "a run", todo)
    if not store.intact(record):
        raise UserError(f"model {record.step}", "its files have changed", "those of its record", "run again")
    return record


def upstream(store: Store, record: Record) -> dict[str, Record]:
    """Return the records that a record was made from, nearest first, each step once.

    Raises:
        UserError: one of them has gone, so that nobody could say what the model is made of.
    """
    found: dict[str, Record] = {}
    waiting = [record]
    while waiting:
        for name, content in waiting.pop(0).components.inputs.items():
            if name in found or name not in STEPS:
                continue
            above = store.record_of_content(name, content)
            if above is None:
                raise UserError(f"record of {name} {content[:12]}", "gone", "it", "run again, or restore artifacts/")
            found[name] = above
            waiting.append(above)
    return found


def made_of(record: Record) -> Made:
    rows = 0 if isinstance(step_named(record.step), FolderStep) else record.rows
    return Made(record.step, record.fingerprint, record.content, rows, str(record.notes.get("git", "unknown")))


def base_of(store: Store, record: Record) -> Base:
    """Return where the weights began."""
    folder = store.files_folder(record)
    pointer = folder / "base.json"
    if not pointer.is_file():
        return Base("", "", folder)
    named = json.loads(pointer.read_text(encoding="utf-8"))
    return Base(named["model"], named["revision"], folder / "weights")


def sampling_of(store: Store) -> Sampling:
    """Return how answers were sampled: as the home's answers record says, else as its last run's profile would.

    Raises:
        UserError: nothing was ever run here by `copymill run`.
    """
    record = store.current_record("answers")
    if record:
        params = GenerationParams.model_validate(record.components.params["generation"])
    else:
        runs = last_runs(store, 1)
        if not runs:
            raise UserError(f"home {store.home}", "no run is noted", "the profile of one", "run `copymill run` first")
        job = Job.model_validate(runs[0]["job"])
        params = params_of(step_named("answers"), load_profile(job.profile), job).generation  # type: ignore[attr-defined]
    return Sampling(params.temperature, params.top_p, params.max_new_tokens)


def system_of(store: Store, record: Record) -> str:
    """Return the system prompt that the training rows begin with.

    Raises:
        UserError: they begin with different ones, so that none is the model's.
    """
    rows: list[Row] = store.rows(record, step_named("sft").makes)  # type: ignore[attr-defined]
    firsts = {row["messages"][0]["content"] if row["messages"][0]["role"] == "system" else "" for row in rows}
    if len(firsts) > 1:
        raise UserError("table sft", f"{len(firsts)} different system prompts", "one or none", "train with one")
    return firsts.pop() if firsts else ""


def gates_of(store: Store, record: Record) -> dict[str, str]:
    """Return the gates' figures on val answers, where the answers are of just this model."""
    answers, verdicts = store.current_record("answers"), store.current_record("verdicts")
    if not answers or not verdicts or answers.components.inputs.get(record.step) != record.content:
        return {}
    if verdicts.components.inputs.get("answers") != answers.content:
        return {}
    table = step_named("verdicts").makes  # type: ignore[attr-defined]
    rows = [row for row in store.rows(verdicts, table) if row["system"] == MODELS[record.step]]
    return gate_figures(rows) if rows else {}


def gate_figures(rows: list[Row]) -> dict[str, str]:
    """Return shares of answers, by gate and in all."""
    figures = {
        "answers": f"{len(rows)}",
        "pass every judged gate": share([passes_all(row, JUDGED) for row in rows]),
        "pass every gate": share([passes_all(row, GATES) for row in rows]),
    }
    for gate in GATES:
        passed = [found for row in rows if (found := gate_passes(row, gate)) is not None]
        if passed:
            figures[gate.title] = share(passed)
    return figures


def share(passed: list[bool]) -> str:
    return f"{sum(passed) / len(passed):.0%} ({sum(passed)} of {len(passed)})"


def warnings_of(above: dict[str, Record], base: Base) -> tuple[str, ...]:
    """Return what nobody may overlook: who wrote the training texts, and how small the base is."""
    drafts = above.get("drafts")
    simulated = drafts and drafts.source_parts.get("teacher", {}).get("provider") == digest("simulator")
    return tuple(text for text, told in ((SIMULATED, simulated), (SMALL, not base.name)) if told)
