"""Likelihoods of scores: read from what an API tells, kept beside the answer, taken apart again."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.lineage.canonical import digest
from tasks.teacher.call import Call
from tasks.teacher.config import load_provider
from tasks.teacher.likelihood import expected_score, expected_scores, opened, score_likelihoods, sealed
from tasks.teacher.request import request_body


def told(token: str, **alternatives: float) -> dict[str, object]:
    """Return one entry of an API's list; alternatives: digit (as d4) -> probability."""
    listed = [{"token": name[1:], "logprob": math.log(share)} for name, share in alternatives.items()]
    return {"token": token, "logprob": listed[0]["logprob"] if listed else 0.0, "top_logprobs": listed}


def spelled(*tokens: object) -> dict[str, object]:
    return {"content": [token if isinstance(token, dict) else told(str(token)) for token in tokens]}


def test_likelihoods_are_those_of_the_digits_after_the_field():
    answer = spelled(
        '{"criteria": [{"name": "a4", ', '"score', '": ', told(" 4", d4=0.6, d3=0.4), ', "evidence": "', "5", '"}'
    )
    (found,) = score_likelihoods(answer)
    assert expected_score(found) == pytest.approx(3.6)


@pytest.mark.parametrize("nothing", [None, {}, {"content": None}, {"content": [1, {"token": None}]}, [], "x"])
def test_api_that_tells_nothing_gives_no_likelihoods(nothing):
    assert score_likelihoods(nothing) == []


@pytest.mark.parametrize("value", [math.nan, -math.inf, math.inf, -(10**400), 10**400, None, True, "-1"])
def test_likelihood_that_is_no_number_costs_no_paid_answer(value):
    entry = {"token": "4", "logprob": value, "top_logprobs": [{"token": "3", "logprob": -0.5}]}
    (found,) = score_likelihoods({"content": [{"token": '"score":'}, entry]})
    assert found["3"] == -0.5
    assert all(-1e5 < one <= 0 for one in found.values())
    assert opened(sealed("{}", [found])) == ("{}", [found])


def test_token_that_is_more_than_the_digit_is_not_guessed_at():
    assert score_likelihoods(spelled('"score":', " 4,")) == []


def test_scores_that_hold_little_of_the_probability_say_nothing():
    assert expected_score({"4": math.log(0.3), "3": math.log(0.1)}) is None
    assert expected_scores([{"4": 0.0}, {"4": math.log(0.3)}], 2) is None
    assert expected_scores([{"4": 0.0}], 2) is None
    assert expected_scores([{"4": 0.0}, {"2": 0.0}], 2) == [4.0, 2.0]


@given(st.text(), st.lists(st.dictionaries(st.sampled_from("12345"), st.floats(-9, 0), min_size=1)))
def test_sealed_answer_opens_to_what_it_was(answer, likelihoods):
    written, found = opened(sealed(answer, likelihoods))
    assert written == answer
    assert [one.keys() for one in found] == [one.keys() for one in likelihoods]
    assert all(a[key] == pytest.approx(b[key]) for a, b in zip(found, likelihoods, strict=True) for key in b)


@given(st.text())
def test_plain_answer_is_left_as_it_is(answer):
    assert opened(answer) == (answer, [])


def test_question_without_likelihoods_keeps_the_key_and_the_body_it_had():
    call = Call("score", (("user", "评"),), "m", 0.0, 9, json_answer=True)
    asked = ["model", "temperature", "max_tokens", "sample"]
    old = {"provider": "p", "messages": [["user", "评"]], "json": True, **{name: getattr(call, name) for name in asked}}
    assert call.key("p") == digest(old)
    assert "logprobs" not in request_body(call, load_provider("simulator"))
