"""Asking one call over the wire until it has a usable answer: leave, money, request, verdict, journal, repeat.

Invariants: every repeat is a new request; every request is in the journal, as an answer or as a failed attempt, before
anything else happens to its call; a fault that no other call can escape stops the run.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import tenacity

from tasks.lineage.errors import UserError
from tasks.teacher.admission import Admission, Slot
from tasks.teacher.budget import Budget, BudgetReached, likely_tokens, most_tokens
from tasks.teacher.call import Answer, Call, CallFailed, ErrorKind
from tasks.teacher.config import TeacherConfig
from tasks.teacher.journal import Journal
from tasks.teacher.journal_tables import Entry, FailedAttempt
from tasks.teacher.likelihood import sealed
from tasks.teacher.price import Tokens, cost_of
from tasks.teacher.request import ATTEMPT_HEADER, SAMPLE_HEADER, request_body, request_sha
from tasks.teacher.stops import price_unknown, stop_for, too_dear
from tasks.teacher.usable import require_usable
from tasks.teacher.wire import Reply, Wire, WireFault

RATE_ATTEMPTS = 20  # 429s that one call bears: they are no fault of its own, and admission slows down meanwhile
TRUNCATED_ATTEMPTS = 2  # a text cut off twice at max_tokens will be cut off again, and each time is charged in full
REFUSALS_TO_STOP = 20  # 400s in a row with no answer between them: the model's name or a parameter is wrong
RESTS_TO_STOP = 6  # rests of the breaker in a row (1 + 2 + 4 + 8 + 16 s between them): the server stays away
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.5, 20.0
_RETRIED = {ErrorKind.TRANSIENT, ErrorKind.RATE, ErrorKind.BLANK, ErrorKind.MALFORMED, ErrorKind.TRUNCATED}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time and chance, injected by tests. clock: monotonic seconds; now: aware; jitter: [0, 1)."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random


@dataclass(slots=True)
class Tally:
    """What a teacher has done so far. cost: USD, failed requests included, unknown prices left out."""

    answered: int = 0  # over the wire
    from_journal: int = 0
    requests: int = 0
    failed: int = 0
    cost: float = 0.0


@dataclass(slots=True, eq=False)
class Flight:
    """One call on its way, and everybody who waits for it.

    on_wire: a request is out or its outcome is being journaled; such a call is not to be cancelled, it may be paid.
    """

    call: Call
    key: str
    answer: asyncio.Future[Answer]
    task: asyncio.Task[None] | None = None
    on_wire: bool = False
    requests: int = 0
    faults: dict[ErrorKind, int] = field(default_factory=dict)


class Asking:
    """The way from a call to its durable answer; shared by all calls of one teacher.

    Args:
        halt: told once of the error that ends the run for every call.
    """

    def __init__(
        self,
        config: TeacherConfig,
        journal: Journal,
        run_id: str,
        budget: float | None,
        halt: Callable[[UserError], None],
        surroundings: Surroundings,
    ) -> None:
        self._config, self._journal, self._run_id = config, journal, run_id
        self._halt, self._around = halt, surroundings
        self._admission = Admission(
            config.rpm, config.tpm, config.max_in_flight, surroundings.clock, surroundings.sleep
        )
        self._budget = Budget(budget, 0.0 if budget is None else journal.spent(run_id))
        self._wire = Wire(config)
        self._refusals = 0
        self.stopped = False
        self.tally = Tally()

    async def close(self) -> None:
        """Close the connections."""
        self._admission.close()
        await self._wire.close()

    async def usable_answer(self, flight: Flight) -> Answer:
        """Return the answer to a call, durable, after as many requests as it may take.

        Raises:
            CallFailed: no usable answer after all retries, or a fault that no retry mends.
            UserError: the run cannot go on (no key, budget, journal); a fatal fault goes to `halt` as well.
        """
        layer = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(lambda error: self._worth_repeating(flight, error)),
            wait=lambda state: self._backoff(flight, state),
            sleep=self._around.sleep,
            reraise=True,
        )
        try:
            return await layer(self._ask, flight)
        except WireFault as fault:
            made = "1 request" if flight.requests == 1 else f"{flight.requests} requests"
            raise CallFailed(fault.kind, f"{fault.message} ({made} made)") from None

    def _worth_repeating(self, flight: Flight, error: BaseException) -> bool:
        if not isinstance(error, WireFault) or error.kind not in _RETRIED or self.stopped:
            return False
        rate, truncated = (flight.faults.get(kind, 0) for kind in (ErrorKind.RATE, ErrorKind.TRUNCATED))
        own = sum(flight.faults.values()) - rate
        return own < self._config.attempts and rate < RATE_ATTEMPTS and truncated < TRUNCATED_ATTEMPTS

    def _backoff(self, flight: Flight, state: tenacity.RetryCallState) -> float:
        """Seconds before a repeat: doubling, with jitter; none where the server named them (admission keeps those)."""
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, WireFault) and fault.retry_after is not None:
            return 0.0
        longest: float = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** (flight.requests - 1))
        return longest * (0.5 + 0.5 * self._around.jitter())

    async def _ask(self, flight: Flight) -> Answer:
        """Make one request and journal its outcome."""
        call = flight.call
        slot = await self._admission.acquire(likely_tokens(call.messages) + call.max_tokens)
        try:
            dearest = await self._reserved(call)
        except BaseException:
            self._admission.abandon(slot)
            raise
        flight.on_wire = True
        try:
            return await self._journaled(flight, request_body(call, self._config), slot, dearest)
        finally:
            flight.on_wire = False

    async def _journaled(self, flight: Flight, body: dict[str, Any], slot: Slot, dearest: float) -> Answer:
        """Return the durable answer. Its slot is held until then: a kill loses what is in flight, and no more."""
        try:
            reply, cost = await self._sent(flight, body, slot, dearest)
        except WireFault as fault:
            await self._record(flight, fault)
            raise
        try:
            answer = await self._journal.put(self._entry(flight, reply, cost, request_sha(body)))
        except BaseException:
            self._admission.abandon(slot)
            raise
        self._admission.settle(slot, _used(reply.tokens), None)
        return answer

    async def _sent(
        self, flight: Flight, body: dict[str, Any], slot: Slot, dearest: float
    ) -> tuple[Reply, float | None]:
        """Send one request, judge its reply, and settle its money, whatever came of it; a failed one's slot as well."""
        cost: float | None = 0.0
        flight.requests += 1
        self.tally.requests += 1
        headers = {SAMPLE_HEADER: str(flight.call.sample), ATTEMPT_HEADER: str(flight.requests)}
        try:
            reply = await self._wire.send(body, headers)
            cost = self._cost(flight.call, reply.tokens)
            require_usable(reply, flight.call.json_answer)
        except WireFault as fault:
            cost = self._cost(flight.call, fault.tokens) if fault.tokens else 0.0
            self._admission.settle(slot, _used(fault.tokens), fault.kind, fault.retry_after)
            raise
        except BaseException:
            self._admission.abandon(slot)
            raise
        finally:
            self._budget.settle(dearest, cost or 0.0)
            self.tally.cost += cost or 0.0
        self._refusals = 0
        return reply, cost

    async def _record(self, flight: Flight, fault: WireFault) -> None:
        """Count a fault, stop the run where no other call can escape it, and write it down."""
        flight.faults[fault.kind] = flight.faults.get(fault.kind, 0) + 1
        self._refusals += fault.kind is ErrorKind.BAD_REQUEST
        away = fault.kind is ErrorKind.TRANSIENT and self._admission.breaker.rests >= RESTS_TO_STOP
        if fault.fatal or away or self._refusals >= REFUSALS_TO_STOP:
            self._halt(stop_for(fault, self._config))
        tokens, call = fault.tokens or Tokens(0, 0, 0), flight.call
        await self._journal.put_failed(
            FailedAttempt(
                call_key=flight.key,
                purpose=call.purpose,
                model=call.model,
                kind=fault.kind,
                detail=fault.message,
                prompt_tokens=tokens.prompt,
                cache_hit_tokens=tokens.cache_hit,
                completion_tokens=tokens.completion,
                cost=self._cost(call, fault.tokens) if fault.tokens else 0.0,
                run_id=self._run_id,
                at=self._timestamp(),
            )
        )

    def _entry(self, flight: Flight, reply: Reply, cost: float | None, sha: str) -> Entry:
        call, tokens = flight.call, reply.tokens or Tokens(0, 0, 0)
        return Entry(
            call_key=flight.key,
            purpose=call.purpose,
            provider=self._config.provider,
            model=call.model,
            sample=call.sample,
            request_sha=sha,
            messages=call.messages,
            answer=sealed(reply.text, reply.likelihoods) if call.top_logprobs else reply.text,
            finish_reason=reply.finish_reason,
            prompt_tokens=tokens.prompt,
            cache_hit_tokens=tokens.cache_hit,
            completion_tokens=tokens.completion,
            cost=cost,
            latency=reply.latency,
            attempts=flight.requests,
            run_id=self._run_id,
            created_at=self._timestamp(),
        )

    async def _reserved(self, call: Call) -> float:
        """Reserve the dearest outcome of a call and return it in USD (0 without a budget)."""
        limit = self._budget.limit
        dearest = self._cost(call, Tokens(most_tokens(call.messages), 0, call.max_tokens)) if limit is not None else 0.0
        if dearest is None:
            raise price_unknown(limit, call.model)
        try:
            await self._budget.reserve(dearest)
        except BudgetReached:
            raise too_dear(limit, self._budget.spent, dearest) from None
        return dearest

    def _cost(self, call: Call, tokens: Tokens | None) -> float | None:
        return None if tokens is None else cost_of(tokens, call.model, self._around.now(), self._config)

    def _timestamp(self) -> str:
        return self._around.now().astimezone(UTC).isoformat(timespec="milliseconds")


def _used(tokens: Tokens | None) -> int | None:
    return None if tokens is None else tokens.prompt + tokens.completion
