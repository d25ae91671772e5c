"""Duels: both orders are asked, a winner wins from both places, bias shows, equal texts cost nothing."""

from __future__ import annotations

import json

import pytest

from tasks.judging.config import DuelParams
from tasks.judging.duels import duel_calls, duel_results, make_duels, wanted_duels
from tasks.teacher.duel import Unusable, read_duel, side
from tests.judging.answering import Scripted, judging_inputs, sheet_of, silent

PAIR = DuelParams(pairs=(("sft", "base"),))


def winner(name: str) -> str:
    return json.dumps({"winner": name, "reason": "更克制"}, ensure_ascii=False)


async def fought(script, params=PAIR, change=None):
    inputs = judging_inputs(params)
    if change:
        change(inputs.tables["answers"])
    services = Scripted(script)
    rows = await make_duels(wanted_duels(inputs), inputs, services, silent)
    return rows, duel_results(rows)[0], services


def likes_longer(call):
    sheet = sheet_of(call)
    return winner("first" if len(sheet["first"]) > len(sheet["second"]) else "second")


async def test_every_pair_meets_in_both_orders_with_texts_swapped():
    _, _, services = await fought(likes_longer)
    seen = {(sheet_of(call)["first"], sheet_of(call)["second"]) for call in services.asked}
    assert all((second, first) in seen for first, second in seen)


async def test_consistent_judge_gives_wins_and_no_disagreement():
    def lengthen(answers):
        for row in answers:
            if row["system"] == "sft":
                row["text"] = "配方精简。" * 200

    _, result, _ = await fought(likes_longer, change=lengthen)
    assert (result.losses, result.ties, result.disagreed, result.incomplete) == (0, 0, 0, 0)
    assert result.wins == result.rate.rows > 0
    assert result.rate.value == 1.0
    assert result.first_share == 0.5


async def test_judge_that_likes_the_first_place_gives_ties_and_is_seen():
    _, result, _ = await fought(lambda call: winner("first"))
    assert (result.wins, result.losses) == (0, 0)
    assert result.ties == result.disagreed == result.rate.rows
    assert (result.rate.value, result.first_share) == (0.5, 1.0)
    assert result.first_interval[0] > 0.6


async def test_same_text_on_both_sides_ties_without_a_call():
    def copied(answers):
        base = {(r["product_id"], r["content_type"]): r["text"] for r in answers if r["system"] == "base"}
        for row in answers:
            if row["system"] == "sft":
                row["text"] = base[row["product_id"], row["content_type"]]

    rows, result, services = await fought(likes_longer, change=copied)
    assert services.asked == []
    assert {(row["winner"], row["reason"], row["status"]) for row in rows} == {("tie", "same text", "judged")}
    assert result.disagreed == 0
    inputs = judging_inputs(PAIR)
    copied(inputs.tables["answers"])
    assert duel_calls(wanted_duels(inputs), inputs, services) == (0, 0)


async def test_tie_from_one_place_and_win_from_the_other_is_a_tie_that_disagrees():
    def half(call):
        sheet = sheet_of(call)
        return winner("tie") if sheet["first"] < sheet["second"] else winner("first")

    _, result, _ = await fought(half)
    assert result.wins + result.losses == 0
    assert result.disagreed == result.ties > 0


async def test_unreadable_winner_is_an_unparsed_row_and_leaves_its_item_out():
    rows, result, _ = await fought(lambda call: winner("both"))
    assert {row["status"] for row in rows} == {"unparsed"}
    assert (result.rate, result.first_share) == (None, None)
    assert result.incomplete == len(rows) // 2


@pytest.mark.parametrize(("named", "order", "expected"), [
    ("first", "left_first", "left"), ("second", "left_first", "right"),
    ("first", "right_first", "right"), ("second", "right_first", "left"), ("tie", "right_first", "tie"),
])  # fmt: skip
def test_place_is_turned_back_into_a_side(named, order, expected):
    assert side(named, order) == expected


async def test_pairs_are_listed_in_the_order_of_reading():
    inputs = judging_inputs(DuelParams())
    rows = await make_duels(wanted_duels(inputs), inputs, Scripted(likes_longer), silent)
    found = [(r.left, r.right) for r in duel_results(sorted(rows, key=lambda row: row["duel_id"]))]
    assert found[:3] == [("sft", "base"), ("grpo", "base"), ("grpo", "sft")]


def test_unknown_winner_is_refused():
    with pytest.raises(Unusable, match="none of"):
        read_duel('{"winner": "left"}')


def test_unknown_system_in_pairs_is_refused():
    with pytest.raises(ValueError, match="two different systems"):
        DuelParams(pairs=(("sft", "gpt"),))
