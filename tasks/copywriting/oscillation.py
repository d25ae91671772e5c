"""What the history of a text says of its repairs: faults that come back, that replace each other, that stay.

All of it is read from the rounds alone (each as its last text stood), so the same history gives the same call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.compliance.pack import MODEL_KINDS
from tasks.compliance.verdict import Reason

STUBBORN_AFTER = 2  # paid rounds in which a fault was named and not mended

# Faults of these kinds are told apart by rule (too long, too short); of all others one is as good as another: a number
# that replaces a number is the same fault.
_BY_RULE = frozenset({"length", "hashtags", "format", "tone"})


def fault_of(reason: Reason) -> str:
    """Return what a fault is known by from round to round."""
    return reason.rule if reason.kind in _BY_RULE else reason.kind


@dataclass(frozen=True)
class Setback:
    """What the last repair did wrong.

    way: `returned`, faults that had been mended came back; `broke`, rules that had always been kept were broken;
    `replaced`, a faulty piece became another one. before: what the repair was asked to mend and did (for `replaced`:
    the piece as it was). now: what it left.
    """

    way: Literal["returned", "broke", "replaced"]
    before: tuple[Reason, ...]
    now: tuple[Reason, ...]


def setbacks(rounds: Sequence[Sequence[Reason]]) -> list[Setback]:
    """Return the setbacks of the last repair, one reason a fault.

    Args:
        rounds: the blocking reasons of each round's last text, the draft first.
    """
    if len(rounds) < 2:
        return []
    before, now = by_fault(rounds[-2]), by_fault(rounds[-1])
    known = {fault_of(reason) for reasons in rounds[:-2] for reason in reasons}
    mended = tuple(reasons[0] for fault, reasons in before.items() if fault not in now)
    # models are asked only where nothing else is wrong; before that nobody knows what they would have said
    judged = any(reason.kind in MODEL_KINDS for reason in rounds[-2])
    fresh = {fault: reasons[0] for fault, reasons in now.items() if fault not in before}
    new = {fault: reason for fault, reason in fresh.items() if judged or reason.kind not in MODEL_KINDS}
    returned = tuple(reason for fault, reason in new.items() if fault in known)
    broken = tuple(reason for fault, reason in new.items() if fault not in known)
    found = [Setback("returned", mended, returned)] if returned else []
    found += [Setback("broke", mended, broken)] if broken else []
    return found + [
        Setback("replaced", (before[fault][0],), (reasons[0],))
        for fault, reasons in now.items()
        if fault in before and spans(reasons) and not spans(reasons) & spans(before[fault])
    ]


def stubborn(rounds: Sequence[Sequence[Reason]]) -> frozenset[str]:
    """Return the faults that were named in the last paid rounds, one after the other, and still stand."""
    last = rounds[-1 - STUBBORN_AFTER :]
    if len(last) <= STUBBORN_AFTER:
        return frozenset()
    return frozenset.intersection(*(frozenset(by_fault(reasons)) for reasons in last))


def by_fault(reasons: Iterable[Reason]) -> dict[str, list[Reason]]:
    """Return fault -> its reasons, in the order of the reasons."""
    found: dict[str, list[Reason]] = {}
    for reason in reasons:
        found.setdefault(fault_of(reason), []).append(reason)
    return found


def spans(reasons: Iterable[Reason]) -> set[str]:
    return {reason.text for reason in reasons if reason.text}
