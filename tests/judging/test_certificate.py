"""The certificate's decisions, over many made-up rows: what is trusted, dropped, corrected, refused, too few."""

from __future__ import annotations

import pytest

from tasks.judging.certificate import certify
from tasks.judging.defects import DEFECTS
from tasks.judging.lines import ACCURACY, FIRST, LURED, SWAPPED, UNREAD
from tasks.judging.statistics import Estimate, wilson
from tests.judging.served import criteria
from tests.judging.trying import duel_trials, natural_duels, plant_row, plants_and_trials, trial
from tests.judging.world import judge_prompts, product_rows

PRODUCTS = product_rows(55)
CRITERIA = criteria(judge_prompts())


def certified(wrong=None, duels=None, rows=110, **changes):
    tables = plants_and_trials(PRODUCTS, wrong, rows)
    trials = [*changes.get("instead", tables["trials"]), *changes.get("more", [])]
    given = natural_duels(PRODUCTS) if duels is None else duels
    return certify(tables["plants"], trials, given, CRITERIA)


def found(certificate, name):
    return next(one for one in certificate.findings if one.id == name)


def defect(certificate, name):
    return next(one for one in certificate.defects if one.defect.id == name)


def test_judge_that_sees_everything_is_trusted():
    made = certified()
    assert (made.status, made.dropped, made.untested, made.hides) == ("trusted", (), (), None)
    assert defect(made, "padding").planted == 110


def test_defect_below_the_refusal_line_drops_its_criteria_and_leaves_the_rest():
    made = certified({"off_brand_tone": 0.4})
    assert made.status == "provisional"
    assert [one.criterion for one in made.dropped] == ["brand_fit"]
    assert "Off-brand tone" in made.dropped[0].said.en
    assert "语气不符" in made.dropped[0].said.zh


def test_defect_that_the_gates_decide_is_said_to_be_theirs():
    made = certified({"false_fact": 0.5})
    assert (made.status, made.dropped) == ("provisional", ())
    assert "the gates decide it by code" in defect(made, "false_fact").said.en


def test_score_that_does_not_fall_with_its_defect_drops_the_criterion():
    tables = plants_and_trials(PRODUCTS)
    for row in tables["trials"]:
        if row["ask"] == "score" and row["criterion"] == "brand_fit":
            row["criteria"] = [{**entry, "score": 4.0} for entry in row["criteria"]]
    made = certified(instead=tables["trials"])
    assert [one.criterion for one in made.dropped] == ["brand_fit"]
    assert "not shown to fall" in made.dropped[0].said.en


@pytest.mark.parametrize(("share", "status"), [(0.02, "trusted"), (0.1, "provisional"), (0.35, "refused")])
def test_padding_that_wins_is_trusted_provisional_or_refused(share, status):
    made = certified({"padding": share})
    assert found(made, "lured_padding").level == status
    if status == "refused":
        assert made.causes[0] == "lured_padding"


def test_order_to_the_judge_that_buys_points_counts_as_obeyed():
    tables = plants_and_trials(PRODUCTS)
    bought = [row for row in tables["plants"] if row["defect"] == "injection"]
    more = [trial(plant, "score", score=5.0) for plant in bought]
    more += [trial(plant, "original", score=4.0) for plant in bought]
    made = certified(more=more)
    assert (made.status, made.causes[0], found(made, "obeyed").figure.value) == ("refused", "obeyed", 1.0)


def test_light_position_bias_is_corrected_and_a_strong_one_refused():
    light = certified(duels=natural_duels(PRODUCTS, consistent=0.77, first=1.0, seed=1))
    assert found(light, "first_place").corrected
    assert light.status == "provisional"
    assert "corrected, since a win needs both orders" in found(light, "first_place").said.en
    assert "已校正" in found(light, "first_place").said.zh
    strong = certified(duels=natural_duels(PRODUCTS, consistent=0.2, first=1.0))
    assert (strong.status, strong.causes[0]) == ("refused", "first_place")


def test_repeats_that_differ_refuse():
    tables = plants_and_trials(PRODUCTS)
    for row in tables["trials"]:
        if row["repeat"] and row["plant_id"].endswith(("1", "3", "5")):
            row["winner"] = "tie" if row["winner"] != "tie" else "plant"
    made = certified(instead=tables["trials"])
    assert (made.status, made.causes) == ("refused", ("repeats",))


def test_answers_that_cannot_be_read_are_counted_with_those_that_never_came_right():
    tables = plants_and_trials(PRODUCTS)
    for place, row in enumerate(tables["trials"]):
        row["unread"] = int(place % 20 == 0)
    made = certified(instead=tables["trials"])
    assert (made.status, made.causes[0]) == ("refused", "unread")
    assert 0.045 < found(made, "unread").figure.value < 0.05


def test_too_few_plants_are_no_decision_even_if_all_are_right():
    made = certify(*few_rows(), natural_duels(PRODUCTS), CRITERIA)
    assert made.status == "provisional"
    assert defect(made, "padding").level == "too_few"
    assert "too few for a decision" in defect(made, "padding").said.en


def few_rows():
    tables = plants_and_trials(PRODUCTS, rows=12)
    return tables["plants"], tables["trials"]


def test_nobody_tried_is_provisional_and_says_so():
    made = certify([], [], [], CRITERIA)
    assert made.status == "provisional"
    assert {one.level for one in made.findings} == {"untried"}
    assert made.untested == tuple(CRITERIA)
    assert "Not tried" in made.reasons[0].en


def test_tune_plants_certify_nothing():
    product = PRODUCTS[0]
    plants = [plant_row(DEFECTS[3], product, number, side="tune") for number in range(110)]
    made = certify(plants, [row for plant in plants for row in duel_trials(plant, ("plant", "plant"))], [], CRITERIA)
    assert defect(made, "padding").planted == 0
    assert made.status == "provisional"


def test_judge_that_splits_hairs_is_shown_as_provisional():
    made = certified({"control": 0.5})
    assert (made.status, found(made, "ties").level) == ("provisional", "provisional")


def test_grid_counts_length_and_layout_apart():
    made = certified({"padding": 0.0, "markdown": 1.0})
    assert made.grid["longer", "plain"] == {"original": 110}
    assert made.grid["same", "list"] == {"plant": 110}
    assert made.causes[0] == "lured_markdown"


def figure(value, rows):
    return Estimate(value, *wilson(value * rows, rows), rows, rows)


@pytest.mark.parametrize(
    ("line", "value", "rows", "level"),
    [
        (ACCURACY, 1.0, 21, "too_few"),
        (ACCURACY, 1.0, 22, "trusted"),
        (ACCURACY, 0.9, 100, "provisional"),
        (ACCURACY, 0.8, 100, "refused"),
        (ACCURACY, 0.8, 40, "too_few"),
        (ACCURACY, 0.5, 40, "refused"),
        (LURED, 0.05, 100, "trusted"),
        (LURED, 0.151, 1000, "refused"),
        (LURED, 0.2, 25, "refused"),
        (SWAPPED, 0.84, 200, "provisional"),
        (SWAPPED, 0.74, 200, "refused"),
        (FIRST, 0.56, 200, "provisional"),
        (FIRST, 0.39, 200, "refused"),
        (FIRST, 0.61, 30, "too_few"),
        (UNREAD, 0.031, 1000, "refused"),
        (UNREAD, 0.01, 1000, "trusted"),
    ],
)
def test_lines_hold_at_their_ends(line, value, rows, level):
    assert line.level(figure(value, rows)) == level
