"""One question to a model API and its answer, as values; the call key says whether an answer exists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.lineage.canonical import digest


class ErrorKind(StrEnum):
    """Every way a call can fail, named once at the boundary."""

    TRANSIENT = "transient"  # 5xx, connection, insufficient_system_resource, deadline
    RATE = "rate"  # 429
    BALANCE = "balance"  # 402: stops the run, resumable
    AUTH = "auth"  # 401: stops the run, resumable
    BAD_REQUEST = "bad_request"  # 400, 422: never retried
    BLANK = "blank"  # finish_reason stop and nothing in it
    TRUNCATED = "truncated"  # finish_reason length
    FILTERED = "filtered"  # finish_reason content_filter
    MALFORMED = "malformed"  # not the JSON that was asked for


@dataclass(frozen=True, slots=True)
class Call:
    """A rendered request. `sample` tells apart deliberate repeats of one question; it is part of the key."""

    # draft, repair, redraft, gate_entailment, gate_tone, weak, exaggerated, fake, score, duel: not in the key
    purpose: str
    messages: tuple[tuple[str, str], ...]  # (role, content) in order
    model: str
    temperature: float
    max_tokens: int
    json_answer: bool = False
    sample: int = 0
    top_logprobs: int = 0  # alternatives of each token to be told with their likelihoods; 0: none

    def key(self, provider: str) -> str:
        """Return the call key (64 hex digits): the same question to the same provider, whatever asked it and when."""
        likelihoods = {"top_logprobs": self.top_logprobs} if self.top_logprobs else {}  # older keys stay what they were
        return digest(
            {
                **likelihoods,
                "provider": provider,
                "messages": [list(message) for message in self.messages],
                "model": self.model,
                "temperature": self.temperature,
                "max_tokens": self.max_tokens,
                "json": self.json_answer,
                "sample": self.sample,
            }
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer, from the wire or from the journal."""

    key: str
    text: str
    prompt_tokens: int
    cache_hit_tokens: int
    completion_tokens: int
    cost: float | None  # at the dated price; None where the price is unknown
    latency: float  # seconds
    from_journal: bool


class CallFailed(Exception):
    """A call that stays without a usable answer after its retries: a reason for its item's row, not for the run."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        self.kind = kind
        super().__init__(f"{kind}: {message}")
