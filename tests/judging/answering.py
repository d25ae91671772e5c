"""A teacher in memory: answers by a function of the call, a journal of what it answered, no wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tasks.judging.config import DuelParams, ScoreParams
from tasks.teacher.call import Answer, Call
from tests.judging.world import FakeInputs, judge_prompts, sources, world


def sheet_of(call: Call) -> dict[str, Any]:
    """Return the task sheet in the last line of a call."""
    line = call.messages[-1][1].splitlines()[-1]
    assert line.startswith("任务单：")
    return json.loads(line.removeprefix("任务单："))


@dataclass
class Scripted:
    """`services` and their teacher and journal in one."""

    script: Callable[[Call], str]
    asked: list[Call] = field(default_factory=list)
    known: dict[str, Answer] = field(default_factory=dict)

    @property
    def teacher(self) -> Scripted:
        return self

    @property
    def journal(self) -> Scripted:
        return self

    def get_many(self, keys: Any) -> dict[str, Answer]:
        return {key: self.known[key] for key in keys if key in self.known}

    async def answer(self, call: Call) -> Answer:
        self.asked.append(call)
        key = call.key("simulator")
        self.known[key] = Answer(key, self.script(call), 100, 60, 20, 0.001, 0.1, False)
        return self.known[key]


def fair_scores(call: Call) -> str:
    sheet = sheet_of(call)
    entries = [{"name": c["name"], "score": 4, "evidence": sheet["text"][:8]} for c in sheet["criteria"]]
    return json.dumps({"criteria": entries}, ensure_ascii=False)


def judging_inputs(params: ScoreParams | DuelParams, **options: Any) -> FakeInputs:
    kinds = ("paid_ad_cta", "paid_ad_pas")
    tables = world(count=10, kinds=kinds, judged=kinds, **options)
    return FakeInputs(tables, params=params, sources=sources(), prompts=judge_prompts())


def silent(done: int, total: int, note: str = "") -> None: ...
