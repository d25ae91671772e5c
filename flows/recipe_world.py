"""Load everything that a recipe's job is made from: the recipe, its data files, and each step's parameters.

Parameters are the training profile's, over them what the recipe says for that profile, over them `--set`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flows.job import Job
from flows.steps import steps_for
from flows.world import params_of
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.planner import World
from tasks.lineage.step import Step
from tasks.lineage.store import Store
from tasks.lineage.views import Source
from tasks.recipes.data_files import Data, load_data
from tasks.recipes.model import Recipe
from tasks.recipes.reading import load_recipe
from tasks.training.config import profile_sections

# What of a recipe decides its tables and prompts; gates, rewards, profiles and titles are apart.
TABLE_FIELDS = ("inputs", "split", "data", "trains", "reward_reads", "templates")


def load_recipe_world(job: Job, force: Iterable[str] | None = None) -> World:
    """Return the world of a recipe's job.

    Raises:
        UserError: any fault of the recipe, its data or an override.
    """
    recipe = load_recipe(Path(job.recipe))
    data = load_data(recipe, {name: Path(file) for name, file in job.data.items()}, job.limit)
    steps = steps_for(job.recipe)
    profile = recipe_profile(recipe, job.profile, steps)
    sources = (recipe_source(recipe), data_source(data), gates_source(recipe), about_source(recipe))
    return World(
        store=Store(job.home_path),
        params={step.name: params_of(step, profile, job) for step in steps},
        sources={source.name: source for source in sources},
        prompts={},
        force=frozenset(job.force if force is None else force),
        train=job.train,
    )


def recipe_profile(recipe: Recipe, name: str, steps: Iterable[Step]) -> dict[str, Any]:
    """Return each step's section of parameters.

    Raises:
        UserError: the recipe's profile has a section that no step has.
    """
    by_name = {step.name: step for step in steps}
    own = recipe.profiles.get(name, {})  # type: ignore[call-overload]
    for section in own:
        if section not in by_name:
            known = ", ".join(by_name)
            raise UserError(f"recipe.yaml, profiles.{name}.{section}", "no such step", f"one of {known}", "correct it")
    shared = profile_sections(name)
    shared["answers"] = {"generation": shared.pop("generation", {})}
    shared["scores"] = {
        key: shared["reward_model"][key] for key in {"precision", "machine"} & {*shared["reward_model"]}
    }
    shared["grpo_model"]["weights"] = recipe.rewards
    # The profiles choose among a brand's content types; a recipe trains on all its tasks.
    plain = {section: {k: v for k, v in values.items() if k != "content_types"} for section, values in shared.items()}
    return laid_over(plain, own)


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with the values of `above`, mappings laid over each other in turn."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = laid_over(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return merged


# -- sources ----------------------------------------------------------------------------------------------------------


def recipe_source(recipe: Recipe) -> Source:
    parts = {name: digest(getattr(recipe, name)) for name in TABLE_FIELDS}
    return Source("recipe", digest(parts), recipe, parts)


def data_source(data: Data) -> Source:
    parts = {name: digest([row.content for row in rows]) for name, rows in data.tables.items()}
    return Source("data_files", digest(parts), data, parts)


def gates_source(recipe: Recipe) -> Source:
    """Return the gates without their titles, which change no verdict."""
    parts = {name: digest(gate.model_dump(exclude={"title", "title_zh"})) for name, gate in recipe.gates.items()}
    return Source("gates", digest(parts), recipe.gates, parts)


def about_source(recipe: Recipe) -> Source:
    """Return what the report says of the recipe: its name, and titles of tasks and gates."""
    named = {"id": recipe.id, "title": recipe.title, "title_zh": recipe.title_zh or recipe.title}
    titles = {
        "tasks": {name: titled(name, task) for name, task in recipe.tasks.items()},
        "gate_titles": {name: titled(name, gate) for name, gate in recipe.gates.items()},
    }
    return Source("about", digest([named, titles]), {**named, **titles})


def titled(name: str, part: Any) -> list[str]:
    """Return a part's title in English and Chinese."""
    english = part.title or name.replace("_", " ")
    return [english, part.title_zh or english]
