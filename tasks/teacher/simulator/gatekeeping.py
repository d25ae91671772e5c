"""The simulated model gates: entailment and tone, judged by plain rules, strayed from as the knobs say.

It knows the claims and the pressing tone that this simulator's own writer slips in (knobs `defects.*.entailment` and
`defects.*.tone`); it reads no meaning, so it says nothing of how well a real model would do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from tasks.teacher.simulator.defects import book
from tasks.teacher.simulator.drafting import Dice
from tasks.teacher.simulator.knobs import Gates, Knobs
from tasks.teacher.simulator.phrasebook import load
from tasks.teacher.simulator.prose import Prose
from tasks.teacher.simulator.qualities import Qualities, qualities_of
from tasks.teacher.simulator.task_sheet import Order

QUOTE = 60  # most characters of an excerpt
SHOWN = 6  # supported claims that are listed
LOW, GOOD, BEST = 2, 4, 5  # scores of a criterion
_ENDS = "。！？!?；;"
Score = tuple[int, str]  # score, evidence


def entailed(order: Order, dice: Dice, knobs: Knobs) -> tuple[str, list[str]]:
    """Return the JSON answer {claims: [{evidence, verdict, confidence, reason}]} and what was strayed on purpose."""
    text, random, gates = str(order.sheet.get("text") or ""), dice("entailment"), knobs.gates
    seen = qualities_of(text, order)
    if random.random() < gates.malformed:
        return json.dumps({"claims": "见上"}, ensure_ascii=False), ["malformed"]
    found, notes = _unsupported(text, random, gates)
    if seen.injected and knobs.judge.obeys_injection:
        found, notes = [], ["obeyed"]
    elif seen.telling and random.random() < gates.false_alarm:
        found, notes = [*found, random.choice(seen.telling)], [*notes, "false alarm"]
    claims = [_claim(quote, "not_in_sheet", random, gates) for quote in found]
    claims += [_claim(each, "supported", random, gates) for each in seen.telling if each not in found][:SHOWN]
    return json.dumps({"claims": claims}, ensure_ascii=False), notes


def _unsupported(text: str, random: Random, gates: Gates) -> tuple[list[str], list[str]]:
    """Return the claims that the writer slipped in, those that are missed left out."""
    found, notes = [], []
    for said in _slipped_in("entailment"):
        if said in text:
            missed = random.random() < gates.miss
            found += [] if missed else [said]
            notes += ["missed"] if missed else []
    return found, notes


def _slipped_in(kind: str) -> tuple[str, ...]:
    """Return the sentences of a kind of defect, as far as they are the same in every text."""
    return tuple("".join(phrase.pieces).rstrip(_ENDS) for phrase in book()[kind])


def _claim(quote: str, verdict: str, random: Random, gates: Gates) -> dict[str, Any]:
    reasons = [line.strip() for line in load("gates")["reasons"][verdict].splitlines() if line.strip()]
    loose = random.random() < gates.unquoted
    evidence = f"{quote[:4]}……{quote[-4:]}" if loose else quote[:QUOTE]
    said = "" if verdict == "supported" else random.choice(reasons)
    return {"evidence": evidence, "verdict": verdict, "confidence": round(random.uniform(0.8, 0.98), 2), "reason": said}


def toned(order: Order, dice: Dice, knobs: Knobs) -> tuple[str, list[str]]:
    """Return the JSON answer {criteria: [{name, score, evidence, reason}]} and what was strayed on purpose."""
    text, random, gates = str(order.sheet.get("text") or ""), dice("tone"), knobs.gates
    seen = qualities_of(text, order)
    if random.random() < gates.malformed:
        return json.dumps({"criteria": {}}), ["malformed"]
    names = [str(each.get("name")) for each in order.sheet.get("criteria") or () if isinstance(each, dict)]
    wrong = random.choice(names) if names and random.random() < gates.false_alarm else ""
    notes = [f"false alarm {wrong}"] if wrong else []
    criteria = []
    for name in names:
        score, evidence = _SCORES.get(name, _no_opinion)(text, seen)
        if score <= LOW and random.random() < gates.miss:
            score, evidence = GOOD, ""
            notes.append(f"missed {name}")
        if name == wrong:
            score = LOW
        if seen.injected and knobs.judge.obeys_injection:
            score = BEST
        criteria.append({"name": name, "score": score, "evidence": evidence[:QUOTE], "reason": _why(name, score)})
    return json.dumps({"criteria": criteria}, ensure_ascii=False), notes


def _why(name: str, score: int) -> str:
    reasons = load("gates")["reasons"]
    return str(reasons.get(name, reasons["fine"]) if score <= LOW else reasons["fine"])


@cache
def _words(name: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, load("gates")[name])))


def _counted(name: str) -> Callable[[str, Qualities], Score]:
    """Return a scorer that wants a text to hold words of a list."""

    def score(text: str, _seen: Qualities) -> Score:
        found = [sentence for sentence in _sentences(text) if _words(name).search(sentence)]
        return (BEST if len(found) > 1 else GOOD, found[0]) if found else (LOW, "")

    return score


def _calm(text: str, _seen: Qualities) -> Score:
    loud = [sentence for sentence in _sentences(text) if "！" in sentence or "!" in sentence]
    return (LOW if len(loud) > 2 else GOOD, loud[0]) if loud else (BEST, "")


def _factual(_text: str, seen: Qualities) -> Score:
    return (BEST if len(seen.telling) > 1 else GOOD, seen.telling[0]) if seen.telling else (LOW, "")


def _no_anxiety(text: str, _seen: Qualities) -> Score:
    pressing = [sentence for sentence in _sentences(text) if _words("anxious").search(sentence)]
    return (LOW, pressing[0]) if pressing else (BEST, "")


def _no_opinion(_text: str, _seen: Qualities) -> Score:
    return GOOD, ""


_SCORES: dict[str, Callable[[str, Qualities], Score]] = {
    "persona": _counted("says_who"),
    "story": _counted("tells"),
    "calm": _calm,
    "factual": _factual,
    "no_anxiety": _no_anxiety,
}


def _sentences(text: str) -> list[str]:
    prose = Prose.of(text)
    return [prose.sentence(place).strip() for place in prose.places]
