"""A recipe's YAML and templates: what is wrong with them is one sentence with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tasks.lineage.errors import UserError
from tasks.recipes.reading import load_recipe
from tests.recipes.writing import HUMOR


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(HUMOR, tmp_path / "humor")


def changed(folder: Path, was: str, becomes: str, name: str = "recipe.yaml") -> Path:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, becomes), encoding="utf-8")
    return folder


def test_humor_recipe_asks_in_two_ways() -> None:
    recipe = load_recipe(HUMOR)
    values = {"headline": "鸭子过马路", "word1": "马路", "word2": "鸭子"}
    assert recipe.prompt("headline", values).endswith("标题：鸭子过马路\n\n幽默文本：")
    assert "词语：马路、鸭子" in recipe.prompt("words", values)


def test_humor_folder_holds_no_code_and_no_data() -> None:
    assert {path.suffix for path in HUMOR.iterdir()} == {".yaml", ".j2"}


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("sft: [jokes]", "sft: [gags]", "names gags; expected some of jokes, rated"),
        ("{holds: [word1, word2]", "{holds: [word1, word3]", "names word3; expected some of headline, word1, word2"),
        ("tasks: [words], title", "tasks: [words, verse], title", "names verse"),
        ("  no_loop: 1.0\n", "", "`rewards` does not weigh no_loop"),
        ("ended: 1.0", "ended: 1.0\n  charm: 1.0", "names charm"),
        ("rated: {text: joke, label: label}", "rated: {text: joke}", "names no label"),
        ("length: {characters: [10, 60],", "length: {", "exactly one of holds, lacks"),
        ("split:", "splitt:", "write `split`"),
        ("template: words.j2", "template: gone.j2", "the file is missing"),
    ],
)
def test_loose_end_is_one_sentence(folder: Path, was: str, becomes: str, told: str) -> None:
    with pytest.raises(UserError) as caught:
        load_recipe(changed(folder, was, becomes))
    assert told in str(caught.value)


def test_template_naming_no_input_column_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match=r"words\.j2: it names word4"):
        load_recipe(changed(folder, "{{ word1 }}", "{{ word4 }}", "words.j2"))


def test_template_that_is_none_is_refused_with_its_line(folder: Path) -> None:
    with pytest.raises(UserError, match=r"words\.j2 line 3: not a template"):
        load_recipe(changed(folder, "{{ word1 }}", "{% word1 %}", "words.j2"))


def test_template_cannot_reach_python(folder: Path) -> None:
    recipe = load_recipe(changed(folder, "{{ word1 }}", "{{ word1.__class__.__mro__ }}", "words.j2"))
    with pytest.raises(Exception, match="unsafe"):
        recipe.prompt("words", {"headline": "a", "word1": "b", "word2": "c"})


def test_folder_without_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no recipe\.yaml"):
        load_recipe(tmp_path)
