"""Rubrics: data with anchored descriptions from 1 to 5 for each criterion, one rubric a family of content types.

They lie in prompts/rubrics/ and are prompts as far as lineage is concerned: a changed rubric judges its family again
and generates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tasks.brief.model import Family
from tasks.lineage.errors import UserError

RUBRICS: Mapping[str, str] = {
    "social": "rubrics/social.yaml",
    "ecommerce": "rubrics/ecommerce.yaml",
    "paid_ad": "rubrics/paid_ad.yaml",
}
SCALE = (1, 2, 3, 4, 5)


class Criterion(BaseModel):
    """One thing that is scored. anchors: score -> what a text with that score looks like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z_]+$")
    title: str
    title_en: str
    question: str
    anchors: dict[int, str]

    @field_validator("anchors")
    @classmethod
    def every_score_is_described(cls, anchors: dict[int, str]) -> dict[int, str]:
        if tuple(sorted(anchors)) != SCALE:
            raise ValueError(f"anchors {sorted(anchors)} where every score of {list(SCALE)} needs one")
        return anchors


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
    todo = f"mend prompts/{path}"
    try:
        return Rubric.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise UserError(f"prompts/{path}", f"not YAML ({error})".replace("\n", " "), "a rubric", todo) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise UserError(f"prompts/{path}", f"{place}: {first['msg']}", "a rubric", todo) from error
