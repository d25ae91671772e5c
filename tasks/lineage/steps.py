"""How Prefect runs a declared step: plan it against its record, do the difference in batch tasks, commit.

The store decides what is done; Prefect's cache is off. A fresh step is a task run in the state `Cached` whose message
says why. A batch task keeps its rows in a scratch file and passes a small reference; it raises at its end if items
failed, after their rows were kept.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed

from tasks.lineage.commit import commit_folder, commit_items, commit_table
from tasks.lineage.errors import StopRun
from tasks.lineage.files import replacing
from tasks.lineage.planner import StepPlan, inputs_of, plan_step, recorded_view
from tasks.lineage.records import Record
from tasks.lineage.run import Run
from tasks.lineage.step import FolderStep, Item, ItemStep, Report, Row, Step, TableStep
from tasks.lineage.store import Store
from tasks.lineage.views import StepInputs


class ItemsFailed(Exception):
    """Some items of a batch have no usable answer; their rows hold the reasons, and the next run does only those."""


async def execute(run: Run, step: Step) -> Record:
    """Bring one step up to date and return its record; the run's views then hold its output."""
    plan = plan_step(step, run.world, run.views)
    started = time.monotonic()
    if plan.does_nothing:
        record = await note_fresh(run, plan)
    else:
        record = await MAKERS[type(step)](run, plan)
    run.world.store.make_current(record)
    run.views[step.name] = recorded_view(step, record, run.world.store)
    run.records[step.name], run.actions[step.name] = record, plan.action
    run.observer.step_ended(step, plan.action, ended_note(plan, record, time.monotonic() - started))
    return record


def ended_note(plan: StepPlan, record: Record, seconds: float) -> str:
    if plan.does_nothing:
        return fresh_reason(plan)
    counted = f"{record.rows:,} rows" if record.parts else f"{len(record.files)} files"
    done = f", {len(plan.todo):,} made, {len(plan.kept):,} kept" if isinstance(plan.step, ItemStep) else ""
    failed = f", {record.failed:,} failed" if record.failed else ""
    return f"{counted}{done}{failed} in {seconds:.1f} s"


def fresh_reason(plan: StepPlan) -> str:
    if plan.action == "tolerated":
        changed, total = plan.drift
        return f"stale by {changed:,} of {total:,} rows ({', '.join(plan.causes)}), tolerated; --train retrains"
    return f"record {plan.fingerprint[:12]} was made from just these inputs, and its files are whole"


async def note_fresh(run: Run, plan: StepPlan) -> Record:
    assert plan.record is not None
    record, message = plan.record, fresh_reason(plan)

    def fresh() -> Any:
        return Completed(name="Cached", message=message, data={"fingerprint": record.fingerprint})

    await in_task(fresh, plan.step.name, plan.step)
    return record


async def in_task(function: Any, name: str, step: Step, **parameters: Any) -> Any:
    """Run a closure as one Prefect task run, named for what it does; only small parameters are shown."""
    task: Task[Any, Any] = Task(
        fn=function,
        name=step.name,
        task_run_name=name,
        description=step.title,
        cache_policy=NO_CACHE,
        persist_result=True,
        retries=0,
    )
    result = task(**parameters)
    return await result if asyncio.iscoroutine(result) else result


async def make_table(run: Run, plan: StepPlan) -> Record:
    step = plan.step
    assert isinstance(step, TableStep)
    run.observer.step_started(step, 1, ", ".join(plan.causes))

    async def make() -> dict[str, Any]:
        inputs = inputs_of(step, run.world, run.views)
        rows = await asyncio.to_thread(step.compute, inputs)
        return reference(commit_table(plan, rows, run.world, {"run": run.id}))

    await in_task(make, step.name, step)
    return committed_record(run, plan)


async def make_folder(run: Run, plan: StepPlan) -> Record:
    step = plan.step
    assert isinstance(step, FolderStep)
    run.observer.step_started(step, 1, ", ".join(plan.causes))
    out = run.world.store.scratch(step.name)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)

    def report(done: int, total: int, note: str = "") -> None:
        run.observer.step_progress(step, done, total, note)

    async def make() -> dict[str, Any]:
        return reference(await asyncio.to_thread(fill_folder, run, plan, out, report))

    await in_task(make, step.name, step)
    return committed_record(run, plan)


