"""The literals that a regex needs: no regex of the packs can match where none of them stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.compliance.index import TextIndex
from tasks.compliance.normal import View
from tasks.compliance.triggers import Finder, literal_sets, matches, reach, required_literals
from tests.compliance.scene import DATA, rules

TEXTS = [e.text for rule in rules().rules for e in (*rule.positive, *rule.negative)]
TEXTS += (DATA / "planted.tsv").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("治疗", {"治疗"}),
        ("(?:甲|乙丙)丁?", {"甲", "乙丙"}),
        ("[甲乙]丙丁", {"甲丙丁", "乙丙丁"}),
        ("甲{0,3}", set()),
        ("甲{2,3}", {"甲"}),
        ("(?=甲).", {"甲"}),
        ("(?!甲).", set()),
        ("甲|.", set()),
        (r"\d+天", {f"{digit}天" for digit in range(10)}),
        ("[1-3]成", {"1成", "2成", "3成"}),
        ("[一-龥]成", {"成"}),
        ("[^甲]成", {"成"}),
    ],
)
def test_literals_are_those_that_a_match_cannot_do_without(pattern, literals):
    assert required_literals(pattern) == literals


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        ("一(?:抹|涂)就白", [{"一抹就白", "一涂就白"}]),
        ("(?:销量|口碑)的?[^,]{0,4}冠军", [{"冠军"}, {"销量", "口碑"}]),
        ("痘印[^,]{0,6}[没不]", [{"痘印"}]),
        ("不[^,]{0,6}比[^,]{0,6}更", [{"比"}]),
        ("成分[^,]{0,6}配方", [{"成分"}, {"配方"}]),
        ("甲?[^,]{0,3}", []),
    ],
)
def test_sets_are_rarest_first_and_each_must_be_met(pattern, sets):
    found = [set(literals) for literals in literal_sets(pattern)]
    assert found == sets


@pytest.mark.parametrize(
    ("pattern", "reaches"),
    [
        ("治疗", (3, 1)),
        ("甲[^,]{0,4}乙", (7, 1)),
        ("甲(?=.{0,5}乙)", (8, 1)),
        ("(?<=丙丁)甲乙", (3, 3)),
        ("甲+", None),
        ("甲(?=.*乙)", None),
        ("(?=甲)", None),
    ],
)
def test_reach_is_as_far_as_a_match_and_what_it_looks_at(pattern, reaches):
    assert reach(pattern) == reaches


def test_every_match_of_the_packs_holds_a_literal_of_each_set():
    checked = 0
    for compiled in rules().compiled:
        for pattern in compiled.regex:
            sets = literal_sets(pattern.pattern)
            for text in TEXTS:
                view = getattr(View(text), compiled.rule.view)
                if sets and any(True for _ in matches(pattern, view)):
                    checked += 1
                    assert all(any(literal in view for literal in literals) for literals in sets), pattern.pattern
    assert checked > 200


def test_index_finds_every_match_that_the_regexes_find():
    searched = [(c.order, c.rule.view, p) for c in rules().compiled for p in c.regex]
    index = TextIndex([], [(number, view, pattern) for number, (_, view, pattern) in enumerate(searched)])
    found = 0
    for text in [*TEXTS, *map("".join, zip(TEXTS, TEXTS[1:] + TEXTS[:1], TEXTS[7:] + TEXTS[:7], strict=True))]:
        view = View(text)
        told = {number: finders[0] for number, finders in index.live(view, index.find(view).possible).items()}
        for number, (_, name, pattern) in enumerate(searched):
            seen = getattr(view, name)
            spans = [match.span() for match in matches(pattern, seen)]
            told_spans = [m.span() for m in told[number].finditer(seen)] if number in told else []
            assert told_spans == spans, pattern.pattern
            found += len(spans)
    assert found > 2000


@given(st.text("甲乙丙丁,。 ", max_size=60))
def test_finder_finds_what_its_regex_finds(text):
    for written in ("甲[^,]{0,3}乙", "(?:甲|丙)乙(?!丁)", "(?<=丙)甲(?=.{0,2}丁)", "乙{1,3}$", "^丁.{0,2}甲"):
        regex = re.compile(written)
        (literals, *_) = literal_sets(written)
        places = [m.span() for literal in literals for m in re.finditer(f"(?={literal})", text)]
        places = [(start, start + max(map(len, literals))) for start, _ in places]
        finder = Finder(regex, reach(written), places)
        assert [m.span() for m in finder.finditer(text)] == [m.span() for m in regex.finditer(text)]


def test_number_rule_is_near_wherever_its_regex_matches():
    from tasks.compliance.numerals import numeral_tails

    for compiled, _ in rules().near:
        for text in TEXTS:
            dense = View(text).dense
            # a lone 一 claims nothing before these units (一位用户, 一款精华), so it need not be near
            if any(match["n"] != "一" for pattern in compiled.regex for match in pattern.finditer(dense)):
                tails = numeral_tails(dense)
                assert any(unit in tails for unit in compiled.rule.near), (compiled.rule.id, text)


def test_anchored_regex_is_tried_at_the_start_alone():
    pattern = re.compile(r"\A好的")
    assert [m.span() for m in matches(pattern, "好的，好的")] == [(0, 2)]
    assert list(matches(pattern, "嗯，好的")) == []
