"""Rows of the tables above as what training works on: subjects, chats, and the content types that a profile trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.datasets.general import is_brand
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row

Message = dict[str, str]


def wanted(rows: Sequence[Row], content_types: Sequence[str], table: str) -> list[Row]:
    """Return the rows of the wanted content types (all where none is named) and the general ones, in the given order.

    Raises:
        UserError: none of the brand's is left, so that there is nothing to train on.
    """
    kept = [row for row in rows if not content_types or row["content_type"] in content_types or not is_brand(row)]
    if not any(is_brand(row) for row in kept):
        raise UserError(
            f"table {table}",
            f"none of its {len(rows)} rows is of a content type that this profile trains",
            f"rows of {', '.join(content_types) or 'any type'}",
            "look at the quarantined texts (copymill export copy), or name other content_types in the profile",
        )
    return kept


def subject_of(row: Row) -> str:
    """Return what a row is about: the brand's product, or a recipe's input. No split ever parts rows of one subject."""
    return str(row["subject"] if "subject" in row else row["product_id"])


def user_turn(prompt: str) -> list[Message]:
    return [{"role": "user", "content": prompt}]


def assistant_turn(text: str) -> list[Message]:
    return [{"role": "assistant", "content": text}]


def split_answer(messages: Sequence[Mapping[str, Any]]) -> tuple[list[Message], list[Message]]:
    """Return (all turns before the last, the last turn); the last is the assistant's.

    Raises:
        UserError: a row of the sft table does not end with an answer.
    """
    turns = [{"role": str(turn["role"]), "content": str(turn["content"])} for turn in messages]
    if len(turns) < 2 or turns[-1]["role"] != "assistant":
        found = turns[-1]["role"] if turns else "no turn"
        raise UserError("table sft", f"a row ends with {found}", "an assistant turn after a user turn", "rebuild sft")
    return turns[:-1], turns[-1:]
