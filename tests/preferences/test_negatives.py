"""The fold that makes a negative, and the steps NEGATIVES and PAIRS over a scripted teacher."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from tasks.copywriting.steps import COPY
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.step import PENDING
from tasks.lineage.views import View
from tasks.preferences.config import PairParams, Weights
from tasks.preferences.steps import JUDGE_TRIAL, NEGATIVES, PAIRS
from tests.copywriting.scene import (
    AD,
    CLEAN_AD,
    SERUM,
    Scripted,
    failed_call,
    in_turn,
    inputs_of,
    product_view,
    rules,
    sources,
    teacher_config,
    view,
)

PLAIN = (
    "净颜精华是一款精华产品，含10%烟酰胺、锌PCA和红没药醇，可以控油，也可以改善暗沉，"
    "适合油性肌肤使用，大家可以看看。点击了解。"
)
HYPE = CLEAN_AD.replace("配方精简", "控油神器").replace("温和改善暗沉", "根治暗沉问题")
FAKE = json.dumps(
    {
        "text": CLEAN_AD.replace("锌PCA", "水杨酸"),
        "changes": [{"kind": "ingredient", "was": "锌PCA", "became": "水杨酸"}],
    }
)
GOOD = {"weak": PLAIN, "exaggerated": HYPE, "fake": FAKE}


def only(method: str, **more: Any) -> PairParams:
    return PairParams(weights=Weights(**{**dict.fromkeys(GOOD, 0), method: 1}), **more)


@dataclass
class World:
    teacher: Scripted
    params: PairParams = field(default_factory=PairParams)
    number: int = 1
    rules: Any = field(default_factory=rules)
    chosen: str = CLEAN_AD
    status: str = "accepted"
    trial: int = 0  # plants that the judge told right, of as many

    def views(self) -> dict[str, View]:
        copies = [
            {
                "item_id": f"jingyan/paid_ad_cta/{n}",
                "product_id": "jingyan",
                "product_name": "净颜精华",
                "content_type": "paid_ad_cta",
                "split": "val" if n % 5 == 0 else "train",
                "text": self.chosen,
                "status": self.status,
                "error": "",
            }
            for n in range(self.number)
        ]
        tried = [
            {"item_id": f"t{n}", "product_id": "jingyan", "content_type": "paid_ad_cta", "strength": "half",
             "text": "x", "winners": ["left", "left"], "right": True, "status": "judged", "error": ""}
            for n in range(self.trial)
        ]  # fmt: skip
        return {
            "products": product_view([SERUM]),
            "copy": view(copies, COPY.makes),
            "judge_trial": view(tried, JUDGE_TRIAL.makes),
        }

    def inputs(self):
        return inputs_of(NEGATIVES, self.params, self.views(), sources(self.rules, [AD]))

    def negatives(self) -> list[dict]:
        inputs = self.inputs()
        rows = asyncio.run(NEGATIVES.compute(list(NEGATIVES.wanted(inputs)), inputs, self.teacher, lambda *_: None))
        return view(rows, NEGATIVES.makes).rows()

    def pairs(self, negatives: list[dict]) -> list[dict]:
        views = {**self.views(), "negatives": view(negatives, NEGATIVES.makes)}
        rows = PAIRS.compute(inputs_of(PAIRS, self.params, views, sources(self.rules, [AD])))
        return view(rows, PAIRS.makes).rows()

    def calls(self) -> tuple[int, int]:
        inputs = self.inputs()
        return NEGATIVES.calls(list(NEGATIVES.wanted(inputs)), inputs, self.teacher)  # type: ignore[misc]


def sheet(call) -> dict:
    return json.loads(call.messages[-1][1].splitlines()[-1].removeprefix("任务单："))


@pytest.mark.parametrize("method", list(GOOD))
def test_first_proven_answer_makes_the_negative(method):
    world = World(Scripted(in_turn(GOOD[method])), only(method, attempts=1))
    (row,) = world.negatives()
    assert (row["status"], row["method"], row["attempts"], row["error"]) == ("made", method, 1, "")
    assert row["proven"] is (method != "weak") and 0.85 <= row["length_ratio"] <= 1.15
    assert (row["calls"], row["cost"]) == (1, 0.25)


def test_attempt_without_proof_is_made_again_and_told_why():
    world = World(Scripted(in_turn(CLEAN_AD.replace("温和改善", "温和地改善"), HYPE)), only("exaggerated", attempts=2))
    (row,) = world.negatives()
    assert (row["status"], row["attempts"]) == ("made", 2)
    first, second = (sheet(call) for call in world.teacher.asked)
    assert "reasons" not in first and "no_hype" in [found["rule"] for found in second["reasons"]]
    assert (first["variant"], second["variant"]) == (0, 1)


def test_first_attempt_must_lie_on_its_side_of_the_chosen_length():
    world = World(Scripted(in_turn(HYPE, HYPE)), only("exaggerated", attempts=2))
    (row,) = world.negatives()
    assert len(HYPE) == len(CLEAN_AD) and (row["status"], row["attempts"]) == ("made", 2)
    first, second = (sheet(call) for call in world.teacher.asked)
    assert first["min_chars"] > len(CLEAN_AD) or first["max_chars"] < len(CLEAN_AD)
    assert second["min_chars"] < len(CLEAN_AD) < second["max_chars"] and first["chars"] == second["chars"]


def test_negative_that_cannot_be_proven_is_dropped_with_its_reasons():
    world = World(Scripted(lambda _: "不是 json"), only("fake", attempts=2))
    (row,) = world.negatives()
    assert (row["status"], row["rejected"], row["length_ratio"]) == ("dropped", "", None)
    assert row["error"] == "no proof in 2 attempts: malformed, then malformed"
    (pair,) = world.pairs([row])
    assert pair["status"] == "dropped" and pair["selected"] is False


def test_call_without_answer_is_a_failed_row():
    (row,) = World(Scripted(in_turn(failed_call())), only("weak")).negatives()
    assert row["status"] == "failed" and row["error"].startswith("weak failed: ")


def test_chosen_that_breaks_a_rule_costs_no_call():
    world = World(Scripted(in_turn()), only("weak"), chosen=HYPE)
    (row,) = world.negatives()
    assert row["status"] == "dropped" and row["error"].startswith("the chosen text breaks ")


def test_weak_writer_never_sees_the_chosen_text():
    world = World(Scripted(lambda call: GOOD[call.purpose]), only("weak"))
    world.negatives()
    (call,) = world.teacher.asked
    assert all("妆面" not in text for _, text in call.messages)
    asked = sheet(call)
    assert abs(asked["chars"] / len(CLEAN_AD) - 1) <= 0.15 and asked["max_chars"] <= AD.max_chars
    assert call.model == teacher_config().models.weak


def test_quarantined_text_wants_no_negative_and_text_to_come_a_pending_one():
    world = World(Scripted(in_turn()), status="quarantined", number=3)
    assert list(NEGATIVES.wanted(world.inputs())) == []
    views = world.views()
    rows = [{**row, "row_digest": PENDING, "status": None, "text": None} for row in views["copy"].rows()]
    views["copy"] = View(PENDING, load=lambda: rows)
    inputs = inputs_of(NEGATIVES, world.params, views, sources(rules(), [AD]))
    items = list(NEGATIVES.wanted(inputs))
    assert [item.pending for item in items] == [True] * 3
    assert NEGATIVES.calls(items, inputs, world.teacher) == (0, 9)  # type: ignore[misc]


def test_pairs_are_exact_among_the_selected_and_reach_most_texts():
    world = World(Scripted(lambda call: GOOD[call.purpose]), number=200)
    least, most = world.calls()
    assert most == 600 and least < 200, "equal questions are bought once"
    pairs = world.pairs(world.negatives())
    assert len(pairs) == 200 and {row["status"] for row in pairs} == {"made"}
    for split in ("train", "val"):
        counts = Counter(row["method"] for row in pairs if row["selected"] and row["split"] == split)
        assert counts["weak"] * 3 == counts["exaggerated"] * 5 and counts["weak"] * 2 == counts["fake"] * 5
    pair = pairs[0]
    assert pair["chosen"] == CLEAN_AD and "净颜精华" in pair["prompt"] and pair["rejected"]


def judged(*winners: str):
    """Return a writer of ever other weak texts whose judge names these winners one after the other."""
    left, texts = list(winners), [PLAIN, PLAIN.replace("看看", "试试")]

    def write(call) -> str:
        return json.dumps({"winner": left.pop(0), "reason": ""}) if call.purpose == "duel" else texts.pop(0)

    return write


TRUSTED = 12


def test_weak_text_that_loses_in_both_orders_is_proven():
    world = World(Scripted(judged("first", "second")), only("weak", attempts=1), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["calls"]) == ("made", True, 3)
    assert "loses to chosen in both orders" in row["proof"]
    first, second = (sheet(call) for call in world.teacher.asked[1:])
    assert (first["first"], first["second"]) == (second["second"], second["first"]) == (CLEAN_AD, PLAIN)


@pytest.mark.parametrize("winners", [("second",), ("tie",), ("first", "first"), ("first", "tie")])
def test_weak_text_that_does_not_lose_is_made_again_and_the_writer_told(winners):
    world = World(Scripted(judged(*winners, "first", "second")), only("weak", attempts=2), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["attempts"]) == ("made", True, 2)
    again = [sheet(call) for call in world.teacher.asked if call.purpose == "weak"][1]
    assert [found["rule"] for found in again["reasons"]] == ["not_worse"]


def test_weak_text_that_never_loses_is_dropped():
    world = World(Scripted(judged("tie", "tie")), only("weak", attempts=2), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["error"]) == ("dropped", "no proof in 2 attempts: not_worse, then not_worse")


def test_judge_that_cannot_be_read_proves_nothing():
    world = World(Scripted(judged("nobody", "first", "second")), only("weak", attempts=2), trial=TRUSTED)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["attempts"]) == ("made", True, 2)


@pytest.mark.parametrize(("trial", "proof"), [(TRUSTED - 1, "judge"), (TRUSTED, "none"), (0, "judge")])
def test_judge_that_failed_its_trial_or_is_not_wanted_is_not_asked(trial, proof):
    world = World(Scripted(judged()), only("weak", attempts=1, weak_proof=proof), trial=trial)
    (row,) = world.negatives()
    assert (row["status"], row["proven"], row["calls"]) == ("made", False, 1)
    assert row["proof"].endswith("unproven: no judge that passed its trial")


def test_plan_tells_the_judges_calls_from_the_writers():
    world = World(Scripted(judged("first", "second")), only("weak"), trial=TRUSTED)
    items = list(NEGATIVES.wanted(world.inputs()))
    lines = NEGATIVES.calls_by_line(items, world.inputs(), world.teacher)  # type: ignore[misc]
    assert lines == {"negatives": (1, 3), "weak_proof": (0, 6)}
    world.negatives()
    assert world.calls() == (0, 0)
    world.teacher.kept = {key: answer for key, answer in world.teacher.kept.items() if "winner" not in answer.text}
    lines = NEGATIVES.calls_by_line(items, world.inputs(), world.teacher)  # type: ignore[misc]
    assert lines == {"negatives": (0, 2), "weak_proof": (1, 6)}


def test_weak_texts_wait_for_a_trial_that_is_still_to_come():
    world = World(Scripted(in_turn()), number=20)
    views = world.views() | {"judge_trial": View(PENDING, load=lambda: [{"row_digest": PENDING, "status": None}])}
    inputs = inputs_of(NEGATIVES, world.params, views, sources(rules(), [AD]))
    assert {(item.data["method"] == "weak", item.pending) for item in NEGATIVES.wanted(inputs)} == {
        (True, True), (False, False),
    }  # fmt: skip


def test_trial_that_changes_its_mind_makes_weak_texts_stale_and_no_others():
    world = World(Scripted(in_turn()), number=20)
    before = {item.id: item for item in NEGATIVES.wanted(world.inputs())}
    world.trial = TRUSTED
    for item in NEGATIVES.wanted(world.inputs()):
        assert (item.key != before[item.id].key) is (item.data["method"] == "weak")
    assert any("prompts/judge_duel.j2" in item.components for item in NEGATIVES.wanted(world.inputs()))


def answers_by_chance(seed: int):
    """Good and useless answers, by the question and the seed alone."""
    useless = ("不是 json", CLEAN_AD, PLAIN[:20])

    def write(call) -> str:
        place = int(digest([seed, call.key("simulator")])[:8], 16) % 5
        return GOOD[call.purpose] if place > 2 else useless[place]

    return write


@pytest.mark.parametrize("seed", range(4))
def test_rules_there_and_back_give_the_same_negatives(seed):
    world = World(Scripted(answers_by_chance(seed)), number=30)
    there = world.negatives()
    assert world.calls() == (0, 0)
    world.rules = rules("神器", "逆天", "大家可以看看")
    least, most = world.calls()
    bought = len(world.teacher.asked)
    world.negatives()
    assert least <= len(world.teacher.asked) - bought <= most
    world.rules = rules()
    bought = len(world.teacher.asked)
    assert world.negatives() == there and len(world.teacher.asked) == bought


def test_key_follows_the_text_and_not_the_way_to_it():
    world = World(Scripted(in_turn()))
    before = next(iter(NEGATIVES.wanted(world.inputs())))
    world.chosen = CLEAN_AD.replace("温和", "柔和")
    after = next(iter(NEGATIVES.wanted(world.inputs())))
    changed = {name for name, value in after.components.items() if before.components[name] != value}
    assert changed == {"above.copy"} and after.key != before.key


def test_pairs_refuse_other_weights_than_their_negatives():
    world = World(Scripted(lambda call: GOOD[call.purpose]), number=20)
    made = world.negatives()
    world.params = PairParams(weights=Weights(weak=0, exaggerated=0, fake=1))
    with pytest.raises(UserError, match="weights or seed differ"):
        world.pairs(made)
