"""Cleaning as a pure fold: draft -> check -> repair call -> check -> ... -> accepted or quarantined.

Where model gates are asked for, a text that passes the free ones meets them before it is accepted; what they refuse is
repaired like anything else.

A `Cleaning` is a value; it says which call it needs next and what it is after an answer. Nothing else decides, so the
same fold runs with the teacher, dry over the journal, and in tests, and its end depends on the inputs and the answers
alone, never on the order in which things were edited (DESIGN section 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from tasks.brief.model import ContentType, Product
from tasks.compliance import Rules, check
from tasks.compliance.pack import MODEL_KINDS
from tasks.compliance.verdict import Reason
from tasks.copywriting.config import CopyParams, ModelGate
from tasks.copywriting.desk import Desk, Messages, found_in, target_chars, task_sheet
from tasks.copywriting.gate_answers import Unreadable
from tasks.copywriting.instructions import allowed_facts, orders, room, warnings
from tasks.copywriting.mending import blocking, mended
from tasks.copywriting.model_gates import Asked, Subject, gate_call, line_of, opinion
from tasks.copywriting.tone import ToneRubric
from tasks.teacher.call import Call

Action = Literal["draft", "repair", "redraft", "mend"]
Outcome = Literal["accepted", "quarantined"]


@dataclass(frozen=True)
class Bench:
    """What all texts of a run are cleaned with. tone: the rubric of the tone gate, where that is asked."""

    desk: Desk
    rules: Rules
    params: CopyParams
    tone: ToneRubric | None = None


@dataclass(frozen=True)
class Job:
    """The text that is wanted. draft: the call that made its first draft, whose conversation repairs continue."""

    product: Product
    content_type: ContentType
    draft: Call
    variant: int


@dataclass(frozen=True)
class Round:
    """One text on the way.

    number: 0 for the draft, then the paid rounds. A `mend` text is the one before it after free repairs, and shares
    its number and its call. gates: the model gates' answers about it, their reasons among `reasons`.
    """

    number: int
    action: Action
    text: str
    reasons: tuple[Reason, ...]
    call_key: str
    gates: tuple[Asked, ...] = ()

    @property
    def blocking(self) -> tuple[Reason, ...]:
        return blocking(self.reasons)

    @property
    def passes_free_gates(self) -> bool:
        return all(reason.kind in MODEL_KINDS for reason in self.blocking)

    def attempts(self, gate: ModelGate) -> int:
        """Return how often a gate was asked about this text."""
        return sum(asked.gate == gate for asked in self.gates)


@dataclass(frozen=True)
class Cleaning:
    """The state of one text. conversation: what the teacher was told, and what stands of its answers."""

    bench: Bench = field(compare=False, repr=False)
    job: Job
    conversation: Messages
    history: tuple[Round, ...]

    @property
    def last(self) -> Round:
        return self.history[-1]

    @property
    def faults(self) -> list[tuple[Reason, ...]]:
        """What blocked the last text of each round, the draft first: the state that instructions are made from."""
        return list({entry.number: entry.blocking for entry in self.history}.values())

    @property
    def outcome(self) -> Outcome | None:
        """How the text ended; None while another round may mend it.

        An offending product name (kind `sheet`) cannot be mended by writing, so no call is paid for it.
        """
        if self.waiting:
            return None
        faults = self.last.blocking
        if not faults:
            return "accepted"
        beyond_repair = any(reason.kind == "sheet" for reason in faults)
        return "quarantined" if beyond_repair or not self.rounds_left else None

    @property
    def waiting(self) -> tuple[ModelGate, ...]:
        """The model gates that have yet to judge the last text: all are heard, so that one repair is told of all."""
        if not self.last.passes_free_gates:
            return ()
        heard = {asked.gate for asked in self.last.gates if asked.outcome != "unread"}
        return tuple(gate for gate in self.bench.params.model_gates if gate not in heard)

    @property
    def stuck(self) -> str:
        """Why the text can get no verdict: a gate gave no readable answer, which is never taken for a pass."""
        gate, attempts = next(iter(self.waiting), None), self.bench.params.gate_attempts
        if gate is None or self.last.attempts(gate) < attempts:
            return ""
        faults = "; ".join(asked.fault for asked in self.last.gates if asked.gate == gate)
        return f"{line_of(gate)} unanswered after {attempts} attempts ({faults}): raise copy.gate_attempts"

    @property
    def rounds_left(self) -> int:
        return self.bench.params.rounds - self.last.number

    @property
    def calls_left(self) -> int:
        """At most how many more calls this text can take."""
        return sum(self.lines_left.values())

    @property
    def lines_left(self) -> dict[str, int]:
        """At most how many more calls this text can take, by what they are: `copy`, or the name of a gate."""
        params, left = self.bench.params, most_calls(self.bench.params, self.rounds_left)
        for gate in self.waiting:
            left[line_of(gate)] += params.gate_attempts - self.last.attempts(gate)
        return left

    def next_call(self) -> Call | None:
        """Return the call that the text needs next, None when it is settled or stuck."""
        if self.outcome or self.stuck:
            return None
        if self.waiting:
            gate = self.waiting[0]
            return gate_call(gate, self.subject, self.bench.desk, self.last.attempts(gate))
        number = self.last.number + 1
        return redraft_call(self) if self.bench.params.action(number) == "redraft" else repair_call(self, number)

    def answered(self, call: Call, text: str) -> Cleaning:
        """Return the state after the answer to `next_call`, judged by the whole set of gates."""
        if self.waiting:
            return self._judged_by_model(call, text)
        number = self.last.number + 1
        rounds = judged(self.bench, self.job, number, self.bench.params.action(number), text, call)
        return replace(self, conversation=told(call, rounds), history=(*self.history, *rounds))

    @property
    def subject(self) -> Subject:
        """The last text, as the model gates are asked about it."""
        return Subject(self.last.text, self.job.product, self.job.content_type, self.bench.params, self.bench.tone)

    def _judged_by_model(self, call: Call, answer: str) -> Cleaning:
        """Return the state after a gate's answer: its reasons stand with those of the checker."""
        gate, key = self.waiting[0], call.key(self.bench.desk.provider)
        found: tuple[Reason, ...] = ()
        try:
            said = opinion(gate, answer, self.subject)
            found, asked = said.reasons, Asked(gate, key, said.outcome, unquoted=said.unquoted)
        except Unreadable as fault:
            asked = Asked(gate, key, "unread", str(fault))
        last = replace(self.last, reasons=(*self.last.reasons, *found), gates=(*self.last.gates, asked))
        return replace(self, history=(*self.history[:-1], last))


