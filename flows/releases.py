"""What left the house: every export for a channel, kept whole and for good in HOME/artifacts/releases.

Invariants: a release appears whole or not at all, and is never changed; its id covers what left and under which rules,
never the time, so the same export is one release however often it is made. What is learnt later (told, withdrawn) lies
beside it. A release holds its sheets and content types, so it can be judged when the product list has moved on.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.brief.model import ContentType
from tasks.compliance.channels import Channel
from tasks.lineage.canonical import digest, file_digest
from tasks.lineage.errors import UserError
from tasks.lineage.files import sync, write_text
from tasks.lineage.step import Row
from tasks.lineage.store import Store

MARK = pa.struct([(name, pa.string()) for name in ("kind", "text", "place", "basis")])
TEXTS = pa.schema(
    [
        ("item_id", pa.string()),
        ("product_id", pa.string()),
        ("product_name", pa.string()),
        ("content_type", pa.string()),
        ("channel", pa.string()),
        ("text", pa.string()),
        ("text_original", pa.string()),
        ("marks", pa.list_(MARK)),
        ("metadata", pa.string()),
        ("sheet", pa.string()),
    ]
)
ID_CHARS = 12


class Terms(BaseModel):
    """What a release was made under. rules: digest. copy_record: fingerprint of the record that held the texts."""

    model_config = ConfigDict(frozen=True)

    brand: str
    producer: str
    channel: Channel
    purchase_link: bool
    rules: str
    copy_record: str
    content_types: dict[str, ContentType]


class Release(BaseModel):
    """One release. sha256: of texts.parquet. released: ISO time. notes: explain and decide nothing."""

    model_config = ConfigDict(frozen=True)

    id: str
    terms: Terms
    texts: int
    sha256: str
    released: str
    notes: dict[str, Any] = {}


class Withdrawal(BaseModel):
    """Texts of a release that were taken down; no items: all of them."""

    model_config = ConfigDict(frozen=True)

    release: str
    items: tuple[str, ...] = ()
    reason: str
    at: str

    def covers(self, release: str, item: str) -> bool:
        return self.release == release and (not self.items or item in self.items)


@dataclass(frozen=True)
class Releases:
    """The releases of one home. Texts are rows of TEXTS; `sheet` is the product's sheet as JSON."""

    folder: Path

    def all(self) -> list[Release]:
        """Return every release, oldest first.

        Raises:
            UserError: a record cannot be read.
        """
        found = [self._release(path) for path in self.folder.glob("[0-9a-f]*/record.json")]
        return sorted(found, key=lambda release: (release.released, release.id))

    def texts(self, release: Release) -> list[Row]:
        """Return the texts of a release.

        Raises:
            UserError: they are not the bytes that were written.
        """
        path = self.folder / release.id / "texts.parquet"
        if not path.is_file() or file_digest(path) != release.sha256:
            raise UserError(str(path), "not the bytes that were released", "the file as written", "restore a backup")
        return pq.read_table(path).to_pylist()

    def id_of(self, terms: Terms, rows: Sequence[Row]) -> str:
        """Return the id of the release that these texts are, or will be, under these terms.

        Some of them withdrawn since, it is another one: what is published again is released again.
        """
        content = digest([terms.model_dump(mode="json"), rows])
        withdrawn = {withdrawal.release for withdrawal in self.withdrawals()}
        names = (digest([content, again])[:ID_CHARS] for again in count())
        return next(name for name in names if name not in withdrawn)

    def record(self, terms: Terms, rows: Sequence[Row], now: str, notes: Mapping[str, Any]) -> tuple[Release, bool]:
        """Record a release; return it and whether it is new."""
        name = self.id_of(terms, rows)
        record = self.folder / name / "record.json"
        if record.exists():
            return self._release(record), False
        scratch = self.folder / f".{name}.{os.getpid()}"
        shutil.rmtree(scratch, ignore_errors=True)
        release = write_release(scratch, name, terms, rows, now, notes)
        try:
            scratch.rename(record.parent)
        except OSError:  # another process made the same release meanwhile, or the disk is at fault
            shutil.rmtree(scratch, ignore_errors=True)
            return self._release(record), False
        sync(self.folder)
        return release, True

    def _release(self, path: Path) -> Release:
        try:
            return Release.model_validate_json(path.read_text(encoding="utf-8"))
        except (ValidationError, UnicodeDecodeError) as error:
            raise UserError(str(path), "not readable", "the record of a release", "restore a backup") from error

    # -- what was learnt later -----------------------------------------------------------------------------------

    def told(self) -> dict[str, str]:
        """Return finding -> when it was told first."""
        return self._read("told.json", {})

    def tell(self, findings: Iterable[str], now: str) -> None:
        """Note findings as told now, those that were told before with their old time."""
        old = self.told()
        new = dict.fromkeys(findings, now) | old
        if new != old:
            write_text(self.folder / "told.json", json.dumps(new, indent=0, sort_keys=True))

    def withdrawals(self) -> list[Withdrawal]:
        return [Withdrawal.model_validate(entry) for entry in self._read("withdrawn.json", [])]

    def withdraw(self, withdrawal: Withdrawal) -> None:
        entries = [entry.model_dump(mode="json") for entry in (*self.withdrawals(), withdrawal)]
        write_text(self.folder / "withdrawn.json", json.dumps(entries, ensure_ascii=False, indent=1))

    def _read(self, name: str, empty: Any) -> Any:
        path = self.folder / name
        try:
            return json.loads(path.read_text(encoding="utf-8")) if path.exists() else empty
        except ValueError as error:
            raise UserError(str(path), "not JSON", "what this command wrote", "restore a backup") from error


def write_release(
    folder: Path, name: str, terms: Terms, rows: Sequence[Row], now: str, notes: Mapping[str, Any]
) -> Release:
    """Write a release's files, the record last."""
    folder.mkdir(parents=True)
    texts = folder / "texts.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), schema=TEXTS), texts, compression="zstd")
    sync(texts)
    sha = file_digest(texts)
    release = Release(id=name, terms=terms, texts=len(rows), sha256=sha, released=now, notes=dict(notes))
    write_text(folder / "record.json", release.model_dump_json(indent=1))
    return release


def this_moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def releases_of(home: Path) -> Releases:
    return Releases(Store(home).releases)
