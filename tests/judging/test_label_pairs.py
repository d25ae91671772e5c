"""Pairs for people: a stratified sample, and nothing on it that depends on who wrote what."""

from __future__ import annotations

from collections import Counter

import pytest

from tasks.judging.config import DEFAULT_PAIRS
from tasks.judging.label_pairs import sampled_pairs, text_pairs
from tasks.judging.quality import wording_of
from tasks.lineage.errors import UserError
from tests.judging.labelling import pairs_of, stronger
from tests.judging.world import world

TABLES = world(count=30)
PAIRS = pairs_of(TABLES)


def test_every_content_type_and_pair_of_systems_has_its_share():
    sample = sampled_pairs(PAIRS, 40, seed=1)
    there, drawn = (Counter(pair.stratum for pair in some) for some in (PAIRS.values(), [e.pair for e in sample]))
    assert len({entry.pair.id for entry in sample}) == 40
    assert all(abs(drawn[name] - 40 * count / len(PAIRS)) < 1 for name, count in there.items())


def test_sample_hangs_on_the_seed_and_not_on_the_order_of_answers():
    again = text_pairs(TABLES["answers"][::-1], DEFAULT_PAIRS)
    assert sampled_pairs(again, 40, 1) == sampled_pairs(PAIRS, 40, 1)
    assert sampled_pairs(PAIRS, 40, 2) != sampled_pairs(PAIRS, 40, 1)


def test_ids_and_sides_do_not_know_the_systems():
    """The same texts under exchanged names are the same pairs on the same sides."""
    exchanged = {"sft": "base", "base": "sft"}
    answers = [{**row, "system": exchanged.get(row["system"], row["system"])} for row in TABLES["answers"]]
    met = [("sft", "base")]
    one, other = text_pairs(TABLES["answers"], met), text_pairs(answers, met)
    assert one.keys() == other.keys()
    sides = [
        {entry.pair.id: (entry.first, entry.second) for entry in sampled_pairs(found, len(found), 3)}
        for found in (one, other)
    ]
    assert sides[0] == sides[1]


def test_sides_are_even_and_say_nothing_of_the_better_system():
    sides = [stronger(entry) for seed in range(20) for entry in sampled_pairs(PAIRS, len(PAIRS), seed)]
    assert abs(sides.count("first") / len(sides) - 0.5) < 0.04


def test_pair_holds_two_different_texts_of_one_item():
    answers = [row for row in TABLES["answers"] if row["system"] in ("reference", "sft", "grpo")]
    by_id = {row["answer_id"]: row for row in answers}
    same = [
        {**row, "text": by_id[row["answer_id"].replace("grpo/", "sft/")]["text"]} if row["system"] == "grpo" else row
        for row in answers
    ]
    pairs = text_pairs(same, DEFAULT_PAIRS)
    assert all(meeting[::2] != ("grpo", "sft") for pair in pairs.values() for meeting in pair.meetings)
    assert {len(pair.meetings) for pair in pairs.values()} == {2}, "reference against both, which wrote the same"
    assert all(wording_of(text) == wording for pair in pairs.values() for wording, text in pair.texts.items())


def test_item_without_an_accepted_reference_is_left_out():
    answers = [row for row in TABLES["answers"] if row["system"] != "reference"]
    assert text_pairs(answers, [("sft", "base")]) == {}


@pytest.mark.parametrize("size", [0, 10_000])
def test_sample_of_nothing_or_too_many_is_refused(size):
    with pytest.raises(UserError, match=f"{len(PAIRS)} pairs of different texts"):
        sampled_pairs(PAIRS, size, 1)
