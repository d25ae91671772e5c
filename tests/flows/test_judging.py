"""The judge's trials in the main job: planned with their cost, made once, and asked again where a rubric changed."""

from __future__ import annotations

import shutil

import pytest

from flows import world
from flows.steps import PIPELINE
from tasks.teacher.rubric import RUBRICS

FEW = {"plants.per_defect": "6", "plants.tune_share": "0", "trials.repeats": "4"}


@pytest.fixture
def rubric(tmp_path, monkeypatch):
    """The paid ads' rubric in a copy of prompts/ that a test may edit."""
    shutil.copytree(world.PROMPTS, tmp_path / "prompts")
    monkeypatch.setattr(world, "PROMPTS", tmp_path / "prompts")
    return tmp_path / "prompts" / "rubrics" / "paid_ad.yaml"


def test_rubrics_reach_the_judging_and_no_step_that_makes_texts_or_models():
    for path in RUBRICS.values():
        assert {step.name for step in PIPELINE if path in step.prompts} == {"trials", "scores", "duels", "report"}


def test_changed_rubric_tries_the_judge_again_and_makes_nothing_else(mill, rubric):
    job = {"only": "trials", "overrides": FEW}
    foreseen = mill.plan(**job)
    assert foreseen["trials"]["to_make"] and foreseen["plants"]["to_make"]
    first = mill.run(**job)
    assert first["calls"] > 0
    assert {row["status"] for row in mill.rows("trials")} == {"judged"}
    assert set(mill.run(**job)["steps"].values()) == {"fresh"}
    rubric.write_text(rubric.read_text(encoding="utf-8").replace("每个词都有用吗？", "每一个词都有用吗？"), "utf-8")
    planned = mill.plan(overrides=FEW, only="")
    changed = {step for step, plan in planned.items() if "prompts.rubrics/paid_ad.yaml" in plan["causes"]}
    assert changed == {"trials"}, "scores, duels and report are not made in this home, and are missing as a whole"
    for step in ("drafts", "copy", "judge_trial", "negatives", "pairs", "plants"):
        assert planned[step]["action"] == "fresh", step
    again = mill.run(**job)
    ads = {row["trial_id"] for row in mill.rows("trials") if row["content_type"].startswith("paid_ad")}
    assert set(planned["trials"]["to_make"]) == ads
    assert 0 < again["calls"] <= len(ads) + 5
