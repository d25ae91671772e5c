"""The dataset steps: tables in TRL's columns, of train products alone (what they hold: tasks/datasets/tables.py)."""

from __future__ import annotations

from collections.abc import Callable

from tasks.datasets.config import DatasetParams, SftParams
from tasks.datasets.tables import (
    GRPO_TABLE,
    KTO_TABLE,
    PREFERENCE_TABLE,
    REWARD_ROWS_TABLE,
    SFT_TABLE,
    grpo_rows,
    kto_rows,
    preference_rows,
    reward_rows,
    sft_rows,
)
from tasks.lineage.params import Params
from tasks.lineage.step import Inputs, Row, Table, TableStep


def dataset(
    name: str,
    title: str,
    rows_from: tuple[str, ...],
    makes: Table,
    compute: Callable[[Inputs], list[Row]],
    version: int = 1,
    params: type[Params] = DatasetParams,
) -> TableStep:
    """Return a dataset's step: every one also reads the products and content types that its prompts are made of."""
    return TableStep(
        name=name,
        version=version,
        room="datasets",
        title=title,
        reads=(*rows_from, "products", "content_types"),
        params=params,
        makes=makes,
        compute=compute,
    )


SFT = dataset("sft", "Accepted copy as chats", ("copy",), SFT_TABLE, sft_rows, version=2, params=SftParams)
PREFERENCE = dataset("preference", "Pairs for the reward model", ("pairs",), PREFERENCE_TABLE, preference_rows)
KTO = dataset("kto", "Single texts, wanted or not", ("pairs",), KTO_TABLE, kto_rows)
REWARD_ROWS = dataset("reward_rows", "Texts with a label", ("pairs",), REWARD_ROWS_TABLE, reward_rows)
GRPO = dataset("grpo", "Tasks to write for", (), GRPO_TABLE, grpo_rows)
