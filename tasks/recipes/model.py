"""What a recipe says: which columns make an input, which tables train what, how a task is asked, what is checked.

Invariant: a recipe holds no code. What it cannot say with these fields belongs here, for all recipes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, model_validator

# Prompts are plain text, so nothing is escaped; sandboxed, since a recipe may be a stranger's and holds no code.
TEMPLATES = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined)
Profile = Literal["tiny", "small", "full"]
MEASURES = ("holds", "lacks", "characters", "repeats", "without")


class Part(BaseModel):
    """Base of the parts of a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Split(Part):
    """The val side: a share of all inputs, by a seeded hash of the input."""

    seed: int = 38
    val_share: float = Field(default=0.15, gt=0, lt=1)


class DataTable(Part):
    """Columns of one data file: `text` is what is written, `label` (1 good, 0 bad) says how it was rated."""

    text: str
    label: str = ""


class Trains(Part):
    """Which data tables each stage learns from; texts with label 0 are left out of `sft`."""

    sft: tuple[str, ...] = Field(min_length=1)
    grpo: tuple[str, ...] = Field(min_length=1)
    reward: tuple[str, ...] = Field(min_length=1)


class Task(Part):
    """One way to ask: a Jinja2 template over the input columns."""

    template: str
    title: str = ""
    title_zh: str = ""


class Repeats(Part):
    """No passage of `characters` characters stands in a text more than `most` times."""

    characters: int = Field(ge=1)
    most: int = Field(ge=1)


class Gate(Part):
    """One check of an answer by exactly one measure.

    holds, lacks: input columns whose values must, or must not, stand in the text. characters: least and most.
    repeats: see there. without: words that must not stand in it. tasks: of which tasks; none means all.
    """

    title: str = ""
    title_zh: str = ""
    tasks: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    characters: tuple[int, int] | None = None
    repeats: Repeats | None = None
    without: tuple[str, ...] = ()

    @model_validator(mode="after")
    def one_measure(self) -> Gate:
        given = [name for name in MEASURES if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(MEASURES)}")
        return self

    @property
    def measure(self) -> str:
        return next(name for name in MEASURES if getattr(self, name))

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.holds, *self.lacks)


class Recipe(Part):
    """A recipe as its folder says it. `templates`: task -> template text, read from the folder."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")
    title: str
    title_zh: str = ""
    inputs: tuple[str, ...] = Field(min_length=1)
    split: Split = Split()
    data: dict[str, DataTable] = Field(min_length=1)
    trains: Trains
    reward_reads: Literal["dialogue", "text"] = "dialogue"
    tasks: dict[str, Task] = Field(min_length=1)
    gates: dict[str, Gate] = Field(min_length=1)
    rewards: dict[str, float]
    profiles: dict[Profile, dict[str, dict[str, Any]]] = {}
    templates: dict[str, str] = {}

    def prompt(self, task: str, values: Mapping[str, str]) -> str:
        """Return the prompt of a task for the values of the input columns."""
        return compiled(self.templates[task]).render(**values).strip()


@lru_cache(maxsize=64)
def compiled(text: str) -> Template:
    """Return a template, compiled once: a prompt is rendered for every row."""
    return TEMPLATES.from_string(text)
