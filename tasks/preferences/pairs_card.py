"""The pairs card: what the pairs are, how each was proven, what was dropped and why, and what they can teach.

A plain dict for the report and for `copymill export card`; every figure is counted from the rows handed in. Surface is
measured as facts/judging.md asks: where length or character n-grams rank everything right, a reward model has nothing
to understand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import gcd
from statistics import fmean
from typing import Any

from tasks.datasets.data_card import distinct, normal
from tasks.datasets.near_duplicates import THRESHOLD, near_duplicates, repeats_of
from tasks.lineage.step import Row
from tasks.preferences.judge import trial_of
from tasks.preferences.negatives import last_faults
from tasks.preferences.surface_baselines import by_method, cross_validated, longer_is_better, texts_of

Card = dict[str, Any]
METHODS = ("weak", "exaggerated", "fake")
SPLITS = ("train", "val")
LEAST_COVERED = 0.85  # share of accepted texts that should end with a pair
LENGTH_BAND = (0.45, 0.55)  # where "the longer one" should be right: elsewhere length tells which text is chosen
REASONS_SHOWN = 12


def pairs_card(pairs: Sequence[Row], accepted: int, trial: Sequence[Row] = ()) -> Card:
    """Return the card of the pairs.

    Args:
        pairs: all rows of the table, dropped and failed ones included.
        accepted: accepted texts, each of which should have a pair. trial: rows of `judge_trial`.
    Returns:
        all, made, selected (counts); coverage; methods (a row each); ratios (of the selected, by split); types (made
        pairs by content type, split and method); trial (whether the judge of weak pairs may be believed); dropped
        (reasons, most first); surface (how often rankers without
        understanding are right, by method); repetition; leakage.
    """
    made = [row for row in pairs if row["status"] == "made"]
    selected = [row for row in made if row["selected"]]
    return {
        "all": len(pairs),
        "made": len(made),
        "selected": len(selected),
        "coverage": coverage(len(made), accepted),
        "methods": [method_figures(method, pairs, len(selected)) for method in methods_of(pairs)],
        "ratios": {split: ratio([row for row in selected if row["split"] == split]) for split in SPLITS},
        "types": type_figures(made),
        "trial": trial_of(trial).as_dict(),
        "dropped": drop_figures(pairs),
        "surface": surface(selected),
        "repetition": [repetition(method, selected) for method in methods_of(selected)],
        "leakage": leakage(made),
    }


def coverage(made: int, accepted: int) -> Card:
    """Return the share of accepted texts that have a pair; None where no text was accepted."""
    share = made / accepted if accepted else None
    return {
        "accepted": accepted,
        "with_pair": made,
        "share": share,
        "wanted": LEAST_COVERED,
        "enough": share is not None and share >= LEAST_COVERED,
    }


def methods_of(pairs: Iterable[Row]) -> list[str]:
    present = {row["method"] for row in pairs}
    return [*(m for m in METHODS if m in present), *sorted(present - set(METHODS))]


def method_figures(method: str, pairs: Sequence[Row], selected_in_all: int) -> Card:
    rows = [row for row in pairs if row["method"] == method]
    made = [row for row in rows if row["status"] == "made"]
    selected = sum(bool(row["selected"]) for row in made)
    ratios = [row["length_ratio"] for row in made if row["length_ratio"] is not None]
    return {
        "method": method,
        "asked": len(rows),
        "made": len(made),
        "proven": sum(bool(row["proven"]) for row in made),
        "selected": selected,
        "selected_share": selected / selected_in_all if selected_in_all else None,
        "dropped": sum(row["status"] == "dropped" for row in rows),
        "failed": sum(row["status"] == "failed" for row in rows),
        "length_ratio": sum(ratios) / len(ratios) if ratios else None,
        "shorter_share": sum(ratio < 1 for ratio in ratios) / len(ratios) if ratios else None,
    }


def ratio(selected: Sequence[Row]) -> Card:
    """Return the selected pairs by method, and their proportion in least terms ("5 : 3 : 2")."""
    counts = Counter(row["method"] for row in selected)
    shown = [counts[method] for method in METHODS]
    unit = gcd(*shown) or 1
    return {**dict(zip(METHODS, shown, strict=True)), "proportion": " : ".join(str(count // unit) for count in shown)}


def type_figures(made: Sequence[Row]) -> list[Card]:
    """Return made pairs by content type, split and method, and how often the longer text is the chosen one."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in made:
        groups[row["content_type"]].append(row)
    return [
        {
            "content_type": name,
            **{
                split: {method: sum(row["split"] == split and row["method"] == method for row in rows)
                        for method in METHODS}
                for split in SPLITS
            },
            "longer_is_better": round(fmean(longer_is_better(texts_of(rows))), 4),
        }
        for name, rows in sorted(groups.items())
    ]  # fmt: skip


