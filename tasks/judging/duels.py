"""Duels: two systems' texts for one item, judged blind in both orders; a winner is one that wins from either place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.judging.comparison import ItemKey, item_key
from tasks.judging.gates import SYSTEMS
from tasks.judging.judge import Bench, Bill, ask, calls_missing, each, open_bench
from tasks.judging.scores import judged_answers
from tasks.judging.statistics import Estimate, cluster_mean, wilson
from tasks.lineage.canonical import digest
from tasks.lineage.step import PENDING, Inputs, Item, Report, Row
from tasks.teacher.call import Call
from tasks.teacher.duel import ORDERS, PROMPT, PURPOSE, placed, read_duel, side

DuelKey = tuple[str, str, str, str]  # product_id, content_type, left, right


def wanted_duels(inputs: Inputs) -> list[Item]:
    """Return one item for each item, pair of systems and order; the key is the rendered question."""
    bench = open_bench(inputs, PROMPT)
    return [duel_item(bench, *meeting, inputs.params) for meeting in meetings(inputs)]


def meetings(inputs: Inputs) -> Iterator[tuple[Row, Row, str]]:
    """Yield (left answer, right answer, order) of every duel."""
    by_item: dict[ItemKey, dict[str, Row]] = defaultdict(dict)
    for row in judged_answers(inputs.rows("answers")):
        by_item[item_key(row)][row["system"]] = row
    for _, systems in sorted(by_item.items()):
        for left, right in inputs.params.pairs:
            if left in systems and right in systems:
                yield from ((systems[left], systems[right], order) for order in ORDERS)


def duel_item(bench: Bench, left: Row, right: Row, order: str, params: Any) -> Item:
    data = duel_data(left, right, order)
    components = bench.components(left["product_id"], left["content_type"])
    if PENDING in (left["row_digest"], right["row_digest"]):
        return Item(data["duel_id"], PENDING, components, data, left["content_type"])
    components |= {"above.left": digest(left["text"]), "above.right": digest(right["text"])}
    call = duel_call(bench, left, right, order)
    key = digest([call.key(bench.teacher.provider), params.attempts, params.resample])
    return Item(data["duel_id"], key, components, data, left["content_type"])


def duel_data(left: Row, right: Row, order: str) -> Row:
    product_id, content_type = item_key(left)
    return {
        "duel_id": f"{left['system']}-{right['system']}/{product_id}/{content_type}/{order}",
        "product_id": product_id,
        "content_type": content_type,
        "left": left["system"],
        "right": right["system"],
        "order": order,
    }


def duel_call(bench: Bench, left: Row, right: Row, order: str) -> Call:
    about = placed(left["text"], right["text"], order)
    return bench.question(PURPOSE, left["product_id"], left["content_type"], about)


async def make_duels(items: list[Item], inputs: Inputs, services: Any, report: Report) -> list[Row]:
    """Return a row a duel and order: winner left, right or tie. The same text on both sides ties without a call."""
    bench = open_bench(inputs, PROMPT)
    known = {duel_data(*meeting)["duel_id"]: meeting for meeting in meetings(inputs)}

    async def one(item: Item) -> Row:
        return await duel_row(bench, *known[item.id], services.teacher, inputs.params)

    return await each(items, one, report)


def duel_calls(items: list[Item], inputs: Inputs, services: Any) -> tuple[int, int]:
    """Return how many calls these items need now, (at least, at most)."""
    bench, params = open_bench(inputs, PROMPT), inputs.params
    known = {duel_data(*meeting)["duel_id"]: meeting for meeting in meetings(inputs)}
    met = [None if item.pending else known[item.id] for item in items]
    asked = [found for found in met if found is None or found[0]["text"] != found[1]["text"]]
    calls = [None if found is None else duel_call(bench, *found) for found in asked]
    return calls_missing(calls, 1, params, bench.teacher.provider, services.journal)


async def duel_row(bench: Bench, left: Row, right: Row, order: str, teacher: Any, params: Any) -> Row:
    row, bill = duel_data(left, right, order), Bill([])
    if left["text"] == right["text"]:
        return {**row, "winner": "tie", "reason": "same text", "status": "judged", "error": "", **bill.columns()}
    call = duel_call(bench, left, right, order)
    found, status, error = await ask(teacher, call, read_duel, params, bill)
    winner, reason = (side(found[0], order), found[1]) if found else (None, "")
    return {**row, "winner": winner, "reason": reason, "status": status, "error": error, **bill.columns()}


# -- what the duels say -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DuelResult:
    """One pair of systems over all items judged in both orders.

    wins, losses, ties: items (a win needs both orders; orders that disagree count as a tie). disagreed: items whose
    two orders named different winners. rate: mean of win 1, tie 1/2, loss 0 with a cluster interval. first_share:
    how often the text in first place won, among single answers that named a winner, with its Wilson interval.
    """

    left: str
    right: str
    wins: int
    losses: int
    ties: int
    disagreed: int
    incomplete: int
    rate: Estimate | None
    first_share: float | None
    first_interval: tuple[float, float] | None


def duel_results(duels: Sequence[Row]) -> list[DuelResult]:
    """Return the result of every pair of systems that met, in the order of reading."""
    by_pair: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in duels:
        by_pair[row["left"], row["right"]].append(row)
    reading = sorted(by_pair, key=lambda pair: [SYSTEMS.index(system) for system in pair])
    return [pair_result(left, right, by_pair[left, right]) for left, right in reading]


def agreed_winners(duels: Iterable[Row]) -> dict[DuelKey, str]:
    """Return (product_id, content_type, left, right) -> left, right or tie, of what was judged in both orders."""
    by_pair: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in duels:
        by_pair[row["left"], row["right"]].append(row)
    return {
        (*item, *pair): agreed(found)
        for pair, rows in by_pair.items()
        for item, found in winners_by_order(rows).items()
        if len(found) == len(ORDERS)
    }


def winners_by_order(rows: Iterable[Row]) -> dict[ItemKey, dict[str, str]]:
    """Return item -> order -> winner of one pair's duels; an order without a usable answer is missing."""
    orders: dict[ItemKey, dict[str, str]] = defaultdict(dict)
    for row in rows:
        orders[item_key(row)].update({row["order"]: row["winner"]} if row["status"] == "judged" else {})
    return dict(orders)


