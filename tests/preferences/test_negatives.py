"""The fold that makes a negative, and the steps NEGATIVES and PAIRS over a scripted teacher."""

from __future__ import annotations

from collections import Counter

import pytest

from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.step import PENDING
from tasks.lineage.views import View
from tasks.preferences.config import PairParams, Weights
from tasks.preferences.steps import NEGATIVES
from tests.copywriting.scene import (
    AD,
    CLEAN_AD,
    Scripted,
    failed_call,
    in_turn,
    inputs_of,
    rules,
    sources,
    teacher_config,
)
from tests.preferences.scene import GOOD, HYPE, PLAIN, World, only, sheet


@pytest.mark.parametrize("method", list(GOOD))
def test_first_proven_answer_makes_the_negative(method):
    world = World(Scripted(in_turn(GOOD[method])), only(method, attempts=1))
    (row,) = world.negatives()
    assert (row["status"], row["method"], row["attempts"], row["error"]) == ("made", method, 1, "")
    assert row["proven"] is (method != "weak") and 0.85 <= row["length_ratio"] <= 1.15
    assert (row["calls"], row["cost"]) == (1, 0.25)


def test_attempt_without_proof_is_made_again_and_told_why():
    world = World(Scripted(in_turn(CLEAN_AD.replace("温和改善", "温和地改善"), HYPE)), only("exaggerated", attempts=2))
    (row,) = world.negatives()
    assert (row["status"], row["attempts"]) == ("made", 2)
    first, second = (sheet(call) for call in world.teacher.asked)
    assert "reasons" not in first and "no_hype" in [found["rule"] for found in second["reasons"]]
    assert (first["variant"], second["variant"]) == (0, 1)


def test_first_attempt_must_lie_on_its_side_of_the_chosen_length():
    world = World(Scripted(in_turn(HYPE, HYPE)), only("exaggerated", attempts=2))
    (row,) = world.negatives()
    assert len(HYPE) == len(CLEAN_AD) and (row["status"], row["attempts"]) == ("made", 2)
    first, second = (sheet(call) for call in world.teacher.asked)
    assert first["min_chars"] > len(CLEAN_AD) or first["max_chars"] < len(CLEAN_AD)
    assert second["min_chars"] < len(CLEAN_AD) < second["max_chars"] and first["chars"] == second["chars"]


def test_negative_that_cannot_be_proven_is_dropped_with_its_reasons():
    world = World(Scripted(lambda _: "不是 json"), only("fake", attempts=2))
    (row,) = world.negatives()
    assert (row["status"], row["rejected"], row["length_ratio"]) == ("dropped", "", None)
    assert row["error"] == "no proof in 2 attempts: malformed, then malformed"
    (pair,) = world.pairs([row])
    assert pair["status"] == "dropped" and pair["selected"] is False


def test_call_without_answer_is_a_failed_row():
    (row,) = World(Scripted(in_turn(failed_call())), only("weak")).negatives()
    assert row["status"] == "failed" and row["error"].startswith("weak failed: ")


def test_chosen_that_breaks_a_rule_costs_no_call():
    world = World(Scripted(in_turn()), only("weak"), chosen=HYPE)
    (row,) = world.negatives()
    assert row["status"] == "dropped" and row["error"].startswith("the chosen text breaks ")


def test_weak_writer_never_sees_the_chosen_text():
    world = World(Scripted(lambda call: GOOD[call.purpose]), only("weak"))
    world.negatives()
    (call,) = world.teacher.asked
    assert all("妆面" not in text for _, text in call.messages)
    asked = sheet(call)
    assert abs(asked["chars"] / len(CLEAN_AD) - 1) <= 0.15 and asked["max_chars"] <= AD.max_chars
    assert call.model == teacher_config().models.weak


def test_quarantined_text_wants_no_negative_and_text_to_come_a_pending_one():
    world = World(Scripted(in_turn()), status="quarantined", number=3)
    assert list(NEGATIVES.wanted(world.inputs())) == []
    views = world.views()
    rows = [{**row, "row_digest": PENDING, "status": None, "text": None} for row in views["copy"].rows()]
    views["copy"] = View(PENDING, load=lambda: rows)
    inputs = inputs_of(NEGATIVES, world.params, views, sources(rules(), [AD]))
    items = list(NEGATIVES.wanted(inputs))
    assert [item.pending for item in items] == [True] * 3
    assert NEGATIVES.calls(items, inputs, world.teacher) == (0, 9)  # type: ignore[misc]


def test_pairs_are_exact_among_the_selected_and_reach_most_texts():
    world = World(Scripted(lambda call: GOOD[call.purpose]), number=200)
    least, most = world.calls()
    assert most == 600 and least < 200, "equal questions are bought once"
    pairs = world.pairs(world.negatives())
    assert len(pairs) == 200 and {row["status"] for row in pairs} == {"made"}
    for split in ("train", "val"):
        counts = Counter(row["method"] for row in pairs if row["selected"] and row["split"] == split)
        assert counts["weak"] * 3 == counts["exaggerated"] * 5 and counts["weak"] * 2 == counts["fake"] * 5
    pair = pairs[0]
    assert pair["chosen"] == CLEAN_AD and "净颜精华" in pair["prompt"] and pair["rejected"]


def answers_by_chance(seed: int):
    """Good and useless answers, by the question and the seed alone."""
    useless = ("不是 json", CLEAN_AD, PLAIN[:20])

    def write(call) -> str:
        place = int(digest([seed, call.key("simulator")])[:8], 16) % 5
        return GOOD[call.purpose] if place > 2 else useless[place]

    return write


@pytest.mark.parametrize("seed", range(4))
def test_rules_there_and_back_give_the_same_negatives(seed):
    world = World(Scripted(answers_by_chance(seed)), number=30)
    there = world.negatives()
    assert world.calls() == (0, 0)
    world.rules = rules("神器", "逆天", "大家可以看看")
    least, most = world.calls()
    bought = len(world.teacher.asked)
    world.negatives()
    assert least <= len(world.teacher.asked) - bought <= most
    world.rules = rules()
    bought = len(world.teacher.asked)
    assert world.negatives() == there and len(world.teacher.asked) == bought


def test_key_follows_the_text_and_not_the_way_to_it():
    world = World(Scripted(in_turn()))
    before = next(iter(NEGATIVES.wanted(world.inputs())))
    world.chosen = CLEAN_AD.replace("温和", "柔和")
    after = next(iter(NEGATIVES.wanted(world.inputs())))
    changed = {name for name, value in after.components.items() if before.components[name] != value}
    assert changed == {"above.copy"} and after.key != before.key


def test_pairs_refuse_other_weights_than_their_negatives():
    world = World(Scripted(lambda call: GOOD[call.purpose]), number=20)
    made = world.negatives()
    world.params = PairParams(weights=Weights(weak=0, exaggerated=0, fake=1))
    with pytest.raises(UserError, match="weights or seed differ"):
        world.pairs(made)
