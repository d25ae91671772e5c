"""The words and sentences that plants are made of: prompts/plant_edits.yaml and the fillers of the weak texts."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from tasks.preferences.plants import FILLERS, parse_fillers
from tasks.teacher.criteria import parsed_as

EDITS = "plant_edits.yaml"
PLANT_PROMPTS = (EDITS, FILLERS)  # below prompts/, so that a changed sentence tries the judge again
Sentences = tuple[str, ...]


class PlantWords(BaseModel):
    """What is written into a text. facts: kind -> what one is exchanged for. fillers: sentences that say nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hype: Sentences = Field(min_length=1)
    padding: Sentences = Field(min_length=1)
    tone: Sentences = Field(min_length=1)
    injection: Sentences = Field(min_length=1)
    facts: dict[str, Sentences]
    fillers: Sentences = ()


def parse_plant_words(prompts: Mapping[str, str]) -> PlantWords:
    """Return the words of PLANT_PROMPTS.

    Raises:
        UserError: one of the files has another shape.
    """
    words = parsed_as(PlantWords, EDITS, prompts[EDITS], "lists of words and sentences")
    return words.model_copy(update={"fillers": parse_fillers(prompts[FILLERS])})
