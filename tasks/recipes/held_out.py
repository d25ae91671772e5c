"""A recipe's reward model on the labelled texts of the val side, beside what judges them without understanding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tasks.lineage.step import Inputs, Row
from tasks.recipes.tables import held_out_rows
from tasks.training.binary_reward import classification
from tasks.training.scoring import Scorer
from tasks.training.surface_verdicts import length_verdicts, ngram_verdicts


def label_figures(inputs: Inputs, scorer: Scorer, rows: Sequence[Row]) -> dict[str, Any]:
    """Return accuracy, precision, recall and F1 of `good` on the val side, for the model and three others.

    The others: everything is what most train texts are; length alone; a linear model on character n-grams.
    """
    held_out = held_out_rows(inputs)
    if not held_out:
        return {}
    truth = np.array([bool(row["label"]) for row in held_out])
    texts, known = [row["text"] for row in held_out], [(row["text"], bool(row["label"])) for row in rows]
    most = sum(label for _, label in known) * 2 >= len(known)
    said = {
        "reward_model": np.array(scorer.scores([row["prompt"] or "" for row in held_out], texts)) > 0,
        "character_ngrams": ngram_verdicts(known, texts),
        "length_only": length_verdicts(known, texts),
        "majority": np.full(len(truth), most),
    }
    figures = {name: classification(verdicts, truth) for name, verdicts in said.items()}
    return {"held_out_texts": {"texts": len(truth), "good": int(truth.sum()), **figures}}
