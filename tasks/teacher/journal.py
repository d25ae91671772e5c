"""The call journal: every usable answer that was ever paid for, and every request that gave none.

Invariants: an answer is on disk before its caller has it (one writer thread commits all that waits in one
transaction, SQLite synchronous=FULL); the first usable answer of a key stays; readers never wait for a writer (WAL);
a journal that does not exist reads as empty and comes into being with the first write.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, Table, bindparam, case, create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, Row, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable
from tenacity import retry, retry_if_exception, stop_after_delay, wait_fixed

from tasks.lineage.errors import StopRun, UserError
from tasks.teacher.call import Answer, ErrorKind
from tasks.teacher.journal_tables import (
    ANSWER_COLUMNS,
    ATTEMPTS,
    CALLS,
    INDEXES,
    METADATA,
    Entry,
    FailedAttempt,
    Usage,
    answer_of,
    entry_of,
)
from tasks.teacher.journal_writer import Writer

__all__ = ["Entry", "FailedAttempt", "Journal", "Usage"]

KEYS_PER_QUERY = 500
_ONE_ANSWER = select(*ANSWER_COLUMNS).where(CALLS.c.call_key == bindparam("key"))


class Journal:
    """The journal behind a SQLAlchemy URL (or the path of a SQLite file); one object a process, used from any thread.

    Raises:
        UserError: the URL is not one of SQLite or Postgres, or its driver is missing.
    """

    def __init__(self, url: str | Path) -> None:
        self._url = _parsed(url)
        self._engine = _engine(self._url)
        self._exists = False
        self._writer = Writer(self._engine, self._create, lambda error: self._broken("cannot be written", error))

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits and release the file. Closing twice is harmless; a later use opens again."""
        self._writer.close()
        self._engine.dispose()

    # --- reading

    def get(self, key: str) -> Answer | None:
        """Return the usable answer of a call key, or None."""
        return next((answer_of(row) for row in self._rows(_ONE_ANSWER, {"key": key})), None)

    def get_many(self, keys: Iterable[str]) -> dict[str, Answer]:
        """Return key -> usable answer for those of the keys that have one."""
        return {row.call_key: answer_of(row) for row in self._by_key(select(*ANSWER_COLUMNS), keys)}

    def calls_of(self, keys: Iterable[str]) -> dict[str, Entry]:
        """Return key -> everything kept about the call (for `trace`), for those of the keys that have an answer."""
        return {row.call_key: entry_of(row) for row in self._by_key(select(CALLS), keys)}

    def usage(self, run_id: str | None = None, purpose: str | None = None) -> list[Usage]:
        """Return calls, tokens and cost by purpose and model, sorted; of one run and one purpose where given."""
        sums: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0.0, 0])
        for table, at in ((CALLS, 0), (ATTEMPTS, 1)):
            for row in self._rows(_sums(table, run_id, purpose)):
                total = sums[row.purpose, row.model]
                total[at] += row.number
                for place, value in enumerate((row.prompt, row.hit, row.completion, row.cost or 0.0, row.unpriced), 2):
                    total[place] += value
        return [
            Usage(purpose, model, calls, failed, prompt, hit, completion, cost=None if unpriced else cost)
            for (purpose, model), (calls, failed, prompt, hit, completion, cost, unpriced) in sorted(sums.items())
        ]

    def faults(self, run_id: str | None = None) -> dict[str, int]:
        """Return error kind -> number of requests that ended so."""
        query = select(ATTEMPTS.c.kind, func.count().label("number")).group_by(ATTEMPTS.c.kind)
        if run_id is not None:
            query = query.where(ATTEMPTS.c.run_id == run_id)
        return {row.kind: row.number for row in self._rows(query.order_by(ATTEMPTS.c.kind))}

    def malformed(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys that had an answer that was not the JSON asked for, whatever came after it."""
        query = select(ATTEMPTS.c.call_key).where(ATTEMPTS.c.kind == ErrorKind.MALFORMED).distinct()
        return {row.call_key for row in self._by_key(query, keys, ATTEMPTS)}

    def spent(self, run_id: str) -> float:
        """Return USD that a run has cost so far, failed requests included, unknown prices left out."""
        return sum(
            row.cost or 0.0 for table in (CALLS, ATTEMPTS) for row in self._rows(_sums(table, run_id, purpose=None))
        )

    def _by_key(self, query: Select[Any], keys: Iterable[str], table: Table = CALLS) -> Iterator[Row[Any]]:
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), KEYS_PER_QUERY):
            yield from self._rows(query.where(table.c.call_key.in_(wanted[start : start + KEYS_PER_QUERY])))

    def _rows(self, query: Select[Any], values: dict[str, Any] | None = None) -> list[Row[Any]]:
        if not self._there():
            return []
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(query, values))
        except SQLAlchemyError as error:
            raise self._broken("cannot be read", error) from None

    def _there(self) -> bool:
        """Whether there is anything to read; looking must not create a file."""
        if self._exists:
            return True
        if self._url.get_backend_name() == "sqlite" and not Path(self._url.database or "").exists():
            return False
        try:
            self._exists = all(inspect(self._engine).has_table(table) for table in METADATA.tables)
        except SQLAlchemyError as error:
            raise self._broken("cannot be read", error) from None
        return self._exists

    # --- writing

    async def put(self, entry: Entry) -> Answer:
        """Make an answer durable, then return it; where the key has one already, return that one instead."""
        stored = await asyncio.wrap_future(self._writer.write(entry))
        return entry.as_answer(from_journal=False) if stored is None else stored

    async def put_failed(self, attempt: FailedAttempt) -> None:
        """Record a request that gave nothing usable; such a row is never read as an answer."""
        await asyncio.wrap_future(self._writer.write(attempt))

    def _create(self) -> None:
        if self._exists:
            return
        if self._url.get_backend_name() == "sqlite":
            Path(self._url.database or "").parent.mkdir(parents=True, exist_ok=True)
        with self._engine.begin() as connection:
            for table in METADATA.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
            for index in INDEXES:
                connection.execute(CreateIndex(index, if_not_exists=True))
        self._exists = True

    def _broken(self, what: str, error: Exception) -> StopRun:
        cause = getattr(error, "orig", None) or error  # SQLAlchemy's own text repeats the statement and its values
        return StopRun(
            f"journal {self._url.render_as_string(hide_password=True)}",
            f"it {what} ({type(cause).__name__}: {' '.join(str(cause).split())[:200]})",
            "a database this process can read and write",
            "free space, mend its place or its rights, then run again: what it holds is kept",
        )


def _parsed(url: str | Path) -> URL:
    text = str(url)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        parsed = make_url(text)
    except ArgumentError:
        raise _bad_url("an address that cannot be read", "journal") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql") or (
        parsed.get_backend_name() == "sqlite" and not parsed.database
    ):
        raise _bad_url(f"{parsed.drivername!r} as the database", "journal")
    return parsed


def _bad_url(found: str, subject: str) -> UserError:
    expected = "sqlite:///path/of/journal.sqlite or postgresql+psycopg://user@host/name"
    return UserError(subject, found, expected, "mend the journal's URL")


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (ImportError, NoSuchModuleError) as error:
        raise UserError(
            "journal", f"no driver for {url.drivername} ({error})", "an installed one", "run `pip install psycopg`"
        ) from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: sqlite3.Connection, _: object) -> None:
    """WAL: readers never wait. FULL: a commit is on the disk, even if the machine loses power (one fsync a batch)."""
    connection.execute("PRAGMA busy_timeout = 60000")
    _to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _locked(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


@retry(
    retry=retry_if_exception(_locked),
    wait=wait_fixed(0.05),
    stop=stop_after_delay(60),
    reraise=True,
)
def _to_wal(connection: sqlite3.Connection) -> None:
    """Two that open a new journal at once change its mode at once; SQLite refuses one of them without waiting."""
    connection.execute("PRAGMA journal_mode = WAL")


def _sums(table: Table, run_id: str | None, purpose: str | None) -> Select[Any]:
    """Sums of a table by purpose and model; `unpriced`: rows whose cost is unknown."""
    columns = table.c
    query = select(
        columns.purpose,
        columns.model,
        func.count().label("number"),
        func.sum(columns.prompt_tokens).label("prompt"),
        func.sum(columns.cache_hit_tokens).label("hit"),
        func.sum(columns.completion_tokens).label("completion"),
        func.sum(columns.cost).label("cost"),
        func.sum(case((columns.cost.is_(None), 1), else_=0)).label("unpriced"),
    ).group_by(columns.purpose, columns.model)
    if run_id is not None:
        query = query.where(columns.run_id == run_id)
    return query if purpose is None else query.where(columns.purpose == purpose)
