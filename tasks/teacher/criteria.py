"""What a model is asked to score: criteria with an anchored description of each score, in YAML files beside prompts.

The judge's rubrics and the tone gate's are made of them.
"""

from __future__ import annotations

from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tasks.lineage.errors import UserError

R = TypeVar("R", bound=BaseModel)
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


def parsed_as(schema: type[R], path: str, text: str, expected: str = "a rubric") -> R:
    """Return the YAML text of prompts/`path` by this schema, or raise one UserError that names its fault."""
    todo = f"mend prompts/{path}"
    try:
        return schema.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise UserError(f"prompts/{path}", f"not YAML ({error})".replace("\n", " "), expected, todo) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise UserError(f"prompts/{path}", f"{place}: {first['msg']}", expected, todo) from error
