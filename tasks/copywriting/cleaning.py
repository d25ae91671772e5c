"""Cleaning as a pure fold: draft -> check -> repair call -> check -> ... -> accepted or quarantined.

A `Cleaning` is a value; it says which call it needs next and what it is after an answer. Nothing else decides, so the
same fold runs with the teacher, dry over the journal, and in tests, and its end depends on the inputs and the answers
alone, never on the order in which things were edited (DESIGN section 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from tasks.brief.model import ContentType, Product
from tasks.compliance import Rules, check
from tasks.compliance.verdict import Reason
from tasks.copywriting.config import CopyParams
from tasks.copywriting.desk import Desk, Found, Messages, found_in, target_chars, task_sheet
from tasks.copywriting.tidying import tidy
from tasks.teacher.call import Call

Action = Literal["draft", "repair", "redraft", "tidy"]
Outcome = Literal["accepted", "quarantined"]


@dataclass(frozen=True)
class Bench:
    """What all texts of a run are cleaned with."""

    desk: Desk
    rules: Rules
    params: CopyParams


@dataclass(frozen=True)
class Job:
    """The text that is wanted. draft: the call that made its first draft, whose conversation repairs continue."""

    product: Product
    content_type: ContentType
    draft: Call
    variant: int


@dataclass(frozen=True)
class Round:
    """One text on the way. number: 0 for the draft, then the paid rounds; a `tidy` text shares its round's number."""

    number: int
    action: Action
    text: str
    reasons: tuple[Reason, ...]
    call_key: str

    @property
    def blocking(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.severity == "block")


@dataclass(frozen=True)
class Cleaning:
    """The state of one text. conversation: what the teacher has been told and has answered so far."""

    bench: Bench = field(compare=False, repr=False)
    job: Job
    conversation: Messages
    history: tuple[Round, ...]

    @property
    def last(self) -> Round:
        return self.history[-1]

    @property
    def outcome(self) -> Outcome | None:
        """How the text ended; None while another round may mend it.

        An offending product name (kind `sheet`) cannot be mended by writing, so no call is paid for it.
        """
        faults = self.last.blocking
        if not faults:
            return "accepted"
        beyond_repair = any(reason.kind == "sheet" for reason in faults)
        return "quarantined" if beyond_repair or not self.calls_left else None

    @property
    def calls_left(self) -> int:
        """At most how many more calls this text can take."""
        return self.bench.params.rounds - self.last.number

    def next_call(self) -> Call | None:
        """Return the call that the text needs next, None when it is settled."""
        if self.outcome:
            return None
        number = self.last.number + 1
        return redraft_call(self) if self.bench.params.action(number) == "redraft" else repair_call(self, number)

    def answered(self, call: Call, text: str) -> Cleaning:
        """Return the state after the answer to `next_call`, judged by the whole set of gates."""
        number = self.last.number + 1
        rounds = judged(self.bench, self.job, number, self.bench.params.action(number), text, call)
        said = (*call.messages, ("assistant", text))
        return replace(self, conversation=said, history=(*self.history, *rounds))


def started(bench: Bench, job: Job, text: str) -> Cleaning:
    """Return the state of a text whose draft has just been answered."""
    rounds = judged(bench, job, 0, "draft", text, job.draft)
    return Cleaning(bench, job, (*job.draft.messages, ("assistant", text)), rounds)


def judged(bench: Bench, job: Job, number: int, action: Action, text: str, call: Call) -> tuple[Round, ...]:
    """Return the round of an answer, followed by its tidied form where tidying changes it."""
    key = call.key(bench.desk.provider)

    def seen(action: Action, text: str) -> Round:
        verdict = check(text, job.product, job.content_type, bench.rules)
        return Round(number, action, text, verdict.reasons, key)

    tidied = tidy(text)
    rounds = (seen(action, text),)
    return rounds if tidied == text else (*rounds, seen("tidy", tidied))


def repair_call(state: Cleaning, number: int) -> Call:
    """Return the call that mends the last text: a turn appended to its conversation."""
    job, params = state.job, state.bench.params
    chars, limit = len(state.last.text), job.content_type
    found = found_in(state.last.blocking)
    more = {"round": number, "reasons": found, "chars": chars, "variant": params.resample}
    turn = state.bench.desk.user(
        "repair",
        reasons=found,
        chars=chars,
        over=max(0, chars - limit.max_chars),
        under=max(0, limit.min_chars - chars),
        content_type=limit,
        sheet=task_sheet("repair", job.product, limit, **more),
    )
    return state.bench.desk.call("repair", state.conversation + turn)


def redraft_call(state: Cleaning) -> Call:
    """Return the last resort: a fresh draft, told all that was found in the texts before it."""
    job, desk = state.job, state.bench.desk
    found: list[Found] = found_in(reason for entry in state.history for reason in entry.blocking)
    variant = job.variant + state.bench.params.variant_offset
    turn = desk.user(
        "redraft",
        reasons=found,
        content_type=job.content_type,
        target=target_chars(job.content_type),
        sheet=task_sheet("redraft", job.product, job.content_type, reasons=found, variant=variant),
    )
    return desk.call("redraft", desk.system(job.content_type) + turn)