def most_calls(params: CopyParams, rounds: int) -> dict[str, int]:
    """Return at most how many calls so many paid rounds take, by what they are."""
    return {"copy": rounds, **{line_of(gate): rounds * params.gate_attempts for gate in params.model_gates}}


def started(bench: Bench, job: Job, text: str) -> Cleaning:
    """Return the state of a text whose draft has just been answered."""
    rounds = judged(bench, job, 0, "draft", text, job.draft)
    return Cleaning(bench, job, told(job.draft, rounds), rounds)


def told(call: Call, rounds: tuple[Round, ...]) -> Messages:
    """Return a conversation up to an answer, as it stands after free repairs: what is named next stands in it."""
    return (*call.messages, ("assistant", rounds[-1].text))


def judged(bench: Bench, job: Job, number: int, action: Action, text: str, call: Call) -> tuple[Round, ...]:
    """Return the round of an answer, followed by its mended form where free repairs change it."""
    key = call.key(bench.desk.provider)

    @cache
    def look(text: str) -> tuple[Reason, ...]:
        return check(text, job.product, job.content_type, bench.rules).reasons

    rounds = (Round(number, action, text, look(text), key),)
    free = mended(text, job.content_type, look)
    return rounds if free == text else (*rounds, Round(number, "mend", free, look(free), key))


def repair_call(state: Cleaning, number: int) -> Call:
    """Return the call that mends the last text: a turn appended to its conversation."""
    job, desk, faults = state.job, state.bench.desk, state.last.blocking
    found, size = found_in(faults), room(state.last.text, job.content_type, faults, job.product)
    more = {"round": number, "reasons": found, "chars": size["chars"], "variant": state.bench.params.resample}
    turn = desk.user(
        "repair",
        reasons=orders(state.faults, found),
        warnings=warnings(state.faults),
        facts=allowed_facts(job.product, faults),
        room=size,
        content_type=job.content_type,
        sheet=task_sheet("repair", job.product, job.content_type, **more),
    )
    return desk.call("repair", state.conversation + turn)


def redraft_call(state: Cleaning) -> Call:
    """Return the last resort: a fresh draft, told all that was found in the texts before it."""
    job, desk = state.job, state.bench.desk
    faults = [reason for entry in state.history for reason in entry.blocking]
    found = found_in(faults)
    variant = job.variant + state.bench.params.variant_offset
    turn = desk.user(
        "redraft",
        reasons=found,
        facts=allowed_facts(job.product, faults),
        content_type=job.content_type,
        target=target_chars(job.content_type),
        sheet=task_sheet("redraft", job.product, job.content_type, reasons=found, variant=variant),
    )
    return desk.call("redraft", desk.system(job.content_type) + turn)
