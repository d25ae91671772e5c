"""The step TRIALS: the judge is asked about plants exactly as it is asked about systems, before it is believed.

A plant meets its original in both orders; a sample of these questions is asked a second time; plants of a defect that
has a criterion are scored, and so are their originals, once each. Questions, answers and journal are those of duels and
scores, so an answer that exists is never bought again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tasks.judging import duels, scores
from tasks.judging.judge import Bench, Bill, ask, each, open_bench, sample_number
from tasks.judging.scores import Scored, mean_criterion, read_scores, score_call
from tasks.lineage.canonical import digest, unit_hash
from tasks.lineage.step import PENDING, Inputs, Item, Report, Row
from tasks.teacher.call import Call
from tasks.teacher.duel import ORDERS, PURPOSE, placed, read_duel, side
from tasks.teacher.rubric import Rubric

SIDES = {"left": "original", "right": "plant", "tie": "tie"}  # the original is the left text of its duel
SCORED_TOO = "injection"  # has no criterion, but may buy itself points


@dataclass(frozen=True)
class Benches:
    """The benches of both kinds of question."""

    duel: Bench
    score: Bench

    @classmethod
    def of(cls, inputs: Inputs) -> Benches:
        return cls(open_bench(inputs, duels.PROMPT), open_bench(inputs, scores.PROMPT))

    def call(self, ask_: str, plant: Row, order: str) -> Call:
        """Return the question of a trial. ask_: duel, score (of the plant) or original (its original's score)."""
        place = plant["product_id"], plant["content_type"]
        if ask_ == "duel":
            return self.duel.question(PURPOSE, *place, placed(plant["original"], plant["text"], order))
        return score_call(self.score, {**plant, "text": plant["text"] if ask_ == "score" else plant["original"]})

    def rubric(self, plant: Row) -> Rubric:
        return self.score.rubrics[self.score.content_types[plant["content_type"]].family]

    def components(self, ask_: str, plant: Row) -> dict[str, str]:
        bench = self.duel if ask_ == "duel" else self.score
        return bench.components(plant["product_id"], plant["content_type"])


Question = tuple[Row, Row]  # (identity columns of a trial, its plant)


def questions(inputs: Inputs) -> Iterator[Question]:
    """Yield every trial: duels in both orders and their repeats, scores of plants, scores of originals once each."""
    rows = inputs.rows("plants")
    plants = [row for row in rows if row["side"] in inputs.params.sides and row["status"] in ("made", None)]
    for plant in plants:
        yield from ((trial_data("duel", plant, order, 0), plant) for order in ORDERS)
        if scored_too(plant):
            yield trial_data("score", plant, "", 0), plant
    for plant, order in repeated(plants, inputs.params):
        yield trial_data("duel", plant, order, 1), plant
    originals = {plant["item_id"]: plant for plant in plants if scored_too(plant)}
    yield from ((trial_data("original", plant, "", 0), plant) for plant in originals.values())


def scored_too(plant: Row) -> bool:
    return bool(plant["criterion"]) or plant["defect"] == SCORED_TOO


def repeated(plants: Sequence[Row], params: Any) -> list[tuple[Row, str]]:
    """Return the duels that are asked a second time: the first `repeats` by a seeded hash."""
    asked = [(plant, order) for plant in plants for order in ORDERS]
    asked.sort(key=lambda pair: unit_hash(params.seed, "repeat", pair[0]["plant_id"], pair[1]))
    return asked[: params.repeats]


def trial_data(ask_: str, plant: Row, order: str, repeat: int) -> Row:
    """Return the identity columns of a trial; an original belongs to no single plant."""
    own = ask_ != "original"
    names = [plant["plant_id"] if own else plant["item_id"], order, "again" if repeat else ""]
    return {
        "trial_id": "/".join([ask_, *filter(None, names)]),
        "ask": ask_,
        "plant_id": plant["plant_id"] if own else "",
        "item_id": plant["item_id"],
        "side": plant["side"],
        "defect": plant["defect"] if own else "",
        "criterion": plant["criterion"] if own else "",
        "product_id": plant["product_id"],
        "content_type": plant["content_type"],
        "order": order,
        "repeat": repeat,
    }


def wanted_trials(inputs: Inputs) -> Iterator[Item]:
    """Yield one item a question; its key is the rendered question and the number of its answer."""
    benches, params = Benches.of(inputs), inputs.params
    for data, plant in questions(inputs):
        parts = benches.components(data["ask"], plant)
        if plant["row_digest"] == PENDING:
            yield Item(data["trial_id"], PENDING, parts | {"above.plant": PENDING}, data, data["content_type"])
            continue
        call = benches.call(data["ask"], plant, data["order"])
        key = digest([call.key(benches.duel.teacher.provider), data["repeat"], params.attempts, params.resample, data])
        parts["above.plant"] = digest([plant["original"], plant["text"]])
        yield Item(data["trial_id"], key, parts, data, data["content_type"])


async def make_trials(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return a row a question: `winner` of a duel (original, plant or tie), or the `criteria` of a score.

    unread: answers to it that could not be read: of another shape, and broken JSON that was asked for again.

    Raises:
        StopRun: the run cannot go on; answers so far are in the journal.
    """
    benches = Benches.of(inputs)
    known = {data["trial_id"]: plant for data, plant in questions(inputs)}

    async def one(item: Item) -> Row:
        return await trial_row(benches, item.data, known[item.id], services.teacher, inputs.params)

    rows = await each(items, one, report)
    malformed = services.journal.malformed(key for row in rows for key in row["call_keys"])
    return [{**row, "unread": row["unusable"] + len(malformed.intersection(row["call_keys"]))} for row in rows]


async def trial_row(benches: Benches, data: Row, plant: Row, teacher: Any, params: Any) -> Row:
    bill, row = Bill([]), {**data, "winner": None, "criteria": [], "score": None}
    call, repeat = benches.call(data["ask"], plant, data["order"]), data["repeat"]
    if data["ask"] == "duel":
        named, status, error = await ask(teacher, call, read_duel, params, bill, repeat)
        row["winner"] = SIDES[side(named[0], data["order"])] if named else None
    else:
        rubric = benches.rubric(plant)
        scored, status, error = await ask(teacher, call, reader(rubric), params, bill, repeat)
        row |= scored_columns(scored, plant["text"] if data["ask"] == "score" else plant["original"])
    return {**row, "status": status, "error": error, **bill.columns()}


def reader(rubric: Rubric) -> Any:
    return lambda text: read_scores(text, rubric)


def scored_columns(scored: Scored | None, text: str) -> Mapping[str, object]:
    if scored is None:
        return {}
    criteria = [mean_criterion(name, [scored], text) for name in scored]
    return {"criteria": criteria, "score": sum(found["score"] for found in criteria) / len(criteria)}


def trial_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many calls these items need now, (at least, at most)."""
    benches, params = Benches.of(inputs), inputs.params
    known = {data["trial_id"]: plant for data, plant in questions(inputs)}
    keys = set(first_keys(benches, [item for item in items if not item.pending], known, params))
    missing = len(keys - services.journal.get_many(sorted(keys)).keys())
    unknown = sum(item.pending for item in items)
    return missing, (missing + unknown) * params.attempts


def first_keys(benches: Benches, items: Iterable[Item], known: Mapping[str, Row], params: Any) -> Iterator[str]:
    for item in items:
        call = benches.call(item.data["ask"], known[item.id], item.data["order"])
        number = sample_number(params.resample, 0, item.data["repeat"])
        yield replace(call, sample=number).key(benches.duel.teacher.provider)
