"""Content hangs on body, sample and seed alone."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.teacher.simulator.answers import answer_to
from tasks.teacher.simulator.knobs import Knobs
from tests.teacher.simulator.asking import AWKWARD, answer, body, draft_body, products, sheet, types

PRODUCTS = (*products()[:20], *AWKWARD)
KINDS = sorted(types())
CHOSEN = "先看成分表。原素方程的精华，温和照顾敏感肌。点击了解配方思路。"


def request(number: int, kind: str, task: str) -> dict:
    product = PRODUCTS[number]
    more = {
        "repair": {"reasons": [{"rule": "length_over", "kind": "length", "span": ""}]},
        "weak": {"chars": 90},
        "exaggerated": {"chars": 90, "chosen": CHOSEN},
        "fake": {"chosen": CHOSEN},
        "score": {"criteria": [{"name": "brand_fit"}], "text": CHOSEN},
        "duel": {"first": CHOSEN, "second": CHOSEN[:20]},
    }.get(task, {"variant": 0})
    turn = sheet(task, product, kind, **more)
    return body(sheet("draft", product, kind), CHOSEN * 9, turn) if task == "repair" else body(turn)


requests = st.builds(
    request,
    st.integers(0, len(PRODUCTS) - 1),
    st.sampled_from(KINDS),
    st.sampled_from(["draft", "redraft", "repair", "weak", "exaggerated", "fake", "score", "duel"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(requests, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_answers_do_not_depend_on_order_or_on_what_was_asked_before(asked, random):
    alone = {json.dumps(each, sort_keys=True): answer(each) for each in asked}
    again = asked + asked
    random.shuffle(again)
    assert all(answer(each) == alone[json.dumps(each, sort_keys=True)] for each in again)


@settings(max_examples=40, deadline=None)
@given(requests)
def test_every_task_is_answered_with_text_for_any_product(asked):
    assert answer(asked).strip()


def test_order_of_members_of_a_body_does_not_matter():
    asked = draft_body(products()[0], "paid_ad_pas")
    assert answer(dict(reversed(asked.items()))) == answer(asked)


def test_streaming_does_not_change_the_content():
    asked = draft_body(products()[0], "paid_ad_pas")
    assert answer({**asked, "stream": True}) == answer(asked)


def test_another_sample_seed_or_temperature_gives_another_text():
    asked = draft_body(products()[0], "social_media_review")
    others = [answer(asked, sample="1"), answer(asked, Knobs(seed=1)), answer({**asked, "temperature": 0.5})]
    assert len({answer(asked), *others}) == 4


def test_fault_knobs_do_not_touch_content():
    asked = draft_body(products()[3], "ecommerce_long_form")
    faulty = Knobs().turned({"faults": {"rate_limit": 0.9}, "delays": {"latency": 3}, "repair_p": 0.1})
    assert answer_to(asked, "0", faulty).text == answer(asked)
