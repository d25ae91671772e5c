"""A general dataset in a file: dialogues that are no brand copy, and the seeded choice of some of them.

Invariants: the choice depends on the seed and on each dialogue alone, so a larger share only adds rows and a reordered
file gives the same ones; a dialogue that stands twice in the file counts once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.compliance.text_file import csv_objects, encoding_of, json_objects
from tasks.lineage.canonical import digest, unit_hash
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row

BRAND, GENERAL = "brand", "general"  # values of the column `source`, the second also of `content_type`
ROLES = ("system", "user", "assistant")
COLUMNS = "a column `messages` (role and content), or `prompt` and `response`"

Messages = list[dict[str, str]]


def is_brand(row: Mapping[str, Any]) -> bool:
    """Return whether a row of `sft` is made of the brand's copy."""
    return row.get("source", BRAND) != GENERAL


def general_rows(path: Path, brand_rows: int, share: float, seed: int) -> list[Row]:
    """Return the general rows of `sft`, so many that they are `share` of all rows.

    Args:
        path: JSONL, Parquet or CSV with COLUMNS.
        brand_rows: rows of the brand's own. share: 0 to 1, below 1.
    Returns:
        rows with item_id, product_id (both `general/<digest>`: no product), content_type and source `general`,
        messages.
    Raises:
        UserError: the file cannot be read, a row is no dialogue, or it holds too few of them.
    """
    wanted = round(brand_rows * share / (1 - share))
    known = {digest(messages)[:16]: messages for messages in dialogues(path)}
    if len(known) < wanted:
        most = len(known) / (len(known) + brand_rows) if brand_rows else 0.0
        raise UserError(
            str(path), f"{len(known):,} different dialogues", f"{wanted:,} for a share of {share:g}",
            f"set sft.general_share to {most:.2f} or less, or name a larger file",
        )  # fmt: skip
    chosen = sorted(known, key=lambda name: unit_hash(seed, "general", name))[:wanted]
    return [
        {
            "item_id": f"{GENERAL}/{name}",
            "product_id": f"{GENERAL}/{name}",
            "content_type": GENERAL,
            "source": GENERAL,
            "messages": known[name],
        }
        for name in sorted(chosen)
    ]


def dialogues(path: Path) -> Iterator[Messages]:
    """Yield the dialogue of every row.

    Raises:
        UserError: the file cannot be read, or a row is no dialogue; it names the row.
    """
    found = False
    for number, row in enumerate(raw_rows(path), start=1):
        found = True
        yield checked(messages_of(row, f"{path} row {number}"), f"{path} row {number}")
    if not found:
        raise UserError(str(path), "no rows", "dialogues", "name another file")


def messages_of(row: Mapping[str, Any], place: str) -> Any:
    """Return a row's messages, not checked yet; in a CSV they are JSON."""
    if row.get("messages") is not None:
        value = row["messages"]
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise UserError(place, "messages is not JSON", "a list of role and content", "mend the row") from error
    if row.get("prompt") is not None and row.get("response") is not None:
        return [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["response"]}]
    raise UserError(place, f"columns {', '.join(row) or 'none'}", COLUMNS, "rename the columns")


def checked(messages: Any, place: str) -> Messages:
    """Return messages as plain turns: perhaps one of the system, then user and assistant in turn, assistant last."""
    if not isinstance(messages, Sequence) or not all(isinstance(turn, Mapping) for turn in messages):
        raise UserError(place, "messages is no list of turns", "a list of role and content", "mend or remove the row")
    turns = [{"role": str(turn.get("role")), "content": turn.get("content")} for turn in messages]
    if any(not isinstance(turn["content"], str) or not turn["content"].strip() for turn in turns):
        raise UserError(place, "a turn without text", "text in every turn", "mend or remove the row")
    roles = [turn["role"] for turn in turns]
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    pattern = ["user", "assistant"] * (len(spoken) // 2)
    if not spoken or spoken != pattern:
        found = f"turns of {', '.join(roles) or 'nobody'}"
        raise UserError(place, found, "user and assistant in turn, assistant last", "mend or remove the row")
    return [{"role": str(turn["role"]), "content": str(turn["content"])} for turn in turns]


# -- the file ----------------------------------------------------------------------------------------------------------


def raw_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield every row as it stands in the file."""
    readers = {".parquet": parquet_rows, ".csv": csv_rows, ".jsonl": json_rows, ".ndjson": json_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UserError(str(path), f"ends in {path.suffix or 'nothing'}", ", ".join(readers), "convert it to JSONL")
    return reader(path)


def parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(str(path), f"not Parquet ({error})", "a Parquet file", "write it again") from error


def csv_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding=encoding_of(path), newline="") as file:
        yield from csv_objects(path, file)


def json_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding=encoding_of(path)) as file:
        yield from json_objects(path, file)
