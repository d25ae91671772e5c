"""Answers of a model to task prompts: left-padded batches in the chat format, greedy or sampled from a seed.

An answer depends on the model, its prompt and the params, not on the prompts beside it.

Left padding matters: right-padded batches gave 62 of 64 answers that differ from unbatched ones (facts/training.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.lineage.step import Report
from tasks.training.chat import prompt_text
from tasks.training.config import GenerationParams
from tasks.training.runtime import prepare


@dataclass(frozen=True, slots=True)
class Generated:
    """One answer. ended_by_eos: it stopped by itself, not at max_new_tokens. tokens: written, its end included."""

    text: str
    ended_by_eos: bool
    tokens: int


def silent(done: int, total: int, note: str = "") -> None:
    """Report nothing."""


def generate(
    model_dir: Path, prompts: Sequence[str], params: GenerationParams, report: Report = silent
) -> list[Generated]:
    """Return one answer for each prompt, in order.

    Args:
        model_dir: the folder of a base, SFT or GRPO step.
        prompts: task prompts as plain text, without chat markers.
    Raises:
        UserError: the folder points to weights that have gone, or the profile's GPU is not there.
    """
    prepare(params.machine)
    from tasks.training.model_files import load_tokenizer, load_writer

    model = load_writer(model_dir).to(params.machine.device)
    return answers_of(model, load_tokenizer(model_dir), prompts, params, report)


def answers_of(
    model: Any, tokenizer: Any, prompts: Sequence[str], params: GenerationParams, report: Report = silent
) -> list[Generated]:
    """Return one answer of a loaded model for each prompt, in order; leaves the model in evaluation mode."""
    import torch

    model.eval()
    config = generation_config(model, tokenizer, params)
    texts = [prompt_text(tokenizer, prompt) for prompt in prompts]
    answers: list[Generated] = []
    for start in range(0, len(texts), params.batch_size):
        part = texts[start : start + params.batch_size]
        batch = tokenizer(
            part, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False,
            return_token_type_ids=False,
        ).to(model.device)  # fmt: skip
        with torch.inference_mode():
            written = model.generate(**batch, generation_config=config, logits_processor=drawing(part, params))
        written = written[:, batch["input_ids"].shape[1] :]
        answers += [answer(tokenizer, row, config.eos_token_id) for row in written.tolist()]
        report(len(answers), len(texts), "answers")
    return answers


def drawing(texts: Sequence[str], params: GenerationParams) -> list[Any]:
    """Return what makes decoding sample: nothing at temperature 0."""
    if not params.temperature:
        return []
    from tasks.training.sampling import SeededSampling

    return [SeededSampling(texts, params.seed, params.temperature, params.top_p)]


def generation_config(model: Any, tokenizer: Any, params: GenerationParams) -> Any:
    """Return exactly these settings; a model's own sampling defaults are not used."""
    from transformers import GenerationConfig

    own = model.generation_config.eos_token_id
    ends = {tokenizer.eos_token_id, *([own] if isinstance(own, int) else own or [])}
    return GenerationConfig(
        max_new_tokens=params.max_new_tokens,
        do_sample=False,  # `drawing` samples, row by row
        eos_token_id=sorted(ends),
        pad_token_id=tokenizer.pad_token_id,
    )


def answer(tokenizer: Any, tokens: list[int], ends: Sequence[int]) -> Generated:
    """Return the answer that a row of written tokens holds; what follows its end is padding."""
    length = next((place for place, token in enumerate(tokens) if token in ends), len(tokens))
    ended = length < len(tokens)
    text = tokenizer.decode(tokens[:length], skip_special_tokens=True).strip()
    return Generated(text, ended, length + ended)
