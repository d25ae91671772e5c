"""Driving a fold of calls: with the teacher, or dry over the journal to count what is missing.

A fold is a frozen value that says which call it needs next and what it becomes by the answer. It knows nothing of
where answers come from; cleaning and the making of negatives are both folds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Generic, Protocol, Self, TypeVar

from tasks.lineage.step import Report, Row
from tasks.teacher.call import Answer, Call, CallFailed

AHEAD = 2  # calls that go before a fan-out: the provider's cache finds a shared prefix by its second use
WORKERS = 256  # rows of one batch on their way at once


class Fold(Protocol):
    @property
    def calls_left(self) -> int: ...

    def next_call(self) -> Call | None: ...

    def answered(self, call: Call, text: str) -> Self: ...


class Asks(Protocol):
    """What a fold needs of the teacher."""

    async def answer(self, call: Call) -> Answer: ...


F = TypeVar("F", bound=Fold)
T = TypeVar("T")


@dataclass(frozen=True)
class Spend:
    """What calls cost, journaled ones included. cost: in the currency of the price list; None where one is unknown."""

    calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0

    def plus(self, answer: Answer) -> Spend:
        known = self.cost is not None and answer.cost is not None
        return Spend(
            self.calls + 1,
            self.tokens + answer.prompt_tokens + answer.completion_tokens,
            (self.cost or 0.0) + (answer.cost or 0.0) if known else None,
        )

    def with_(self, other: Spend) -> Spend:
        known = self.cost is not None and other.cost is not None
        cost = (self.cost or 0.0) + (other.cost or 0.0) if known else None
        return Spend(self.calls + other.calls, self.tokens + other.tokens, cost)


@dataclass(frozen=True)
class Ended(Generic[F]):
    """A fold as far as it came. parts: what it spent, by purpose of the calls. error: why a call that it needed stays
    without a usable answer, else empty."""

    fold: F
    parts: Mapping[str, Spend]
    error: str = ""

    @property
    def spend(self) -> Spend:
        return reduce(Spend.with_, self.parts.values(), Spend())

    def heard(self, call: Call, answer: Answer) -> Ended[F]:
        spent = self.parts.get(call.purpose, Spend()).plus(answer)
        return Ended(self.fold.answered(call, answer.text), {**self.parts, call.purpose: spent})


async def live(fold: F, teacher: Asks) -> Ended[F]:
    """Run a fold to its end. A call that fails ends it with an error; what stops a run (StopRun) is raised."""
    ended: Ended[F] = Ended(fold, {})
    while call := ended.fold.next_call():
        try:
            answer = await teacher.answer(call)
        except CallFailed as error:
            return replace(ended, error=f"{call.purpose} failed: {error}")
        ended = ended.heard(call, answer)
    return ended


def calls_needed(
    folds: Sequence[Fold], provider: str, read: Callable[[list[str]], Mapping[str, Answer]]
) -> tuple[int, int]:
    """Return how many calls the folds need that `read` (key -> journaled answer) does not hold: (at least, at most).

    A fold whose next answer is missing needs that call for certain and at most all that it has left.
    """
    missing = unanswered(folds, provider, read)
    keys = {call.key(provider) for _, call in missing}  # equal questions are bought once
    return len(keys), sum(fold.calls_left for fold, _ in missing)


def unanswered(
    folds: Sequence[F], provider: str, read: Callable[[list[str]], Mapping[str, Answer]]
) -> list[tuple[F, Call]]:
    """Return the folds whose next answer `read` lacks, as far as its answers carry them, each with that call."""
    missing: list[tuple[F, Call]] = []
    while folds:
        asked = [(fold, call, call.key(provider)) for fold in folds if (call := fold.next_call())]
        known = read(sorted({key for _, _, key in asked}))
        missing += [(fold, call) for fold, call, key in asked if key not in known]
        folds = [fold.answered(call, known[key].text) for fold, call, key in asked if key in known]
    return missing


async def side_by_side(things: Sequence[T], make: Callable[[T], Awaitable[Row]], report: Report) -> list[Row]:
    """Return a row of each thing, made concurrently (the teacher bounds how many calls are in flight).

    A couple go ahead, so that the others find the shared prefix cached. The first error cancels what is under way and
    is raised: every answer paid for is in the journal by then. Progress is told by the rows' `status`.
    """
    made: list[Row] = []
    statuses: Counter[str] = Counter()

    async def work(line: Iterator[T]) -> None:
        for thing in line:
            row = await make(thing)
            made.append(row)
            statuses[row["status"]] += 1
            report(len(made), len(things), counted(statuses))
            await asyncio.sleep(0)  # rows from the journal never wait: others' requests must have their turn

    for group in (things[:AHEAD], things[AHEAD:]):
        line = iter(group)
        workers = [asyncio.ensure_future(work(line)) for _ in range(min(WORKERS, len(group)))]
        try:
            await asyncio.gather(*workers)
        except BaseException:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            raise
    return made


def counted(statuses: Mapping[str, int]) -> str:
    """Return `12 accepted, 1 quarantined`."""
    return ", ".join(f"{number:,} {status}" for status, number in sorted(statuses.items()))
