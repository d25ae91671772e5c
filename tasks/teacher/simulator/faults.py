"""Which request goes wrong, and how: drawn for the request and its attempt, or counted where a knob says so.

Invariant: a fault that is drawn never touches the content of the answer that comes in the end, and attempts after
`faulty_attempts` are spared, so that a client with a retry budget above that always ends with the same texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from tasks.teacher.simulator.knobs import Faults, Knobs

Fault = Literal[
    "",
    "auth",
    "balance",
    "storm",
    "in_flight",
    "rate_limit",
    "server_error",
    "unavailable",
    "blank",
    "exhausted",
    "truncated",
    "filtered",
    "broken_json",
    "hang",
    "cut",
]
DRAWN: tuple[Fault, ...] = (
    "rate_limit",
    "server_error",
    "unavailable",
    "hang",
    "cut",
    "blank",
    "exhausted",
    "truncated",
    "filtered",
    "broken_json",
)
STATUS: dict[str, tuple[int, str]] = {
    "auth": (401, "Authentication Fails (no such key)"),
    "balance": (402, "Insufficient Balance"),
    "storm": (429, "Too many requests"),
    "in_flight": (429, "Too many requests at once"),
    "rate_limit": (429, "Rate limit reached"),
    "server_error": (500, "Internal server error"),
    "unavailable": (503, "The server is overloaded"),
}
FINISH: dict[str, str] = {
    "exhausted": "insufficient_system_resource",
    "truncated": "length",
    "filtered": "content_filter",
}


@dataclass
class Gate:
    """What is counted across requests: storms, balance, requests in flight."""

    faults: Faults
    received: int = 0
    in_flight: int = 0

    def __post_init__(self) -> None:
        self.storm_left, self.balance = self.faults.storm, self.faults.balance

    def turned(self, faults: Faults, *, storm: bool, balance: bool) -> None:
        """Take new knobs; a storm or a balance that was named starts anew."""
        self.faults = faults
        if storm:
            self.storm_left, self.received = faults.storm, 0
        if balance:
            self.balance = faults.balance

    def refusal(self, key: str) -> Fault:
        """Return why a request is not let in, or nothing."""
        self.received += 1
        if self.faults.unauthorized or (self.faults.key is not None and key != self.faults.key):
            return "auth"
        if self.balance is not None and self.balance <= 0:
            return "balance"
        if self.storm_left and self.received > self.faults.storm_after:
            self.storm_left -= 1
            return "storm"
        if self.faults.max_in_flight and self.in_flight >= self.faults.max_in_flight:
            return "in_flight"
        return ""

    def pay(self) -> None:
        """Take one answer off the balance."""
        if self.balance is not None:
            self.balance -= 1


def drawn_fault(content_key: str, attempt: int, knobs: Knobs, *, json_answer: bool) -> Fault:
    """Return the fault of one attempt at one request, mostly none."""
    if attempt > knobs.faults.faulty_attempts:
        return ""
    random = Random(f"{content_key}/fault/{attempt}")
    for kind in DRAWN:
        if random.random() < getattr(knobs.faults, kind) and (kind != "broken_json" or json_answer):
            return kind
    return ""
