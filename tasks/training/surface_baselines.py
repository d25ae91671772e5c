"""What judges texts without understanding them: length alone, and a linear model on character n-grams.

For pairs it says which text is better, for single texts with a label whether they are good.

They stand beside the reward model in its card: where they get it all, the pairs teach surface (facts/judging.md).
Numpy and scipy only; hashing by CRC-32, so the same pairs give the same figures everywhere.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

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
    counts = [Counter(grams(chosen)) for chosen, _ in pairs]
    for known, (_, rejected) in zip(counts, pairs, strict=True):
        known.subtract(grams(rejected))
    return sparse(counts)


def sparse(counts: Sequence[Mapping[int, int]]) -> Sparse:
    """Return (column -> count) of each row as sparse rows of length one."""
    rows, columns, values = [], [], []
    for row, mine in enumerate(counts):
        entries = sorted((column, count) for column, count in mine.items() if count)
        norm = sum(count * count for _, count in entries) ** 0.5
        rows += [row] * len(entries)
        columns += [column for column, _ in entries]
        values += [count / norm for _, count in entries]
    return Sparse(np.array(rows, int), np.array(columns, int), np.array(values, float), len(counts))


Labelled = tuple[str, bool]  # (text, whether it is good)


def length_verdicts(train: Sequence[Labelled], texts: Sequence[str]) -> np.ndarray:
    """Return whether each text is good by the length, and the side of it, that judge most train texts right."""
    lengths, good = np.array([len(text) for text, _ in train]), np.array([label for _, label in train])
    judged = [
        (float(((lengths >= least) == (good == longer)).mean()), int(least), longer)
        for least in np.unique(lengths)
        for longer in (True, False)
    ]
    _, least, longer = max(judged)
    return np.array([(len(text) >= least) == longer for text in texts])


def ngram_verdicts(train: Sequence[Labelled], texts: Sequence[str]) -> np.ndarray:
    """Return whether each text is good by a ridge logistic model on hashed character 1- to 3-grams with a bias.

    Its ridge is one over the train texts (scikit-learn's C = 1).
    """
    known, signs = counted([text for text, _ in train]), np.array([1.0 if label else -1.0 for _, label in train])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (known.times(weights[:-1]) + weights[-1])
        slopes = -signs / (1 + np.exp(margins)) / len(signs)
        gradient = known.transposed_times(slopes) + weights[:-1] / len(signs)
        value = np.logaddexp(0, -margins).mean() + weights[:-1] @ weights[:-1] / (2 * len(signs))
        return float(value), np.append(gradient, slopes.sum())

    weights = minimize(loss, np.zeros(BUCKETS + 1), jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    return counted(texts).times(weights[:-1]) + weights[-1] > 0


def counted(texts: Sequence[str]) -> Sparse:
    """Return n-gram counts of single texts, each row at length one."""
    return sparse([Counter(grams(text)) for text in texts])


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
