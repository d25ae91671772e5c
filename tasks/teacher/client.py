"""The teacher: `answer(call)` looks in the journal first, then asks over the wire.

Invariants: what comes back is in the journal, on disk; equal keys in flight share one request; a 401 or 402, a spent
budget or a server that stays away stops every waiting call at once with a `StopRun`, while requests already on the wire
are given a moment to come home and be journaled, since they are paid.
One `Teacher` a run and event loop: limits, budget and keys in flight are shared by all that ask through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

from tasks.lineage.errors import UserError
from tasks.teacher.asking import Asking, Flight, Surroundings, Tally
from tasks.teacher.call import Answer, Call, CallFailed
from tasks.teacher.config import TeacherConfig
from tasks.teacher.journal import Journal
from tasks.teacher.request import request_body, request_sha
from tasks.teacher.stops import again

__all__ = ["Surroundings", "Tally", "Teacher", "request_body", "request_sha"]

HOMECOMING_S = 10.0

OnCall = Callable[[Call, Answer | CallFailed], None]


class Teacher:
    """An async context manager around one provider, one journal and one run.

    Args:
        run_id: noted in every journal row. budget: USD for this run id, what it spent before included; None: no limit.
        on_call: hears of every call that ended, answered (journal hits too) or failed; must be quick and not raise.
        surroundings: time and chance, injected by tests.
    """

    def __init__(
        self,
        config: TeacherConfig,
        journal: Journal,
        run_id: str,
        budget: float | None = None,
        on_call: OnCall | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.config, self.journal, self.run_id = config, journal, run_id
        self._asking = Asking(config, journal, run_id, budget, self._halt, surroundings or Surroundings())
        self._on_call = on_call
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop: UserError | None = None

    async def __aenter__(self) -> Teacher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Come home: wait a little for what is on the wire (not on Ctrl-C), drop what is not, close the connections."""
        self._cancel_waiting()
        try:
            if self._tasks and (error is None or isinstance(error, Exception)):
                await asyncio.wait(self._tasks, timeout=HOMECOMING_S)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._asking.close()

    @property
    def tally(self) -> Tally:
        """What was done so far: live counts for a progress line."""
        return self._asking.tally

    def key(self, call: Call) -> str:
        """Return the journal key of a call to this teacher."""
        return call.key(self.config.provider)

    async def answer(self, call: Call) -> Answer:
        """Return the answer to a call, from the journal or over the wire; it is durable when it comes back.

        Raises:
            CallFailed: no usable answer after all retries; a matter of this call alone.
            StopRun: the run cannot go on now (401, 402, budget reached, server away, journal not writable).
            UserError: the provider's key is missing.
        """
        key = self.key(call)
        flight = self._flights.get(key)
        if flight is not None:  # whoever sent it bears its cost; this one gets the answer for nothing
            return replace(await asyncio.shield(flight.answer), from_journal=True)
        stored = self.journal.get(key)
        if stored is not None:
            self.tally.from_journal += 1
            self._tell(call, stored)
            return stored
        if self._stop is not None:
            raise again(self._stop)
        return await asyncio.shield(self._launched(call, key).answer)

    def _launched(self, call: Call, key: str) -> Flight:
        """Send a call on its way in a task of its own, so that no waiter's end is the end of the others' request."""
        flight = Flight(call, key, asyncio.get_running_loop().create_future())
        # An outcome that nobody waits for any more is no forgotten exception.
        flight.answer.add_done_callback(lambda future: future.cancelled() or future.exception())
        flight.task = asyncio.create_task(self._fly(flight))
        self._flights[key] = flight
        self._tasks.add(flight.task)
        flight.task.add_done_callback(self._tasks.discard)
        flight.task.add_done_callback(lambda _: self._landed(flight))
        return flight

    async def _fly(self, flight: Flight) -> None:
        try:
            answer = await self._asking.usable_answer(flight)
        except CallFailed as error:
            self.tally.failed += 1
            self._tell(flight.call, error)
            _end(flight, again(self._stop) if self._stop else error)
        except UserError as error:
            self._halt(error)
            _end(flight, again(error))
        except Exception as error:  # a bug, handed to whoever asked
            _end(flight, error)
        else:
            self.tally.answered += 1
            self._tell(flight.call, answer)
            if not flight.answer.done():
                flight.answer.set_result(answer)

    def _landed(self, flight: Flight) -> None:
        """Whatever became of the task (it may have been cancelled before its first step), nobody waits for ever."""
        self._flights.pop(flight.key, None)
        if self._stop is not None:
            _end(flight, again(self._stop))
        flight.answer.cancel()

    def _halt(self, error: UserError) -> None:
        """Stop at once every call that is not on the wire, now and from now on."""
        if self._stop is None:
            self._stop = error
            self._asking.stopped = True
            self._cancel_waiting()

    def _cancel_waiting(self) -> None:
        current = asyncio.current_task()
        for flight in self._flights.values():
            if flight.task is not None and flight.task is not current and not flight.on_wire:
                flight.task.cancel()

    def _tell(self, call: Call, outcome: Answer | CallFailed) -> None:
        if self._on_call is not None:
            self._on_call(call, outcome)


def _end(flight: Flight, error: BaseException) -> None:
    if not flight.answer.done():
        flight.answer.set_exception(error)
