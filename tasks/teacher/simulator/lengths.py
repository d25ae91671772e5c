"""Making a text shorter or longer by whole sentences, as an editor would."""

from __future__ import annotations

from functools import cache

from tasks.teacher.simulator.phrasebook import Voice, load
from tasks.teacher.simulator.prose import CALL, MASK, Prose, clauses, without_clause
from tasks.teacher.simulator.task_sheet import Order

# What can be said of any product at any place, by family; all of it clean.
FILLERS = {
    "social": ("sr_honest", "sr_care", "se_care", "se_join", "sr_doubt"),
    "ecommerce": ("ec_promise", "ec_care", "ec_join", "ec_feature2"),
    "paid_ad": ("advantage", "benefit_state"),
}


def _length(prose: Prose, order: Order) -> int:
    return len(prose.render().replace(MASK, order.name))


def shortened(prose: Prose, order: Order) -> None:
    """Drop sentences, then clauses, until the text is within its limit; the least that suffices goes first."""
    while (over := _length(prose, order) - order.max_chars) > 0:
        if not (_drop_sentence(prose, over) or _drop_clause(prose)):
            return


@cache
def _idle() -> frozenset[str]:
    """Return sentences that say nothing of the product: the first to go."""
    return frozenset(line.strip() for line in load("defects")["extra"].splitlines())


def _drop_sentence(prose: Prose, over: int) -> bool:
    spare = [place for place in prose.spare() if prose.sentence(place).strip()]
    spare = [place for place in spare if prose.sentence(place) in _idle()] or spare
    if not spare:
        return False
    enough = [place for place in spare if len(prose.sentence(place)) >= over]
    sizes = {place: len(prose.sentence(place)) for place in spare}
    prose.drop(min(enough, key=sizes.__getitem__) if enough else max(spare, key=sizes.__getitem__))
    return True


def _drop_clause(prose: Prose) -> bool:
    """Drop the last clause that is neither the call to action nor the product's name, where a sentence has several."""
    for place in reversed(prose.places):
        sentence = prose.sentence(place)
        shorter = _without_last_clause(sentence)
        if shorter and shorter != sentence:
            prose.replace(place, shorter)
            return True
    return False


def _without_last_clause(sentence: str) -> str:
    every = clauses(sentence)
    loose = [clause for clause in every if MASK not in clause and not CALL.search(clause)]
    if len(every) < 2 or not loose:
        return ""
    return without_clause(sentence, lambda clause: clause == loose[-1])


def says_again(said: str, text: str) -> bool:
    """Return whether a clause of some length of `said` stands in the text already."""
    return any(len(clause) >= 7 and clause.strip("，,、") in text for clause in clauses(said))


def lengthened(prose: Prose, order: Order, voice: Voice) -> None:
    """Put sentences before the last one until the text is long enough; none that would take it over its limit."""
    for attempt in range(60):
        length = _length(prose, order)
        if length >= order.min_chars:
            return
        symbol = FILLERS[order.family][attempt % len(FILLERS[order.family])]
        said = voice.draw(symbol) if voice.can(symbol) else ""
        if said and length + len(said) <= order.max_chars and not says_again(said, prose.render()):
            prose.insert(said)