def pair_result(left: str, right: str, rows: Sequence[Row]) -> DuelResult:
    orders = winners_by_order(rows)
    both = {item: found for item, found in orders.items() if len(found) == len(ORDERS)}
    outcomes = {item: agreed(found) for item, found in both.items()}
    points = {"left": 1.0, "tie": 0.5, "right": 0.0}
    share, bounds = first_place(rows)
    return DuelResult(
        left,
        right,
        wins=sum(winner == "left" for winner in outcomes.values()),
        losses=sum(winner == "right" for winner in outcomes.values()),
        ties=sum(winner == "tie" for winner in outcomes.values()),
        disagreed=sum(len(set(found.values())) > 1 for found in both.values()),
        incomplete=len(orders) - len(both),
        rate=cluster_mean(((item[0], points[winner]) for item, winner in outcomes.items()), (0.0, 1.0)),
        first_share=share,
        first_interval=bounds,
    )


def agreed(found: Mapping[str, str]) -> str:
    """Return the winner that both orders name; a tie otherwise."""
    winners = set(found.values())
    return winners.pop() if len(winners) == 1 else "tie"


def first_place(rows: Iterable[Row]) -> tuple[float | None, tuple[float, float] | None]:
    """Return the share of decided single answers won from the first place, and its Wilson interval."""
    decided = [row for row in rows if row["status"] == "judged" and row["winner"] in ("left", "right")]
    if not decided:
        return None, None
    first = sum((row["winner"] == "left") == (row["order"] == ORDERS[0]) for row in decided)
    return first / len(decided), wilson(first, len(decided))
