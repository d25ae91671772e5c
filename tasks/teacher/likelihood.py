"""How likely each score was: what an API tells of its tokens, kept with a judge's answer as one document.

A judge that names 4 may have thought of 3 almost as much. Where the provider tells the likelihoods of tokens, a score
is its expected value (Liu et al. 2023, G-Eval, arXiv:2303.16634); the journal keeps them beside the answer, since a
reply that was paid for once is all there will ever be.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence

from tasks.lineage.canonical import canonical_json

Likelihoods = dict[str, float]  # score as it is written -> natural logarithm of its probability
SCORES = "12345"
LEAST = 0.5  # of the probability; where the scores that were told hold less, what was told says little
NEVER = -1e5  # logarithm; what stands no higher, or is no number, is not told
_FIELD = '"score":'
_SEALED = {"answer", "likelihoods"}


def score_likelihoods(logprobs: object) -> list[Likelihoods]:
    """Return the likelihoods of the scores of an answer, in order, of an OpenAI-compatible `choices[].logprobs`.

    A token counts where it is one digit right after the field `"score":`; none where the API told nothing.
    """
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    found, before = [], ""
    for entry in content if isinstance(content, list) else ():
        token = str(entry.get("token", "")) if isinstance(entry, Mapping) else ""
        if token.strip() in SCORES and token.strip() and before.endswith(_FIELD):
            found.append(_alternatives(entry))
        before = "".join((before + token).split())[-len(_FIELD) :]
    return found


def _alternatives(entry: Mapping[str, object]) -> Likelihoods:
    told = entry.get("top_logprobs")
    listed = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    found: Likelihoods = {}
    for one in [entry, *listed]:
        score, value = str(one.get("token", "")).strip(), one.get("logprob")
        if len(score) != 1 or score not in SCORES or isinstance(value, bool):
            continue
        if isinstance(value, int | float) and value > NEVER:  # NaN is above nothing
            found[score] = max(found.get(score, NEVER), min(0.0, value))
    return found


def sealed(answer: str, likelihoods: Sequence[Likelihoods]) -> str:
    """Return an answer and its likelihoods as one document; `opened` takes it apart."""
    return canonical_json({"answer": answer, "likelihoods": [dict(one) for one in likelihoods]})


def opened(answer: str) -> tuple[str, list[Likelihoods]]:
    """Return (the answer as the judge wrote it, its likelihoods); none where it came without."""
    try:
        value = json.loads(answer)
    except ValueError:
        return answer, []
    if not isinstance(value, dict) or set(value) != _SEALED:
        return answer, []
    return str(value["answer"]), list(value["likelihoods"])


def expected_score(likelihoods: Likelihoods) -> float | None:
    """Return the expected score (1 to 5); None where the scores that were told hold too little of the probability."""
    shares = {int(score): math.exp(value) for score, value in likelihoods.items()}
    total = math.fsum(shares.values())
    return math.fsum(score * share for score, share in shares.items()) / total if total >= LEAST else None


def expected_scores(likelihoods: Iterable[Likelihoods], number: int) -> list[float] | None:
    """Return the expected scores of `number` criteria in order; None where not every one of them has one."""
    found = [score for one in likelihoods if (score := expected_score(one)) is not None]
    return found if len(found) == number else None
