"""The quality estimate Y/X: people mark a seeded sample of accepted texts; how many they find good, with an interval.

Invariants: a mark belongs to one wording of one text (its digest), so that a text that was rewritten since counts no
more; every type has its share of the sample, and products repeat as little as possible, so that rows are close to
independent and Wilson's interval says what it claims.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tasks.compliance.text_file import encoding_of
from tasks.judging.statistics import wilson
from tasks.lineage.canonical import digest, unit_hash
from tasks.lineage.errors import UserError
from tasks.lineage.step import Row
from tasks.preferences.assignment import nearest

LEAST = 50  # marked rows: below it, the interval is wider than any use of the figure
COLUMNS = ("item_id", "content_type", "product_name", "sheet", "text", "good", "note", "wording")
NEEDED = ("item_id", "content_type", "good", "wording")
YES = {"1", "y", "yes", "true", "good", "是", "好", "合格", "√", "✓"}
NO = {"0", "n", "no", "false", "bad", "否", "坏", "不合格", "×", "✗", "x"}


@dataclass(frozen=True)
class Mark:
    """What a person said of one wording of one text."""

    item_id: str
    content_type: str
    wording: str
    good: bool
    note: str = ""


@dataclass(frozen=True)
class Share:
    """Y of X marked texts are good; low, high: Wilson's 95% interval."""

    good: int
    marked: int
    share: float
    low: float
    high: float


def wording_of(text: str) -> str:
    """Return the name of a wording: whoever changes a character of the text changes it."""
    return digest(text)[:16]


# -- the sample --------------------------------------------------------------------------------------------------------


def sample_rows(copy: Sequence[Row], products: Sequence[Row], size: int, seed: int) -> list[Row]:
    """Return rows of COLUMNS for people to mark: `good` and `note` are empty.

    Args:
        copy: rows of the table; only accepted ones are sampled. products: rows whose facts stand beside the texts.
        size: how many; each type has its share of them. seed: of the choice.
    Raises:
        UserError: fewer than LEAST rows are asked for, or there are fewer accepted texts.
    """
    accepted = [row for row in copy if row["status"] == "accepted"]
    if size < LEAST:
        raise UserError(f"--rows {size}", "too few to estimate from", f"at least {LEAST}", "ask for more")
    if len(accepted) < size:
        raise UserError(f"--rows {size}", f"{len(accepted)} accepted texts", "as many as rows", "run, or ask for fewer")
    counts = nearest(size, dict(sorted(Counter(row["content_type"] for row in accepted).items())))
    by_id = {row["product_id"]: row for row in products}
    used: Counter[str] = Counter()
    chosen: list[Row] = []
    for kind, count in counts.items():
        mine = [row for row in accepted if row["content_type"] == kind]
        for row in spread(mine, count, used, seed):
            used[row["product_id"]] += 1
            chosen.append(sampled(row, by_id[row["product_id"]]))
    return chosen


def spread(rows: Sequence[Row], count: int, used: Mapping[str, int], seed: int) -> list[Row]:
    """Return `count` rows: those of the least used products first, by a seeded hash among equals."""
    ordered = sorted(rows, key=lambda row: (used.get(row["product_id"], 0), unit_hash(seed, "quality", row["item_id"])))
    return ordered[:count]


def sampled(row: Row, product: Row) -> Row:
    facts = {"成分": "、".join(product["core_ingredients"]), "特点": "、".join(product["features"]),
             "人群": product["target_audience"], "依据": "；".join(product["evidence"] or ())}  # fmt: skip
    return {
        **{name: row[name] for name in ("item_id", "content_type", "product_name")},
        "sheet": "\n".join(f"{name}：{value}" for name, value in facts.items() if value),
        "text": row["text"],
        "good": "",
        "note": "",
        "wording": wording_of(row["text"]),
    }


# -- the marks ---------------------------------------------------------------------------------------------------------


def read_marks(path: Path) -> list[Mark]:
    """Return the marks of a file; rows whose `good` is empty are none.

    Raises:
        UserError: the file is no CSV of a sample, a mark is neither yes nor no, a text is marked twice, or fewer than
            LEAST rows are marked; it names the row.
    """
    with path.open(encoding=encoding_of(path), newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            found = f"no column {', '.join(missing)}"
            raise UserError(str(path), found, "a file of `copymill sample-quality`", "keep its columns, save as CSV")
        marks = [mark for number, row in enumerate(reader, start=1) if (mark := mark_of(row, f"{path} row {number}"))]
    twice = [name for name, count in Counter(mark.item_id for mark in marks).items() if count > 1]
    if twice:
        raise UserError(str(path), f"{twice[0]} is marked twice", "one row a text", "remove one of them")
    if len(marks) < LEAST:
        raise UserError(
            str(path), f"{len(marks)} rows are marked", f"at least {LEAST}, for an interval that says anything",
            "mark more rows: 1 or 0 in the column `good`",
        )  # fmt: skip
    return marks


def mark_of(row: Mapping[str, Any], place: str) -> Mark | None:
    """Return the mark of a row, or None where nobody marked it."""
    said = (row["good"] or "").strip().lower()
    if not said:
        return None
    if said not in YES | NO:
        raise UserError(place, f"good is {said!r}", "1 or 0 (yes or no, 是 or 否)", "mend the mark, or leave it empty")
    return Mark(row["item_id"], row["content_type"], row["wording"], said in YES, (row.get("note") or "").strip())


def standing(marks: Iterable[Mark], copy: Sequence[Row]) -> list[Mark]:
    """Return the marks of texts that are accepted now in just this wording."""
    now = {row["item_id"]: wording_of(row["text"]) for row in copy if row["status"] == "accepted"}
    return [mark for mark in marks if now.get(mark.item_id) == mark.wording]


# -- the estimate ------------------------------------------------------------------------------------------------------


def share_of(marks: Sequence[Mark]) -> Share | None:
    """Return how many marks are good, with Wilson's interval; None without marks."""
    if not marks:
        return None
    good = sum(mark.good for mark in marks)
    low, high = wilson(good, len(marks))
    return Share(good, len(marks), good / len(marks), low, high)


def quality_figures(marks: Sequence[Mark], copy: Sequence[Row]) -> dict[str, Any]:
    """Return what is known of the quality of the accepted texts.

    Returns:
        marked; standing (marks of today's wordings); enough (at least LEAST of these); all (a Share as a dict, None
        without marks); by_type (rows with content_type and a Share); notes (what was said of texts that are not good).
    """
    kept = standing(marks, copy)
    groups: dict[str, list[Mark]] = defaultdict(list)
    for mark in kept:
        groups[mark.content_type].append(mark)
    shares = {name: share_of(found) for name, found in sorted(groups.items())}
    overall = share_of(kept)
    return {
        "marked": len(marks),
        "standing": len(kept),
        "least": LEAST,
        "enough": len(kept) >= LEAST,
        "all": asdict(overall) if overall else None,
        "by_type": [{"content_type": name, **asdict(share)} for name, share in shares.items() if share],
        "notes": [{"item_id": mark.item_id, "note": mark.note} for mark in kept if mark.note and not mark.good],
    }
