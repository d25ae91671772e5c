"""What the pictures of the judging say: shades of the heat map, score against length, the axis of a forest plot."""

from __future__ import annotations

from dataclasses import asdict

from tasks.judging.lines import ACCURACY, FIRST, LURED, SWAPPED, TIED
from tasks.judging.statistics import Estimate
from tasks.reporting.heat import panel
from tasks.reporting.length_figures import length_figures
from tasks.reporting.plots import axis, strengths, zones


def test_heat_map_shades_by_the_printed_number_and_links_what_fails():
    rate = {"rows": 9, "clusters": 3, "low": None, "high": None}
    shown = {"words": 0.0, "labels": 0.004, "length": 0.896, "call_to_action": 0.999, "eos": 1.0, "judged": 0.5}
    judging = {
        "judged_gates": [gate for gate in shown if gate != "judged"],
        "beside_gates": ["facts"],
        "types": [],
        "gates": {"all": {gate: {"sft": {**rate, "value": value}} for gate, value in shown.items()}},
    }
    [(kind, cells)] = panel(judging, "sft")
    assert kind == "all"
    found = {cell.gate: (cell.percent, cell.shade, cell.linked) for cell in cells}
    assert found == {
        "words": (0, "h0", True),
        "labels": (1, "h0", True),
        "length": (90, "h3", True),
        "call_to_action": (99, "h3", True),
        "eos": (100, "h4", False),
        "judged": (50, "h1", False),
        "facts": (None, "", False),
        "all": (None, "", False),
    }


def scored(answer_id: str, kind: str, chars: int, score: float) -> tuple[dict, dict]:
    told = {"answer_id": answer_id, "system": "sft", "content_type": kind}
    return {**told, "chars": chars}, {**told, "score": score, "status": "judged"}


def test_length_is_told_in_multiples_of_the_type_and_correlated_within_it():
    # within each type the longer text scores lower; over both types together the longer one scores higher
    short = [scored(f"s{n}", "ad", 100 + n, 2.0 - n / 10) for n in range(5)]
    long = [scored(f"l{n}", "note", 800 + n, 4.0 - n / 10) for n in range(5)]
    verdicts, scores = zip(*short, *long, strict=True)
    [found] = length_figures(verdicts, scores)
    assert (found["texts"], round(found["correlation"], 9)) == (10, -1.0)
    assert {round(times, 1) for times, _ in found["points"]} == {1.0}


def test_length_has_no_correlation_where_texts_are_few_or_scores_all_one():
    few = [scored(f"f{n}", "ad", 100 + n, 3.0 + n) for n in range(2)]
    flat = [scored(f"g{n}", "note", 800 + n, 3.0) for n in range(9)]
    verdicts, scores = zip(*few, *flat, strict=True)
    assert length_figures(verdicts, scores)[0]["correlation"] is None


def test_axis_of_differences_is_symmetric_and_holds_every_end():
    assert axis([0.02, -0.03]) == (-0.05, 0.05, [-0.05, 0.0, 0.05])
    assert axis([0.55, None, -0.1]) == (-0.6, 0.6, [-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6])
    least, most, ticks = axis([-1.0])
    assert (least, most, len(ticks)) == (-1.0, 1.0, 9)


def test_zones_of_a_line_cover_all_shares_and_change_where_the_level_does():
    for line in (SWAPPED, LURED, FIRST, ACCURACY, TIED):
        found = zones(asdict(line))
        assert [start for _, start, _ in found] == [0.0, *(end for *_, end in found[:-1])] and found[-1][2] == 1.0
        for level, start, end in found:
            middle = (start + end) / 2
            assert line.level(Estimate(middle, middle, middle, 1000, 1000)) == level


def test_strengths_have_an_axis_that_holds_their_intervals():
    ranking = {"strengths": [{"value": 2.8, "low": 2.4, "high": 3.3}, {"value": -2.8, "low": None, "high": None}]}
    assert strengths(ranking) == (-4, 4, [-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    assert strengths({"strengths": [{"value": 9.5, "low": None, "high": None}]})[:2] == (-12, 12)
