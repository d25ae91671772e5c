"""The journal's two tables, and its rows as values. Small columns come first, so that sums never read the long ones."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, Row, String, Table, Text

from tasks.lineage.canonical import canonical_json
from tasks.teacher.call import Answer, ErrorKind

METADATA = MetaData()

CALLS = Table(
    "calls",
    METADATA,
    Column("call_key", String(64), primary_key=True),
    Column("purpose", String(40), nullable=False),
    Column("provider", String(80), nullable=False),
    Column("model", String(120), nullable=False),
    Column("sample", Integer, nullable=False),
    Column("request_sha", String(64), nullable=False),
    Column("finish_reason", String(40), nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("cache_hit_tokens", Integer, nullable=False),
    Column("cache_miss_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cost", Float),  # USD; null where the price is unknown
    Column("latency", Float, nullable=False),  # seconds, of the request that answered
    Column("attempts", Integer, nullable=False),  # requests made, the one that answered included
    Column("run_id", String(80), nullable=False),
    Column("created_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("answer", Text, nullable=False),
    Column("messages", LargeBinary, nullable=False),  # zlib of canonical JSON [[role, content], ...]
)

ATTEMPTS = Table(
    "attempts",  # requests that gave nothing usable; some of them are charged all the same
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("call_key", String(64), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("model", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("detail", String(300), nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("cache_hit_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cost", Float),
    Column("run_id", String(80), nullable=False),
    Column("at", String(32), nullable=False),
)

INDEXES = (Index("calls_run", CALLS.c.run_id), Index("attempts_run", ATTEMPTS.c.run_id))

ANSWER_COLUMNS = [
    CALLS.c[name]
    for name in ("call_key", "answer", "prompt_tokens", "cache_hit_tokens", "completion_tokens", "cost", "latency")
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A usable answer with all that is kept about it: a row of `calls`."""

    call_key: str
    purpose: str
    provider: str
    model: str
    sample: int
    request_sha: str
    messages: tuple[tuple[str, str], ...]
    answer: str
    finish_reason: str
    prompt_tokens: int
    cache_hit_tokens: int
    completion_tokens: int
    cost: float | None
    latency: float
    attempts: int
    run_id: str
    created_at: str

    @property
    def cache_miss_tokens(self) -> int:
        return max(self.prompt_tokens - self.cache_hit_tokens, 0)

    def as_answer(self, from_journal: bool) -> Answer:
        """Return what a caller gets of it."""
        return Answer(
            key=self.call_key,
            text=self.answer,
            prompt_tokens=self.prompt_tokens,
            cache_hit_tokens=self.cache_hit_tokens,
            completion_tokens=self.completion_tokens,
            cost=self.cost,
            latency=self.latency,
            from_journal=from_journal,
        )


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """A request without a usable answer: a row of `attempts`. `cost` is 0 where the provider charges nothing."""

    call_key: str
    purpose: str
    model: str
    kind: ErrorKind
    detail: str
    prompt_tokens: int
    cache_hit_tokens: int
    completion_tokens: int
    cost: float | None
    run_id: str
    at: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over one purpose and model. `calls`: usable answers; `failed`: requests that gave none.

    cost: USD of both, None where the price of any is unknown.
    """

    purpose: str
    model: str
    calls: int
    failed: int
    prompt_tokens: int
    cache_hit_tokens: int
    completion_tokens: int
    cost: float | None

    def average(self) -> tuple[float, float, float]:
        """Return prompt, cache-hit and completion tokens per usable answer, what failed attempts took included."""
        calls = max(self.calls, 1)
        return self.prompt_tokens / calls, self.cache_hit_tokens / calls, self.completion_tokens / calls


def values_of(entry: Entry) -> dict[str, Any]:
    """Return the columns of an entry, messages compressed."""
    messages = canonical_json([list(message) for message in entry.messages])
    values = {name: getattr(entry, name) for name in CALLS.columns.keys() if name != "messages"}  # noqa: SIM118
    return {**values, "messages": zlib.compress(messages.encode())}


def entry_of(row: Row[Any]) -> Entry:
    """Return the entry in a row of `calls`: `values_of` the other way round."""
    values = {name: getattr(row, name) for name in Entry.__dataclass_fields__ if name != "messages"}
    messages = json.loads(zlib.decompress(row.messages))
    return Entry(**values, messages=tuple((role, content) for role, content in messages))


def answer_of(row: Row[Any]) -> Answer:
    """Return the answer in a row of `ANSWER_COLUMNS`."""
    return Answer(
        key=row.call_key,
        text=row.answer,
        prompt_tokens=row.prompt_tokens,
        cache_hit_tokens=row.cache_hit_tokens,
        completion_tokens=row.completion_tokens,
        cost=row.cost,
        latency=row.latency,
        from_journal=True,
    )
