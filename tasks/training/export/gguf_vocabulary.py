"""A byte-level BPE tokenizer as GGUF writes it: tokens with their types, merges, ends, and the name of its split.

llama.cpp splits text by a rule that it knows by name, not by the regular expression in the file: a tokenizer whose
split it does not know would be read as another one, so it is refused.
"""

from __future__ import annotations

import json
from typing import Any

from gguf import GGUFWriter, TokenType

from tasks.lineage.errors import UserError
from tasks.training.tokenizer import SPLIT

# The tokenizer's regular expression -> llama.cpp's name of it (src/llama-vocab.cpp). Ours is Qwen2's, to the letter.
SPLITS = {SPLIT: "qwen2"}


def write_vocabulary(writer: GGUFWriter, tokenizer: Any, rows: int, template: str) -> None:
    """Write the tokenizer's keys.

    Args:
        rows: of the model's token table, which may be longer than the tokenizer.
        template: the chat template for servers.
    Raises:
        UserError: llama.cpp does not know this tokenizer.
    """
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    names, types = tokens_of(described, rows)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(split_name(described))
    writer.add_token_list(names)
    writer.add_token_types(types)
    writer.add_token_merges(merges_of(described))
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    if tokenizer.bos_token_id is not None:
        writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)


def split_name(described: dict[str, Any]) -> str:
    """Return llama.cpp's name for the tokenizer's split.

    Raises:
        UserError: it is no byte-level BPE, or its split has no name there.
    """
    before = described.get("pre_tokenizer") or {}
    parts = before.get("pretokenizers", [before])
    splits = [part["pattern"].get("Regex", "") for part in parts if part.get("type") == "Split"]
    byte_level = any(part.get("type") == "ByteLevel" and not part.get("add_prefix_space") for part in parts)
    if described["model"]["type"] != "BPE" or not byte_level or len(splits) != 1 or splits[0] not in SPLITS:
        raise UserError(
            "tokenizer", f"{described['model']['type']}, split by {splits}", "byte-level BPE with the split of Qwen2",
            "export safetensors, and convert it with llama.cpp's own script",
        )  # fmt: skip
    return SPLITS[splits[0]]


def tokens_of(described: dict[str, Any], rows: int) -> tuple[list[str], list[int]]:
    """Return every row's token and its type; rows that no token uses are marked as unused."""
    names = {index: token for token, index in described["model"]["vocab"].items()}
    types = dict.fromkeys(names, TokenType.NORMAL)
    for added in described["added_tokens"]:
        names[added["id"]] = added["content"]
        types[added["id"]] = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
    if max(names) >= rows:
        raise UserError(
            "tokenizer", f"token {max(names)} and a token table of {rows} rows", "a row for every token",
            "report it with the base",
        )  # fmt: skip
    return (
        [names.get(index, f"[PAD{index}]") for index in range(rows)],
        [int(types.get(index, TokenType.UNUSED)) for index in range(rows)],
    )


def merges_of(described: dict[str, Any]) -> list[str]:
    """Return the merges in order, as two tokens with a space between them."""
    return [merge if isinstance(merge, str) else " ".join(merge) for merge in described["model"]["merges"]]
