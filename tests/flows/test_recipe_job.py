"""A recipe's job under Prefect: the same plan, records and staleness as the main job, over micro models."""

from __future__ import annotations

import asyncio
import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from flows.exporting import current_rows
from flows.job import Job
from flows.looking import Outlook
from flows.status import show_status
from flows.trace import show_trace
from flows.world import check_overrides, load_world
from tasks.lineage.errors import UserError
from tests.recipes.writing import HUMOR, data_files, rows, write_csv

SHAPE = (
    "{vocabulary: 400, hidden: 16, layers: 1, heads: 1, kv_heads: 1, head_dim: 16, feed_forward: 32, positions: 512}"
)
ALARMS = "{stop: false}"
MICRO = {
    "base.architecture": SHAPE, "base.documents": "120", "base.optimizer.steps": "2", "base.block": "64",
    "sft_model.optimizer.steps": "2", "sft_model.min_ended": "0", "sft_model.max_new_tokens": "8",
    "sft_model.eos_samples": "2", "reward_model.optimizer.steps": "2", "grpo_model.optimizer.steps": "2",
    "grpo_model.optimizer.batch_size": "8", "grpo_model.group.size": "4", "grpo_model.group.max_new_tokens": "8",
    "grpo_model.alarms.stop": "false", "answers.most": "6", "answers.generation.max_new_tokens": "8",
}  # fmt: skip


