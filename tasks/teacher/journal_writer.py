"""The journal's writer: one thread that commits everything that waits in one transaction (group commit).

A row's future is resolved after the commit, never before; what was handed over is written even if whoever handed it
over is cancelled meanwhile, since it is paid.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from tasks.teacher.call import Answer
from tasks.teacher.journal_tables import ANSWER_COLUMNS, ATTEMPTS, CALLS, Entry, FailedAttempt, answer_of, values_of

WRITES_PER_COMMIT = 1000

Written = Entry | FailedAttempt


class Writer:
    """Writes rows from any thread, many to a commit.

    Args:
        prepare: called before each commit; makes the tables where they are missing.
        broken: turns whatever a commit raised into what the waiting callers shall see.
    """

    def __init__(self, engine: Engine, prepare: Callable[[], None], broken: Callable[[Exception], Exception]) -> None:
        self._engine, self._prepare, self._broken = engine, prepare, broken
        self._waiting: queue.SimpleQueue[tuple[Written, Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def write(self, row: Written) -> Future[Answer | None]:
        """Hand over a row. The future gives the answer that its key had before, or None if the row is now stored."""
        future: Future[Answer | None] = Future()
        future.set_running_or_notify_cancel()  # from here on it cannot be cancelled
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="copymill-journal", daemon=True)
                self._thread.start()
            self._waiting.put((row, future))
        return future

    def close(self) -> None:
        """Write what waits and end the thread; a later write starts another."""
        with self._lock:
            if self._thread is not None:
                self._waiting.put(None)
                self._thread.join()
                self._thread = None

    def _run(self) -> None:
        ending = False
        while not ending:
            batch, ending = self._batch()
            if batch:
                self._settle(batch)

    def _batch(self) -> tuple[list[tuple[Written, Future[Any]]], bool]:
        """Wait for one row, then take what else is there; also whether this is the end."""
        batch: list[tuple[Written, Future[Any]]] = []
        waiting = self._waiting.get()
        while waiting is not None:
            batch.append(waiting)
            if len(batch) == WRITES_PER_COMMIT or self._waiting.empty():  # the only reader: what is there stays there
                return batch, False
            waiting = self._waiting.get()
        return batch, True

    def _settle(self, batch: list[tuple[Written, Future[Any]]]) -> None:
        try:
            self._prepare()
            there = self._commit([row for row, _ in batch])
        except Exception as error:  # every caller of this batch must hear of it, whatever it is
            for _, future in batch:
                future.set_exception(self._broken(error))
            return
        for (_, future), answer in zip(batch, there, strict=True):
            future.set_result(answer)

    def _commit(self, rows: list[Written]) -> list[Answer | None]:
        """Commit rows; return for each the answer that was stored instead of it, else None."""
        first = {row.call_key: row for row in reversed(rows) if isinstance(row, Entry)}
        failed = [asdict(row) for row in rows if isinstance(row, FailedAttempt)]
        with self._engine.begin() as connection:
            new = _inserted(connection, list(first.values()))
            if failed:
                connection.execute(ATTEMPTS.insert(), failed)
            won = {id(first[key]) for key in new}
            return [
                _stored(connection, row.call_key) if isinstance(row, Entry) and id(row) not in won else None
                for row in rows
            ]


def _inserted(connection: Connection, entries: list[Entry]) -> set[str]:
    """Insert the entries whose keys are new (the first usable answer of a key stays); return these keys."""
    if not entries:
        return set()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(CALLS).on_conflict_do_nothing().returning(CALLS.c.call_key)
    return set(connection.execute(statement, [values_of(entry) for entry in entries]).scalars())


def _stored(connection: Connection, key: str) -> Answer:
    return answer_of(connection.execute(select(*ANSWER_COLUMNS).where(CALLS.c.call_key == key)).one())
