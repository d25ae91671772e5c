"""Parameters of the brief."""

from __future__ import annotations

from pydantic import Field

from tasks.lineage.params import Ident, Params


class BriefParams(Params):
    """split_seed: another seed, another choice of val products. val_share: share of products kept back (0 to 1)."""

    split_seed: Ident[int] = 38
    val_share: Ident[float] = Field(default=0.2, gt=0, lt=1)
