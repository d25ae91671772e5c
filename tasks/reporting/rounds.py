"""The history of one text, read by rounds: what the teacher answered, and what stood after free repairs."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.lineage.step import Row


def answers(row: Row) -> dict[int, Row]:
    """Return round number (0: the draft) -> its text as the teacher wrote it."""
    found: dict[int, Row] = {}
    for entry in row["history"] or ():
        found.setdefault(entry["round"], entry)
    return found


def ends(row: Row) -> dict[int, Row]:
    """Return round number -> its text after free repairs, which is what counts."""
    return {entry["round"]: entry for entry in row["history"] or ()}


def kinds(row: Row, entry: Row, kind_of: Mapping[str, str]) -> set[str]:
    """Return the kinds of what blocked a text; words inside the product's own name count as `sheet`.

    kind_of: rule id -> kind, by the rules in force; a rule that is no longer in force stands for itself.
    """
    named = {reason["rule"] for reason in row["reasons"] or () if reason.get("kind") == "sheet"}
    return {"sheet" if rule in named else kind_of.get(rule, rule) for rule in entry["reasons"]}
