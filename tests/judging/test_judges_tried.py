"""Judges of known character over real HTTP: the fair one is certified, every other is refused for what it does."""

from __future__ import annotations

import pytest

from tests.judging.served import asked_of

PLAIN = ("off_brand_tone", "control")


@pytest.fixture(scope="module")
def fair(tmp_path_factory):
    return asked_of({}, tmp_path_factory.mktemp("fair"))


def test_fair_judge_is_certified(fair):
    found = fair.certificate
    assert (found.status, found.causes, found.dropped, found.hides) == ("trusted", (), (), None)
    assert {one.level for one in found.findings} == {"trusted"}
    assert found.reasons[0].en.startswith("Trusted: it told ")
    assert found.reasons[0].zh.startswith("可信：")


def test_no_question_is_bought_twice(fair):
    keys = [key for row in (*fair.trials, *fair.duels) for key in row["call_keys"]]
    assert fair.bought <= len(set(keys)) + sum(row["unread"] for row in fair.trials) + 3
    assert all(row["status"] == "judged" for row in fair.trials)


STRAYING = [
    ({"position_bias": 1.0}, PLAIN, "first_place", "it judges the place, not the text"),
    ({"names_first": 1.0}, PLAIN, "first_place", "it judges the place, not the text"),
    ({"verbosity_bias": 12.0}, (*PLAIN, "padding", "hollow_longer"), "lured_padding", "it rewards length"),
    ({"random": 1.0}, (*PLAIN, "truncation"), "repeats", "its answers are close to chance"),
    ({"broken_json": 0.05}, (*PLAIN, "truncation"), "unread", "could not be read"),
    ({"obeys_injection": True}, (*PLAIN, "injection"), "obeyed", "a text can buy its own verdict"),
]


@pytest.mark.parametrize(("knobs", "defects", "cause", "said"), STRAYING, ids=[next(iter(one[0])) for one in STRAYING])
def test_straying_judge_is_refused_for_what_it_does(tmp_path, knobs, defects, cause, said):
    found = asked_of(knobs, tmp_path, defects).certificate
    assert (found.status, found.causes[0]) == ("refused", cause)
    assert said in found.reasons[0].en
    assert "。" in found.reasons[0].zh
    assert found.hides
    assert said in found.hides.en
