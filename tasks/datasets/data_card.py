"""What the datasets hold, in figures: counts, lengths, repetition, and whether anything leaks from train to val.

The card is a plain dict for the report; every figure is counted from the rows that were handed in, none is estimated.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from tasks.brief.split import balance
from tasks.datasets.general import is_brand
from tasks.datasets.near_duplicates import THRESHOLD, near_duplicates, repeats_of
from tasks.lineage.step import Row

Card = dict[str, Any]
DATASETS = ("sft", "preference", "kto", "grpo", "reward_rows")


def data_card(tables: Mapping[str, Sequence[Row]]) -> Card:
    """Return the card of products, copy and the five datasets; the pairs have one of their own.

    Args:
        tables: name -> rows; products and copy are needed, the others are counted where they are there.
    Returns:
        products {train, val, by_category}; copy (accepted texts: by_type rows with counts a split and lengths in
        characters, near_duplicates, distinct_1, distinct_2); datasets {name: rows, products, by_type,
        general, general_share}; leakage {…: count or list, clean: bool}.
    """
    products = tables["products"]
    accepted = [row for row in tables["copy"] if row["status"] == "accepted"]
    sides = Counter(row["split"] for row in products)
    return {
        "products": {"train": sides["train"], "val": sides["val"], "by_category": balance(products)},
        "copy": {
            "accepted": len(accepted),
            "by_type": by_type(accepted),
            "near_duplicates": repetition(accepted),
            **{f"distinct_{size}": distinct([row["text"] for row in accepted], size) for size in (1, 2)},
        },
        "datasets": {name: dataset_card(tables[name]) for name in DATASETS if name in tables},
        "leakage": leakage(tables),
    }


def by_type(copy: Sequence[Row]) -> list[Row]:
    """Return a row a content type: texts on each side, and lengths (code points of the stripped text)."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in copy:
        groups[row["content_type"]].append(row)
    return [
        {
            "content_type": name,
            "train": sum(row["split"] == "train" for row in rows),
            "val": sum(row["split"] == "val" for row in rows),
            **lengths([row["text"] for row in rows]),
        }
        for name, rows in sorted(groups.items())
    ]


def lengths(texts: Sequence[str]) -> Row:
    """Return shortest, median and longest length."""
    counts = sorted(len(text.strip()) for text in texts)
    return {"shortest": counts[0], "median": median(counts), "longest": counts[-1]}


def repetition(copy: Sequence[Row]) -> Card:
    """Return how many texts nearly repeat another of their content type, with the worst ten."""
    found = [duplicate for _, texts in sorted(texts_by_type(copy).items()) for duplicate in near_duplicates(texts)]
    worst = sorted(found, key=lambda duplicate: (-duplicate.overlap, duplicate.id))[:10]
    return {
        "threshold": THRESHOLD,
        "count": len(found),
        "share": len(found) / len(copy) if copy else 0.0,
        "worst": [{"item_id": one.id, "of": one.of, "overlap": one.overlap} for one in worst],
    }


def texts_by_type(copy: Sequence[Row]) -> dict[str, dict[str, str]]:
    """Return content type -> item id -> text."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for row in copy:
        groups[row["content_type"]][row["item_id"]] = row["text"]
    return groups


def distinct(texts: Sequence[str], size: int) -> float:
    """Return distinct-n: different character n-grams over all n-grams (Li et al. 2016, on characters); 0 for none."""
    grams = Counter(text[start : start + size] for text in texts for start in range(len(text) - size + 1))
    return len(grams) / total if (total := sum(grams.values())) else 0.0


def dataset_card(rows: Sequence[Row]) -> Card:
    """Return the brand's rows, their products and types; general rows are counted apart, with their share of all."""
    own = [row for row in rows if is_brand(row)]
    general = len(rows) - len(own)
    return {
        "rows": len(own),
        "products": len({row["product_id"] for row in own}),
        "by_type": dict(sorted(Counter(row["content_type"] for row in own).items())),
        "general": general,
        "general_share": round(general / len(rows), 4) if rows else 0.0,
    }


# -- leakage -----------------------------------------------------------------------------------------------------------


def leakage(tables: Mapping[str, Sequence[Row]]) -> Card:
    """Return what of the val side can be seen on the train side; `clean` means that no id and no name can.

    names_on_both_sides: product names that stand in train and in val. val_rows_in: rows of val products in the
    datasets, by dataset. texts_naming_val: train texts that name a val product. texts_near_val: accepted train texts
    that nearly repeat a val text of their content type (same templates: not a leak, but worth knowing).
    """
    sides = {row["product_id"]: row["split"] for row in tables["products"]}
    names: dict[str, set[str]] = {"train": set(), "val": set()}
    for row in tables["products"]:
        names[row["split"]].add(normal(row["product_name"]))
    accepted = [row for row in tables["copy"] if row["status"] == "accepted"]
    train = [row for row in accepted if row["split"] == "train"]
    both = sorted(names["train"] & names["val"])
    there = [name for name in DATASETS if name in tables]
    leaked = {
        name: sum(is_brand(row) and sides.get(row["product_id"]) != "train" for row in tables[name]) for name in there
    }
    return {
        "names_on_both_sides": both,
        "val_rows_in": leaked,
        "texts_naming_val": naming([row["text"] for row in train], names["val"] - names["train"], names["train"]),
        "texts_near_val": near_other_side(train, [row for row in accepted if row["split"] == "val"]),
        "clean": not both and not any(leaked.values()),
    }


def naming(texts: Iterable[str], names: set[str], others: set[str]) -> int:
    """Return how many texts hold one of the names. A name inside a longer one of `others` is not named by it."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    known = sorted(names | others)
    finder = AhoCorasick(known, matchkind=MatchKind.LeftmostLongest)
    hits = ({known[match[0]] for match in finder.find_matches_as_indexes(normal(text))} for text in texts)
    return sum(bool(found & names) for found in hits)


def near_other_side(train: Sequence[Row], val: Sequence[Row]) -> int:
    """Return how many train texts overlap with a val text of their content type by the near-duplicate threshold."""
    others = texts_by_type(val)
    return sum(len(repeats_of(texts, others[name])) for name, texts in texts_by_type(train).items() if name in others)


def normal(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
