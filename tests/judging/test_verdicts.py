"""Verdict rows over the real checker: gates, spans, what is read beside them."""

from __future__ import annotations

from tasks.compliance import load_rules
from tasks.judging.gates import GATES, gate_passes
from tasks.judging.steps import VERDICTS
from tasks.judging.verdicts import compute_verdicts, names_product
from tasks.lineage.tables import with_digests
from tests.judging.brandbook import BRAND
from tests.judging.world import FakeInputs, product_rows, sources

PRODUCT = next(row for row in product_rows(10) if row["split"] == "val")
GOOD = (
    f"换季时脸颊发紧？原素方程{PRODUCT['product_name']}，以{PRODUCT['core_ingredients'][0]}搭配泛醇，"
    "强韧屏障，温和不添负担。点击了解完整配方。"
)


def verdict_of(text: str, system: str = "sft", **answer) -> dict:
    about = {"answer_id": f"{system}/x", "system": system, "product_id": PRODUCT["product_id"]}
    row = {**about, "content_type": "paid_ad_cta", "text": text, "ended_by_eos": True, "status": "made"} | answer
    tables = {"products": product_rows(10), "answers": [row]}
    inputs = FakeInputs(tables, sources=sources() | {"rules": load_rules(BRAND)})
    rows = compute_verdicts(inputs)
    with_digests(rows, VERDICTS.makes)  # fits the declared columns
    return rows[0]


def gates_failed(verdict: dict) -> set[str]:
    return {gate.id for gate in GATES if gate_passes(verdict, gate) is False}


def test_good_ad_passes_every_gate():
    verdict = verdict_of(GOOD)
    assert (verdict["accepted"], gates_failed(verdict)) == (True, set())


def test_forbidden_word_is_blocked_with_its_span():
    text = GOOD.replace("温和", "护肤神器，温和")
    verdict = verdict_of(text)
    assert gates_failed(verdict) == {"words"}
    reason = next(r for r in verdict["reasons"] if r["kind"] == "forbidden_word")
    assert text[reason["start"] : reason["end"]] == "神器"


def test_number_that_is_not_on_the_sheet_fails_the_fact_gate_alone():
    assert gates_failed(verdict_of(GOOD.replace("强韧屏障", "水润度提升87%"))) == {"facts"}


def test_missing_call_to_action_and_length_are_told_apart():
    assert "call_to_action" in gates_failed(verdict_of(GOOD.replace("点击了解完整配方。", "")))
    assert "length" in gates_failed(verdict_of(GOOD.replace("温和", "温和" * 30)))


def test_answer_that_does_not_stop_fails_its_gate_and_no_rule():
    verdict = verdict_of(GOOD, ended_by_eos=False)
    assert (verdict["accepted"], gates_failed(verdict)) == (True, {"eos"})


def test_reference_is_not_asked_whether_it_stops():
    assert gate_passes(verdict_of(GOOD, "reference"), next(g for g in GATES if g.id == "eos")) is None


def test_product_name_counts_whatever_its_spacing():
    name = PRODUCT["product_name"]
    assert names_product(f"原素方程 {name[:2]} {name[2:]}", name)
    assert gates_failed(verdict_of(GOOD.replace(name, "这款产品"))) == {"name"}


def test_blank_answer_is_judged_and_fails():
    assert not verdict_of("")["accepted"]
