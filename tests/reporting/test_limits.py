"""The limits are those of the run at hand: each sentence stands where it is true, and nowhere else."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tasks.reporting.figures import report_figures
from tasks.reporting.limits import limits
from tests.reporting.homes import report_inputs


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    return report_figures(report_inputs(tmp_path_factory.mktemp("models") / "m", count=60))


def english(figures) -> str:
    found = limits(figures)
    assert all(said["en"] and said["zh"] for said in found)
    return " ".join(said["en"] for said in found)


def test_limits_say_what_is_true_of_this_run(figures):
    said = english(figures)
    assert "simulated" in said and "of one family" in said
    assert "12 products are few" in said
    assert "(0 have): preferences are the judge's" in said
    assert "The judge is provisional" in said
    assert "Nobody has marked a sample" in said
    assert "Length alone tells which text of a pair was chosen" in said
    assert "Whether length decided SFT against Base cannot be told" in said


def test_limits_do_not_say_what_is_not_true(figures):
    other = deepcopy(figures)
    other["teacher"] |= {"simulated": False, "same_family": False}
    other["judging"]["products"] = 200
    other["judging"]["people"]["enough"] = other["quality"]["enough"] = True
    other["judging"]["certificate"] |= {"status": "trusted", "untested": []}
    other["pairs"]["surface"]["length_balanced"] = True
    for duel in other["judging"]["duels"]:
        duel["length"]["reason"] = ""
    said = english(other)
    for part in (
        "simulated",
        "family",
        "are few",
        "preferences are",
        "provisional",
        "marked",
        "Length",
        "length decided",
    ):
        assert part not in said, part


def test_refused_judge_takes_its_preferences_out_of_the_limits(figures):
    refused = deepcopy(figures)
    refused["judging"] |= {"hidden": {"en": "x", "zh": "x"}, "duels": []}
    said = english(refused)
    assert "The judge is refused" in said and "preferences are the judge's" not in said


def test_leak_and_single_products_are_said(figures):
    leaking = deepcopy(figures)
    leaking["data"]["leakage"]["clean"] = False
    leaking["judging"]["conclusions"][0]["influence"]["turning"] = ["p002"]
    said = english(leaking)
    assert "leak into training" in said and "1 of the products decide the verdict alone" in said
