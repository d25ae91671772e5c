"""The rubric of the tone gate: criteria with anchored scores, each for the families of text that it is asked of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tasks.brief.model import Family
from tasks.teacher.criteria import Criterion, parsed_as

TONE_RUBRIC = "rubrics/tone.yaml"
_FAMILIES: tuple[Family, ...] = ("social", "ecommerce", "paid_ad")


class ToneCriterion(Criterion):
    """One thing that is scored from 1 to 5."""

    families: tuple[Family, ...] = Field(min_length=1)


class ToneRubric(BaseModel):
    """All criteria of the tone gate; every family has at least one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    criteria: tuple[ToneCriterion, ...]

    @model_validator(mode="after")
    def _every_family_is_asked_something(self) -> ToneRubric:
        names = [criterion.name for criterion in self.criteria]
        if len(set(names)) < len(names):
            raise ValueError("a criterion that stands twice")
        if empty := [family for family in _FAMILIES if not self.criteria_for(family)]:
            raise ValueError(f"no criterion for {', '.join(empty)}")
        return self

    def criteria_for(self, family: Family) -> tuple[ToneCriterion, ...]:
        return tuple(criterion for criterion in self.criteria if family in criterion.families)


def parse_tone(text: str) -> ToneRubric:
    """Return the tone rubric in a YAML text.

    Raises:
        UserError: not YAML, a field missing or unknown, a score without a description, a family without a criterion.
    """
    return parsed_as(ToneRubric, TONE_RUBRIC, text)
