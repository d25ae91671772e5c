"""When a request may go out: tokens and requests a minute, requests in flight, Retry-After, a circuit breaker.

Invariants: in any 60 s at most `rpm` requests and `tpm` tokens are admitted (a single request larger than a tenth of
`tpm` may overdraw, and is waited for afterwards); requests are admitted in the order in which they came; no clock and
no sleep but the injected ones.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tasks.teacher.call import ErrorKind

CUT, SUCCESSES_PER_STEP = 0.75, 25  # AIMD: x0.75 on a 429, +1 per 25 successes (DESIGN section 5)
FAILURES_TO_OPEN = 10
FIRST_REST_S, LONGEST_REST_S = 1.0, 30.0
LONGEST_RETRY_AFTER_S = 3600.0
_EPSILON = 1e-9


class Bucket:
    """A token bucket: at most `per_minute` in any 60 s, of which `burst_s` seconds' worth may come at once."""

    def __init__(self, per_minute: float, burst_s: float, now: float) -> None:
        self.capacity = max(1.0, per_minute * burst_s / 60)
        # In less than 60 s, less than capacity + 60 * rate is given: with whole units, never more than `per_minute`.
        self._rate = (per_minute - self.capacity + 1) / 60
        self._level, self._at = self.capacity, now

    def delay(self, amount: float, now: float) -> float:
        """Return seconds until `amount` may be taken (an amount above the capacity: until the bucket is full)."""
        self._refill(now)
        missing = min(amount, self.capacity) - self._level
        return 0.0 if missing <= _EPSILON else missing / self._rate

    def take(self, amount: float, now: float) -> None:
        """Take `amount`; the level may fall below zero, and later requests wait for it."""
        self._refill(now)
        self._level -= amount

    def give_back(self, amount: float) -> None:
        """Return what was taken too much (negative: take what was taken too little)."""
        self._level = min(self.capacity, self._level + amount)

    def _refill(self, now: float) -> None:
        self._level = min(self.capacity, self._level + max(0.0, now - self._at) * self._rate)
        self._at = max(self._at, now)


class FlightLimit:
    """How many requests may be in flight: cut at a 429, grown by successes, never above the configured number."""

    def __init__(self, most: int) -> None:
        self.most, self._limit = most, float(most)
        self._successes = 0
        self._cut_at = -math.inf

    @property
    def limit(self) -> int:
        return max(1, int(self._limit))

    def succeeded(self) -> None:
        """Count a success; every 25th adds one."""
        self._successes += 1
        if self._successes >= SUCCESSES_PER_STEP:
            self._successes = 0
            self._limit = min(float(self.most), self._limit + 1)

    def refused(self, started: float, now: float) -> None:
        """Cut once a wave: a 429 of a request that went out before the last cut says nothing new."""
        if started >= self._cut_at:
            self._limit = max(1.0, self._limit * CUT)
            self._successes = 0
            self._cut_at = now


class Breaker:
    """Stops sending after a row of failures, then lets one probe through; each failed probe doubles the rest."""

    def __init__(self) -> None:
        self.rests = 0  # rests in a row without one success: the caller gives up on many
        self._failures = 0
        self._open_until: float | None = None
        self._probing = False

    def delay(self, now: float) -> float:
        """Return seconds to wait; infinity while the probe is out."""
        if self._open_until is None:
            return 0.0
        return math.inf if self._probing else max(0.0, self._open_until - now)

    def started(self) -> bool:
        """Note that a request goes out; return whether it is the probe."""
        self._probing = self._open_until is not None
        return self._probing

    def succeeded(self) -> None:
        self.rests = self._failures = 0
        self._open_until, self._probing = None, False

    def failed(self, probe: bool, now: float) -> None:
        """Count a failure; the tenth in a row, or the probe's, opens; stragglers change nothing."""
        self._failures += 1
        if probe or (self._open_until is None and self._failures >= FAILURES_TO_OPEN):
            self._open_until, self._probing = now + min(LONGEST_REST_S, FIRST_REST_S * 2**self.rests), False
            self.rests += 1

    def abandoned(self, probe: bool) -> None:
        """A request ended without a verdict: if it was the probe, let the next one probe."""
        self._probing = self._probing and not probe


