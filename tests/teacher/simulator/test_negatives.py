"""Rejected texts on purpose: weak, exaggerated and fake ones are what they should be, at the length asked for."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from tasks.teacher.simulator.knobs import Knobs
from tests.teacher.simulator.asking import answer, body, draft_body, products, sheet, types, verdict

CLEAN = Knobs().turned({"defects": {"scale": 0}})
NO_SLIP = Knobs(fake_slip=0.0)
FORM = {"framework_label", "length", "call_to_action", "hashtags", "format"}
HARD = {*FORM, "forbidden_word", "absolute_claim", "medical_claim"}
SOME = products()[::4]


def chosen(product, kind: str) -> str:
    return answer(draft_body(product, kind), CLEAN)


def asked(task: str, product, kind: str, low: float, high: float, **more) -> str:
    """Return the answer to a negative that is to be `low` to `high` times as long as the chosen text."""
    size = len(chosen(product, kind))
    limits = types()[kind]
    least, most = max(int(size * low) + 1, limits.min_chars), min(int(size * high), limits.max_chars)
    window = {"chars": (least + most) // 2, "min_chars": least, "max_chars": most}
    text = answer(body({**sheet(task, product, kind, **more), **window}, guide=False))
    assert least <= len(text) <= most, (kind, least, most, len(text), text)
    return text


@pytest.mark.parametrize("kind", sorted(types()))
@pytest.mark.parametrize(("low", "high"), [(0.86, 0.99), (0.85, 1.15)])
def test_weak_text_is_of_the_wanted_length_and_breaks_no_hard_rule(kind, low, high):
    for product in SOME:
        text = asked("weak", product, kind, low, high)
        assert product.product_name in text
        assert [r.rule for r in verdict(text, product, kind).blocking if r.kind in HARD] == []


def test_weak_text_without_a_length_in_its_sheet_is_made_all_the_same():
    asked_for = {"task": "weak", "content_type": "paid_ad_cta", "product": products()[0].sheet(), "chars": 80}
    assert 68 <= len(answer(body(asked_for, guide=False))) <= 92


@pytest.mark.parametrize("kind", sorted(types()))
def test_exaggerated_text_is_loud_and_keeps_length_name_and_tags(kind):
    for product in SOME:
        original = chosen(product, kind)
        text = asked("exaggerated", product, kind, 0.85, 1.15, chosen=original)
        reasons = verdict(text, product, kind).blocking
        assert {r.kind for r in reasons} & {"forbidden_word", "absolute_claim", "medical_claim"}
        assert [r.rule for r in reasons if r.kind in {"format", "hashtags", "framework_label", "length"}] == []
        assert product.product_name in text
        assert re.findall(r"#\S+", text) == re.findall(r"#\S+", original)


def fakes(knobs: Knobs):
    for product in SOME:
        for kind in types():
            original = chosen(product, kind)
            made = json.loads(answer(body(sheet("fake", product, kind, chosen=original), guide=False), knobs))
            yield product, kind, original, made


def test_fake_text_differs_in_its_declared_changes_alone():
    for product, kind, original, made in fakes(NO_SLIP):
        text = made["text"]
        assert 1 <= len(made["changes"]) <= 2
        assert text.count(product.product_name) == original.count(product.product_name)
        for change in reversed(made["changes"]):
            assert change["became"] in text
            text = text.replace(change["became"], change["was"])
        assert text == original
        assert len(made["text"]) <= types()[kind].max_chars


def test_fake_facts_come_from_the_sheet_and_turn_into_what_it_does_not_hold():
    seen = Counter()
    for product, _, _, made in fakes(NO_SLIP):
        facts = "\n".join((*product.core_ingredients, *product.features, product.target_audience))
        for change in made["changes"]:
            assert change["was"] in facts and change["became"] not in facts
            seen[change["kind"]] += 1
    assert set(seen) == {"concentration", "ingredient", "audience", "function"}
    assert min(seen.values()) > 0.05 * seen.total()


def test_fake_that_slips_changes_more_than_it_owns_up_to():
    product = products()[0]
    original = chosen(product, "paid_ad_cta")
    made = json.loads(answer(body(sheet("fake", product, "paid_ad_cta", chosen=original)), Knobs(fake_slip=1.0)))
    assert "！" in made["text"] and "！" not in original


def test_fake_of_a_text_that_repeats_no_fact_in_full_uses_a_fragment():
    product = products()[0]
    fact = product.features[0]
    text = f"这瓶很好用，{fact[:2]}有一套。点击了解。"
    made = json.loads(answer(body(sheet("fake", product, "paid_ad_cta", chosen=text)), NO_SLIP))
    assert [change["was"] for change in made["changes"]] == [fact[:2]]


def test_negatives_of_one_text_differ_by_variant():
    texts = [answer(body(sheet("weak", products()[0], "paid_ad_cta", chars=80, variant=n))) for n in range(8)]
    assert len(set(texts)) == 8
