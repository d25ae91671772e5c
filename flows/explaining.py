"""`copymill check --explain RULE`: what a rule says, on what basis, with examples, and how a brand changes it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flows.findings import one_line
from tasks.compliance import Rules
from tasks.compliance.pack import Example, Rule
from tasks.compliance.rules import READER_GATES
from tasks.compliance.yields import yields_of
from tasks.lineage.errors import UserError

WORDS_SHOWN = 24
EXAMPLES_SHOWN = 5
YIELDS = {
    "never": "never: what it finds stands whatever the second reader says",
    "denied": "to the second reader, where a denial stands beside the hit in a harmless sentence",
    "harmless": "to the second reader, in a harmless sentence",
}


def explain_rule(rules: Rules, name: str, brand_dir: Path, console: Console) -> None:
    """Print one rule in force, or that and why the brand has switched it off.

    Raises:
        UserError: there is no such rule; the message names the nearest.
    """
    rule = next((rule for rule in rules.rules if rule.id == name), None)
    off = next((switch for switch in rules.switched_off if switch.id == name), None)
    if rule is None and off is None:
        near = get_close_matches(name, [rule.id for rule in rules.rules], n=3, cutoff=0.4)
        expected = f"a rule of docs/compliance.md{', such as ' + ', '.join(near) if near else ''}"
        raise UserError(f"rule {name!r}", "no such rule", expected, "name one of these")
    lines = rule_lines(rule, brand_dir) if rule else [f"{name}: switched off by {brand_dir.name}: {off.reason}"]  # type: ignore[union-attr]
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def rule_lines(rule: Rule, brand_dir: Path) -> list[str]:
    families = f", in {' and '.join(rule.families)} texts alone" if rule.families else ""
    lines = [
        f"{rule.id}: {rule.kind}, {rule.severity}{families}",
        f"  says     {rule.message} / {rule.message_en}",
        f"  basis    {rule.basis}",
        f"  instead  {rule.suggestion}",
        f"  finds    {found_by(rule)}",
    ]
    if rule.exempt or rule.unless_before or rule.unless_after:
        lines.append(f"  spares   {len(rule.exempt) + len(rule.unless_before) + len(rule.unless_after)} contexts")
    lines.append(f"  yields   {YIELDS[yields_of(rule, rule.severity)]}")
    lines += example_lines("  fires    ", rule.positive) + example_lines("  silent   ", rule.negative)
    return [*lines, *switch_lines(rule, brand_dir)]


def found_by(rule: Rule) -> str:
    """Return the rule's own words, its number of patterns, or the measure that it takes."""
    parts = []
    if rule.words:
        more = f" and {len(rule.words) - WORDS_SHOWN} more" if len(rule.words) > WORDS_SHOWN else ""
        parts.append("、".join(rule.words[:WORDS_SHOWN]) + more)
    if rule.regex:
        parts.append(f"{len(rule.regex)} patterns")
    if rule.gate in READER_GATES:
        what = "sentences" if rule.gate == "second_reader" else "heads of sentences"
        parts.append(f"{what} that read like labelled ones of its kind (log-odds above {rule.score:g})")
    return "; ".join(parts) or f"the measure {rule.gate}"


def example_lines(label: str, examples: Sequence[Example]) -> list[str]:
    heads = [label, *[" " * len(label)] * (EXAMPLES_SHOWN - 1)]
    return [head + one_line(example.text) for head, example in zip(heads, examples[:EXAMPLES_SHOWN], strict=False)]


def switch_lines(rule: Rule, brand_dir: Path) -> list[str]:
    """Return what to write to do without the rule, or to be told only."""
    return [
        f"  to change it, write into {brand_dir / 'rules'}/own.yaml:",
        f"    switch_off: [{{id: {rule.id}, reason: …}}]",
        f"    rules: [{{id: {rule.id}, severity: {'warn' if rule.severity == 'block' else 'block'}}}]",
    ]