@dataclass(slots=True)
class Slot:
    """Leave to send one request; settled or abandoned exactly once."""

    tokens: int
    started: float
    probe: bool


class Admission:
    """All limits of one provider behind one door.

    Args:
        rpm, tpm: requests and tokens a minute, None without a limit.
        max_in_flight: the most requests at once.
        clock: seconds, monotonic. sleep: waits for seconds.
    """

    def __init__(
        self,
        rpm: int | None,
        tpm: int | None,
        max_in_flight: int,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._clock, self._sleep = clock, sleep
        now = clock()
        self._requests = None if rpm is None else Bucket(rpm, burst_s=1, now=now)
        self._tokens = None if tpm is None else Bucket(tpm, burst_s=6, now=now)
        self.flights, self.breaker = FlightLimit(max_in_flight), Breaker()
        self.in_flight = 0
        self._not_before = -math.inf  # Retry-After
        self._queue: deque[tuple[int, asyncio.Future[Slot]]] = deque()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = math.inf

    async def acquire(self, tokens: int) -> Slot:
        """Wait for leave to send a request of about `tokens` tokens (prompt and answer)."""
        leave: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._queue.append((tokens, leave))
        self._admit()
        try:
            return await leave
        except asyncio.CancelledError:
            if leave.done() and not leave.cancelled():  # granted and cancelled in one breath
                self.abandon(leave.result())
            raise

    def close(self) -> None:
        """Set off no more alarms."""
        if self._alarm is not None:
            self._alarm.cancel()

    def settle(self, slot: Slot, used: int | None, kind: ErrorKind | None, retry_after: float | None = None) -> None:
        """Close a slot with what came of it.

        Args:
            used: tokens really used, None where unknown (the estimate stands).
            kind: None for an answer, else what went wrong.
            retry_after: seconds that the server asked to wait.
        """
        now = self._clock()
        if used is not None and self._tokens is not None:
            self._tokens.give_back(slot.tokens - used)
        if retry_after is not None:
            self._not_before = max(self._not_before, now + min(retry_after, LONGEST_RETRY_AFTER_S))
        if kind is ErrorKind.TRANSIENT:
            self.breaker.failed(slot.probe, now)
        else:
            self.breaker.succeeded()  # whatever it said, the server is there
        if kind is ErrorKind.RATE:
            self.flights.refused(slot.started, now)
        elif kind is None:
            self.flights.succeeded()
        self._free()

    def abandon(self, slot: Slot) -> None:
        """Close a slot whose request was cancelled or never sent."""
        self.breaker.abandoned(slot.probe)
        self._free()

    def _delay(self, tokens: int, now: float) -> float:
        if self.in_flight >= self.flights.limit:
            return math.inf
        waits = [self._not_before - now, self.breaker.delay(now)]
        if self._requests is not None:
            waits.append(self._requests.delay(1, now))
        if self._tokens is not None:
            waits.append(self._tokens.delay(tokens, now))
        return max(waits)

    def _admit(self) -> None:
        """Let in from the head of the queue what may go now; set an alarm where only time is missing."""
        while self._queue:
            tokens, leave = self._queue[0]
            if not leave.done():  # else its caller was cancelled
                now = self._clock()
                delay = self._delay(tokens, now)
                if delay > 0:
                    self._set_alarm(delay, now)
                    return
                leave.set_result(self._take(tokens, now))
            self._queue.popleft()

    def _set_alarm(self, delay: float, now: float) -> None:
        """Look again after `delay`; infinity waits for a request to settle. An earlier alarm replaces a later one."""
        if delay == math.inf or now + delay >= self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = now + delay
        self._alarm = asyncio.create_task(self._ring(delay))

    async def _ring(self, delay: float) -> None:
        await self._sleep(delay)
        self._alarm, self._alarm_at = None, math.inf
        self._admit()

    def _take(self, tokens: int, now: float) -> Slot:
        for bucket, amount in ((self._requests, 1), (self._tokens, tokens)):
            if bucket is not None:
                bucket.take(amount, now)
        self.in_flight += 1
        return Slot(tokens, now, probe=self.breaker.started())

    def _free(self) -> None:
        self.in_flight -= 1
        self._admit()
