"""The chat format of models that are built here: ChatML, as Qwen has it, and how every room renders a prompt.

The assistant's turn stands in generation markers with `<|im_end|>` inside them, so that a loss on the assistant's
words also teaches to stop. Real models bring their own template and keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.training.rows import user_turn

END_OF_TEXT = "<|endoftext|>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"
SPECIAL_TOKENS = (END_OF_TEXT, TURN_START, TURN_END)

CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{%- if message.role == 'assistant' %}"
    "{{- '<|im_start|>assistant\n' }}"
    "{%- generation %}{{- message.content + '<|im_end|>' }}{%- endgeneration %}"
    "{{- '\n' }}"
    "{%- else %}"
    "{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}"
)

# Qwen3 answers at once instead of thinking first; templates that do not know the word ignore it.
TEMPLATE_OPTIONS: dict[str, Any] = {"enable_thinking": False}


def prompt_text(tokenizer: Any, prompt: str) -> str:
    """Return one user prompt in the model's chat format, up to where the answer begins."""
    return tokenizer.apply_chat_template(
        user_turn(prompt), tokenize=False, add_generation_prompt=True, **TEMPLATE_OPTIONS
    )


def dialogue_text(tokenizer: Any, messages: Sequence[dict[str, str]]) -> str:
    """Return a whole dialogue in the model's chat format."""
    return tokenizer.apply_chat_template(list(messages), tokenize=False, **TEMPLATE_OPTIONS)
