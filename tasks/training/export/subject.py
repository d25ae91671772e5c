"""What is exported: a step's folder, and all that its card must say of it. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sampling:
    """How the model was sampled when it was judged; greedy at temperature 0."""

    temperature: float
    top_p: float
    max_new_tokens: int

    @property
    def settings(self) -> dict[str, object]:
        """Return them by transformers' names. top_k is off: left out, its default of 50 would cut what was judged."""
        if not self.temperature:
            return {"do_sample": False}
        return {"do_sample": True, "temperature": self.temperature, "top_p": self.top_p, "top_k": 0}


@dataclass(frozen=True)
class Base:
    """Where the weights began: `name` is empty where they were made here, from the run's own texts."""

    name: str
    revision: str
    folder: Path


@dataclass(frozen=True)
class Made:
    """One record above the model. rows: of a table, 0 for a folder. code: the commit that made it."""

    step: str
    fingerprint: str
    content: str
    rows: int
    code: str


@dataclass(frozen=True)
class Subject:
    """A model to export.

    step, folder: the training step and its files. system: the system prompt that it was trained with, "" for none.
    lineage: the model's own record first. gates: lines of (what was measured, figure) on val products. warnings: what
    a reader must know before he uses it.
    """

    step: str
    folder: Path
    base: Base
    sampling: Sampling
    system: str
    lineage: tuple[Made, ...]
    gates: Mapping[str, str]
    warnings: tuple[str, ...]
