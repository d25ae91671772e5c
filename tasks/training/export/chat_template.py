"""The chat template as servers read it: without training's markers, and answering at once as the model was trained to.

Two things of training's template would change what a server does. Generation markers are TRL's, and other template
engines stop at them. And Qwen3's template thinks unless it is told not to, while training always told it so
(`TEMPLATE_OPTIONS`): the exported one does not think unless it is told to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.lineage.errors import UserError
from tasks.training.chat import TEMPLATE_OPTIONS, TURN_END, TURN_START
from tasks.training.rows import assistant_turn, user_turn

MARKER = r"\{%(-?)\s*(?:end)?generation\s*(-?)%\}"
THINKING = "enable_thinking"
NO_THINKING = "{%- if enable_thinking is not defined %}{%- set enable_thinking = false %}{%- endif %}"
DIALOGUE = user_turn("第一问") + assistant_turn("第一答") + user_turn("第二问") + assistant_turn("第二答")
ASKED = "\u2426"  # a sign that stands for the prompt, to see what the template puts around it


def exported_template(template: str) -> str:
    """Return a chat template for servers.

    A marker between blanks becomes an empty comment with the same trimming; elsewhere it just goes.
    """
    plain = re.sub(rf"(?<!\s){MARKER}(?!\s)", "", template)
    plain = re.sub(MARKER, lambda found: f"{{#{found[1]} {found[2]}#}}", plain)
    return NO_THINKING + plain if THINKING in plain else plain


def check_template(tokenizer: Any, exported: str) -> None:
    """Render dialogues and prompts with both templates.

    Raises:
        UserError: the exported template writes another text than the one that the model was trained with.
    """
    for messages, open_turn in ((DIALOGUE, False), (DIALOGUE[:1], True), (DIALOGUE[:3], True)):
        trained = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=open_turn, **TEMPLATE_OPTIONS
        )
        served = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=open_turn, chat_template=exported
        )
        if trained != served:
            raise UserError(
                "chat template", f"without its markers it writes {served!r}", repr(trained),
                "report it with the base's template",
            )  # fmt: skip


def write_template(folder: Path, tokenizer: Any) -> str:
    """Put the exported template into a model's folder, in the one place that transformers reads; return it."""
    exported = exported_template(tokenizer.chat_template)
    check_template(tokenizer, exported)
    (folder / "chat_template.jinja").write_text(exported, encoding="utf-8")
    return exported


@dataclass(frozen=True)
class ChatMl:
    """What a ChatML template puts around a prompt. system: one that it adds by itself. opening: of the answer."""

    system: str
    opening: str


def chatml(tokenizer: Any) -> ChatMl:
    """Return how the template frames one prompt.

    Raises:
        UserError: it is no ChatML.
    """
    rendered = tokenizer.apply_chat_template(
        user_turn(ASKED), tokenize=False, add_generation_prompt=True, **TEMPLATE_OPTIONS
    )
    start, end = re.escape(TURN_START), re.escape(TURN_END)
    found = re.fullmatch(
        rf"(?:{start}system\n(?P<system>.*?){end}\n)?{start}user\n{ASKED}{end}\n{start}assistant\n(?P<opening>.*)",
        rendered, re.DOTALL,
    )  # fmt: skip
    if found is None:
        raise UserError(
            "chat template", f"it frames a prompt as {rendered!r}", f"ChatML ({TURN_START}user …)",
            "export gguf-f16 instead, and write the Modelfile by hand",
        )  # fmt: skip
    return ChatMl(found["system"] or "", found["opening"])
