"""A small made-up data set of the humor recipe's shape, and a recipe's inputs without a home."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from flows.job import CODE
from tasks.lineage.step import Row
from tasks.recipes import tables
from tasks.recipes.data_files import load_data
from tasks.recipes.model import Recipe
from tasks.recipes.reading import load_recipe

HUMOR = CODE / "recipes" / "humor"
WHO = ["老张", "小李", "王奶奶", "李校长", "赵师傅", "孙大夫", "周同学", "吴邻居"]
ACTS = ["修", "洗", "找", "画", "背", "种", "借", "藏", "数", "晒"]
THINGS = ["雨伞", "闹钟", "沙发", "西瓜", "拖鞋", "眼镜", "风筝", "钥匙", "枕头", "算盘", "茶壶", "帽子"]
FUNNY = [
    "{who}说他会{act}{thing}，结果{thing}先把他{act}了一遍，还要了发票。",
    "问：{who}为什么天天{act}{thing}？答：因为{thing}不会顶嘴，而且从不借钱。",
    "{who}{act}{thing}三年，终于悟了：原来说明书在{thing}下面压着，字还挺大。",
]
FLAT = ["{who}{act}了{thing}。", "今天{who}又{act}{thing}。", "{thing}由{who}{act}好。"]


def rows(count: int, seed: int = 3) -> list[dict[str, str]]:
    """Return distinct rows of headline, word1, word2, joke and label; about two thirds are labelled 1."""
    random = Random(seed)
    subjects = random.sample([(who, act, thing) for who in WHO for act in ACTS for thing in THINGS], count)
    found = []
    for who, act, thing in subjects:
        good = random.random() < 0.67
        joke = random.choice(FUNNY if good else FLAT).format(who=who, act=act, thing=thing)
        headline = f"{who}{act}{thing}引围观"
        found.append({"headline": headline, "word1": act, "word2": thing, "joke": joke, "label": str(int(good))})
    return found


def write_csv(path: Path, listed: list[dict[str, str]], *columns: str) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(listed)
    return path


def data_files(folder: Path, count: int = 240) -> dict[str, Path]:
    """Write jokes.csv (the good rows) and rated.csv (all rows); return them by the recipe's tables."""
    listed = rows(count)
    inputs = ("headline", "word1", "word2", "joke")
    good = [row for row in listed if row["label"] == "1"]
    return {
        "jokes": write_csv(folder / "jokes.csv", good, *inputs),
        "rated": write_csv(folder / "rated.csv", listed, *inputs, "label"),
    }


class Kitchen:
    """The inputs of a recipe's steps: tables made as the steps make them, sources, folders of models."""

    def __init__(self, recipe: Recipe, files: Mapping[str, Path]) -> None:
        self.folders: dict[str, Path] = {}
        about = {"id": recipe.id, "title": recipe.title, "title_zh": recipe.title_zh, "tasks": {}, "gate_titles": {}}
        self.sources: dict[str, Any] = {
            "recipe": recipe, "gates": recipe.gates, "data_files": load_data(recipe, files), "about": about,
        }  # fmt: skip
        self.tables: dict[str, list[Row]] = {}
        makers = {
            "examples": tables.example_rows, "sft": tables.sft_rows, "reward_rows": tables.reward_rows,
            "grpo": tables.grpo_rows,
        }  # fmt: skip
        for name, make in makers.items():
            self.tables[name] = make(self.inputs())

    def inputs(self, params: Any = None) -> Any:
        return SimpleNamespace(
            params=params,
            rows=lambda name: [dict(row) for row in self.tables[name]],
            folder=lambda name: self.folders[name],
            source=lambda name: self.sources[name],
            digest=lambda name: f"digest of {name}",
            checkpoints=None,
            events=None,
        )


def kitchen(folder: Path, count: int = 240) -> Kitchen:
    return Kitchen(load_recipe(HUMOR), data_files(folder, count))
