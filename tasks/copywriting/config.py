"""Parameters of drafting and cleaning."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, field_validator

from tasks.lineage.params import Ident, Params

ModelGate = Literal["entailment", "tone"]
MODEL_GATES: tuple[ModelGate, ...] = get_args(ModelGate)
VARIANTS = 1_000  # variants of one resample; more samples than that would run into the next resample's


class DraftParams(Params):
    """samples: drafts for each product and content type. resample: raised to buy new answers to the same questions."""

    samples: Ident[int] = Field(default=1, ge=1, le=VARIANTS)
    resample: Ident[int] = Field(default=0, ge=0)

    def variant(self, sample: int) -> int:
        """Return the number that tells a draft from every other draft of its product and content type."""
        return self.resample * VARIANTS + sample


class CopyParams(Params):
    """rounds: paid rounds after the draft; the last of two or more is a fresh draft. resample: as for drafts.

    model_gates: gates that a model judges, asked once a text passes the free ones; none by default, since each look is
    a paid call. entailment_confidence: a claim that the sheet does not support blocks from this confidence on, and is a
    warning below. tone_score: a criterion of prompts/rubrics/tone.yaml blocks below this score. gate_attempts: answers
    asked for until one fits its form.
    """

    rounds: Ident[int] = Field(default=4, ge=0, le=20)
    resample: Ident[int] = Field(default=0, ge=0)
    model_gates: Ident[tuple[ModelGate, ...]] = ()
    entailment_confidence: Ident[float] = Field(default=0.7, gt=0, le=1)
    tone_score: Ident[int] = Field(default=3, ge=1, le=5)
    gate_attempts: Ident[int] = Field(default=2, ge=1, le=VARIANTS)

    @field_validator("model_gates", mode="before")
    @classmethod
    def _names_with_commas(cls, value: object) -> object:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

    @field_validator("model_gates")
    @classmethod
    def _in_order_and_once(cls, value: tuple[ModelGate, ...]) -> tuple[ModelGate, ...]:
        return tuple(gate for gate in MODEL_GATES if gate in value)

    def identity(self) -> dict[str, object]:
        """Return what texts are made with: of gates that are off nothing counts."""
        used = {"entailment": ("entailment_confidence",), "tone": ("tone_score",)}
        off = {name for gate, names in used.items() if gate not in self.model_gates for name in names}
        off |= set() if self.model_gates else {"model_gates", "gate_attempts"}
        return {name: value for name, value in super().identity().items() if name not in off}

    def action(self, number: int) -> Literal["repair", "redraft"]:
        """Return how round `number` (from 1) is done: `repair`, or `redraft` as the last resort."""
        return "redraft" if number == self.rounds > 1 else "repair"

    @property
    def variant_offset(self) -> int:
        return self.resample * VARIANTS
