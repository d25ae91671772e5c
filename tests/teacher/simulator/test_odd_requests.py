"""Whatever stands in a sheet, a text to mend or a text to judge: there is an answer, of the right shape."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.teacher.simulator.task_sheet import SheetError
from tests.teacher.simulator.asking import answer, body

words = st.text(alphabet="油干肌膜霜最美白消炎12%０５.、，。|#【】{}[]()\\\"' \n\t：a-Z😀\u200b", max_size=12)
values = st.one_of(words, st.lists(words, max_size=4), st.none(), st.integers(0, 9))
sheets = st.fixed_dictionaries(
    {
        "task": st.sampled_from(["draft", "redraft", "repair", "weak", "exaggerated", "fake", "score", "duel"]),
        "product": st.fixed_dictionaries(
            {"product_name": words.filter(bool)},
            optional={
                "category": values,
                "core_ingredients": values,
                "features": values,
                "target_audience": values,
                "claims": values,
            },
        ),
    },
    optional={
        "content_type": st.sampled_from(["paid_ad_bab", "social_media_review", "ecommerce_long_form", "own_type"]),
        "min_chars": st.integers(0, 300),
        "max_chars": st.integers(1, 600),
        "hashtags": st.one_of(st.just([3, 5]), st.just([0, 0]), values),
        "call_to_action": st.booleans(),
        "chars": st.integers(1, 600),
        "chosen": words,
        "text": words,
        "first": words,
        "second": words,
        "criteria": st.lists(st.one_of(words, st.fixed_dictionaries({"name": words})), max_size=3),
        "reasons": st.lists(
            st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(["length", "format", "hashtags", "framework_label", "medical_claim", "x"]),
                    "span": words,
                }
            ),
            max_size=3,
        ),
    },
)
JSON_TASKS = {"fake", "score", "duel"}


@settings(max_examples=200, deadline=None)
@given(sheets, words)
def test_odd_sheet_gets_an_answer_of_the_right_shape(sheet, before):
    request = body({"task": "draft", "product": sheet["product"]}, before, sheet)
    try:
        text = answer(request)
    except SheetError as refused:
        assert "copymill-simulator" in str(refused)
        return
    if sheet["task"] in JSON_TASKS:
        assert isinstance(json.loads(text), dict)
    else:
        assert isinstance(text, str)
