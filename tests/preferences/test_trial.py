"""The judge's trial: plants that are weak and nothing else, both orders, and when a judge may be believed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tasks.brief.brand import load_brand, load_content_types
from tasks.compliance import check, load_rules
from tasks.copywriting.steps import COPY
from tasks.lineage.errors import UserError
from tasks.lineage.params import undeclared_fields
from tasks.lineage.step import PENDING
from tasks.lineage.views import View
from tasks.preferences.config import PairParams, TrialParams
from tasks.preferences.judge import trial_of
from tasks.preferences.plants import BAND, FILLERS, chosen_for_trial, emptied, parse_fillers, planted
from tasks.preferences.steps import JUDGE_TRIAL
from tests.copywriting.scene import (
    AD,
    CLEAN_AD,
    CREAM,
    PROMPTS,
    SERUM,
    Scripted,
    inputs_of,
    product_view,
    rules,
    sources,
    view,
)

SENTENCES = parse_fillers((PROMPTS / FILLERS).read_text(encoding="utf-8"))
NOTE = (
    "净颜精华使用笔记\n\n午后出油，妆面容易斑驳。我先看成分表，10%烟酰胺与锌PCA写得清楚。\n\n"
    "配方精简，从源头控油。早晚洁面后取适量，轻轻按压。用起来清爽，不黏。\n\n#控油 #护肤笔记 #成分"
)


def copy_row(number: int, product=SERUM, text: str = CLEAN_AD, status: str = "accepted") -> dict:
    return {
        "item_id": f"{product.product_id}/paid_ad_cta/{number}", "product_id": product.product_id,
        "product_name": product.product_name, "content_type": "paid_ad_cta", "split": "train", "text": text,
        "status": status, "error": "",
    }  # fmt: skip


def inputs(rows: list[dict], params: TrialParams | None = None):
    val = product_view([CREAM], "val").rows()
    products = View("p", load=lambda: [*product_view([SERUM]).rows(), *val])
    views = {"products": products, "copy": view(rows, COPY.makes)}
    return inputs_of(JUDGE_TRIAL, params or TrialParams(), views, sources(rules(), [AD]))


def sheet(call) -> dict:
    return json.loads(call.messages[-1][1].splitlines()[-1].removeprefix("任务单："))


def good_one_wins(call) -> str:
    return json.dumps({"winner": "first" if sheet(call)["first"] == CLEAN_AD else "second", "reason": ""})


def tried(write, rows: list[dict] | None = None) -> tuple[list[dict], Scripted]:
    given, teacher = inputs(rows or [copy_row(n) for n in range(3)]), Scripted(write)
    made = asyncio.run(JUDGE_TRIAL.compute(list(JUDGE_TRIAL.wanted(given)), given, teacher, lambda *_: None))
    return view(made, JUDGE_TRIAL.makes).rows(), teacher


@pytest.mark.parametrize("every", [1, 2, 3])
def test_emptied_text_keeps_its_length_last_sentence_and_hashtags(every):
    weak = emptied(NOTE, "净颜精华", every, "s", SENTENCES)
    assert abs(len(weak) / len(NOTE) - 1) <= BAND
    assert weak.startswith("净颜精华还可以。")
    assert weak.endswith("不黏。\n\n#控油 #护肤笔记 #成分")
    assert weak == emptied(NOTE, "净颜精华", every, "s", SENTENCES) != emptied(NOTE, "净颜精华", every, "t", SENTENCES)


def test_more_sentences_emptied_leave_fewer_of_the_text():
    left = [
        sum(part in emptied(NOTE, "净颜精华", every, "s", SENTENCES) for part in NOTE.split("。"))
        for every in (1, 2, 3)
    ]
    assert left == sorted(left) and left[0] < left[2]


def test_plant_keeps_every_rule_and_one_that_cannot_is_none():
    plant = planted("i", CLEAN_AD, SERUM, AD, rules(), 1, SENTENCES)
    assert plant and check(plant.weak, SERUM, AD, rules()).accepted and plant.weak != CLEAN_AD
    assert planted("i", CLEAN_AD, SERUM, AD, rules("还可以"), 1, SENTENCES) is None


def test_fillers_break_no_rule_of_the_built_in_brand():
    folder = Path(__file__).parents[2] / "brands" / "elemental_equation"
    brand_rules, types = load_rules(load_brand(folder), folder), load_content_types(folder)
    ad = types["paid_ad_cta"]
    about_words = {"length", "call_to_action", "hashtags"}
    for filler in SENTENCES:
        found = {reason.kind for reason in check(filler, SERUM, ad, brand_rules).blocking}
        assert found <= about_words, filler


def test_plants_are_of_train_products_and_hang_on_the_seed_alone():
    rows = [copy_row(n) for n in range(60)] + [copy_row(n, CREAM) for n in range(60)]
    items = list(JUDGE_TRIAL.wanted(inputs(rows)))
    assert len(items) == 40 and {item.data["product_id"] for item in items} == {"jingyan"}
    sides = {"jingyan": "train", "anxiu": "val"}
    assert chosen_for_trial(rows, sides, 40, 29) == chosen_for_trial(rows[::-1], sides, 40, 29)


def test_judge_that_sees_the_weak_text_in_both_orders_is_right():
    rows, teacher = tried(good_one_wins)
    assert [(row["status"], row["right"], row["winners"]) for row in rows] == [("judged", True, ["left", "left"])] * 3
    assert len(teacher.asked) == 6 and {call.purpose for call in teacher.asked} == {"duel"}


def test_judge_that_always_names_the_first_place_is_wrong():
    rows, _ = tried(lambda _: '{"winner": "first"}')
    assert [(row["right"], row["winners"]) for row in rows] == [(False, ["left", "right"])] * 3
    assert trial_of(rows).trusted is False


def test_comparison_is_settled_by_the_first_order_that_is_not_won():
    rows, teacher = tried(lambda _: '{"winner": "tie"}')
    assert [row["winners"] for row in rows] == [["tie"]] * 3
    assert len(teacher.asked) == 3


def test_text_that_cannot_be_planted_is_not_tried():
    (row,), teacher = tried(good_one_wins, [copy_row(0, text="原素方程净颜精华，点击了解。")])
    assert (row["status"], row["right"], teacher.asked) == ("unplanted", None, [])
    assert trial_of([row]).plants == 0


@pytest.mark.parametrize(
    ("right", "plants", "trusted"), [(12, 12, True), (11, 11, False), (36, 40, True), (35, 40, False)]
)
def test_trust_asks_for_75_percent_at_the_lower_end_of_the_interval(right, plants, trusted):
    trial = trial_of([{"status": "judged", "right": n < right} for n in range(plants)])
    assert (trial.right, trial.plants, trial.trusted) == (right, plants, trusted)
    assert (trial.low >= 0.75) is trusted


def test_calls_are_counted_dry_and_texts_to_come_at_most():
    given, teacher = (
        inputs([copy_row(0, text=CLEAN_AD), copy_row(1, text=CLEAN_AD.replace("午后", "傍晚"))]),
        Scripted(good_one_wins),
    )
    items = list(JUDGE_TRIAL.wanted(given))
    assert JUDGE_TRIAL.calls(items, given, teacher) == (2, 4)  # type: ignore[misc]
    asyncio.run(JUDGE_TRIAL.compute(items, given, teacher, lambda *_: None))
    assert JUDGE_TRIAL.calls(items, given, teacher) == (0, 0)  # type: ignore[misc]
    rows = [{**row, "row_digest": PENDING, "status": None, "text": None} for row in given.views["copy"].rows()]
    given.views["copy"].load = lambda: rows  # type: ignore[method-assign]
    given.views["copy"]._rows = None
    items = list(JUDGE_TRIAL.wanted(given))
    assert [item.pending for item in items] == [True, True]
    assert JUDGE_TRIAL.calls(items, given, teacher) == (0, 4)  # type: ignore[misc]


def test_params_are_declared():
    assert undeclared_fields(TrialParams) == undeclared_fields(PairParams) == []


def test_fillers_that_are_no_list_are_refused():
    with pytest.raises(UserError, match=r"prompts/weak_fillers\.yaml: no list of sentences"):
        parse_fillers("a: b")
