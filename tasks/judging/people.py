"""What people's labels say: whom they prefer, how far they agree with each other, and the judge with them.

A label is of two texts, never of two systems: where systems wrote the same, it speaks for all of them in the win rates
and counts once, under the first, in the agreement. Every interval is clustered by product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from tasks.judging.agreement import human_human_agreement, judge_human_agreement, krippendorff_alpha
from tasks.judging.config import DEFAULT_PAIRS
from tasks.judging.duels import DuelKey, agreed_winners
from tasks.judging.label_pairs import Meeting, TextPair, text_pairs
from tasks.judging.labels import Label, standing
from tasks.judging.statistics import Estimate, cluster_mean, cluster_rate, optional
from tasks.lineage.step import Row

LEAST = 50  # pairs that two raters have both labelled: below it, neither alpha nor a rate says anything
POINTS = {"left": 1.0, "tie": 0.5, "right": 0.0}


def people_figures(labels: Sequence[Label], answers: Sequence[Row], duels: Sequence[Row]) -> dict[str, Any]:
    """Return what people say of the systems' texts as they are today.

    Returns:
        raters, labels, standing (labels of today's wordings), pairs (labelled), shared (by two raters or more), least
        and enough (whether `shared` reaches it); alpha (an Alpha), human_human and judge_human (an Agreement),
        first_share (an Estimate, or None without a decided label); win_rates: a row a pair of systems (`win_rate`);
        notes (product_id, content_type, note).
    """
    pairs = text_pairs(answers, meetings_of(duels))
    kept = standing(labels, pairs)
    rows = [row for label in kept for row in label_rows(label, pairs[label.pair])[:1]]
    raters_of: dict[str, set[str]] = defaultdict(set)
    for label in kept:
        raters_of[label.pair].add(label.rater)
    shared = sum(len(raters) > 1 for raters in raters_of.values())
    return {
        "raters": len({label.rater for label in kept}),
        "labels": len(labels),
        "standing": len(kept),
        "pairs": len(raters_of),
        "shared": shared,
        "least": LEAST,
        "enough": shared >= LEAST,
        "alpha": asdict(krippendorff_alpha(rows)),
        "human_human": asdict(human_human_agreement(rows)),
        "judge_human": asdict(judge_human_agreement(rows, duels)),
        "first_share": optional(first_share(kept, pairs)),
        "win_rates": win_rates(kept, pairs, duels),
        "notes": notes_of(kept, pairs),
    }


def preference_of(people: Mapping[str, Any]) -> str:
    """Return whose preference the results may be called: "people" once enough pairs have two raters, else "judge"."""
    return "people" if people["enough"] else "judge"


def meetings_of(duels: Iterable[Row]) -> list[Meeting]:
    """Return the pairs of systems that met before the judge; those of the defaults where none did."""
    met = {(row["left"], row["right"]) for row in duels}
    return [pair for pair in DEFAULT_PAIRS if pair in met or not met] + sorted(met - set(DEFAULT_PAIRS))


def label_rows(label: Label, pair: TextPair) -> list[Row]:
    """Return what a label says of systems: product_id, content_type, left, right, rater, winner; a row a meeting."""
    return [
        {
            "product_id": pair.product_id,
            "content_type": pair.content_type,
            "left": left,
            "right": right,
            "rater": label.rater,
            "winner": {left_wording: "left", right_wording: "right", "tie": "tie"}[label.chosen],
        }
        for left, left_wording, right, right_wording in pair.meetings
    ]


def first_share(labels: Iterable[Label], pairs: Mapping[str, TextPair]) -> Estimate | None:
    """Return how often the first place won, among labels that name a winner: half, where people have no side."""
    decided = [label for label in labels if label.winner != "tie"]
    return cluster_rate((pairs[label.pair].product_id, float(label.winner == "first")) for label in decided)


def win_rates(labels: Iterable[Label], pairs: Mapping[str, TextPair], duels: Iterable[Row]) -> list[dict[str, Any]]:
    """Return a `win_rate` for each pair of systems with a label, in the order of the labels' meetings."""
    met: dict[Meeting, dict[DuelKey, list[str]]] = defaultdict(lambda: defaultdict(list))
    for label in labels:
        for row in label_rows(label, pairs[label.pair]):
            key = (row["product_id"], row["content_type"], row["left"], row["right"])
            met[row["left"], row["right"]][key].append(row["winner"])
    judged = agreed_winners(duels)
    order = [*DEFAULT_PAIRS, *sorted(set(met) - set(DEFAULT_PAIRS))]
    return [win_rate(meeting, met[meeting], judged) for meeting in order if meeting in met]


def win_rate(meeting: Meeting, said: Mapping[DuelKey, Sequence[str]], judged: Mapping[DuelKey, str]) -> dict[str, Any]:
    """Return how often left wins over right.

    Returns:
        left, right; wins, losses, ties: labels; rate: mean of win 1, tie 1/2, loss 0, where a pair of texts counts once
        however many people labelled it; judge_rate: the judge's on the same pairs of texts, as far as it judged them.
    """
    winners = [winner for votes in said.values() for winner in votes]
    people = [(key[0], fmean(POINTS[winner] for winner in votes)) for key, votes in said.items()]
    judge = [(key[0], POINTS[judged[key]]) for key in said if key in judged]
    return {
        "left": meeting[0],
        "right": meeting[1],
        "wins": winners.count("left"),
        "losses": winners.count("right"),
        "ties": winners.count("tie"),
        "rate": optional(cluster_mean(people, (0.0, 1.0))),
        "judge_rate": optional(cluster_mean(judge, (0.0, 1.0))),
    }


def notes_of(labels: Iterable[Label], pairs: Mapping[str, TextPair]) -> list[Row]:
    found = [(pairs[label.pair], label.note) for label in labels if label.note]
    return [{"product_id": pair.product_id, "content_type": pair.content_type, "note": note} for pair, note in found]
