"""What ranks pairs without understanding them: length alone, and a linear model on character n-grams.

They stand in the pairs card and beside the reward model in its card: where they get it all, the pairs teach surface
(facts/judging.md). Hashing by CRC-32, so the same pairs give the same figures everywhere.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from tasks.lineage.canonical import unit_hash
from tasks.lineage.step import Row

BUCKETS = 1 << 16
LONGEST_GRAM = 3
ITERATIONS = 200
STEP = 2.0
RIDGE = 1e-3
FOLDS = 5
SEED = 5

Pair = tuple[str, str]  # (chosen, rejected)


def length_accuracy(train: Sequence[Pair], held_out: Sequence[Pair]) -> list[float]:
    """Return, for each held-out pair, whether length ranks it right (1, 0, or .5 for equal lengths).

    Which way length points (longer or shorter is better) is taken from the train pairs.
    """
    longer = sum(found - 0.5 for found in longer_is_better(train)) >= 0
    return [found if longer else 1 - found for found in longer_is_better(held_out)]


def longer_is_better(pairs: Sequence[Pair]) -> list[float]:
    """Return, for each pair, whether the longer text is the chosen one (1, 0, or .5 for equal lengths).

    Nothing is fitted. A direction learnt on other products would be worse than chance just where lengths are balanced:
    what is held out then leans the other way.
    """
    return [0.5 + 0.5 * float(np.sign(len(chosen) - len(rejected))) for chosen, rejected in pairs]


def ngram_accuracy(train: Sequence[Pair], held_out: Sequence[Pair]) -> list[float]:
    """Return, for each held-out pair, whether a logistic model on hashed character 1- to 3-grams ranks it right."""
    return right(differences(held_out) @ fitted(differences(train)))


def right(margins: np.ndarray) -> list[float]:
    return [0.5 + 0.5 * float(sign) for sign in np.sign(margins)]


def by_method(methods: Sequence[str], right: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Return {method or `all`: {pairs, share right by each ranker}}, `all` last."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, method in enumerate(methods):
        places[method].append(place)
    places = {method: places[method] for method in sorted(places)} | {"all": list(range(len(methods)))}
    return {
        method: {"pairs": len(mine)} | {name: round(fmean(found[p] for p in mine), 4) for name, found in right.items()}
        for method, mine in places.items()
    }


def texts_of(rows: Iterable[Row]) -> list[tuple[str, str]]:
    return [(row["chosen"], row["rejected"]) for row in rows]


# -- every pair held out once ------------------------------------------------------------------------------------------


def cross_validated(pairs: Sequence[Pair], products: Sequence[str], types: Sequence[str]) -> dict[str, list[float]]:
    """Return, for each pair, whether rankers fitted on the pairs of *other* products rank it right.

    Args:
        products: the product of each pair; all pairs of one product are held out together, so that a ranker cannot
            know a product's words. types: the content type of each pair.
    Returns:
        {length_by_type, character_ngrams}: 1, 0 or .5 a pair; empty with fewer than two products. length_by_type
        learns for each content type which way length points: the prompt tells a model as much.
    """
    fold_of = folds(products)
    if len(set(fold_of.values())) < 2:
        return {}
    rows = differences(pairs)
    found: dict[str, list[float]] = {"length_by_type": [0.0] * len(pairs), "character_ngrams": [0.0] * len(pairs)}
    for fold in sorted(set(fold_of.values())):
        out = [place for place, product in enumerate(products) if fold_of[product] == fold]
        known = [place for place, product in enumerate(products) if fold_of[product] != fold]
        for place, hit in zip(out, right(rows[out] @ fitted(rows[known])), strict=True):
            found["character_ngrams"][place] = hit
        for kind in sorted(set(types)):
            mine = [place for place in out if types[place] == kind]
            others = [pairs[place] for place in known if types[place] == kind]
            for place, hit in zip(mine, length_accuracy(others, [pairs[place] for place in mine]), strict=True):
                found["length_by_type"][place] = hit
    return found


def folds(products: Sequence[str]) -> Mapping[str, int]:
    """Return product -> fold: dealt out in hash order, so that folds differ by one product at most."""
    ordered = sorted(set(products), key=lambda product: unit_hash(SEED, "fold", product))
    return {product: place % FOLDS for place, product in enumerate(ordered)}


# -- the linear model --------------------------------------------------------------------------------------------------


def differences(pairs: Sequence[Pair]) -> Any:
    """Return a sparse matrix (pairs x BUCKETS): n-gram counts of chosen less rejected, each row at length one."""
    counts = [Counter(grams(chosen)) for chosen, _ in pairs]
    for known, (_, rejected) in zip(counts, pairs, strict=True):
        known.subtract(grams(rejected))
    return sparse(counts)


def sparse(counts: Sequence[Mapping[int, int]]) -> Any:
    """Return (column -> count) of each row as a sparse matrix (rows x BUCKETS), each row at length one."""
    from scipy.sparse import csr_matrix

    rows, columns, values = [], [], []
    for row, mine in enumerate(counts):
        entries = sorted((column, count) for column, count in mine.items() if count)
        norm = sum(count * count for _, count in entries) ** 0.5
        rows += [row] * len(entries)
        columns += [column for column, _ in entries]
        values += [count / norm for _, count in entries]
    return csr_matrix((np.array(values, float), (np.array(rows, int), np.array(columns, int))), (len(counts), BUCKETS))


def grams(text: str) -> list[int]:
    return [
        zlib.crc32(text[start : start + size].encode()) % BUCKETS
        for size in range(1, LONGEST_GRAM + 1)
        for start in range(len(text) - size + 1)
    ]


def fitted(rows: Any) -> np.ndarray:
    """Return the weights of a ridge logistic model under which every row's margin should be positive."""
    weights, columns = np.zeros(BUCKETS), rows.T.tocsr()
    for _ in range(ITERATIONS):
        missing = 1 / (1 + np.exp(rows @ weights))
        weights += STEP * (columns @ missing / rows.shape[0] - RIDGE * weights)
    return weights
