"""Parameters of drafting and cleaning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tasks.lineage.params import Ident, Params

VARIANTS = 1_000  # variants of one resample; more samples than that would run into the next resample's


class DraftParams(Params):
    """samples: drafts for each product and content type. resample: raised to buy new answers to the same questions."""

    samples: Ident[int] = Field(default=1, ge=1, le=VARIANTS)
    resample: Ident[int] = Field(default=0, ge=0)

    def variant(self, sample: int) -> int:
        """Return the number that tells a draft from every other draft of its product and content type."""
        return self.resample * VARIANTS + sample


class CopyParams(Params):
    """rounds: paid rounds after the draft; the last of two or more is a fresh draft. resample: as for drafts."""

    rounds: Ident[int] = Field(default=4, ge=0, le=20)
    resample: Ident[int] = Field(default=0, ge=0)

    def action(self, number: int) -> Literal["repair", "redraft"]:
        """Return how round `number` (from 1) is done: `repair`, or `redraft` as the last resort."""
        return "redraft" if number == self.rounds > 1 else "repair"

    @property
    def variant_offset(self) -> int:
        return self.resample * VARIANTS