def fill_folder(run: Run, plan: StepPlan, out: Path, report: Report) -> Record:
    """Compute a folder step into `out` and commit it; its checkpoints then go, those of other inputs included."""
    step, store = plan.step, run.world.store
    assert isinstance(step, FolderStep)
    started = time.monotonic()
    step.compute(with_folders(inputs_of(step, run.world, run.views), plan, store), out, report)
    record = commit_folder(plan, out, run.world, {"run": run.id, "seconds": round(time.monotonic() - started, 1)})
    shutil.rmtree(store.checkpoints(step.name), ignore_errors=True)
    return record


def with_folders(inputs: StepInputs, plan: StepPlan, store: Store) -> StepInputs:
    """Add a long step's folders, keyed by the fingerprint: a changed input never resumes another's training."""
    name, fingerprint = plan.step.name, plan.fingerprint
    return replace(inputs, checkpoints=store.checkpoints(name, fingerprint), events=store.events(name, fingerprint))


async def make_items(run: Run, plan: StepPlan) -> Record:
    """Make the items in batches, one task run a batch, and commit them together with the rows kept."""
    step = plan.step
    assert isinstance(step, ItemStep)
    total = len(plan.todo)
    run.observer.step_started(step, total, ", ".join(plan.causes))
    scratch = run.world.store.scratch(step.name)
    shutil.rmtree(scratch, ignore_errors=True)
    done: dict[str, tuple[int, str]] = {}

    async def one(number: int, name: str, items: list[Item]) -> None:
        def report(count: int, _total: int, note: str = "") -> None:
            done[name] = (count, note)
            run.observer.step_progress(step, sum(n for n, _ in done.values()), total, summed(done.values()))

        await make_batch(run, plan, name, items, scratch / f"{number:05}.parquet", report)

    batches = batched(plan.todo, step.batch_size)
    ended = await asyncio.gather(*(one(n, *batch) for n, batch in enumerate(batches)), return_exceptions=True)
    raise_what_stops(ended)
    rows = [row for path in sorted(scratch.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    record = commit_items(plan, rows, run.world, {"run": run.id})
    shutil.rmtree(scratch, ignore_errors=True)
    return record


def summed(told: Iterable[tuple[int, str]]) -> str:
    """Return the batches' notes as one: `3 accepted` and `2 accepted, 1 failed` are `5 accepted, 1 failed`."""
    counts: Counter[str] = Counter()
    for _, note in told:
        for number, word in re.findall(r"(\d[\d,]*) ([a-z]+)", note):
            counts[word] += int(number.replace(",", ""))
    return ", ".join(f"{number:,} {word}" for word, number in sorted(counts.items()))


async def make_batch(run: Run, plan: StepPlan, name: str, items: list[Item], file: Path, report: Any) -> None:
    step = plan.step
    assert isinstance(step, ItemStep)

    async def make(items_in_batch: int) -> dict[str, Any]:
        inputs = inputs_of(step, run.world, run.views)
        rows = await step.compute(items, inputs, run.services, report)
        keep_rows(rows, step, file)
        failed = [row for row in rows if row["status"] == "failed"]
        if failed:
            raise ItemsFailed(f"{len(failed)} of {items_in_batch} items failed, the first: {failed[0]['error']}")
        return {"rows": len(rows), "file": file.name}

    await in_task(make, f"{step.name} · {name}", step, items_in_batch=len(items))


def raise_what_stops(ended: list[Any]) -> None:
    """Raise what ends a run; failed items do not: their rows are kept, and the flow says so at its end."""
    errors = [error for error in ended if isinstance(error, BaseException) and not isinstance(error, ItemsFailed)]
    for error in sorted(errors, key=lambda error: not isinstance(error, StopRun)):
        raise error


def batched(items: list[Item], size: int) -> list[tuple[str, list[Item]]]:
    """Return named batches; items of one group share a prompt prefix and stay together."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.group].append(item)
    batches = []
    for group, members in sorted(groups.items()):
        chunks = [members[i : i + size] for i in range(0, len(members), size)]
        for number, chunk in enumerate(chunks, 1):
            name = f"{group or 'all'} {number}/{len(chunks)}" if len(chunks) > 1 else group or "all"
            batches.append((name, chunk))
    return batches


def keep_rows(rows: list[Row], step: ItemStep, path: Path) -> None:
    with replacing(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=step.makes.schema), temporary, compression="zstd")


def reference(record: Record) -> dict[str, Any]:
    return {"step": record.step, "fingerprint": record.fingerprint, "content": record.content, "rows": record.rows}


def committed_record(run: Run, plan: StepPlan) -> Record:
    record = run.world.store.record(plan.step.name, plan.fingerprint)
    assert record is not None, "a step that ended without an error has committed its record"
    return record


MAKERS = {TableStep: make_table, ItemStep: make_items, FolderStep: make_folder}
