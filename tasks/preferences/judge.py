"""A judge's both-order comparison as a fold, and whether a judge may be believed: its trial on planted weak texts.

The better text is *left*. A comparison is won only if it is named in both orders; the first order that names another
(or a tie, or cannot be read) settles it, and the second is not paid for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tasks.brief.model import ContentType, Family, Product
from tasks.lineage.canonical import digest
from tasks.lineage.step import Inputs, Row
from tasks.teacher.call import Call
from tasks.teacher.config import TeacherConfig
from tasks.teacher.criteria import parsed_as
from tasks.teacher.duel import ORDERS, PROMPT, PURPOSE, Unusable, judge_question, placed, read_duel, side
from tasks.teacher.prompt import Prompt, load_prompt

CRITERIA = "pair_criteria.yaml"
PROMPTS = (PROMPT, CRITERIA)
WON = "left"
UNREAD = "unread"
LEAST_SURE = 0.75  # the trial's both-order accuracy, at the lower end of Wilson's interval (facts/judging.md)


class Question(BaseModel):
    """One thing that a comparison looks at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    question: str


class Asked(BaseModel):
    """The criteria of one family."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    criteria: tuple[Question, ...]


class PairCriteria(BaseModel):
    """What comparisons of weak texts look at, by family; apart from the rubrics that systems are judged by, so that a
    changed rubric changes no training pair."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    social: tuple[Question, ...] = Field(min_length=1)
    ecommerce: tuple[Question, ...] = Field(min_length=1)
    paid_ad: tuple[Question, ...] = Field(min_length=1)

    def by_family(self) -> dict[Family, Asked]:
        """Return the criteria as a question renders them."""
        listed: dict[Family, tuple[Question, ...]] = {
            "social": self.social, "ecommerce": self.ecommerce, "paid_ad": self.paid_ad,
        }  # fmt: skip
        return {family: Asked(criteria=criteria) for family, criteria in listed.items()}


@dataclass(frozen=True)
class Judge:
    """Who compares: prompt, criteria by family, the brand's prose guide, the teacher's identity."""

    prompt: Prompt
    criteria: Mapping[Family, Asked]
    guide: Mapping[str, Any]
    teacher: TeacherConfig


def judge_of(inputs: Inputs) -> Judge:
    """Return the judge of a step that declares PROMPTS and reads `guide` and `teacher`."""
    criteria = parsed_as(PairCriteria, CRITERIA, inputs.prompts[CRITERIA], "criteria by family")
    prompt = load_prompt(inputs.prompts[PROMPT], name=PROMPT)
    return Judge(prompt, criteria.by_family(), inputs.source("guide").guide(), inputs.source("teacher"))


def judge_components(inputs: Inputs) -> dict[str, dict[str, str]]:
    """Return family -> digests of all that a comparison is made of, but for its texts, product and content type."""
    judge = judge_of(inputs)
    shared = {
        "guide": digest(judge.guide),
        f"prompts/{PROMPT}": digest(inputs.prompts[PROMPT]),
        "judge": digest([judge.teacher.provider, judge.teacher.model_for(judge.prompt.model)]),
    }
    return {family: {**shared, f"prompts/{CRITERIA}": digest(asked)} for family, asked in judge.criteria.items()}


@dataclass(frozen=True)
class Comparison:
    """One comparison as far as it came. heard: the winners named so far, in the order of ORDERS."""

    judge: Judge = field(compare=False, repr=False)
    product: Product
    content_type: ContentType
    better: str
    worse: str
    heard: tuple[str, ...] = ()

    @property
    def won(self) -> bool:
        return self.heard == (WON,) * len(ORDERS)

    @property
    def settled(self) -> bool:
        return len(self.heard) == len(ORDERS) or any(winner != WON for winner in self.heard)

    @property
    def calls_left(self) -> int:
        return 0 if self.settled else len(ORDERS) - len(self.heard)

    def next_call(self) -> Call | None:
        if self.settled:
            return None
        judge, order = self.judge, ORDERS[len(self.heard)]
        return judge_question(
            judge.prompt, judge.teacher, PURPOSE, judge.guide, judge.criteria[self.content_type.family],
            self.content_type, self.product, placed(self.better, self.worse, order),
        )  # fmt: skip

    def answered(self, _call: Call, text: str) -> Comparison:
        try:
            winner = side(read_duel(text)[0], ORDERS[len(self.heard)])
        except Unusable:
            return replace(self, heard=(*self.heard, UNREAD))
        return replace(self, heard=(*self.heard, winner))


# -- the trial ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """How a judge did on planted weak texts. right: told the good text from the weak one in both orders.

    low, high: Wilson's 95% interval of the share. trusted: low is LEAST_SURE or more.
    """

    plants: int
    right: int
    share: float | None
    low: float
    high: float
    trusted: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def trial_of(rows: Sequence[Row]) -> Trial:
    """Return what the rows of `judge_trial` say; a judge that nobody tried is not trusted."""
    from scipy.stats import binomtest

    tried = [row for row in rows if row["status"] == "judged"]
    if not tried:
        return Trial(0, 0, None, 0.0, 1.0, trusted=False)
    right = sum(bool(row["right"]) for row in tried)
    interval = binomtest(right, len(tried)).proportion_ci(method="wilson")
    low, high = float(interval.low), float(interval.high)
    return Trial(len(tried), right, right / len(tried), low, high, trusted=low >= LEAST_SURE)
