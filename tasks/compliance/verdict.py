"""What the checker says of one text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One broken rule.

    start, end: code points of the original text, half-open; (0, 0) where the fault is of the whole text
    (too long, call to action missing). basis: the law's article, or "brand rule".
    """

    rule: str
    kind: str
    severity: Severity
    start: int
    end: int
    text: str
    message: str
    message_en: str
    basis: str
    suggestion: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All reasons in rule order; accepted means that none of them blocks.

    taken_back: what rules found and the second reader withdrew, so that a person can look at it.
    """

    reasons: tuple[Reason, ...]
    taken_back: tuple[Reason, ...] = ()

    @property
    def accepted(self) -> bool:
        return not any(reason.severity == "block" for reason in self.reasons)

    @property
    def blocking(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.severity == "block")
