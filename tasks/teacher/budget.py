"""The money of one run: a call goes out only if its dearest outcome still fits, so a budget is never overdrawn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

_EPSILON = 1e-12


class BudgetReached(Exception):
    """No call that is still to come fits, and none is in flight whose settling could make room."""


class Budget:
    """USD spent and reserved against a limit (None: no limit, spending is only counted)."""

    def __init__(self, limit: float | None, spent: float = 0.0) -> None:
        self.limit, self.spent, self.reserved = limit, spent, 0.0
        self._in_flight = 0
        self._settled = asyncio.Event()

    async def reserve(self, dearest: float) -> None:
        """Wait until `dearest` USD fit beside what is spent and reserved, and reserve them.

        Raises:
            BudgetReached: it does not fit although nothing is in flight.
        """
        while self.limit is not None and self.spent + self.reserved + dearest > self.limit + _EPSILON:
            if not self._in_flight or self.spent + dearest > self.limit + _EPSILON:
                raise BudgetReached
            self._settled.clear()
            await self._settled.wait()
        self.reserved += dearest
        self._in_flight += 1

    def settle(self, dearest: float, cost: float) -> None:
        """Replace a reservation by what the call really cost (0: it was not sent, or is not charged)."""
        self._in_flight -= 1
        self.reserved = self.reserved - dearest if self._in_flight else 0.0
        self.spent += cost
        self._settled.set()


def most_tokens(messages: Sequence[tuple[str, str]]) -> int:
    """Return an upper bound of prompt tokens: one a character (Chinese takes about 0.6) and a few a message."""
    return sum(len(content) + 8 for _, content in messages)


def likely_tokens(messages: Sequence[tuple[str, str]]) -> int:
    """Return about how many tokens a prompt has: 0.6 a Chinese character, 0.3 an ASCII one (DeepSeek's own rule)."""
    total = 0.0
    for _, content in messages:
        ascii_characters = len(content.encode("ascii", "ignore"))
        total += 0.3 * ascii_characters + 0.6 * (len(content) - ascii_characters) + 4
    return round(total)
