"""The gates that a recipe can name."""

from __future__ import annotations

import pytest

from tasks.recipes.gates import RecipeGates
from tasks.recipes.model import Gate, Repeats

ROW = {
    "item_id": "i/words", "task": "words",
    "inputs": [{"name": "word1", "value": "马路"}, {"name": "word2", "value": "鸭子"}],
}  # fmt: skip


def passes(text: str, **gate: object) -> bool:
    return not RecipeGates([ROW], {"one": Gate(**gate)}).broken("i/words", text)


@pytest.mark.parametrize(
    ("gate", "good", "bad"),
    [
        ({"holds": ("word1", "word2")}, "鸭子过马路。", "鸭子过河。"),
        ({"lacks": ("word1",)}, "鸭子过河。", "鸭子过马路。"),
        ({"characters": (3, 6)}, "鸭子过马路。", "鸭子过马路了。"),
        ({"characters": (3, 6)}, "鸭子。", "鸭。"),
        ({"repeats": Repeats(characters=2, most=2)}, "哈哈，哈哈。", "哈哈哈哈。"),
        ({"without": ("呵呵",)}, "哈哈。", "呵呵。"),
    ],
)
def test_gate_tells_good_from_bad(gate: dict, good: str, bad: str) -> None:
    assert passes(good, **gate)
    assert not passes(bad, **gate)


def test_empty_text_breaks_what_asks_for_something() -> None:
    assert not passes("", holds=("word1",))
    assert passes("", repeats=Repeats(characters=4, most=1))


def test_gate_of_another_task_does_not_apply() -> None:
    gates = RecipeGates([ROW], {"other": Gate(holds=("word1",), tasks=("headline",)), "all": Gate(characters=(1, 9))})
    assert gates.applying("i/words") == ["all"]
    assert gates.broken("i/words", "鸭子") == frozenset()


@pytest.mark.parametrize("measures", [{}, {"holds": ("word1",), "without": ("x",)}])
def test_gate_has_exactly_one_measure(measures: dict) -> None:
    with pytest.raises(ValueError, match="exactly one of"):
        Gate(**measures)
