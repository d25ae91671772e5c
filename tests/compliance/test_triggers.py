"""The literals that a regex needs: no regex of the packs can match where none of them stands."""

import re

import pytest

from tasks.compliance.index import TextIndex
from tasks.compliance.normal import View
from tasks.compliance.triggers import matches, required_literals
from tests.compliance.scene import DATA, rules

TEXTS = [e.text for rule in rules().rules for e in (*rule.positive, *rule.negative)]
TEXTS += (DATA / "planted.tsv").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("治疗", {"治疗"}),
        ("(?:甲|乙丙)丁?", {"甲", "乙丙"}),
        ("[甲乙]丙丁", {"丙丁"}),
        ("甲{0,3}", set()),
        ("甲{2,3}", {"甲"}),
        ("(?=甲).", {"甲"}),
        ("(?!甲).", set()),
        ("甲|.", set()),
        (r"\d+天", {"天"}),
    ],
)
def test_literals_are_those_that_a_match_cannot_do_without(pattern, literals):
    assert required_literals(pattern) == literals


def test_every_match_of_the_packs_holds_a_required_literal():
    checked = 0
    for compiled in rules().compiled:
        for pattern in compiled.regex:
            literals = required_literals(pattern.pattern)
            for text in TEXTS:
                view = getattr(View(text), compiled.rule.view)
                if literals and any(True for _ in matches(pattern, view)):
                    checked += 1
                    assert any(literal in view for literal in literals), (pattern.pattern, text)
    assert checked > 200


def test_index_leaves_out_no_regex_that_matches():
    searched = [(c.order, c.rule.view, p) for c in rules().compiled for p in c.regex]
    index = TextIndex([], searched)
    for text in TEXTS:
        view = View(text)
        numbers = set(index.find(view)[1])
        for number, (_, name, pattern) in enumerate(searched):
            if number not in numbers:
                assert not any(True for _ in matches(pattern, getattr(view, name))), (pattern.pattern, text)


def test_number_rule_is_near_wherever_its_regex_matches():
    from tasks.compliance.numerals import numeral_tails

    for compiled in rules().near:
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
