"""A byte-level BPE tokenizer trained on the base's own documents, whose tokens hold at most two Han characters.

Longer tokens would be whole product names: a model of a million parameters then learns names by heart instead of
copying them from the sheet. Any text can be written with it, since every byte is a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tasks.training.chat import CHAT_TEMPLATE, END_OF_TEXT, SPECIAL_TOKENS, TURN_END

MOST_HAN = 2
SURPLUS = 3  # merges trained for each that is kept, since those with more Han characters are taken out again
HAN = re.compile(r"[㐀-䶿一-鿿]")
# Qwen2's split (transformers, models/qwen2/tokenization_qwen2.py): letters, single digits, punctuation, line breaks.
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Sequence[str], vocabulary: int, positions: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer of at most `vocabulary` tokens, special ones included; the same texts give the same one.

    Args:
        positions: the longest text in tokens that the model takes.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary * SURPLUS,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    short = with_short_tokens(json.loads(tokenizer.to_str()), vocabulary)
    return wrapped(Tokenizer.from_str(json.dumps(short)), positions)


def with_short_tokens(data: dict[str, Any], vocabulary: int) -> dict[str, Any]:
    """Return the tokenizer's JSON with only merges of at most two Han characters, in order, up to the vocabulary."""
    model = data["model"]
    single = [token for token in model["vocab"] if len(token) == 1 or token in SPECIAL_TOKENS]
    kept: dict[str, int] = {token: index for index, token in enumerate(single)}
    merges = []
    for left, right in model["merges"]:
        if len(kept) >= vocabulary:
            break
        if left in kept and right in kept and han_count(left + right) <= MOST_HAN:
            merges.append([left, right])
            kept.setdefault(left + right, len(kept))
    return {**data, "model": {**model, "vocab": kept, "merges": merges}}


def han_count(token: str) -> float:
    """Return how many Han characters a byte-level token holds; a part of one counts as a third for each byte."""
    data = bytes(BYTES[letter] for letter in token)
    whole = data.decode("utf-8", errors="ignore")
    rest = len(data) - len(whole.encode())
    return len(HAN.findall(whole)) + rest / 3


def byte_letters() -> dict[str, int]:
    """Return GPT-2's letter for each byte, backwards: printable bytes stand for themselves, others from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + rank): byte for rank, byte in enumerate(hidden)}


BYTES = byte_letters()


def wrapped(tokenizer: Tokenizer, positions: int) -> PreTrainedTokenizerFast:
    """Return it as transformers wants it, with ChatML and its end-of-answer token."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=TURN_END,
        pad_token=END_OF_TEXT,
        additional_special_tokens=[token for token in SPECIAL_TOKENS if token not in (TURN_END, END_OF_TEXT)],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=positions,
        padding_side="left",
    )
