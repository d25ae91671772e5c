"""The text that a recipe's base is pre-trained on."""

from __future__ import annotations

from tasks.recipes.base_text import documents, recipe_text
from tasks.recipes.config import RecipeBaseParams
from tasks.training.chat import SPECIAL_TOKENS
from tests.recipes.writing import Kitchen

PARAMS = RecipeBaseParams(documents=400, bad_share=0.3, drill_share=0.25, transplant_share=0.5)


def test_no_val_text_and_no_marker_stands_in_it(humor: Kitchen) -> None:
    # Without exchanged values: in this made-up data they rebuild val texts, which are all of the same few moulds.
    texts, _ = recipe_text(humor.inputs(PARAMS.model_copy(update={"transplant_share": 0.0})))
    val = [row["text"] for row in humor.tables["examples"] if row["split"] == "val"]
    whole = "".join(texts)
    assert not [text for text in val if text in whole]
    assert not [token for token in SPECIAL_TOKENS if token in whole]


def test_shares_are_disclosed(humor: Kitchen) -> None:
    _, card = recipe_text(humor.inputs(PARAMS))
    assert abs(card["bad_on_purpose"] - PARAMS.bad_share) < 0.1  # type: ignore[operator]
    assert abs(card["drills"] - PARAMS.drill_share) < 0.08  # type: ignore[operator]
    assert set(card["documents"]) == {"bad", "drill", "good"}  # type: ignore[call-overload]


def test_exchanged_values_stand_in_prompt_and_text_alike(humor: Kitchen) -> None:
    rows = [row for row in humor.tables["examples"] if row["split"] == "train" and row["task"] == "words"]
    params = RecipeBaseParams(documents=200, bad_share=0.0, drill_share=0.0, transplant_share=1.0)
    made = documents(humor.sources["recipe"], rows, params)
    known = {row["text"] for row in rows}
    new = 0
    for document in made:
        prompt, text = document.text.rsplit("幽默文本：\n", 1)
        words = prompt.split("词语：")[1].split("\n")[0].split("、")
        assert all(word in text for word in words)
        new += text not in known
    assert new > 150
