"""What ranks pairs without understanding them: length alone, and a linear model on character n-grams.

They stand beside the reward model in its card: where they get it all, the pairs teach surface (facts/judging.md).
Numpy only; hashing by CRC-32, so the same pairs give the same figures everywhere.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BUCKETS = 1 << 16
LONGEST_GRAM = 3
ITERATIONS = 200
STEP = 2.0
RIDGE = 1e-3

Pair = tuple[str, str]  # (chosen, rejected)


def length_accuracy(train: Sequence[Pair], held_out: Sequence[Pair]) -> list[float]:
    """Return, for each held-out pair, whether length ranks it right (1, 0, or .5 for equal lengths).

    Which way length points (longer or shorter is better) is taken from the train pairs.
    """
    votes = sum((len(chosen) > len(rejected)) - (len(chosen) < len(rejected)) for chosen, rejected in train)
    sign = 1 if votes >= 0 else -1
    return [0.5 + 0.5 * float(np.sign(sign * (len(chosen) - len(rejected)))) for chosen, rejected in held_out]


def ngram_accuracy(train: Sequence[Pair], held_out: Sequence[Pair]) -> list[float]:
    """Return, for each held-out pair, whether a logistic model on hashed character 1- to 3-grams ranks it right."""
    weights = fitted(differences(train))
    margins = differences(held_out).times(weights)
    return [0.5 + 0.5 * float(np.sign(margin)) for margin in margins]


@dataclass(frozen=True)
class Sparse:
    """Rows of sparse values: entry k says that row rows[k] has values[k] in column columns[k]."""

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    count: int

    def times(self, weights: np.ndarray) -> np.ndarray:
        return np.bincount(self.rows, self.values * weights[self.columns], self.count)

    def transposed_times(self, vector: np.ndarray) -> np.ndarray:
        return np.bincount(self.columns, self.values * vector[self.rows], BUCKETS)


def differences(pairs: Sequence[Pair]) -> Sparse:
    """Return n-gram counts of chosen less rejected, each row at length one."""
    rows, columns, values = [], [], []
    for row, (chosen, rejected) in enumerate(pairs):
        counts = Counter(grams(chosen))
        counts.subtract(grams(rejected))
        entries = sorted((column, count) for column, count in counts.items() if count)
        norm = sum(count * count for _, count in entries) ** 0.5
        rows += [row] * len(entries)
        columns += [column for column, _ in entries]
        values += [count / norm for _, count in entries]
    return Sparse(np.array(rows, int), np.array(columns, int), np.array(values, float), len(pairs))


def grams(text: str) -> list[int]:
    return [
        zlib.crc32(text[start : start + size].encode()) % BUCKETS
        for size in range(1, LONGEST_GRAM + 1)
        for start in range(len(text) - size + 1)
    ]


def fitted(data: Sparse) -> np.ndarray:
    """Return the weights of a ridge logistic model under which every row's margin should be positive."""
    weights = np.zeros(BUCKETS)
    for _ in range(ITERATIONS):
        missing = 1 / (1 + np.exp(data.times(weights)))
        weights += STEP * (data.transposed_times(missing) / data.count - RIDGE * weights)
    return weights
