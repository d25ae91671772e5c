"""Turn what a step made into a record: files first, the record last."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tasks.lineage.canonical import digest, file_digest
from tasks.lineage.errors import UserError
from tasks.lineage.planner import StepPlan, World
from tasks.lineage.records import LedgerRow, Record
from tasks.lineage.step import FolderStep, ItemStep, Row, Step, TableStep
from tasks.lineage.store import folder_content
from tasks.lineage.tables import ROW_DIGEST

CODE = Path(__file__).resolve().parents[2]
NOTED_PACKAGES = ("openai", "pandas", "prefect", "pyarrow", "torch", "transformers", "trl", "peft")


def commit_table(plan: StepPlan, rows: Sequence[Row], world: World, notes: Mapping[str, Any]) -> Record:
    """Commit the rows of a table step."""
    assert isinstance(plan.step, TableStep)
    content, parts, typed = world.store.write_rows(rows, plan.step.makes)
    return committed(plan, world, notes, content=content, parts=parts, rows=len(typed))


def commit_items(plan: StepPlan, made: Sequence[Row], world: World, notes: Mapping[str, Any]) -> Record:
    """Commit the made rows together with the rows that were kept.

    Raises:
        UserError: an item that was to be made has no row: nothing is committed then.
    """
    step = plan.step
    assert isinstance(step, ItemStep)
    table = step.makes
    missing = {item.id for item in plan.todo} - {row[table.id] for row in made}
    if missing:
        raise UserError(step.name, f"{len(missing)} items came back without a row", "one row an item", "report it")
    recorded = world.store.rows(plan.record, table) if plan.record and plan.kept else []
    kept = [row for row in recorded if row[table.id] in plan.kept]
    content, parts, typed = world.store.write_rows([*kept, *made], table)
    ledger = [ledger_row(row, plan, table.id, table.partition) for row in typed]
    return committed(
        plan,
        world,
        notes,
        content=content,
        parts=parts,
        ledger=world.store.write_ledger(ledger),
        rows=len(typed),
        failed=sum(row["status"] == "failed" for row in typed),
    )


def ledger_row(row: Row, plan: StepPlan, id_column: str, partition: str) -> LedgerRow:
    item = plan.wanted[row[id_column]]
    return LedgerRow(item.id, item.key, dict(item.components), row[ROW_DIGEST], row["status"], str(row[partition]))


def commit_folder(plan: StepPlan, made: Path, world: World, notes: Mapping[str, Any]) -> Record:
    """Commit a finished folder; `made` is moved."""
    assert isinstance(plan.step, FolderStep)
    files = world.store.take_folder(made, plan.step.name, plan.fingerprint)
    return committed(plan, world, notes, content=folder_content(files), files=files)


def committed(plan: StepPlan, world: World, notes: Mapping[str, Any], **made: Any) -> Record:
    record = Record(
        step=plan.step.name,
        fingerprint=plan.fingerprint,
        components=plan.components,
        source_parts={name: dict(world.sources[name].parts) for name in plan.step.reads if name in world.sources},
        notes={**surroundings(plan.step), **notes},
        **made,
    )
    world.store.commit(record)
    return record


def surroundings(step: Step) -> dict[str, Any]:
    """Return what explains an output without deciding anything: code version, packages, the room's source digest."""
    return {"git": git_commit(), "packages": packages(), "source": room_digest(step.room)}


def room_digest(room: str) -> str:
    """Return a digest of the room's Python sources; a change without a version bump is a warning in plan and run."""
    folder = CODE / "tasks" / room
    return digest({path.relative_to(folder).as_posix(): file_digest(path) for path in sorted(folder.rglob("*.py"))})


@cache
def packages() -> dict[str, str]:
    found = {}
    for name in NOTED_PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # noted as absent: a data-only install has no torch
            found[name] = "absent"
    return found


@cache
def git_commit() -> str:
    """Return the commit the code stands at, `+dirty` where it was changed since, `unknown` outside a checkout."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    head = subprocess.run([git, "-C", str(CODE), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode:
        return "unknown"
    changed = subprocess.run(
        [git, "-C", str(CODE), "status", "--porcelain"], capture_output=True, text=True, check=False
    )
    return head.stdout.strip() + ("+dirty" if changed.stdout.strip() else "")
