"""The tokenizer writes any text, keeps tokens short, and knows where an answer ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.training.chat import SPECIAL_TOKENS, TURN_END, dialogue_text, prompt_text
from tasks.training.rows import assistant_turn, user_turn
from tasks.training.tokenizer import MOST_HAN, han_count, train_tokenizer
from tests.training.tables import World


@pytest.fixture(scope="module")
def tokenizer(tables: World) -> Any:
    return train_tokenizer([row["text"] for row in tables.tables["copy"]], 700, 512)


def test_tokens_hold_at_most_two_han_characters(tokenizer: Any) -> None:
    tokens = [token for token in tokenizer.get_vocab() if token not in SPECIAL_TOKENS]
    assert max(han_count(token) for token in tokens) <= MOST_HAN
    assert any(han_count(token) == MOST_HAN for token in tokens)
    assert len(tokenizer) <= 700


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=60)
def test_any_text_comes_back(tokenizer: Any, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=False) == text


def test_same_texts_give_the_same_tokenizer(tokenizer: Any, tables: World) -> None:
    again = train_tokenizer([row["text"] for row in tables.tables["copy"]], 700, 512)
    assert again.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()


def test_end_of_answer_is_one_token_and_padding_is_another(tokenizer: Any) -> None:
    assert tokenizer(TURN_END, add_special_tokens=False)["input_ids"] == [tokenizer.eos_token_id]
    assert tokenizer.pad_token_id != tokenizer.eos_token_id


def test_assistant_mask_covers_the_answer_and_its_end(tokenizer: Any) -> None:
    dialogue = user_turn("写广告") + assistant_turn("温和。")
    found = tokenizer.apply_chat_template(dialogue, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
    kept = [token for token, inside in zip(found["input_ids"], found["assistant_masks"], strict=True) if inside]
    assert tokenizer.decode(kept) == "温和。" + TURN_END


def test_prompt_is_the_beginning_of_its_dialogue(tokenizer: Any) -> None:
    prompt = prompt_text(tokenizer, "写广告")
    assert dialogue_text(tokenizer, user_turn("写广告") + assistant_turn("温和。")).startswith(prompt)
