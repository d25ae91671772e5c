"""Findings as people read them: the offending piece within its context, and a summary by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from tasks.compliance import Reason

AROUND = 14  # characters of context on either side of a finding
STYLES = {"block": "bold red", "warn": "bold yellow"}


def finding_lines(reason: Reason, text: str, place: str = "", note: str = "") -> list[Text]:
    """Return the lines of one finding: rule and context; then message, basis and what to write instead.

    Args:
        text: what was checked; the span indexes it.
        place: begins the first line (`row 12`). note: ends the second.
    """
    head = Text.assemble(f"{place} ", (reason.severity, STYLES[reason.severity]), f" {reason.rule} ")
    if reason.end > reason.start:
        head.append_text(context_of(reason, text))
    return [head, Text(f"    {reason.message}（{reason.basis}）→ {reason.suggestion}{note}", style="dim")]


def context_of(reason: Reason, text: str) -> Text:
    """Return the piece in «marks», which no colour is needed to see, with what stands around it on one line."""
    start, end = max(0, reason.start - AROUND), min(len(text), reason.end + AROUND)
    before = ("…" if start else "") + text[start : reason.start]
    after = text[reason.end : end] + ("…" if end < len(text) else "")
    piece = (f"«{one_line(text[reason.start : reason.end])}»", STYLES[reason.severity])
    return Text.assemble(one_line(before), piece, one_line(after))


def one_line(text: str) -> str:
    """Return text that stays on its line and shows what it holds."""
    shown = text.replace("\r\n", "⏎").replace("\n", "⏎")
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in shown)


def taken_back_line(reason: Reason, text: str, place: str) -> Text:
    """Return what a rule found and the second reader withdrew."""
    return Text.assemble(f"{place} taken back {reason.rule}  ", context_of(reason, text), style="dim")


@dataclass
class Summary:
    """Counts over the rows that were told to it; memory grows with rules, not with rows."""

    rows: int = 0
    refused: int = 0
    taken_back: int = 0
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    texts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, reasons: Iterable[Reason], accepted: bool, taken_back: int = 0) -> None:
        self.rows += 1
        self.taken_back += taken_back
        self.refused += not accepted
        named = [(reason.rule, reason.kind, reason.severity) for reason in reasons]
        self.findings.update(named)
        self.texts.update(set(named))

    def print(self, console: Console) -> None:
        """Print how many texts break which rule, most first, and the share of texts that do."""
        share = f" ({self.refused / self.rows:.1%})" if self.rows else ""
        console.print(f"{self.rows:,} texts checked, {self.refused:,} not accepted{share}", highlight=False)
        if self.taken_back:
            back = f"{self.taken_back:,} more taken back by the second reader (--show 0 and --format json show them)"
            console.print(back, highlight=False, soft_wrap=True)
        if not self.findings:
            return
        lines = [("rule", "kind", "severity", "findings", "texts", "share")]
        for key, texts in sorted(self.texts.items(), key=lambda item: (-item[1], item[0])):
            lines.append((*key, f"{self.findings[key]:,}", f"{texts:,}", f"{texts / self.rows:.1%}"))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            names = [cell.ljust(width) for cell, width in zip(line[:3], widths[:3], strict=True)]
            counts = [cell.rjust(width) for cell, width in zip(line[3:], widths[3:], strict=True)]
            console.print(Text("  " + "  ".join([*names, *counts])), soft_wrap=True)
