"""Driving folds: what is spent, how many calls are missing, and what an error does to its neighbours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from tasks.copywriting.config import CopyParams, DraftParams
from tasks.copywriting.fold import WORKERS, Spend, calls_needed, live, side_by_side
from tasks.lineage.errors import StopRun
from tasks.lineage.params import undeclared_fields
from tasks.teacher.call import Answer, Call
from tests.copywriting.scene import Scripted, failed_call, in_turn


@dataclass(frozen=True)
class Chain:
    """Asks `number` questions, each about the answer before it."""

    name: str
    number: int
    heard: tuple[str, ...] = ()

    @property
    def calls_left(self) -> int:
        return self.number - len(self.heard)

    def next_call(self) -> Call | None:
        if not self.calls_left:
            return None
        return Call("draft", (("user", f"{self.name}{self.heard}"),), "m", 1.0, 9)

    def answered(self, _call: Call, text: str) -> Chain:
        return replace(self, heard=(*self.heard, text))


def answer(cost: float | None) -> Answer:
    return Answer("k", "t", 10, 0, 5, cost, 0.1, from_journal=False)


def test_live_fold_hears_every_answer_and_adds_up():
    ended = asyncio.run(live(Chain("a", 3), Scripted(in_turn("x", "y", "z"))))
    assert ended.fold.heard == ("x", "y", "z") and ended.error == ""
    assert ended.spend == Spend(3, 420, 0.75)


def test_failed_call_ends_its_fold_with_what_it_has():
    ended = asyncio.run(live(Chain("a", 3), Scripted(in_turn("x", failed_call("blocked")))))
    assert ended.fold.heard == ("x",) and ended.error == "draft failed: filtered: blocked"


def test_unknown_price_makes_the_sum_unknown():
    assert Spend().plus(answer(0.5)).plus(answer(None)).plus(answer(0.5)) == Spend(3, 45, None)


def test_calls_needed_counts_equal_questions_once_at_least():
    teacher = Scripted(lambda call: "x")
    folds = [Chain("a", 3), Chain("a", 3), Chain("b", 2)]
    assert calls_needed(folds, teacher.provider, teacher.get_many) == (2, 8)
    asyncio.run(live(Chain("a", 1), teacher))
    assert calls_needed(folds, teacher.provider, teacher.get_many) == (2, 6)
    for fold in folds:
        asyncio.run(live(fold, teacher))
    assert calls_needed(folds, teacher.provider, teacher.get_many) == (0, 0)


def test_stop_cancels_its_neighbours_and_is_raised():
    ended: list[str] = []

    async def make(name: str) -> dict:
        try:
            await asyncio.sleep(0 if name == "stop" else 30)
        except asyncio.CancelledError:
            ended.append(name)
            raise
        raise StopRun("teacher", "no balance", "money", "pay")

    with pytest.raises(StopRun):
        asyncio.run(side_by_side(["slow", "stop", "never"], make, lambda *_: None))
    assert ended == ["slow"], "what was under way is cancelled, what was not is never begun"


def test_rows_that_never_wait_leave_others_their_turn():
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def make(number: int) -> dict:
        return {"status": "made", "number": number}

    async def both() -> list[dict]:
        beside = asyncio.create_task(other())
        rows = await side_by_side(range(4 * WORKERS), make, lambda *_: None)
        beside.cancel()
        return rows

    rows = asyncio.run(both())
    assert sorted(row["number"] for row in rows) == list(range(4 * WORKERS)) and turns >= 4


@pytest.mark.parametrize("params", [DraftParams, CopyParams])
def test_every_parameter_is_identity_or_runtime(params):
    assert undeclared_fields(params) == []
