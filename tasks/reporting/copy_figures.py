"""From product list to checked copy: what was accepted in which round, what was found on the way, what was refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from tasks.copywriting.model_gates import kind_of_rule
from tasks.lineage.step import Row
from tasks.reporting.flow import flow_figures
from tasks.reporting.model_gates import gate_figures
from tasks.reporting.repairs import repaired_texts
from tasks.reporting.rounds import answers, ends

Figures = dict[str, Any]


def copy_figures(drafts: Sequence[Row], copy: Sequence[Row], kind_of: Mapping[str, str]) -> Figures:
    """Return counts, the flow by round, reasons by round, repaired texts, and acceptance by content type.

    kind_of: rule id -> kind, by the rules in force.
    """
    saved = [row for row in copy if free_repairs(row)]
    by_status = Counter(row["status"] for row in copy)
    judged = by_status["accepted"] + by_status["quarantined"]
    return {
        "drafts": len(drafts),
        "drafts_failed": sum(row["status"] == "failed" for row in drafts),
        "texts": len(copy),
        "accepted": by_status["accepted"],
        "quarantined": by_status["quarantined"],
        "failed": by_status["failed"],
        "accepted_share": by_status["accepted"] / judged if judged else None,
        "first_draft_accepted": sum(row["status"] == "accepted" and not row["rounds"] for row in copy),
        "paid_rounds": sum(row["rounds"] or 0 for row in copy),
        "repairs_that_broke_another_rule": sum(map(rounds_that_broke, copy)),
        "mended_for_free": len(saved),
        "rounds_saved": sum(map(rounds_saved, saved)),
        "rounds": rounds(copy),
        "reasons_by_round": reasons_by_round(copy, kind_of),
        "flow": flow_figures(copy, kind_of),
        "repaired": repaired_texts(copy, kind_of),
        "by_type": by_type(copy),
        "quarantine": quarantine(copy),
        "model_gates": gate_figures(copy),
    }


def rounds(copy: Sequence[Row]) -> list[Figures]:
    """Return for each round (0 is the draft) how many texts were checked, accepted, given up and sent on."""
    checked = Counter(number for row in copy for number in answers(row))
    ended: dict[int, Counter[str]] = defaultdict(Counter)
    for row in copy:
        if row["history"]:
            ended[row["history"][-1]["round"]][row["status"]] += 1
    return [
        {
            "round": number,
            "checked": checked[number],
            "accepted": ended[number]["accepted"],
            "quarantined": ended[number]["quarantined"],
            "failed": ended[number]["failed"],
            "sent_on": checked[number] - ended[number].total(),
        }
        for number in sorted(checked)
    ]


def reasons_by_round(copy: Sequence[Row], kind_of: Mapping[str, str]) -> Figures:
    """Return {rounds, checked, rows: [{kind, rules, counts}]}: texts in which a kind was found, round by round.

    Counted in what the teacher wrote, before free repairs. A rule that is no longer in force is shown under its own id.
    """
    checked: Counter[int] = Counter()
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    rules: dict[str, set[str]] = defaultdict(set)
    for row in copy:
        for number, entry in answers(row).items():
            checked[number] += 1
            for rule in entry["reasons"]:
                rules[kind_of.get(rule, rule)].add(rule)
            for kind in {kind_of.get(rule, rule) for rule in entry["reasons"]}:
                counts[kind][number] += 1
    numbers = sorted(checked)
    ordered = sorted(counts, key=lambda kind: (-counts[kind].total(), kind))
    return {
        "rounds": numbers,
        "checked": [checked[number] for number in numbers],
        "rows": [
            {"kind": kind, "rules": sorted(rules[kind]), "counts": [counts[kind][number] for number in numbers]}
            for kind in ordered
        ],
    }


def rounds_that_broke(row: Row) -> int:
    """Return in how many rounds of one text a rule was broken that had been kept the round before.

    What a model gate refuses counts only where it was asked the round before too.
    """
    stood = list(ends(row).values())
    return sum(bool(newly_broken(before, after)) for before, after in pairwise(stood))


def newly_broken(before: Row, after: Row) -> set[str]:
    fresh = set(after["reasons"]) - set(before["reasons"])
    return fresh if before.get("gates") else {rule for rule in fresh if not kind_of_rule(rule)}


def free_repairs(row: Row) -> list[tuple[Row, Row]]:
    """Return (text before, text after) of the free repairs that mended a rule."""
    pairs = zip(answers(row).values(), ends(row).values(), strict=True)
    return [(before, after) for before, after in pairs if set(before["reasons"]) - set(after["reasons"])]


def rounds_saved(row: Row) -> int:
    """Return in how many rounds free repairs alone made a text pass that would have needed another call."""
    return sum(not after["reasons"] for _, after in free_repairs(row))


def by_type(copy: Sequence[Row]) -> list[Figures]:
    """Return for each content type how many texts there are, how many were accepted, and the mean of paid rounds."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in copy:
        groups[row["content_type"]].append(row)
    return [
        {
            "content_type": name,
            "texts": len(rows),
            "accepted": sum(row["status"] == "accepted" for row in rows),
            "quarantined": sum(row["status"] == "quarantined" for row in rows),
            "failed": sum(row["status"] == "failed" for row in rows),
            "rounds": sum(row["rounds"] or 0 for row in rows) / len(rows),
        }
        for name, rows in sorted(groups.items())
    ]


def quarantine(copy: Sequence[Row]) -> list[Figures]:
    """Return the texts that were given up, each with the reasons that stand in its last form."""
    return [
        {
            "item_id": row["item_id"],
            "product_name": row["product_name"],
            "content_type": row["content_type"],
            "rounds": row["rounds"] or 0,
            "text": row["text"] or "",
            "reasons": [reason for reason in row["reasons"] or () if reason["severity"] == "block"],
        }
        for row in copy
        if row["status"] == "quarantined"
    ]
