"""A negative that is not what it claims to be is no pair: planted cheats are caught."""

from __future__ import annotations

import json

import pytest

from tasks.preferences.config import PairParams
from tasks.preferences.facts import Change, claimed_spans, is_false_fact
from tasks.preferences.lengths import limits_of
from tasks.preferences.proof import Proof, Task, proof_of
from tests.copywriting.scene import AD, CLEAN_AD, SERUM, rules

PARAMS = PairParams()
LIMITS = limits_of(len(CLEAN_AD), AD, PARAMS.length_band, longer=True, last=True)


def proof(method: str, answer: str, chosen: str = CLEAN_AD) -> Proof:
    return proof_of(Task("jingyan/paid_ad_cta/0", SERUM, AD, chosen, method), answer, LIMITS, rules(), PARAMS)


def faults(method: str, answer: str, chosen: str = CLEAN_AD) -> set[str]:
    return {found["rule"] for found in proof(method, answer, chosen).faults}


def fake(*changes: tuple[str, str, str], text: str | None = None) -> str:
    made = CLEAN_AD
    for _, was, became in changes:
        made = made.replace(was, became)
    claimed = [{"kind": kind, "was": was, "became": became} for kind, was, became in changes]
    return json.dumps({"text": made if text is None else text, "changes": claimed}, ensure_ascii=False)


# -- fake -------------------------------------------------------------------------------------------------------------


def test_fake_with_one_false_fact_is_proven_with_its_span():
    found = proof("fake", fake(("ingredient", "锌PCA", "水杨酸")))
    assert found.holds and found.proven
    (evidence,) = found.evidence
    assert found.rejected[evidence.span_start : evidence.span_end] == "水杨酸" == evidence.became
    assert (evidence.kind, evidence.was) == ("ingredient", "锌PCA")


def test_fake_concentration_fails_the_facts_gate():
    found = proof("fake", fake(("concentration", "10%烟酰胺", "15%烟酰胺")))
    assert found.holds and "the facts gate fails there" in found.statement


def test_fake_that_the_facts_gate_only_warns_of_is_proven():
    assert proof("fake", fake(("function", "改善暗沉", "淡化细纹"))).proven


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (fake(("ingredient", "锌PCA", "水杨酸"), text=CLEAN_AD.replace("锌PCA", "水杨酸")[:-3]), "undeclared_change"),
        (
            fake(("ingredient", "锌PCA", "水杨酸"), text=CLEAN_AD.replace("锌PCA", "水杨酸").replace("午后", "傍晚")),
            "undeclared_change",
        ),
        (fake(("ingredient", "锌PCA", "水杨酸"), text=CLEAN_AD), "change_not_made"),
        (fake(("ingredient", "锌PCA", "水杨酸"), ("function", "控油", "控油"), text=CLEAN_AD), "change_not_made"),
        (fake(text=CLEAN_AD), "number_of_changes"),
        (fake(("ingredient", "锌PCA", "红没药醇")), "no_false_fact"),
        (fake(("function", "午后", "傍晚")), "no_false_fact"),
        (fake(("function", "温和改善暗沉", "十分温和改善暗沉")), "no_false_fact"),
        (fake(("ingredient", "净颜精华", "净颜烟酰胺霜")), "no_false_fact"),
        (fake(("function", "控油", "消炎")), "medical"),
        (fake(("function", "控油", "保湿")), "gate_silent"),
        (fake(("concentration", "10%", "15%"), ("function", "控油", "保湿")), "gate_silent"),
        ("不是 json", "malformed"),
        ('{"text": "甲"}', "malformed"),
        ('{"text": "甲", "changes": [{"kind": "price", "was": "a", "became": "b"}]}', "malformed"),
        ('{"text": "甲", "changes": [{"kind": "function", "was": "", "became": "b"}]}', "malformed"),
    ],
)
def test_planted_cheat_in_a_fake_is_caught(answer, rule):
    assert any(rule in found for found in faults("fake", answer)), faults("fake", answer)


def test_fake_with_three_changes_is_refused():
    answer = fake(
        ("ingredient", "锌PCA", "水杨酸"), ("concentration", "10%", "3%"), ("function", "改善暗沉", "淡化细纹")
    )
    assert "number_of_changes" in faults("fake", answer)


def test_fake_may_replace_every_place_of_one_fact():
    chosen = "10%烟酰胺控油，10%烟酰胺提亮。" + CLEAN_AD
    text = chosen.replace("10%烟酰胺", "2%烟酰胺")
    answer = json.dumps(
        {"text": text, "changes": [{"kind": "concentration", "was": "10%烟酰胺", "became": "2%烟酰胺"}]}
    )
    found = proof("fake", answer, chosen)
    assert [found.rejected[e.span_start : e.span_end] for e in found.evidence] == ["2%烟酰胺"] * 3


def test_span_of_a_change_is_found_beside_equal_characters():
    change = Change(kind="concentration", was="5%", became="15%")
    (evidence,) = claimed_spans("含15%甲与5%乙", "含15%甲与15%乙", (change,)) or []
    assert (evidence.span_start, evidence.span_end) == (6, 9)
    assert claimed_spans("含5%乙", "含15%丙", (change,)) is None
    assert claimed_spans("", "", ()) == []


@pytest.mark.parametrize(
    ("was", "became", "false"),
    [
        ("10%烟酰胺", "20%烟酰胺", True),
        ("10%", "12%", True),
        ("锌PCA", "锌ＰＣＡ", False),
        ("油性肌肤", "干性肌肤", True),
        ("源头控油", "红没药醇", False),
        ("舒适", "清爽", False),
    ],
)
def test_false_fact_replaces_a_fact_of_the_sheet(was, became, false):
    assert is_false_fact(Change(kind="function", was=was, became=became), SERUM) is false


# -- exaggerated ------------------------------------------------------------------------------------------------------

HYPE = CLEAN_AD.replace("配方精简", "控油神器").replace("温和改善暗沉", "根治暗沉问题")


def test_exaggeration_is_proven_by_the_gates_that_it_fails():
    found = proof("exaggerated", HYPE)
    assert found.holds and found.proven
    assert {evidence.became for evidence in found.evidence} >= {"神器"}
    assert all(found.rejected[e.span_start : e.span_end] == e.became for e in found.evidence)


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (CLEAN_AD.replace("温和", "柔和"), "no_hype"),
        (CLEAN_AD, "unchanged"),
        (HYPE + "真的太好用了，" * 4, "length_ratio"),
        (HYPE[:40], "length_ratio"),
    ],
)
def test_planted_cheat_in_an_exaggeration_is_caught(answer, rule):
    assert rule in faults("exaggerated", answer)


# -- weak -------------------------------------------------------------------------------------------------------------

PLAIN = (
    "净颜精华是一款精华产品，含10%烟酰胺、锌PCA和红没药醇，可以控油，也可以改善暗沉，"
    "适合油性肌肤使用，大家可以看看。点击了解。"
)


def test_weak_text_is_kept_and_marked_unproven():
    found = proof("weak", PLAIN)
    assert found.holds and not found.proven and "unproven: no judge" in found.statement


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (PLAIN.replace("点击了解。", "质地也不错。"), "call_to_action"),
        (PLAIN.replace("一款精华", "一款神器"), "forbidden_word"),
        (CLEAN_AD, "proof"),
        (PLAIN[:30], "proof"),
    ],
)
def test_weak_text_that_teaches_a_surface_defect_is_refused(answer, kind):
    assert kind in {found["kind"] for found in proof("weak", answer).faults}