def drop_figures(pairs: Sequence[Row]) -> list[Card]:
    """Return why no pair came of an accepted text: method and the faults of its last attempt, most first."""
    found = Counter(
        (row["method"], row["status"], last_faults(row["error"])) for row in pairs if row["status"] != "made"
    )
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:REASONS_SHOWN]
    return [
        {"method": method, "status": status, "reason": reason, "count": count}
        for (method, status, reason), count in ordered
    ]


# -- what surface alone can tell ---------------------------------------------------------------------------------------


def surface(selected: Sequence[Row]) -> Card:
    """Return, by method and for all, how often each ranker is right: {method: pairs, ranker: share}.

    longer_is_better is a fixed rule, and length_by_type, character_ngrams were fitted on the other products' pairs
    (five folds, product-wise); the latter two are missing with fewer than two products. `length_balanced` says whether
    the fixed rule lies in LENGTH_BAND over all pairs.
    """
    if not selected:
        return {"by_method": {}, "band": list(LENGTH_BAND), "length_balanced": None}
    pairs = texts_of(selected)
    right = {"longer_is_better": longer_is_better(pairs)} | cross_validated(
        pairs, [row["product_id"] for row in selected], [row["content_type"] for row in selected]
    )
    shares = by_method([row["method"] for row in selected], right)
    low, high = LENGTH_BAND
    balanced = low <= shares["all"]["longer_is_better"] <= high
    ordered = {name: shares[name] for name in (*methods_of(selected), "all")}
    return {"by_method": ordered, "band": list(LENGTH_BAND), "length_balanced": balanced}


# -- repetition and leakage --------------------------------------------------------------------------------------------


def repetition(method: str, selected: Sequence[Row]) -> Card:
    """Return how often the method's texts repeat each other: near-duplicates and distinct-n of either side.

    Texts are compared within their content type (character 3-gram MinHash, Jaccard at THRESHOLD).
    """
    rows = [row for row in selected if row["method"] == method]
    sides = {}
    for side in ("chosen", "rejected"):
        texts = [row[side] for row in rows]
        repeated = sum(len(near_duplicates(group)) for group in grouped(rows, side).values())
        grams = {f"distinct_{size}": round(distinct(texts, size), 4) for size in (1, 2)}
        sides[side] = {"near_duplicates": repeated, **grams}
    return {"method": method, "pairs": len(rows), "threshold": THRESHOLD, **sides}


def grouped(rows: Iterable[Row], side: str) -> dict[str, dict[str, str]]:
    """Return content type -> item id -> text of one side."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        groups[row["content_type"]][row["item_id"]] = row[side]
    return groups


def leakage(made: Sequence[Row]) -> Card:
    """Return what pairs of val products share with those of train products; `clean`: neither product nor name.

    near_val: rejected texts of train pairs that nearly repeat one of a val pair of their content type.
    """
    train, val = ([row for row in made if row["split"] == split] for split in SPLITS)
    ids = shared(train, val, lambda row: row["product_id"])
    names = shared(train, val, lambda row: normal(row["product_name"]))
    others = grouped(val, "rejected")
    near = sum(
        len(repeats_of(texts, others[name])) for name, texts in grouped(train, "rejected").items() if name in others
    )
    return {"products": ids, "names": names, "near_val": near, "clean": not ids and not names}


def shared(train: Sequence[Row], val: Sequence[Row], key: Callable[[Row], str]) -> list[str]:
    return sorted({key(row) for row in train} & {key(row) for row in val})
