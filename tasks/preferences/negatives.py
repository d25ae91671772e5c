"""The making of one worse text as a pure fold: ask -> prove -> ask again, told why -> ... -> made or dropped."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tasks.compliance import Rules, check
from tasks.copywriting.config import VARIANTS
from tasks.copywriting.desk import Desk, Found, task_sheet
from tasks.preferences.assignment import should_be_longer
from tasks.preferences.config import Method, PairParams
from tasks.preferences.judge import Comparison, Judge
from tasks.preferences.lengths import Limits, limits_of
from tasks.preferences.proof import Proof, Task, compared, proof_of
from tasks.teacher.call import Call
from tasks.teacher.duel import ORDERS

WRITING, WEAK_PROOF = "negatives", "weak_proof"  # lines of the plan: calls of different price
THEN = ", then "  # between the faults of one attempt and of the next, in a dropped negative's error


@dataclass(frozen=True)
class Bench:
    """What all negatives of a run are made with. judge: of weak texts; None where none is to be believed or asked."""

    desk: Desk
    rules: Rules
    params: PairParams
    judge: Judge | None = None


@dataclass(frozen=True)
class Negative:
    """The state of one negative.

    refused: the rules that the chosen text breaks (then no call is made at all). comparison: of the last attempt, a
    weak one whose proof is still wanted from the judge.
    """

    bench: Bench = field(compare=False, repr=False)
    task: Task
    refused: tuple[str, ...] = ()
    attempts: tuple[Proof, ...] = ()
    comparison: Comparison | None = None

    @property
    def status(self) -> Literal["made", "dropped"] | None:
        """How it ended; None while another attempt may hold."""
        if self.comparison:
            return None
        if self.attempts and self.attempts[-1].holds:
            return "made"
        return "dropped" if self.refused or not self.attempts_left else None

    @property
    def attempts_left(self) -> int:
        return 0 if self.refused else self.bench.params.attempts - len(self.attempts)

    @property
    def calls_left(self) -> int:
        return sum(self.lines_left.values())

    @property
    def lines_left(self) -> dict[str, int]:
        """Return how many calls may still be made at most, of the writer and of the judge."""
        if self.status:
            return {WRITING: 0, WEAK_PROOF: 0}
        judged = comparisons(self.task.method, self.bench.judge is not None) * self.attempts_left
        open_calls = self.comparison.calls_left if self.comparison else 0
        return {WRITING: self.attempts_left, WEAK_PROOF: judged + open_calls}

    @property
    def error(self) -> str:
        """Why it was dropped; empty for a pair."""
        if self.status != "dropped":
            return ""
        if self.refused:
            return f"the chosen text breaks {', '.join(self.refused)}"
        tries = ["+".join(dict.fromkeys(found["rule"] for found in attempt.faults)) for attempt in self.attempts]
        return f"no proof in {len(tries)} attempts: {THEN.join(tries)}"

    def next_call(self) -> Call | None:
        """Return the call of the next attempt, which is told what was wrong with the last; None when it is settled."""
        if self.status:
            return None
        if self.comparison:
            return self.comparison.next_call()
        desk, task = self.bench.desk, self.task
        faults = list(self.attempts[-1].faults) if self.attempts else []
        limits = self.limits()
        turn = desk.user(
            task.method,
            reasons=faults,
            content_type=task.content_type,
            least=limits.least,
            chars=limits.wanted,
            most=limits.most,
            sheet=self.sheet(faults, limits),
        )
        return desk.call(task.method, turn)

    def answered(self, call: Call, text: str) -> Negative:
        if self.comparison:
            return self.heard(self.comparison.answered(call, text))
        proof = proof_of(self.task, text, self.limits(), self.bench.rules, self.bench.params)
        tried = replace(self, attempts=(*self.attempts, proof))
        if self.bench.judge is None or self.task.method != "weak" or not proof.holds:
            return tried
        task = self.task
        opened = Comparison(self.bench.judge, task.product, task.content_type, task.chosen, proof.rejected)
        return replace(tried, comparison=opened)

    def heard(self, comparison: Comparison) -> Negative:
        if not comparison.settled:
            return replace(self, comparison=comparison)
        return replace(self, attempts=(*self.attempts[:-1], compared(self.attempts[-1], comparison)), comparison=None)

    def limits(self) -> Limits:
        """Return the length that the next attempt has to have."""
        task, params = self.task, self.bench.params
        longer = should_be_longer(task.item_id, params)
        last = len(self.attempts) + 1 >= params.attempts
        return limits_of(len(task.chosen), task.content_type, params.length_band, longer=longer, last=last)

    def sheet(self, faults: list[Found], limits: Limits) -> dict[str, Any]:
        """Return the task sheet. A weak writer must not see the chosen text, only its length."""
        task = self.task
        more: dict[str, Any] = {"variant": self.bench.params.resample * VARIANTS + len(self.attempts)}
        if faults:
            more["reasons"] = faults
        if task.method != "weak":
            more["chosen"] = task.chosen
        if task.method != "fake":
            more |= {"chars": limits.wanted, "min_chars": limits.least, "max_chars": limits.most}
        return task_sheet(task.method, task.product, task.content_type, **more)


def comparisons(method: Method, judged: bool) -> int:
    """Return how many calls of the judge an attempt may need."""
    return len(ORDERS) if method == "weak" and judged else 0


def begun(bench: Bench, task: Task) -> Negative:
    """Return the state before the first attempt; the chosen text must keep every rule of today."""
    verdict = check(task.chosen, task.product, task.content_type, bench.rules)
    return Negative(bench, task, tuple(dict.fromkeys(reason.rule for reason in verdict.blocking)))


def last_faults(error: str) -> str:
    """Return what was wrong at last with a dropped negative, from its `error`; another error is its own reason."""
    _, told, tries = error.partition(" attempts: ")
    return tries.rpartition(THEN)[2] if told else error
