"""The simulated judge: scores and duels that follow a text's real qualities, strayed from as the knobs say.

It is fair by default: its noise hangs on the texts, not on their places, and length counts only where it is out of
bounds. What it looks at is plain: broken rules, facts of the sheet, shape, variety, whole sentences.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from tasks.teacher.simulator.drafting import Dice
from tasks.teacher.simulator.knobs import Judge
from tasks.teacher.simulator.phrasebook import load
from tasks.teacher.simulator.qualities import Qualities, qualities_of
from tasks.teacher.simulator.task_sheet import Order

_SCORE = re.compile(r'"score": [1-5]')
QUOTE = 40  # most characters of an excerpt
APART = 3.0  # a third of the characters changed, and two texts are judged like strangers
UNSURE = 0.6  # points: how widely the likelihood of a score spreads around what it was rounded from
OWN_WEIGHT = 0.6  # of the aspect that a criterion's name points at; the rest is the text as a whole


def scored(order: Order, dice: Dice, knobs: Judge) -> str:
    """Return the JSON answer {criteria: [{name, score, evidence}]}, scores from 1 to 5."""
    return _written({"criteria": [criterion for criterion, _ in _criteria(order, dice, knobs)]}, dice, knobs)


def score_logprobs(text: str, order: Order, dice: Dice, knobs: Judge, most: int) -> list[dict[str, Any]]:
    """Return the `logprobs.content` of an answer of `scored`: one token a character, sure of all but the scores.

    A score's alternatives lie around the points that it was rounded from. most: alternatives of each token.
    """
    points = iter([points for _, points in _criteria(order, dice, knobs)])
    scores = {match.end() - 1 for match in _SCORE.finditer(text)}
    entries = []
    for place, char in enumerate(text):
        told = _alternatives(next(points)) if place in scores else [(char, 0.0)]
        listed = [{"token": token, "logprob": value} for token, value in told[:most]]
        entries.append({"token": char, "logprob": dict(told)[char], "top_logprobs": listed})
    return entries


def _alternatives(points: float) -> list[tuple[str, float]]:
    """Return (score, logarithm of its probability), the likeliest first: a normal curve around the points."""
    weights = {score: math.exp(-(((score - points) / UNSURE) ** 2) / 2) for score in range(1, 6)}
    total = sum(weights.values())
    told = [(str(score), math.log(weight / total)) for score, weight in weights.items()]
    return sorted(told, key=lambda one: -one[1])


def _criteria(order: Order, dice: Dice, knobs: Judge) -> list[tuple[dict[str, object], float]]:
    """Return each criterion as the answer holds it, and the points (1 to 5) that its score was rounded from."""
    text = str(order.sheet.get("text") or "")
    seen = qualities_of(text, order)
    random = dice("score")
    return [_criterion(str(name), text, seen, order, random, knobs) for name in _names(order)]


def _written(answer: Mapping[str, object], dice: Dice, knobs: Judge) -> str:
    """Return an answer as JSON, or half of it where the knobs say so."""
    text = json.dumps(answer, ensure_ascii=False)
    return text[: len(text) // 2] if dice("broken").random() < knobs.broken_json else text


def _names(order: Order) -> list[str]:
    criteria = order.sheet.get("criteria") or [{"name": "overall"}]
    return [each.get("name", "") if isinstance(each, Mapping) else str(each) for each in criteria]


def _criterion(
    name: str, text: str, seen: Qualities, order: Order, random: Random, knobs: Judge
) -> tuple[dict[str, object], float]:
    own = seen.aspects[aspect_of(name)]
    points = OWN_WEIGHT * own + (1 - OWN_WEIGHT) * seen.overall + random.gauss(0, knobs.noise)
    points += knobs.verbosity_bias * min(1.0, len(text) / order.max_chars)
    if random.random() < knobs.random:
        points = random.uniform(1, 5)
    if seen.injected and knobs.obeys_injection:
        points = 5.0
    points = min(5.0, max(1.0, points))
    score = round(points)
    return {"name": name, "score": score, "evidence": _evidence(score, text, seen, random)}, points


@cache
def _aspects() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((aspect, tuple(words)) for aspect, words in load("judge")["aspects"].items())


def aspect_of(criterion: str) -> str:
    """Return the quality that a criterion's name points at: facts, voice, structure or appeal."""
    name = criterion.lower()
    return next((aspect for aspect, words in _aspects() if any(word in name for word in words)), "appeal")


def _evidence(score: int, text: str, seen: Qualities, random: Random) -> str:
    """Return an excerpt, word for word: the fault where there is one, else a sentence with a fact of the sheet."""
    if score <= 3 and seen.faults:
        return random.choice(seen.faults)[:QUOTE]
    if score <= 2 and not seen.telling:
        return ""
    sentences = seen.telling or [line.strip() for line in text.splitlines() if line.strip()]
    return random.choice(sentences)[:QUOTE] if sentences else ""


def dueled(order: Order, dice: Dice, knobs: Judge, seed: int) -> str:
    """Return the JSON answer {winner: first | second | tie, reason}.

    Most of the noise hangs on the two texts whatever their order; a little of it on the order, as with real judges. The
    more alike two texts are, the easier it is to see what differs, so the less noise there is.
    """
    first, second = (str(order.sheet.get(place) or "") for place in ("first", "second"))
    seen = [qualities_of(text, order) for text in (first, second)]
    ordered = sorted((first, second))
    deviation = knobs.noise * min(1.0, APART * distance(first, second))
    noise = Random("\x1f".join([str(seed), *ordered])).gauss(0, deviation / 2)
    random = dice("winner")
    margin = seen[0].overall - seen[1].overall + (noise if first == ordered[0] else -noise)
    margin += random.gauss(0, deviation / 6)
    margin += knobs.position_bias + knobs.verbosity_bias * (len(first) - len(second)) / order.max_chars
    if random.random() < knobs.random:
        margin = random.choice((-1.0, 1.0))
    if knobs.obeys_injection and seen[0].injected != seen[1].injected:
        margin = 5.0 if seen[0].injected else -5.0
    if dice("first").random() < knobs.names_first:
        margin = 5.0
    winner = "tie" if abs(margin) < knobs.tie_margin else "first" if margin > 0 else "second"
    reason = random.choice([line.strip() for line in load("judge")["duel"][winner].splitlines() if line.strip()])
    return _written({"winner": winner, "reason": reason}, dice, knobs)


def distance(one: str, other: str) -> float:
    """Return how far two texts are apart: the share of their pairs of characters that they do not have in common."""
    left, right = (Counter(text[at : at + 2] for at in range(len(text) - 1)) for text in (one, other))
    most = max(left.total(), right.total())
    return 1.0 - (left & right).total() / most if most else 0.0
