"""What labels say: agreement of people and judge, win rates by system, and from when on they are people's."""

from __future__ import annotations

import pytest

from tasks.judging.label_pairs import sampled_pairs, text_pairs
from tasks.judging.people import LEAST, people_figures, preference_of
from tests.judging.labelling import label, labels_of, pairs_of, stronger
from tests.judging.world import world

TABLES = world(count=30)
ANSWERS, DUELS = TABLES["answers"], TABLES["duels"]


def figures(labels, answers=ANSWERS, duels=DUELS):
    return people_figures(labels, answers, duels)


def test_without_labels_the_preference_is_the_judges():
    found = figures([])
    assert (found["raters"], found["labels"], found["pairs"], found["enough"]) == (0, 0, 0, False)
    assert found["alpha"]["value"] is None and found["win_rates"] == [] and found["first_share"] is None
    assert preference_of(found) == "judge"


def test_two_raters_on_fifty_pairs_make_it_peoples():
    for size, whose in ((LEAST - 1, "judge"), (LEAST, "people")):
        found = figures(labels_of(TABLES, size, {"x": 0, "y": 0}))
        assert (found["raters"], found["labels"], found["shared"]) == (2, 2 * size, size)
        assert preference_of(found) == whose
    assert preference_of(figures(labels_of(TABLES, 100, {"x": 0}))) == "judge", "one rater alone"


def test_raters_of_one_mind_agree_and_have_alpha_one():
    found = figures(labels_of(TABLES, 60, {"x": 0, "y": 0}))
    assert found["alpha"]["value"] == pytest.approx(1)
    assert found["human_human"]["decided"]["value"] == found["human_human"]["with_ties"]["value"] == 1
    assert found["human_human"]["pairs"] == 60


def test_raters_who_slip_agree_less_with_ties_than_without():
    found = figures(labels_of(TABLES, 100, {"x": 0.3, "y": 0.3, "z": 0.3}))
    both, decided = found["human_human"]["with_ties"], found["human_human"]["decided"]
    assert 0.4 < both["value"] < decided["value"] < 1
    assert both["low"] < both["value"] < both["high"]
    assert 0 < found["alpha"]["value"] < 1 and found["alpha"]["low"] < found["alpha"]["value"] < found["alpha"]["high"]


def test_judge_agreement_counts_every_label_of_a_judged_pair():
    labels = labels_of(TABLES, 60, {"x": 0, "y": 0})
    assert figures(labels)["judge_human"]["pairs"] == 120
    half = [row for row in DUELS if row["order"] == "left_first"]
    assert figures(labels, duels=half)["judge_human"]["pairs"] == 0, "one order is no verdict"


def test_judge_that_says_what_people_say_agrees_with_all():
    pairs = text_pairs(ANSWERS, [("sft", "base")])
    labels = [label(p, stronger(p), rater) for p in sampled_pairs(pairs, len(pairs), 1) for rater in ("x", "y")]
    duels = [{**row, "winner": "left"} for row in DUELS if (row["left"], row["right"]) == ("sft", "base")]
    found = figures(labels, duels=duels)
    assert found["judge_human"]["decided"]["value"] == 1
    (rate,) = found["win_rates"]
    assert (rate["left"], rate["right"], rate["losses"], rate["ties"]) == ("sft", "base", 0, 0)
    assert rate["wins"] == 2 * len(pairs) and rate["rate"]["value"] == rate["judge_rate"]["value"] == 1
    assert rate["rate"]["rows"] == len(pairs), "a pair counts once, however many label it"


def test_label_speaks_for_every_system_that_wrote_the_same():
    base = {row["answer_id"]: row["text"] for row in ANSWERS if row["system"] == "sft"}
    answers = [
        {**row, "text": base[row["answer_id"].replace("grpo/", "sft/")]} if row["system"] == "grpo" else row
        for row in ANSWERS
    ]
    labels = labels_of({"answers": answers}, 40, {"x": 0})
    found = figures(labels, answers)
    by_pair = {(row["left"], row["right"]): row["wins"] + row["losses"] + row["ties"] for row in found["win_rates"]}
    assert by_pair["sft", "base"] == by_pair["grpo", "base"] > 0
    assert sum(by_pair.values()) == 80 and found["standing"] == 40


def test_side_that_people_favour_is_seen():
    always = [label(p, "first", "x") for p in sampled_pairs(pairs_of(TABLES), 60, 1)]
    assert figures(always)["first_share"]["value"] == 1
    assert abs(figures(labels_of(TABLES, 100, {"x": 0}))["first_share"]["value"] - 0.5) < 0.15


def test_notes_come_with_their_item():
    (placed,) = sampled_pairs(pairs_of(TABLES), 1, 1)
    (note,) = figures([label(placed, "tie", "x", "都平淡")])["notes"]
    assert note == {"product_id": placed.pair.product_id, "content_type": placed.pair.content_type, "note": "都平淡"}
