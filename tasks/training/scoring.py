"""The reward model as a function: (prompt, answer) → score, the same for its card and for GRPO.

A score is of the dialogue in the chat format (of the answer alone, for a classifier of single texts), whose last token
is read; padding on the right does not move it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tasks.training.chat import dialogue_text
from tasks.training.config_parts import Loaded
from tasks.training.model_files import load_scorer, load_tokenizer, precision_of
from tasks.training.rows import assistant_turn, user_turn


@dataclass(frozen=True)
class Calibration:
    """Mean and standard deviation of the scores of the texts that the reward model was trained on."""

    mean: float
    deviation: float

    def bounded(self, score: float) -> float:
        """Return the score as a reward in (0, 1): a raw score has no unit, and would drown the gates."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, (score - self.mean) / self.deviation))))


class Scorer:
    """A frozen reward model on one device. with_prompt: it was trained on dialogues, not on single texts."""

    def __init__(self, model: Any, tokenizer: Any, batch_size: int = 32, with_prompt: bool = True) -> None:
        self.model = model.eval().requires_grad_(False)
        self.tokenizer, self.batch_size, self.with_prompt = tokenizer, batch_size, with_prompt
        self.model.config.get_text_config().pad_token_id = tokenizer.pad_token_id  # to find each row's last token

    @torch.inference_mode()
    def scores(self, prompts: Sequence[str], answers: Sequence[str]) -> list[float]:
        """Return one score for each answer to its prompt."""
        pairs = zip(prompts, answers, strict=True)
        texts = [self.read(prompt, answer) for prompt, answer in pairs]
        found: list[float] = []
        for start in range(0, len(texts), self.batch_size):
            batch = self.tokenizer(
                texts[start : start + self.batch_size],
                return_tensors="pt", padding=True, padding_side="right", add_special_tokens=False,
            )  # fmt: skip
            inputs = {name: batch[name].to(self.model.device) for name in ("input_ids", "attention_mask")}
            found += self.model(**inputs).logits[:, 0].float().tolist()
        return found

    def read(self, prompt: str, answer: str) -> str:
        """Return the text that the model reads."""
        return text_read(self.tokenizer, prompt if self.with_prompt else None, answer)


def text_read(tokenizer: Any, prompt: str | None, answer: str) -> str:
    """Return what a reward model reads: the dialogue in the chat format, or without a prompt the answer alone."""
    return answer if prompt is None else dialogue_text(tokenizer, user_turn(prompt) + assistant_turn(answer))


def load_reward(folder: Path, params: Loaded) -> tuple[Scorer, Calibration]:
    """Return the frozen reward model of a step's folder and its calibration."""
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    model = load_scorer(folder, precision_of(params)).to(params.machine.device)
    with_prompt = card.get("with_prompt", card.get("kind", "pairwise") == "pairwise")
    scorer = Scorer(model, load_tokenizer(folder), with_prompt=with_prompt)
    return scorer, Calibration(**card["calibration"])
