"""A weak text is put before a judge that passed its trial, and is a pair only where it loses in both orders."""

from __future__ import annotations

import json

import pytest

from tasks.lineage.step import PENDING
from tasks.lineage.views import View
from tasks.preferences.steps import NEGATIVES
from tests.copywriting.scene import AD, CLEAN_AD, Scripted, in_turn, inputs_of, rules, sources
from tests.preferences.scene import PLAIN, World, only, sheet


def judged(*winners: str):
    """Return a writer of ever other weak texts whose judge names these winners one after the other."""
    left, texts = list(winners), [PLAIN, PLAIN.replace("看看", "试试")]

    def write(call) -> str:
        return json.dumps({"winner": left.pop(0), "reason": ""}) if call.purpose == "duel" else texts.pop(0)

    return write


TRUSTED = 12


def test_weak_text_that_loses_in_both_orders_is_proven():
    world = World(Scripted(judged("first", "second")), only("weak", attempts=1), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["calls"]) == ("made", True, 3)
    assert "loses to chosen in both orders" in row["proof"]
    first, second = (sheet(call) for call in world.teacher.asked[1:])
    assert (first["first"], first["second"]) == (second["second"], second["first"]) == (CLEAN_AD, PLAIN)


@pytest.mark.parametrize("winners", [("second",), ("tie",), ("first", "first"), ("first", "tie")])
def test_weak_text_that_does_not_lose_is_made_again_and_the_writer_told(winners):
    world = World(Scripted(judged(*winners, "first", "second")), only("weak", attempts=2), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["attempts"]) == ("made", True, 2)
    again = [sheet(call) for call in world.teacher.asked if call.purpose == "weak"][1]
    assert [found["rule"] for found in again["reasons"]] == ["not_worse"]


def test_weak_text_that_never_loses_is_dropped():
    world = World(Scripted(judged("tie", "tie")), only("weak", attempts=2), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["error"]) == ("dropped", "no proof in 2 attempts: not_worse, then not_worse")


def test_judge_that_cannot_be_read_proves_nothing():
    world = World(Scripted(judged("nobody", "first", "second")), only("weak", attempts=2), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["attempts"]) == ("made", True, 2)


@pytest.mark.parametrize(("trial", "proof"), [(TRUSTED - 1, "judge"), (TRUSTED, "none"), (0, "judge")])
def test_judge_that_failed_its_trial_or_is_not_wanted_is_not_asked(trial, proof):
    world = World(Scripted(judged()), only("weak", attempts=1, weak_proof=proof), trial=trial)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["calls"]) == ("made", False, 1)
    assert row["proof"].endswith("unproven: no judge that passed its trial")


def test_plan_tells_the_judges_calls_from_the_writers():
    world = World(Scripted(judged("first", "second")), only("weak"), trial=TRUSTED)
    items = list(NEGATIVES.wanted(world.inputs()))
    lines = NEGATIVES.calls_by_line(items, world.inputs(), world.teacher)  # type: ignore[misc]
    assert lines == {"negatives": (1, 3), "weak_proof": (0, 6)}
    world.negatives()
    assert world.calls() == (0, 0)
    world.teacher.kept = {key: answer for key, answer in world.teacher.kept.items() if "winner" not in answer.text}
    lines = NEGATIVES.calls_by_line(items, world.inputs(), world.teacher)  # type: ignore[misc]
    assert lines == {"negatives": (0, 2), "weak_proof": (1, 6)}


def test_weak_texts_wait_for_a_trial_that_is_still_to_come():
    world = World(Scripted(in_turn()), number=20)
    views = world.views() | {"judge_trial": View(PENDING, load=lambda: [{"row_digest": PENDING, "status": None}])}
    inputs = inputs_of(NEGATIVES, world.params, views, sources(rules(), [AD]))
    assert {(item.data["method"] == "weak", item.pending) for item in NEGATIVES.wanted(inputs)} == {
        (True, True), (False, False),
    }  # fmt: skip


def test_trial_that_changes_its_mind_makes_weak_texts_stale_and_no_others():
    world = World(Scripted(in_turn()), number=20)
    before = {item.id: item for item in NEGATIVES.wanted(world.inputs())}
    world.trial = TRUSTED
    for item in NEGATIVES.wanted(world.inputs()):
        assert (item.key != before[item.id].key) is (item.data["method"] == "weak")
    assert any("prompts/judge_duel.j2" in item.components for item in NEGATIVES.wanted(world.inputs()))