class Stall:
    """A folder with the humor recipe, made-up data and a home."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.recipe = folder, folder / "recipe"
        self.files = {"jokes": folder / "jokes.csv", "rated": folder / "rated.csv"}
        self.home = folder / "home"

    def job(self, **changes) -> Job:
        data = {name: str(path) for name, path in self.files.items()}
        given = {"recipe": str(self.recipe), "data": data, "home": str(self.home), "overrides": MICRO}
        return Job(**{**given, **changes})

    def run(self, **changes) -> dict:
        from flows.pipeline import recipe_job

        return asyncio.run(recipe_job(self.job(**changes)))

    def actions(self, **changes) -> dict[str, str]:
        return {plan.step.name: plan.action for plan in Outlook(self.job(**changes)).plans}

    def edit(self, was: str, becomes: str, name: str = "recipe.yaml") -> None:
        path = self.recipe / name
        text = path.read_text(encoding="utf-8")
        assert was in text
        path.write_text(text.replace(was, becomes), encoding="utf-8")


@pytest.fixture(scope="module")
def tables(tmp_path_factory, prefect_server) -> Stall:
    """A stall whose tables were made, and no model; copied by the tests, never changed."""
    folder = tmp_path_factory.mktemp("stall")
    shutil.copytree(HUMOR, folder / "recipe")
    data_files(folder, 90)
    stall = Stall(folder)
    stall.summary = stall.run(only="grpo")
    return stall


@pytest.fixture(scope="module")
def made(tables, tmp_path_factory) -> Stall:
    """A stall that ran to its report; copied by the tests, never changed."""
    stall = Stall(shutil.copytree(tables.folder, tmp_path_factory.mktemp("made") / "stall"))
    stall.summary = stall.run()
    return stall


@pytest.fixture
def stall(made, tmp_path) -> Stall:
    return Stall(shutil.copytree(made.folder, tmp_path / "stall", symlinks=True))


@pytest.fixture
def bare(tables, tmp_path) -> Stall:
    return Stall(shutil.copytree(tables.folder, tmp_path / "bare"))


def test_tables_are_made_once(bare, tables):
    summary = bare.run(only="sft")
    assert set(tables.summary["steps"]) == {"examples", "grpo"}
    assert summary["steps"] == {"examples": "fresh", "sft": "run"}


def test_changed_row_is_told_by_its_table(bare):
    path = bare.files["jokes"]
    path.write_text(path.read_text(encoding="utf-8-sig").replace("引围观", "惹人看", 1), encoding="utf-8")
    plan = next(plan for plan in Outlook(bare.job(only="grpo")).plans if plan.step.name == "examples")
    assert (plan.action, plan.causes) == ("run", ["data_files.jokes"])


def test_changed_gate_or_title_touches_no_table(bare):
    bare.edit("characters: [10, 60]", "characters: [10, 80]")
    bare.edit("title: From a headline", "title: By headline")
    assert bare.actions(only="grpo") == {"examples": "fresh", "grpo": "fresh"}


@pytest.mark.slow
def test_first_run_makes_every_step_and_a_report(made):
    there = {"examples", "grpo"}
    assert {name: action for name, action in made.summary["steps"].items() if action == "fresh"}.keys() == there
    assert list(made.summary["steps"])[-1] == "report"
    assert made.summary["calls"] == 0
    assert (made.home / "artifacts" / "report.html").is_file()
    assert {row["system"] for row in current_rows(made.home, "answers")} == {"reference", "base", "sft", "grpo"}


@pytest.mark.slow
def test_second_run_does_nothing(stall, made):
    summary = stall.run()
    assert set(summary["steps"].values()) == {"fresh"}
    assert summary["contents"] == made.summary["contents"]


@pytest.mark.slow
def test_changed_template_makes_the_prompts_and_what_learnt_from_them_stale(stall):
    stall.edit("创作一段幽默的中文文本", "写一个笑话", "words.j2")
    actions = stall.actions()
    assert {actions[name] for name in ("examples", "sft", "base", "sft_model", "answers")} == {"run"}


@pytest.mark.slow
def test_changed_gate_rechecks_and_trains_nothing(stall):
    stall.edit("characters: [10, 60]", "characters: [10, 80]")
    actions = stall.actions()
    assert {actions[name] for name in ("examples", "sft", "base", "sft_model", "reward_model", "answers")} == {"fresh"}
    assert actions["grpo_model"] == "tolerated"
    assert actions["verdicts"] == "run"


@pytest.mark.slow
def test_changed_title_rewrites_the_report_alone(stall):
    stall.edit("title: holds both words", "title: has both words")
    assert [name for name, action in stall.actions().items() if action == "run"] == ["report"]


@pytest.mark.slow
def test_changed_reward_weight_trains_grpo_again(stall):
    stall.edit("no_loop: 1.0", "no_loop: 0.5")
    actions = stall.actions()
    assert actions["reward_model"] == "fresh"
    assert actions["grpo_model"] == "run"


@pytest.mark.slow
def test_few_new_rows_are_tolerated_by_the_models(stall):
    listed = rows(91)[:90]
    added = {"headline": "新标题引围观", "word1": "数", "word2": "梯子", "joke": "数梯子数到睡着了，醒来还在第一级。"}
    good = [row for row in listed if row["label"] == "1"]
    write_csv(stall.files["jokes"], [*good, added], "headline", "word1", "word2", "joke")
    outlook = Outlook(stall.job())
    actions = {plan.step.name: plan.action for plan in outlook.plans}
    assert actions["examples"] == "run"
    assert {actions["base"], actions["sft_model"]} <= {"tolerated", "fresh"}
    assert "data_files.jokes" in next(plan for plan in outlook.plans if plan.step.name == "examples").causes


def said(show, *arguments) -> str:
    console = Console(file=io.StringIO(), width=200, no_color=True)
    show(*arguments, console)
    return console.file.getvalue()


@pytest.mark.slow
def test_status_and_trace_know_the_recipes_steps(made):
    status = said(show_status, made.home)
    assert "examples" in status and "drafts" not in status
    answer = current_rows(made.home, "answers")[0]
    told = said(show_trace, made.home, answer["answer_id"], Path())
    assert "headline:" in told and "rated row" in told and "verdicts: system" in told
    assert "sft_model" in said(show_trace, made.home, "sft_model", Path())
    with pytest.raises(UserError, match="an input"):
        said(show_trace, made.home, "nobody", Path())


def test_status_and_trace_know_an_example(tables):
    status = said(show_status, tables.home)
    assert "examples" in status and "drafts" not in status
    row = current_rows(tables.home, "examples")[0]
    told = said(show_trace, tables.home, row["example_id"], Path())
    assert "headline:" in told and f"{row['source']} row {row['source_row']}" in told


def test_home_of_the_other_kind_is_refused(tables):
    with pytest.raises(UserError, match="holds a recipe's job; expected a home of its own for a brand"):
        load_world(Job(home=str(tables.home)))


def test_data_without_recipe_is_refused(tmp_path):
    with pytest.raises(UserError, match="--data: no --recipe"):
        load_world(Job(data={"jokes": "j.csv"}, home=str(tmp_path)))


def test_overrides_are_held_against_the_recipes_steps(bare):
    with pytest.raises(UserError, match="no such parameter"):
        check_overrides(bare.job(overrides={"copy.rounds": "6"}))
    with pytest.raises(UserError, match=r"base\.content_types"):
        load_world(bare.job(overrides={"base.content_types": "[paid_ad_cta]"}))


def test_profile_section_of_no_step_is_refused(bare):
    bare.edit("  small:\n", "  small:\n    drafts: {seed: 1}\n")
    with pytest.raises(UserError, match=r"profiles\.small\.drafts: no such step"):
        load_world(bare.job(profile="small"))


@pytest.mark.parametrize("profile", ["tiny", "small", "full"])
def test_humor_fits_every_profile(bare, profile):
    world = load_world(Job(**{**bare.job().model_dump(), "profile": profile, "overrides": {}}))
    assert world.params["reward_model"].kind == "binary"
    assert world.params["grpo_model"].parts["own_words"] == 0.0
    assert world.params["answers"].generation.max_new_tokens <= 128
