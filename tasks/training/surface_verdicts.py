"""What judges single texts without understanding them: their length, and a linear model on character n-grams.

They stand beside a binary reward model in its card: where they get it all, the labels teach surface. The n-grams are
those of the rankers of pairs (tasks/preferences/surface_baselines.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tasks.preferences.surface_baselines import BUCKETS, grams, sparse

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
    from scipy.optimize import minimize

    known, signs = counted([text for text, _ in train]), np.array([1.0 if label else -1.0 for _, label in train])
    columns = known.T.tocsr()

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (known @ weights[:-1] + weights[-1])
        slopes = -signs / (1 + np.exp(margins)) / len(signs)
        gradient = columns @ slopes + weights[:-1] / len(signs)
        value = np.logaddexp(0, -margins).mean() + weights[:-1] @ weights[:-1] / (2 * len(signs))
        return float(value), np.append(gradient, slopes.sum())

    weights = minimize(loss, np.zeros(BUCKETS + 1), jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    return counted(texts) @ weights[:-1] + weights[-1] > 0


def counted(texts: Sequence[str]) -> Any:
    """Return n-gram counts of single texts, each row at length one."""
    return sparse([Counter(grams(text)) for text in texts])
