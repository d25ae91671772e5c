"""Learn the second reader from the labelled sentences of lexicon/sentences, once a machine and set of sentences.

Logistic regression over tf-idf weights of n-grams: whether a sentence holds a violation, and of which kind; and beside
it, from lexicon/heads.tsv, whether what is set off at the head of a sentence is a label (heads.py). The weights are no
part of the repository: the sentences are, and the weights follow from them. They are kept in the user's cache folder
under the digest of the sentences; where that cannot be written, each process learns anew.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tasks.compliance.lexicon import LEXICON
from tasks.compliance.reader import BUCKETS, LONGEST, Ints, Reader, Scorer, ngrams
from tasks.lineage.canonical import digest, file_digest
from tasks.lineage.files import replacing

SENTENCES = LEXICON / "sentences"
HEADS = LEXICON / "heads.tsv"
_VERSION = 1  # bumped by hand when code changes what is learnt
_FREEDOM = 40.0  # inverse of the L2 penalty
_STEPS, _KIND_STEPS = 80, 12  # of L-BFGS; more of them change no figure of bench/compliance_quality.py
_SELDOM = 2  # sentences that an n-gram must stand in
_LOG = logging.getLogger(__name__)

Matrix = Any  # scipy.sparse.csr_matrix, which has no types
Vector = npt.NDArray[np.float64]
Model = TypeVar("Model", bound=Scorer)


@lru_cache(maxsize=1)
def reader() -> Reader:
    """Return the reader that the labelled sentences teach, from the cache where it was learnt before."""
    return _kept("sentences", sentence_files(), fit, Reader)


@lru_cache(maxsize=1)
def label_reader() -> Scorer:
    """Return the model that the labelled heads teach, from the cache where it was learnt before."""
    return _kept("heads", (HEADS,), fit_scorer, Scorer)


def is_learnt() -> bool:
    """Return whether both models answer at once."""
    paths = (_cached("sentences", sentence_files()), _cached("heads", (HEADS,)))
    return all(path is not None and path.exists() for path in paths)


def learn() -> None:
    """Learn both models where they have not been, so that nobody waits for it later."""
    reader()
    label_reader()


def sentence_files() -> tuple[Path, ...]:
    return tuple(sorted(SENTENCES.glob("*.tsv")))


def labelled(paths: Iterable[Path]) -> tuple[list[str], list[str]]:
    """Return (kind, masked piece) of every line of TSV files; the kind of a harmless one is empty."""
    lines = [line for path in paths for line in path.read_text("utf-8").split("\n") if line]
    pairs = [line.split("\t", 1) for line in lines]
    return [kind for kind, _ in pairs], [piece for _, piece in pairs]


def fit(labels: Sequence[str], sentences: Sequence[str]) -> Reader:
    """Return the reader learnt from masked sentences and the kinds of their violations."""
    seen, used, rarity = _seen(sentences)
    names = sorted(set(labels) - {""})
    wrong = np.array([bool(label) for label in labels])
    kinds = _softmax(seen[np.flatnonzero(wrong)], np.array([names.index(label) for label in labels if label]))
    kinds = kinds.astype(np.float16)  # as they are kept
    scorer = _scorer(wrong, seen, used, rarity)
    return Reader(scorer.bias, scorer.weight, scorer.square, used, kinds.astype(np.float32), tuple(names))


def fit_scorer(labels: Sequence[str], pieces: Sequence[str]) -> Scorer:
    """Return the model learnt from masked pieces and whether each is labelled."""
    return _scorer(np.array([bool(label) for label in labels]), *_seen(pieces))


def _scorer(wrong: npt.NDArray[np.bool_], seen: Matrix, used: Ints, rarity: Vector) -> Scorer:
    weight, bias = _binary(seen, wrong)
    whole = np.zeros(1 << BUCKETS, np.float32)
    whole[used] = weight * rarity[used]
    return Scorer(bias, whole, (rarity**2).astype(np.float32))


def _seen(pieces: Sequence[str]) -> tuple[Matrix, Ints, Vector]:
    """Return the weights of the n-grams of pieces, the buckets of its columns, and the rarity of every bucket."""
    weights, rarity = _tf_idf(pieces)
    used = np.flatnonzero(rarity)
    return weights[:, used], used, rarity


def _tf_idf(sentences: Sequence[str]) -> tuple[Matrix, Vector]:
    """Return a row of length one for each sentence, and the rarity of each bucket (0: it stands in too few)."""
    from scipy.sparse import csr_matrix

    buckets, owner = ngrams(sentences)
    count = len(sentences)
    matrix = csr_matrix((np.ones(len(buckets)), (owner, buckets)), shape=(count, 1 << BUCKETS))
    matrix.sum_duplicates()
    standing = np.bincount(matrix.indices, minlength=1 << BUCKETS)
    rarity = np.where(standing >= _SELDOM, np.log((1 + count) / (1 + standing)) + 1, 0.0)
    matrix.data = (1 + np.log(matrix.data)) * rarity[matrix.indices]
    rows = np.repeat(np.arange(count), np.diff(matrix.indptr))
    length = np.sqrt(np.bincount(rows, matrix.data**2, minlength=count))
    matrix.data /= np.maximum(length, 1e-9)[rows]
    return matrix, rarity


def _binary(seen: Matrix, wrong: npt.NDArray[np.bool_]) -> tuple[Vector, float]:
    """Return the weights and the bias of logistic regression."""
    turned, sign = seen.T.tocsr(), np.where(wrong, 1.0, -1.0)

    def loss(weights: Vector) -> tuple[float, Vector]:
        margin = sign * (seen @ weights[:-1] + weights[-1])
        slope = -sign * _FREEDOM / (1 + np.exp(margin))
        value = _FREEDOM * np.logaddexp(0, -margin).sum() + 0.5 * weights[:-1] @ weights[:-1]
        return value, np.append(turned @ slope + weights[:-1], slope.sum())

    best = _minimum(loss, seen.shape[1] + 1, _STEPS)
    return best[:-1], float(best[-1])


def _softmax(seen: Matrix, kind: npt.NDArray[np.int64]) -> Vector:
    """Return (n-grams, kinds) weights of multinomial logistic regression."""
    turned, shape = seen.T.tocsr(), (seen.shape[1], int(kind.max()) + 1)
    truth, row = np.eye(shape[1])[kind], np.arange(len(kind))

    def loss(flat: Vector) -> tuple[float, Vector]:
        weights = flat.reshape(shape)
        logits = seen @ weights
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        share = odds / odds.sum(axis=1, keepdims=True)
        value = -_FREEDOM * np.log(share[row, kind]).sum() + 0.5 * flat @ flat
        return value, (_FREEDOM * (turned @ (share - truth)) + weights).ravel()

    return _minimum(loss, shape[0] * shape[1], _KIND_STEPS).reshape(shape)


def _minimum(loss: Callable[[Vector], tuple[float, Vector]], size: int, steps: int) -> Vector:
    from scipy.optimize import minimize

    found = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", options={"maxiter": steps})
    return np.asarray(found.x)


# -- the cache ---------------------------------------------------------------------------------------------------------


def _kept(name: str, paths: Sequence[Path], learn: Callable[..., Model], model: type[Model]) -> Model:
    """Return the model of some files, read from the cache or learnt from them and written there."""
    path = _cached(name, paths)
    if path and path.exists():
        try:
            return _load(path, model)
        except (OSError, ValueError, KeyError) as error:
            _LOG.warning("%s cannot be read (%s): learning it again", path, error)
    labels, pieces = labelled(paths)
    _LOG.info("learning the second reader from %d %s", len(pieces), name)
    learnt = learn(labels, pieces)
    if path:
        _save(learnt, path)
    return learnt


def _cached(name: str, paths: Sequence[Path]) -> Path | None:
    """Return where the weights that today's files teach are kept; None where there is no home folder."""
    learnt = {path.name: file_digest(path) for path in paths}
    settings = [_VERSION, BUCKETS, LONGEST, _FREEDOM, _STEPS, _KIND_STEPS, _SELDOM]
    name = f"{name}-{digest({'learnt': learnt, 'settings': settings})[:16]}.npz"
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "copymill" / name
    except RuntimeError:
        return None


def _load(path: Path, model: type[Model]) -> Model:
    with np.load(path, allow_pickle=False) as kept:
        used = kept["used"]
        common = (float(kept["bias"]), _spread(used, kept["weight"]), _spread(used, kept["square"]))
        if not issubclass(model, Reader):
            return model(*common)
        return model(*common, used, kept["kinds"].astype(np.float32), tuple(str(kept["names"]).split()))


def _save(learnt: Scorer, path: Path) -> None:
    """Write the weights in one step, so that another process reads all or nothing."""
    used = np.flatnonzero(learnt.square)
    values: dict[str, Any] = {
        "bias": np.float64(learnt.bias), "weight": learnt.weight[used], "square": learnt.square[used], "used": used,
    }  # fmt: skip
    if isinstance(learnt, Reader):
        values |= {"kinds": learnt.kinds.astype(np.float16), "names": np.str_(" ".join(learnt.names))}
    try:
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **values)
    except OSError as error:
        _LOG.info("%s cannot be written (%s): the next process learns it again", path, error)


def _spread(used: Ints, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    whole = np.zeros(1 << BUCKETS, np.float32)
    whole[used] = values
    return whole


if __name__ == "__main__":
    learn()
