"""A recipe's report: figures counted from rows, and a page that shows them and nothing it must not run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasks.recipes.config import RecipeReportParams
from tasks.recipes.figures import recipe_figures
from tasks.recipes.report import write_report
from tasks.recipes.tables import asked
from tasks.recipes.verdicts import compute_verdicts
from tests.recipes.writing import Kitchen, kitchen

CARD = {"held_out_texts": {"texts": 40, "good": 26, **{
    judge: {"accuracy": 0.65, "precision": 0.65, "recall": 1.0, "f1": 0.79}
    for judge in ("reward_model", "character_ngrams", "length_only", "majority")
}}}  # fmt: skip


def answers(place: Kitchen) -> list[dict]:
    """Return answers of which GRPO's hold the words and SFT's do not; base's do not end."""
    rows = []
    for item, row in asked(place.inputs(), "val").items():
        words = "".join(entry["value"] for entry in row["inputs"][1:])
        texts = {"base": "然后然后", "sft": "这是一个很短的<b>笑话</b>。", "grpo": f"有一天{words}一起去春游了。"}
        rows += [
            {"answer_id": f"{system}/{item}", "system": system, "item_id": item, "subject": row["subject"],
             "task": row["task"], "prompt": row["prompt"], "text": text, "ended_by_eos": system != "base"}
            for system, text in texts.items()
        ]  # fmt: skip
    return rows


@pytest.fixture
def place(tmp_path: Path) -> Kitchen:
    made = kitchen(tmp_path, 120)
    made.sources["about"] |= {
        "tasks": {"headline": ["headline", "标题"], "words": ["words", "两词"]},
        "gate_titles": {name: [name, name] for name in made.sources["gates"]},
    }
    made.tables["answers"] = answers(made)
    made.tables["verdicts"] = compute_verdicts(made.inputs())
    made.tables["scores"] = [{"answer_id": row["answer_id"], "reward": 0.5} for row in made.tables["answers"]]
    for name in ("base", "sft_model", "reward_model", "grpo_model"):
        made.folders[name] = tmp_path / name
        made.folders[name].mkdir()
    (made.folders["reward_model"] / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
    return made


def test_figures_are_those_of_the_rows(place: Kitchen) -> None:
    found = recipe_figures(place.inputs(RecipeReportParams()))
    measures = {name: {system: row[system]["value"] for system in row} for name, row in found["measures"].items()}
    assert found["systems"] == ["base", "sft", "grpo"]
    assert measures["ended"] == {"base": 0.0, "sft": 1.0, "grpo": 1.0}
    assert measures["holds_words"] == {"base": 0.0, "sft": 0.0, "grpo": 1.0}
    words = [row for row in asked(place.inputs(), "val").values() if row["task"] == "words"]
    assert found["measures"]["holds_words"]["grpo"]["rows"] == len(words)
    grpo = next(change for change in found["changes"] if change["left"] == "grpo")
    assert grpo["measures"]["holds_words"]["value"] == 1.0
    assert grpo["measures"]["ended"]["direction"] == "unclear"
    assert found["plain"]["sft"]["different"] == pytest.approx(1 / len(asked(place.inputs(), "val")), abs=1e-4)


def test_samples_are_chosen_by_hash_for_each_task(place: Kitchen) -> None:
    samples = recipe_figures(place.inputs(RecipeReportParams(samples=2)))["samples"]
    assert [sample["task"] for sample in samples] == ["headline", "headline", "words", "words"]
    assert all(set(sample["answers"]) == {"base", "sft", "grpo"} for sample in samples)


def test_page_shows_figures_and_escapes_texts(place: Kitchen, tmp_path: Path) -> None:
    out = tmp_path / "report"
    out.mkdir()
    write_report(place.inputs(RecipeReportParams(samples=3)), out, lambda *told: None)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "由标题或两个词写笑话" in page
    assert "&lt;b&gt;笑话&lt;/b&gt;" in page and "<b>笑话</b>" not in page
    assert "Content-Security-Policy" in page and "http://" not in page
    assert "65%" in page
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["measures"]["ended"]["sft"]["value"] == 1.0
