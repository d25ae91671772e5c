"""What of the judge's opinion is shown, and the frozen record of what it rests on."""

from __future__ import annotations

import pytest

from tasks.judging.believing import certificate_of, frozen_record, shown_duels, shown_scores
from tasks.judging.certificate import certify
from tasks.reporting.figures import report_figures
from tests.judging.served import criteria
from tests.judging.trying import natural_duels, plants_and_trials
from tests.judging.world import judge_prompts, product_rows, world
from tests.reporting.homes import report_inputs

PRODUCTS = product_rows(55)


def certified(wrong):
    tables = plants_and_trials(PRODUCTS, wrong)
    return certify(tables["plants"], tables["trials"], natural_duels(PRODUCTS), criteria(judge_prompts()))


def test_refused_judge_is_not_shown():
    rows, refused = world(), certified({"padding": 0.5})
    assert refused.status == "refused"
    assert shown_scores(rows["scores"], refused) == shown_duels(rows["duels"], refused) == []


def test_dropped_criterion_leaves_the_scores_and_their_means():
    rows, made = world()["scores"], certified({"off_brand_tone": 0.5})
    shown = shown_scores(rows, made)
    assert len(shown) == len(rows)
    for before, after in zip(rows, shown, strict=True):
        left = [entry["score"] for entry in before["criteria"] if entry["name"] != "brand_fit"]
        assert [entry["score"] for entry in after["criteria"]] == left
        assert after["score"] == pytest.approx(sum(left) / len(left))


def test_trusted_judge_is_shown_as_it_is():
    rows, made = world(), certified(None)
    assert shown_scores(rows["scores"], made) == rows["scores"]
    assert shown_duels(rows["duels"], made) == rows["duels"]


def test_report_hides_a_refused_judge_and_says_why(tmp_path):
    inputs = report_inputs(tmp_path)
    inputs.tables |= plants_and_trials(PRODUCTS, {"injection": 0.5})
    judging = report_figures(inputs)["judging"]
    assert (judging["scores"], judging["duels"], judging["certificate"]["status"]) == ([], [], "refused")
    assert "its scores and duels are hidden" in judging["hidden"]["en"]
    assert "不予显示" in judging["hidden"]["zh"]


def test_report_of_a_believed_judge_holds_its_certificate(tmp_path):
    judging = report_figures(report_inputs(tmp_path))["judging"]
    assert judging["hidden"] is None
    assert judging["scores"] and judging["duels"]
    assert {one["id"] for one in judging["certificate"]["findings"]} >= {"unread", "obeyed", "first_place", "swap"}
    assert len(judging["certificate"]["defects"]) == 13


def test_frozen_record_changes_with_rubric_judge_and_plants_alone(tmp_path):
    inputs = report_inputs(tmp_path)
    before = frozen_record(inputs)
    assert before == frozen_record(inputs)
    assert before["seeds"] == [31]
    inputs.prompts["rubrics/paid_ad.yaml"] += "# another comment\n"
    after = frozen_record(inputs)
    changed = {name for name, value in before["components"].items() if after["components"][name] != value}
    assert changed == {"prompts/rubrics/paid_ad.yaml"}
    assert after["digest"] != before["digest"]
    inputs.digests["plants"] = "others"
    assert frozen_record(inputs)["components"]["plants"] == "others"


def test_certificate_reads_the_criteria_of_the_rubrics(tmp_path):
    assert set(certificate_of(report_inputs(tmp_path)).untested) <= set(criteria(judge_prompts()))
