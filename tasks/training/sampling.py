"""Sampling in which an answer depends on its own prompt and the seed, not on the batch that it was written in.

Adding Gumbel noise to log-probabilities and taking the largest draws exactly from them (Gumbel 1954, "Statistical
theory of extreme values"); with a generator of its own for each prompt, no answer takes another's random numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from transformers import LogitsProcessor


class SeededSampling(LogitsProcessor):
    """Turns greedy decoding into sampling at a temperature from the top-p nucleus, row by row."""

    def __init__(self, prompts: Sequence[str], seed: int, temperature: float, top_p: float) -> None:
        self.generators = [torch.Generator().manual_seed(prompt_seed(prompt, seed)) for prompt in prompts]
        self.temperature, self.top_p = temperature, top_p

    def __call__(self, input_ids: Any, scores: torch.Tensor) -> torch.Tensor:
        """Return log-probabilities with noise, outside the nucleus minus infinity. Shapes: rows × vocabulary."""
        logs = torch.log_softmax(scores.float() / self.temperature, dim=-1)
        noise = torch.stack([self.gumbel(generator, logs.shape[-1]) for generator in self.generators])
        return self.nucleus(logs) + noise.to(logs.device)

    def gumbel(self, generator: torch.Generator, size: int) -> torch.Tensor:
        uniform = torch.rand(size, generator=generator).clamp_min(1e-20)
        return -torch.log((-torch.log(uniform)).clamp_min(1e-20))

    def nucleus(self, logs: torch.Tensor) -> torch.Tensor:
        """Keep the likeliest tokens whose probabilities first reach top_p."""
        if self.top_p >= 1:
            return logs
        ordered, places = logs.sort(dim=-1, descending=True)
        before = ordered.exp().cumsum(dim=-1) - ordered.exp()
        ordered = ordered.masked_fill(before >= self.top_p, float("-inf"))
        return torch.full_like(logs, float("-inf")).scatter(-1, places, ordered)


def prompt_seed(prompt: str, seed: int) -> int:
    """Return a 63-bit seed for one prompt."""
    return int.from_bytes(hashlib.sha256(f"{seed}\x1f{prompt}".encode()).digest()[:8], "big") >> 1
