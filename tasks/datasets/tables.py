"""The training datasets as pure functions of copy, pairs, products and content types.

Invariants: rows of train products alone; only accepted copy (sft) and selected pairs (preference, kto, reward_rows);
every prompt is `task_prompt`. A row's id is that of the text or pair that it was made from. The one exception is what
`sft` mixes in from a general dataset, and marks so in `source`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from tasks.brief.model import ContentType, Product
from tasks.brief.steps import PRODUCT_COLUMNS, product_of
from tasks.datasets.general import BRAND, general_rows
from tasks.datasets.task_prompt import task_prompt
from tasks.lineage.step import Inputs, Row, Table

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))


def table(id_column: str, **columns: pa.DataType) -> Table:
    """Return a table of the id column, product_id, content_type and the given columns."""
    start = [(id_column, pa.string()), ("product_id", pa.string()), ("content_type", pa.string())]
    return Table(id=id_column, content=pa.schema([*start, *columns.items()]))


SFT_TABLE = table("item_id", source=pa.string(), messages=MESSAGES)
PREFERENCE_TABLE = table("item_id", prompt=pa.string(), chosen=pa.string(), rejected=pa.string(), method=pa.string())
KTO_TABLE = table("id", prompt=pa.string(), completion=pa.string(), label=pa.bool_())
REWARD_ROWS_TABLE = table("id", text=pa.string(), label=pa.int64())
GRPO_TABLE = table(
    "item_id", prompt=pa.string(), **{field.name: field.type for field in PRODUCT_COLUMNS if field.name != "product_id"}
)


def sft_rows(inputs: Inputs) -> list[Row]:
    """Return item_id, product_id, content_type, source, messages: each accepted text, then the general rows.

    A text's messages are the system prompt (where one is set), one user and one assistant turn.

    Raises:
        UserError: the general dataset cannot be read or is too small.
    """
    prompts, params = Prompts(inputs), inputs.params
    before = [{"role": "system", "content": params.system_prompt}] if params.system_prompt else []
    own = [
        {
            **named(row, "item_id"),
            "source": BRAND,
            "messages": [
                *before,
                {"role": "user", "content": prompts.of(row)},
                {"role": "assistant", "content": row["text"]},
            ],
        }
        for row in inputs.rows("copy")
        if row["status"] == "accepted" and prompts.trains(row)
    ]
    if not params.general_share:
        return own
    return own + general_rows(Path(params.general_file), len(own), params.general_share, params.seed)


def preference_rows(inputs: Inputs) -> list[Row]:
    """Return item_id, product_id, content_type, prompt, chosen, rejected, method of each selected pair."""
    prompts = Prompts(inputs)
    return [
        {**named(pair, "item_id", "chosen", "rejected", "method"), "prompt": prompts.of(pair)}
        for pair in selected_pairs(inputs, prompts)
    ]


def kto_rows(inputs: Inputs) -> list[Row]:
    """Return id, product_id, content_type, prompt, completion, label (bool): two rows a selected pair."""
    prompts = Prompts(inputs)
    return [
        {**named(pair), "id": name, "prompt": prompts.of(pair), "completion": text, "label": good}
        for pair in selected_pairs(inputs, prompts)
        for name, text, good in both_texts(pair)
    ]


def reward_rows(inputs: Inputs) -> list[Row]:
    """Return id, product_id, content_type, text, label (1 good, 0 bad): two rows a selected pair."""
    prompts = Prompts(inputs)
    return [
        {**named(pair), "id": name, "text": text, "label": int(good)}
        for pair in selected_pairs(inputs, prompts)
        for name, text, good in both_texts(pair)
    ]


def grpo_rows(inputs: Inputs) -> list[Row]:
    """Return item_id (`product/content type`), prompt, content_type and the product columns: each task once."""
    prompts = Prompts(inputs)
    return [
        {
            **{name: row[name] for name in PRODUCT_COLUMNS.names},
            "item_id": f"{row['product_id']}/{name}",
            "content_type": name,
            "prompt": prompts.of({"product_id": row["product_id"], "content_type": name}),
        }
        for row in inputs.rows("products")
        for name in prompts.content_types
        if prompts.trains(row)
    ]


class Prompts:
    """The task prompts of the train products; one rendering for every dataset."""

    def __init__(self, inputs: Inputs) -> None:
        self.content_types: Mapping[str, ContentType] = inputs.source("content_types")
        self.products: dict[str, Product] = {
            row["product_id"]: product_of(row) for row in inputs.rows("products") if row["split"] == "train"
        }

    def trains(self, row: Row) -> bool:
        """Return whether a row's product is on the train side."""
        return row["product_id"] in self.products

    def of(self, row: Row) -> str:
        """Return the task prompt for a row's product and content type."""
        return task_prompt(self.products[row["product_id"]], self.content_types[row["content_type"]])


def selected_pairs(inputs: Inputs, prompts: Prompts) -> list[Row]:
    return [row for row in inputs.rows("pairs") if row["selected"] and prompts.trains(row)]


def both_texts(pair: Row) -> Iterator[tuple[str, str, bool]]:
    """Yield (id, text, whether it is the good one) for the two texts of a pair."""
    for side in ("chosen", "rejected"):
        yield f"{pair['item_id']}/{side}", pair[side], side == "chosen"


def named(row: Row, *more: str) -> Row:
    """Return the columns that all datasets share, and `more`."""
    return {name: row[name] for name in ("product_id", "content_type", *more)}
