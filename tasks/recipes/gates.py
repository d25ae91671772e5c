"""A recipe's gates: what its YAML says of an answer, measured by code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from tasks.lineage.step import Inputs, Row
from tasks.recipes.model import Gate

Values = Mapping[str, str]


def holds(gate: Gate, text: str, values: Values) -> bool:
    """Whether the values of all the gate's columns stand in the text."""
    return all(values[name] in text for name in gate.holds)


def lacks(gate: Gate, text: str, values: Values) -> bool:
    """Whether none of the values of the gate's columns stands in the text."""
    return not any(values[name] in text for name in gate.lacks)


def characters(gate: Gate, text: str, values: Values) -> bool:
    """Whether the text has a number of characters between the gate's two."""
    assert gate.characters
    least, most = gate.characters
    return least <= len(text) <= most


def repeats(gate: Gate, text: str, values: Values) -> bool:
    """Whether no passage of the gate's length stands in the text more often than it may."""
    assert gate.repeats
    size = gate.repeats.characters
    passages = Counter(text[place : place + size] for place in range(len(text) - size + 1))
    return max(passages.values(), default=0) <= gate.repeats.most


def without(gate: Gate, text: str, values: Values) -> bool:
    """Whether none of the gate's words stands in the text."""
    return not any(word in text for word in gate.without)


MEASURES: Mapping[str, Callable[[Gate, str, Values], bool]] = {
    "holds": holds,
    "lacks": lacks,
    "characters": characters,
    "repeats": repeats,
    "without": without,
}


class RecipeGates:
    """The gates over some tasks. rows: with item_id, task and inputs (a list of name and value)."""

    def __init__(self, rows: Sequence[Row], gates: Mapping[str, Gate]) -> None:
        self.subjects = {row["item_id"]: (row["task"], values_of(row)) for row in rows}
        self.gates = gates

    def applying(self, item_id: str) -> list[str]:
        """Return the gates that ask something of answers to this task."""
        task = self.subjects[item_id][0]
        return [name for name, gate in self.gates.items() if not gate.tasks or task in gate.tasks]

    def broken(self, item_id: str, text: str) -> frozenset[str]:
        """Return the gates that the text breaks."""
        values = self.subjects[item_id][1]
        found = {name: self.gates[name] for name in self.applying(item_id)}
        return frozenset(name for name, gate in found.items() if not MEASURES[gate.measure](gate, text, values))


def recipe_gates(inputs: Inputs, rows: Sequence[Row]) -> RecipeGates:
    """Return a recipe's gates over GRPO rows."""
    return RecipeGates(rows, inputs.source("gates"))


def values_of(row: Row) -> dict[str, str]:
    """Return input column -> value of a row."""
    return {entry["name"]: entry["value"] for entry in row["inputs"]}
