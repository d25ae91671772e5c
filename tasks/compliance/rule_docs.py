"""The list of rules in docs/compliance.md, written from the packs: `python -m tasks.compliance.rule_docs`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tasks.compliance.pack import PACK_NAMES, PACKS, Rule, make_rule, read_pack
from tasks.compliance.yields import yields_of

DOC = Path(__file__).parents[2] / "docs" / "compliance.md"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def rules_section() -> str:
    """Return a table of rules for every built-in pack, in the order in which they are checked."""
    parts = []
    for name in PACK_NAMES:
        path = PACKS / f"{name}.yaml"
        pack = read_pack(path)
        rules = [make_rule(path.name, fields) for fields in pack.rules]
        parts.append(f"### {name}: {pack.title}\n\n{_table(rules)}")
    return "\n\n".join(parts)


def _table(rules: Sequence[Rule]) -> str:
    head = "| rule | kind | severity | yields | says | basis | example |\n| --- | --- | --- | --- | --- | --- | --- |"
    return "\n".join([head, *(_row(rule) for rule in rules)])


def _row(rule: Rule) -> str:
    example = rule.positive[0].text if rule.positive else ""
    yields = yields_of(rule, rule.severity)
    cells = (f"`{rule.id}`", rule.kind, rule.severity, yields, rule.message_en, rule.basis, _short(example))
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _cell(text: str) -> str:
    """Return text that stays inside one table cell and shows what it is."""
    shown = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text.replace("\n", "⏎"))
    return shown.replace("|", "\\|").replace("<", "&lt;")


def with_rules(document: str) -> str:
    """Return the document with the list of rules between its two marks brought up to date."""
    before, rest = document.split(BEGIN)
    return f"{before}{BEGIN}\n{rules_section()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    DOC.write_text(with_rules(DOC.read_text(encoding="utf-8")), encoding="utf-8")
