"""The store of one home: parts, folders and records on disk, and which record of each step is current.

`current.json` only names the records that the last run stood on, for people (`status`, `export`) and as the base of
the next difference. Whether an output is fresh is decided by the planner from records and digests alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pydantic import ValidationError

from tasks.lineage.canonical import digest, file_digest
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text
from tasks.lineage.records import LedgerRow, Record
from tasks.lineage.step import Row, Table
from tasks.lineage.tables import Part, part_intact, read_parts, table_digest, with_digests, write_parts

LEDGER = Table(
    id="item_id",
    content=pa.schema(
        [
            ("item_id", pa.string()),
            ("partition", pa.string()),
            ("key", pa.string()),
            ("components", pa.map_(pa.string(), pa.string())),
            ("made", pa.string()),
            ("status", pa.string()),
        ]
    ),
    partition="partition",
)


@dataclass(frozen=True)
class Store:
    """All paths below `HOME/artifacts`; nothing else in the code joins these."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "artifacts"

    @property
    def pool(self) -> Path:
        return self.root / "parts"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def quality(self) -> Path:
        """What people marked of a sample of accepted texts; made by no run."""
        return self.root / "quality.json"

    @property
    def labels(self) -> Path:
        """What people said of pairs of answers; made by no run."""
        return self.root / "labels.json"

    def step_folder(self, step: str, fingerprint: str) -> Path:
        return self.root / "steps" / step / fingerprint

    def files_folder(self, record: Record) -> Path:
        return self.step_folder(record.step, record.fingerprint) / "files"

    def scratch(self, step: str) -> Path:
        return self.root / "scratch" / step

    def checkpoints(self, step: str, fingerprint: str = "") -> Path:
        """Return where a step's unfinished training lies; all of the step's without a fingerprint."""
        return self.root / "checkpoints" / step / fingerprint

    def events(self, step: str, fingerprint: str) -> Path:
        """Return where a step's curves go for TensorBoard: they hold clocks, so they are no part of what it makes."""
        return self.root / "tensorboard" / step / fingerprint[:12]

    # -- records -------------------------------------------------------------------------------------------------

    def record(self, step: str, fingerprint: str) -> Record | None:
        """Return the record if it is there and readable; whether its files are is for `intact`."""
        path = self.step_folder(step, fingerprint) / "record.json"
        try:
            return Record.model_validate_json(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValidationError):
            return None

    def records(self, step: str) -> list[Record]:
        folder = self.root / "steps" / step
        found = [self.record(step, path.parent.name) for path in sorted(folder.glob("*/record.json"))]
        return [record for record in found if record]

    def record_of_content(self, step: str, content: str) -> Record | None:
        """Return some record whose output has this digest: where a model's training rows can be read again."""
        return next((record for record in self.records(step) if record.content == content), None)

    def intact(self, record: Record) -> bool:
        """Return whether every file of the record is there with the bytes that were written."""
        folder = self.files_folder(record)
        return all(part_intact(part, self.pool) for part in [*record.parts, *record.ledger]) and all(
            (folder / name).is_file() and file_digest(folder / name) == sha for name, sha in record.files.items()
        )

    def rows(self, record: Record, table: Table) -> list[Row]:
        return read_parts(record.parts, self.pool, table.id)

    def ledger(self, record: Record) -> dict[str, LedgerRow]:
        rows = read_parts(record.ledger, self.pool, "item_id")
        return {
            row["item_id"]: LedgerRow(
                row["item_id"], row["key"], dict(row["components"]), row["made"], row["status"], row["partition"]
            )
            for row in rows
        }

    # -- commits -------------------------------------------------------------------------------------------------

    def write_rows(self, rows: Sequence[Row], table: Table) -> tuple[str, list[Part], list[Row]]:
        """Write a table's missing parts; return its content digest, its parts and its typed rows with digests."""
        typed = with_digests(rows, table)
        return table_digest(typed, table), write_parts(typed, table, self.pool), typed

    def write_ledger(self, rows: Sequence[LedgerRow]) -> list[Part]:
        plain = [
            {
                "item_id": row.item_id,
                "partition": row.partition,
                "key": row.key,
                "components": sorted(row.components.items()),
                "made": row.row_digest,
                "status": row.status,
            }
            for row in rows
        ]
        return write_parts(with_digests(plain, LEDGER), LEDGER, self.pool)

    def take_folder(self, made: Path, step: str, fingerprint: str) -> dict[str, str]:
        """Move a finished folder to its place; return its files' digests by relative path."""
        target = self.step_folder(step, fingerprint) / "files"
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        made.rename(target)
        return folder_digests(target)

    def commit(self, record: Record) -> None:
        """Write the record (last of all its files) and make it current."""
        folder = self.step_folder(record.step, record.fingerprint)
        write_text(folder / "record.json", record.model_dump_json(indent=1))
        self.make_current(record)

    # -- what is current -----------------------------------------------------------------------------------------

    def current(self) -> dict[str, str]:
        """Return step -> fingerprint of the records that the last run stood on."""
        path = self.root / "current.json"
        if not path.exists():
            return {}
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise UserError(
                str(path), "not JSON", "step names and fingerprints", "delete it; nothing is lost"
            ) from error

    def current_record(self, step: str) -> Record | None:
        fingerprint = self.current().get(step)
        return self.record(step, fingerprint) if fingerprint else None

    def make_current(self, record: Record) -> None:
        now = self.current()
        if now.get(record.step) != record.fingerprint:
            write_text(
                self.root / "current.json",
                json.dumps({**now, record.step: record.fingerprint}, indent=1, sort_keys=True),
            )


def folder_digests(folder: Path) -> dict[str, str]:
    """Return relative path -> sha256 of every file below a folder, in path order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}


def folder_content(files: dict[str, str]) -> str:
    """Return the content digest of a folder."""
    return digest(files)
