"""A recipe's tables: sides, tasks, and what reaches which training set."""

from __future__ import annotations

import shutil
from pathlib import Path

from tasks.recipes.model import Recipe
from tasks.recipes.reading import load_recipe
from tasks.recipes.tables import asked, held_out_rows
from tests.recipes.writing import HUMOR, Kitchen, data_files


def sides(rows: list[dict]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["subject"], set()).add(row["split"])
    return found


def test_rows_of_one_input_are_on_one_side_in_every_table(humor: Kitchen) -> None:
    examples = humor.tables["examples"]
    assert all(len(found) == 1 for found in sides(examples).values())
    both = {row["subject"] for row in examples if row["source"] == "jokes"}
    assert both <= {row["subject"] for row in examples if row["source"] == "rated"}
    share = sum(found == {"val"} for found in sides(examples).values()) / len(sides(examples))
    assert 0.08 < share < 0.24


def test_training_sets_hold_no_val_input(humor: Kitchen) -> None:
    val = {row["subject"] for row in humor.tables["examples"] if row["split"] == "val"}
    for name in ("sft", "reward_rows", "grpo"):
        assert humor.tables[name]
        assert not val & {row["subject"] for row in humor.tables[name]}
    assert {row["subject"] for row in held_out_rows(humor.inputs())} <= val
    assert {row["subject"] for row in asked(humor.inputs(), "val").values()} <= val


def test_added_row_moves_no_other(tmp_path: Path, humor: Kitchen) -> None:
    more = Kitchen(load_recipe(HUMOR), data_files(tmp_path, 300))
    now = {row["example_id"]: (row["split"], row["task"]) for row in more.tables["examples"]}
    both = [row for row in humor.tables["examples"] if row["example_id"] in now]
    assert both
    assert all(now[row["example_id"]] == (row["split"], row["task"]) for row in both)


def test_each_input_is_asked_once_in_one_of_two_ways(humor: Kitchen) -> None:
    rows = humor.tables["grpo"]
    assert len({row["subject"] for row in rows}) == len(rows)
    asked_for = [row["task"] for row in rows]
    assert 0.35 < asked_for.count("words") / len(rows) < 0.65
    for row in rows:
        values = {entry["name"]: entry["value"] for entry in row["inputs"]}
        assert (values["headline"] in row["prompt"]) == (row["task"] == "headline")


def test_sft_holds_the_prompt_and_the_joke(humor: Kitchen) -> None:
    prompts = {row["example_id"]: row for row in humor.tables["examples"]}
    for row in humor.tables["sft"]:
        example = prompts[row["item_id"]]
        assert [turn["content"] for turn in row["messages"]] == [example["prompt"], example["text"]]


def test_texts_labelled_bad_do_not_reach_sft(tmp_path: Path) -> None:
    folder = shutil.copytree(HUMOR, tmp_path / "humor")
    recipe: Recipe = load_recipe(folder)
    trains = recipe.trains.model_copy(update={"sft": ("rated",)})
    kitchen = Kitchen(recipe.model_copy(update={"trains": trains}), data_files(tmp_path))
    good = {row["example_id"] for row in kitchen.tables["examples"] if row["label"] == 1}
    assert {row["item_id"] for row in kitchen.tables["sft"]} <= good


def test_reward_rows_read_alone_have_no_prompt(tmp_path: Path, humor: Kitchen) -> None:
    recipe = load_recipe(HUMOR).model_copy(update={"reward_reads": "text"})
    alone = Kitchen(recipe, data_files(tmp_path))
    assert {row["prompt"] for row in alone.tables["reward_rows"]} == {None}
    assert all(row["prompt"] for row in humor.tables["reward_rows"])
