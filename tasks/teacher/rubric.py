"""Rubrics: data with anchored descriptions from 1 to 5 for each criterion, one rubric a family of content types.

They lie in prompts/rubrics/ and are prompts as far as lineage is concerned: a changed rubric judges its family again
and generates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from tasks.brief.model import Family
from tasks.teacher.criteria import Criterion, parsed_as

RUBRICS: Mapping[str, str] = {
    "social": "rubrics/social.yaml",
    "ecommerce": "rubrics/ecommerce.yaml",
    "paid_ad": "rubrics/paid_ad.yaml",
}


class Rubric(BaseModel):
    """The criteria of one family."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    family: Family
    title: str
    title_en: str
    criteria: tuple[Criterion, ...] = Field(min_length=1)


def parse_rubric(path: str, text: str) -> Rubric:
    """Return the rubric in a YAML text.

    Raises:
        UserError: not YAML, a field missing or unknown, or a score without a description.
    """
    return parsed_as(Rubric, path, text)


def parse_rubrics(texts: Mapping[str, str]) -> dict[str, Rubric]:
    """Return family -> rubric. texts: the YAML text at each path of RUBRICS; others may stand among them.

    Raises:
        UserError: as `parse_rubric`.
    """
    return {family: parse_rubric(path, texts[path]) for family, path in RUBRICS.items()}
