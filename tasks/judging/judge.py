"""Asking the judge: a question is rendered once, asked until an answer fits its schema, and paid for in the open.

A judge sees texts as JSON data, never a system's name: equal texts of two systems are one question and one call. An
answer that does not fit (wrong fields, no JSON, blank) is counted and asked for again under the next sample number;
the fold over the journaled answers is the same whenever it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tasks.brief.model import ContentType, Product
from tasks.brief.steps import product_of
from tasks.judging.config import SAMPLES
from tasks.lineage.canonical import digest
from tasks.lineage.errors import StopRun
from tasks.lineage.step import Inputs, Item, Report, Row
from tasks.teacher.call import Answer, Call, CallFailed, ErrorKind
from tasks.teacher.config import TeacherConfig
from tasks.teacher.duel import Unusable, judge_question
from tasks.teacher.prompt import Prompt, load_prompt
from tasks.teacher.rubric import RUBRICS, Rubric, parse_rubrics

T = TypeVar("T")
# An answer came and cannot be used: the next sample may fit. Everything else is the teacher's own trouble.
AHEAD = 2  # calls that go before a fan-out: the provider's cache finds a shared prefix by its second use
UNUSABLE = {ErrorKind.BLANK, ErrorKind.MALFORMED, ErrorKind.TRUNCATED, ErrorKind.FILTERED}


@dataclass(frozen=True, slots=True)
class Bench:
    """What the judge's questions are made of: prompt, rubrics, guide, content types, products, the judge's identity."""

    prompt: Prompt
    prompt_name: str
    prompt_text: str
    rubrics: Mapping[str, Rubric]
    rubric_texts: Mapping[str, str]
    guide: object
    content_types: Mapping[str, ContentType]
    products: Mapping[str, Product]
    teacher: TeacherConfig

    def question(self, purpose: str, product_id: str, content_type: str, about: Mapping[str, object]) -> Call:
        """Return the call that asks `about` (the texts) of one product and content type."""
        kind = self.content_types[content_type]
        rubric, product = self.rubrics[kind.family], self.products[product_id]
        return judge_question(self.prompt, self.teacher, purpose, self.guide, rubric, kind, product, about)

    def components(self, product_id: str, content_type: str) -> dict[str, str]:
        """Return the digests of everything but the texts that a question is made of, for explanation."""
        kind = self.content_types[content_type]
        sheet = self.products[product_id].sheet()
        return {
            **{f"product.{name}": digest(value) for name, value in sheet.items()},
            "guide": digest(self.guide),
            "content_type": digest(kind),
            f"prompt {self.prompt_name}": digest(self.prompt_text),
            f"prompt {RUBRICS[kind.family]}": digest(self.rubric_texts[kind.family]),
            "teacher": digest([self.teacher.provider, self.teacher.model_for(self.prompt.model)]),
        }


def open_bench(inputs: Inputs, prompt_name: str) -> Bench:
    """Return the bench of a step that declared the prompt, the three rubrics, and reads what a question needs."""
    prompt_text = inputs.prompts[prompt_name]
    return Bench(
        prompt=load_prompt(prompt_text, prompt_name),
        prompt_name=prompt_name,
        prompt_text=prompt_text,
        rubrics=parse_rubrics(inputs.prompts),
        rubric_texts={family: inputs.prompts[path] for family, path in RUBRICS.items()},
        guide=inputs.source("guide").guide(),
        content_types=inputs.source("content_types"),
        products={row["product_id"]: product_of(row) for row in inputs.rows("products")},
        teacher=inputs.source("teacher"),
    )


@dataclass
class Bill:
    """What one row's answers took. cost: at the dated price, None once any of its prices is unknown."""

    call_keys: list[str]
    prompt_tokens: int = 0
    cache_hit_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0.0
    unusable: int = 0

    def add(self, answer: Answer) -> None:
        self.call_keys.append(answer.key)
        self.prompt_tokens += answer.prompt_tokens
        self.cache_hit_tokens += answer.cache_hit_tokens
        self.completion_tokens += answer.completion_tokens
        self.cost = None if self.cost is None or answer.cost is None else self.cost + answer.cost

    def columns(self) -> Row:
        return dict(vars(self))


async def ask(
    teacher: Any, call: Call, read: Callable[[str], T], params: Any, bill: Bill, repeat: int = 0
) -> tuple[T | None, str, str]:
    """Return (what `read` made of the first usable answer, status, error).

    Status is `judged`; `unparsed` where all attempts were answered and none fits (final: the answers are journaled);
    `failed` where the teacher has no answer, so that the next run asks again.
    """
    error, answered = "", False
    for attempt in range(params.attempts):
        try:
            answer = await teacher.answer(replace(call, sample=sample_number(params.resample, attempt, repeat)))
        except CallFailed as failure:
            bill.unusable += 1
            error, answered = str(failure), False
            if failure.kind not in UNUSABLE:
                break
            continue
        bill.add(answer)
        try:
            return read(answer.text), "judged", ""
        except Unusable as fault:
            bill.unusable += 1
            error, answered = f"malformed: {fault}", True
    return None, "unparsed" if answered else "failed", error


def sample_number(resample: int, attempt: int, repeat: int) -> int:
    """Return the number that tells one answer to a question from every other: repeats and attempts never meet."""
    return (resample * SAMPLES + attempt) * SAMPLES + repeat


async def each(items: Sequence[Item], one: Callable[[Item], Awaitable[Row]], report: Report) -> list[Row]:
    """Return one row an item; a couple go ahead, then all at once (the teacher admits them).

    Calls in flight are awaited before an error is raised, so that no paid answer is thrown away.

    Raises:
        StopRun: the teacher stopped the run (no balance, no key, budget reached).
    """
    done = 0

    async def counted(item: Item) -> Row:
        nonlocal done
        row = await one(item)
        done += 1
        report(done, len(items))
        return row

    rows: list[Row] = []
    for group in (items[:AHEAD], items[AHEAD:]):
        ended = await asyncio.gather(*(counted(item) for item in group), return_exceptions=True)
        errors = [error for error in ended if isinstance(error, BaseException)]
        for error in sorted(errors, key=lambda error: not isinstance(error, StopRun)):
            raise error
        rows += [row for row in ended if isinstance(row, dict)]
    return rows


def calls_missing(
    calls: Sequence[Call | None], repeats: int, params: Any, provider: str, journal: Any
) -> tuple[int, int]:
    """Return how many model calls these questions need now: (at least, at most).

    A question that is not known yet (None) may turn out to be asked already; every missing answer may take all its
    attempts.
    """
    keys = {
        replace(call, sample=sample_number(params.resample, 0, repeat)).key(provider)
        for call in calls
        if call is not None
        for repeat in range(repeats)
    }
    missing = len(keys - journal.get_many(sorted(keys)).keys())
    unknown = sum(call is None for call in calls) * repeats
    return missing, (missing + unknown) * params.attempts


def same_family(one: str, other: str) -> bool:
    """Return whether two model names are of one family (`deepseek-flash`, `deepseek-ai/DeepSeek-V3`): a judge favours
    its own family's texts, so the report flags it."""
    return family(one) == family(other)


def family(model: str) -> str:
    """Return the leading word of a model's name, without its host: `deepseek`, `qwen`, `gpt`."""
    name = model.rsplit("/", 1)[-1].lower()
    word = ""
    for letter in name:
        if not letter.isalpha():
            break
        word += letter
    return word or name
