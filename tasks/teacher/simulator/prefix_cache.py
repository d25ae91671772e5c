"""The provider's context cache as its bills show it: which leading messages were seen before, in tokens.

Only whole units match: a unit ends where a message ends, the answer included. The oldest units are forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

TOKENS_PER_CHARACTER = 0.6  # DeepSeek's own estimate for Chinese
BLOCK = 64  # hits are counted in blocks of this many tokens


def tokens_of(text: str) -> int:
    """Return an estimate of a text's tokens."""
    return max(1, round(len(text) * TOKENS_PER_CHARACTER))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request, as a bill counts them."""

    prompt: int
    hit: int
    completion: int


class PrefixCache:
    """Remembers prefixes of conversations. limit: how many."""

    def __init__(self, limit: int = 50_000) -> None:
        self._limit = limit
        self._units: OrderedDict[bytes, None] = OrderedDict()

    def usage(self, messages: Sequence[Mapping[str, Any]], answer: str) -> Usage:
        """Return what a request costs in tokens, and remember its prefixes."""
        running = blake2b(digest_size=16)
        prompt = hit = 0
        for message in messages:
            content = str(message.get("content") or "")
            running.update(f"{message.get('role')}\x1f{content}\x1e".encode())
            prompt += tokens_of(content)
            if self._seen(running.digest()):
                hit = prompt
        running.update(f"assistant\x1f{answer}\x1e".encode())
        self._seen(running.digest())
        return Usage(prompt, min(prompt, hit) // BLOCK * BLOCK, tokens_of(answer) if answer else 0)

    def _seen(self, unit: bytes) -> bool:
        known = unit in self._units
        self._units[unit] = None
        self._units.move_to_end(unit)
        if len(self._units) > self._limit:
            self._units.popitem(last=False)
        return known
