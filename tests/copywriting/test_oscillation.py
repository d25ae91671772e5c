"""Faults that come back, replace each other or stay, read from planted sequences of rounds."""

from __future__ import annotations

import pytest

from tasks.compliance.verdict import Reason
from tasks.copywriting.oscillation import setbacks, stubborn


def fault(name: str) -> Reason:
    """Return a reason from `kind`, `kind:span` or `kind/rule`."""
    kind, _, span = name.partition(":")
    kind, _, rule = kind.partition("/")
    return Reason(rule or f"{kind}_rule", kind, "block", 0, len(span), span, name, name, "b", "s")


def rounds(*names: str) -> list[list[Reason]]:
    """Return rounds from lines such as `length/over call_to_action`; an empty line is a round without faults."""
    return [[fault(name) for name in line.split()] for line in names]


def seen(*names: str) -> list[tuple[str, list[str], list[str]]]:
    return [(s.way, [r.message for r in s.before], [r.message for r in s.now]) for s in setbacks(rounds(*names))]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (["length/over"], []),
        (["length/over", "length/over"], []),
        (["length/over call_to_action", "length/over"], []),
        # a call to action is added, the text is too long, it is cut, and the call is lost
        (["call_to_action", "length/over"], [("broke", ["call_to_action"], ["length/over"])]),
        (["call_to_action", "length/over", "call_to_action"], [("returned", ["length/over"], ["call_to_action"])]),
        # too long and too short are two faults of one kind
        (["length/over", "length/under"], [("broke", ["length/over"], ["length/under"])]),
        (["length/over", "length/under", "length/over"], [("returned", ["length/under"], ["length/over"])]),
        # a number in place of a number is one fault, whatever rule sees it
        (
            ["unsupported_number/percent:47%", "unsupported_number/multiple:3倍"],
            [("replaced", ["unsupported_number/percent:47%"], ["unsupported_number/multiple:3倍"])],
        ),
        (["unsupported_number:47%", "unsupported_number:47%"], []),
        (["unsupported_number:47% unsupported_number:3倍", "unsupported_number:3倍"], []),
        # back after two rounds in which it was mended
        (
            ["medical_claim:治疗", "length/over", "length/over", "medical_claim:抗炎"],
            [("returned", ["length/over"], ["medical_claim:抗炎"])],
        ),
        # nothing was mended, and something broke
        (["medical_claim:治疗", "medical_claim:治疗 length/over"], [("broke", [], ["length/over"])]),
        # both at once
        (
            ["call_to_action", "length/over", "call_to_action forbidden_word:神器"],
            [("returned", ["length/over"], ["call_to_action"]), ("broke", ["length/over"], ["forbidden_word:神器"])],
        ),
    ],
)
def test_setbacks_of_the_last_repair(history, expected):
    assert seen(*history) == expected


def test_setbacks_before_the_last_repair_are_past():
    assert seen("call_to_action", "length/over", "length/over") == []


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (["medical_claim:治疗"], set()),
        (["medical_claim:治疗", "medical_claim:治疗"], set()),
        (["medical_claim:治疗", "medical_claim:治疗", "medical_claim:抗炎"], {"medical_claim"}),
        (["medical_claim:治疗", "", "medical_claim:治疗"], set()),
        (["length/over", "length/over", "length/under"], set()),
        (["length/a", "length/a hashtags/b", "length/a hashtags/b", "length/a hashtags/b"], {"a", "b"}),
    ],
)
def test_fault_is_stubborn_after_two_rounds_that_were_told_of_it(history, expected):
    assert stubborn(rounds(*history)) == expected
