"""Trials: what is asked of the plants, once each; what a changed rubric asks again; what a plan foresees."""

from __future__ import annotations

from collections import Counter

import pytest

from tasks.judging.config import TrialParams
from tasks.judging.trials import questions, trial_calls, wanted_trials
from tasks.lineage.step import PENDING
from tests.judging.answering import sheet_of
from tests.judging.simulated import SimulatedJudge, planted, tried
from tests.judging.world import FakeInputs


@pytest.fixture(scope="module")
def sown():
    return planted(6, per_defect=6, tune_share=0.4)


def trials(sown, **params):
    return FakeInputs(dict(sown.tables), TrialParams(**params), sources=sown.sources, prompts=dict(sown.prompts))


def test_every_test_plant_meets_its_original_in_both_orders(sown):
    asked = [(data, plant) for data, plant in questions(trials(sown, repeats=0)) if data["ask"] == "duel"]
    plants = [row for row in sown.tables["plants"] if row["side"] == "test" and row["status"] == "made"]
    assert Counter(data["plant_id"] for data, _ in asked) == {row["plant_id"]: 2 for row in plants}


def test_tune_plants_are_asked_only_where_the_parameter_says_so(sown):
    sides = {data["side"] for data, _ in questions(trials(sown))}
    assert sides == {"test"}
    assert {data["side"] for data, _ in questions(trials(sown, sides=("tune",)))} == {"tune"}


def test_original_is_scored_once_however_many_defects_it_bears(sown):
    judge = SimulatedJudge()
    rows = tried(trials(sown, repeats=0), judge)
    originals = Counter(row["item_id"] for row in rows if row["ask"] == "original")
    assert set(originals.values()) == {1}
    assert {row["item_id"] for row in rows if row["ask"] == "score"} == set(originals)
    assert {row["defect"] for row in rows if row["ask"] == "score" and not row["criterion"]} == {"injection"}


def test_judge_sees_texts_and_never_what_they_are(sown):
    judge = SimulatedJudge()
    tried(trials(sown, repeats=0), judge)
    for call in judge.asked:
        assert set(sheet_of(call)) <= {"task", "content_type", "product", "first", "second", "text", "criteria"}
        assert "plant" not in call.messages[-1][1] and "original" not in call.messages[-1][1]


def test_repeat_is_another_answer_to_the_same_question(sown):
    judge = SimulatedJudge()
    rows = [row for row in tried(trials(sown, repeats=10), judge) if row["ask"] == "duel"]
    again = [row for row in rows if row["repeat"]]
    first = {(row["plant_id"], row["order"]): row for row in rows if not row["repeat"]}
    assert len(again) == 10
    for row in again:
        assert row["call_keys"] != first[row["plant_id"], row["order"]]["call_keys"]


def test_second_run_buys_nothing_and_a_plan_foresees_both(sown):
    inputs, judge = trials(sown), SimulatedJudge()
    items = list(wanted_trials(inputs))
    least, most = trial_calls(items, inputs, judge)
    assert 0 < least <= len(items)
    assert most == 3 * least
    first = tried(inputs, judge)
    assert len(judge.asked) == least
    assert trial_calls(items, inputs, judge) == (0, 0)
    assert tried(inputs, judge) == first
    assert len(judge.asked) == least


def test_changed_rubric_asks_its_own_family_again_and_no_other(sown):
    before, after = trials(sown), trials(sown)
    name = "rubrics/social.yaml"
    after.prompts[name] = after.prompts[name].replace("真实感", "真切感")
    keys = [{item.id: item.key for item in wanted_trials(inputs)} for inputs in (before, after)]
    stale = {name for name in keys[0] if keys[0][name] != keys[1][name]}
    types = sown.sources["content_types"]
    families = {item.id: types[item.data["content_type"]].family for item in wanted_trials(before)}
    assert stale == {name for name, family in families.items() if family == "social"}


def test_plant_to_come_is_pending_and_counts_at_most(sown):
    inputs = trials(sown, repeats=0)
    blank = {"text": None, "original": None, "status": None, "row_digest": PENDING}
    chosen = next(row for row in sown.tables["plants"] if row["side"] == "test" and row["defect"] == "control")
    inputs.tables["plants"] = [{**chosen, **blank}]
    items = list(wanted_trials(inputs))
    assert [item.pending for item in items] == [True, True]
    assert trial_calls(items, inputs, SimulatedJudge()) == (0, 6)


def test_broken_json_is_asked_again_and_counted(sown):
    from tasks.teacher.simulator.knobs import Knobs

    rows = tried(trials(sown), SimulatedJudge(Knobs().turned({"judge": {"broken_json": 0.3}})))
    assert {row["status"] for row in rows} <= {"judged", "failed"}
    assert 0.2 < sum(row["unread"] for row in rows) / (len(rows) + sum(row["unread"] for row in rows)) < 0.4
