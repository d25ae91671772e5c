"""Scores with the likelihoods of the judge's tokens, over real HTTP and through the journal."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from tasks.judging.config import ScoreParams
from tasks.judging.scores import make_scores, wanted_scores
from tasks.teacher.client import Teacher
from tasks.teacher.config import load_provider
from tasks.teacher.journal import Journal
from tasks.teacher.simulator.process import SimulatorProcess
from tests.judging.answering import judging_inputs, silent


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Return (rows, requests made) of three runs on one journal: with likelihoods, without, with them again."""
    folder = tmp_path_factory.mktemp("likelihoods")
    with SimulatorProcess() as simulator:
        return asyncio.run(scored_at(simulator.base_url, folder))


async def scored_at(url, folder):
    results = []
    with Journal(folder / "journal.sqlite") as journal:
        for alternatives in (5, 0, 5):
            config = load_provider("simulator", {"base_url": url, "logprobs": alternatives})
            inputs = judging_inputs(ScoreParams())
            inputs.sources["teacher"] = config
            async with Teacher(config, journal, "run") as teacher:
                services = SimpleNamespace(teacher=teacher, journal=journal)
                rows = await make_scores(list(wanted_scores(inputs)), inputs, services, silent)
                results.append((rows, teacher.tally.requests))
    return results


def test_scores_over_http_are_expected_values_near_those_that_were_named(scored):
    (likely, _), (named, _), _ = scored
    assert {row["scored_by"] for row in likely} == {"likelihood"}
    assert {row["scored_by"] for row in named} == {"answer"}
    points = [one["score"] for row in likely for one in row["criteria"]]
    assert all(1 <= score <= 5 for score in points)
    assert any(score != round(score) for score in points)
    assert all(one["score"] == round(one["score"]) for row in named for one in row["criteria"])


def test_journaled_likelihoods_are_read_again_and_not_bought_again(scored):
    (first, bought), _, (again, asked) = scored
    assert (bought > 0, asked) == (True, 0)
    assert [row["criteria"] for row in again] == [row["criteria"] for row in first]
    assert {row["scored_by"] for row in again} == {"likelihood"}
