"""The verdict's sentence: what it claims for a win, no difference, a loss, too few products, nothing at all."""

from __future__ import annotations

import pytest

from tasks.judging.comparison import difference, excluded_items, gate_rates
from tasks.judging.conclusion import conclude, conclusions, percent, percent_zh


def verdict(system: str, product: int, kind: str = "paid_ad_cta", gates: tuple[str, ...] = (), **more) -> dict:
    row = {
        "answer_id": f"{system}/p{product}/{kind}", "system": system, "product_id": f"p{product}", "content_type": kind,
        "accepted": not gates, "gates": list(gates), "reasons": [], "chars": 60, "ended_by_eos": True,
        "names_product": True, "wants_call_to_action": True,
    }  # fmt: skip
    return row | more


def home(products: int, base_fails, sft_fails, kinds=("paid_ad_cta", "paid_ad_pas")) -> list[dict]:
    """Return verdicts where `..._fails(product, kind)` says which texts break the length gate."""
    rows = []
    for product in range(products):
        for kind in kinds:
            rows.append(verdict("reference", product, kind))
            rows.append(verdict("base", product, kind, ("length",) if base_fails(product, kind) else ()))
            rows.append(verdict("sft", product, kind, ("length",) if sft_fails(product, kind) else ()))
    return rows


def test_win_is_claimed_with_its_interval():
    found = conclude(home(12, lambda p, k: p % 6 > 0, lambda p, k: p == 3), "sft", "base")
    assert found.outcome == "better"
    assert found.change.low > 0
    assert found.sentence.en.startswith(
        "The SFT model passes all 5 judged gates on 92% of its texts, the base model on 17%"
    )
    assert "75 points more (95% interval +" in found.sentence.en
    assert "12 products, 24 texts each" in found.sentence.en
    assert "高出 75 个百分点" in found.sentence.zh


def test_claim_carries_its_p_what_could_be_detected_and_the_product_that_decides():
    found = conclude(home(12, lambda p, k: p % 6 > 0, lambda p, k: p == 3), "sft", "base")
    assert found.claim.estimate == found.change
    assert found.claim.p < 0.05
    assert 0.2 < found.claim.detectable < found.change.value
    assert found.influence.product in {"p0", "p3", "p6"}, "the only ones where nothing changed"
    assert found.influence.low < found.change.value < found.influence.high
    assert found.influence.turning == ()
    length = {change.gate.id: change.adjusted for change in found.changes}["length"]
    assert length.rejected
    assert length.p < length.p_holm


def test_loss_is_called_a_loss():
    found = conclude(home(12, lambda p, k: p == 3, lambda p, k: p % 6 > 0), "sft", "base")
    assert found.outcome == "worse"
    assert "75 points fewer" in found.sentence.en
    assert "低了 75 个百分点" in found.sentence.zh


def test_interval_over_zero_claims_no_difference():
    found = conclude(home(12, lambda p, k: p < 4, lambda p, k: p in (3, 4, 5)), "sft", "base")
    assert found.outcome == "unclear"
    assert found.sentence.en.startswith("No difference between the SFT model and the base model is shown")
    assert found.sentence.zh.startswith("未能显示")


def test_equal_systems_are_no_difference_although_nothing_varies():
    found = conclude(home(12, lambda p, k: False, lambda p, k: False), "sft", "base")
    assert found.outcome == "unclear"
    assert found.change.value == 0


def test_one_product_is_too_few():
    found = conclude(home(1, lambda p, k: True, lambda p, k: False), "sft", "base")
    assert found.outcome == "too_few"
    assert "no difference is claimed" in found.sentence.en


def test_nothing_judged_says_so():
    found = conclusions([verdict("sft", 1), verdict("base", 1)])
    assert [c.outcome for c in found] == ["nothing"]
    assert "(1 item left out)" in found[0].sentence.en


def test_item_without_accepted_reference_is_left_out_everywhere_and_counted():
    rows = home(6, lambda p, k: p > 3, lambda p, k: False)
    fault = {"accepted": False, "gates": ["length"]}
    refused = [r | fault if r["answer_id"] == "reference/p5/paid_ad_cta" else r for r in rows]
    assert excluded_items(refused) == {("p5", "paid_ad_cta")}
    assert difference(refused, "sft", "base").rows == difference(rows, "sft", "base").rows - 1
    assert {r.rate.rows for r in gate_rates(refused) if r.content_type == "all" and r.gate == "length"} == {11}


def test_facts_and_names_do_not_move_the_verdict():
    rows = home(12, lambda p, k: True, lambda p, k: False)
    worse = [r | {"gates": ["unsupported_number"], "names_product": False} if r["system"] == "sft" else r for r in rows]
    found = conclude(worse, "sft", "base")
    assert found.outcome == "better"
    assert {c.gate.id: c.change.direction for c in found.changes}["facts"] == "lower"


def test_reference_has_no_stopping_gate_and_no_interval():
    rates = [r for r in gate_rates(home(4, lambda p, k: True, lambda p, k: False)) if r.system == "reference"]
    assert "eos" not in {r.gate for r in rates}
    assert {r.rate.low for r in rates if r.gate == "length"} == {None}


SAID = [(0.0, "0%"), (0.001, "under 1%"), (0.5, "50%"), (0.999, "over 99%"), (1.0, "100%")]


@pytest.mark.parametrize(("share", "said"), SAID)
def test_percent_says_all_and_none_only_where_exact(share, said):
    assert percent(share) == said


def test_percent_is_said_in_chinese_in_a_chinese_sentence():
    assert [percent_zh(share) for share, _ in SAID] == ["0%", "不足 1%", "50%", "超过 99%", "100%"]
