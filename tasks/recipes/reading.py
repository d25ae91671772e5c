"""Read a recipe's folder: its YAML with all cross references held against each other, and its templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError, meta

from tasks.brief.yaml_file import fault, read_text, read_yaml, validated
from tasks.lineage.errors import InputErrors, UserError
from tasks.recipes.model import TEMPLATES, Recipe
from tasks.training.config import NO_GATES

RECIPE_FILE = "recipe.yaml"


def load_recipe(folder: Path) -> Recipe:
    """Return the recipe of a folder.

    Raises:
        UserError: the folder, the file or a template is missing or cannot be read, or a name in it leads nowhere.
        InputErrors: several such faults.
    """
    path = folder / RECIPE_FILE
    if not path.is_file():
        raise UserError(str(folder), f"no {RECIPE_FILE} in it", "a recipe's folder", "correct --recipe")
    values, lines = read_yaml(path)
    if "templates" in values:
        raise fault(path, lines["templates"], "the field `templates` is unknown", "tasks.NAME.template", "name files")
    recipe = validated(path, Recipe, values, lines)
    faults = [fault(path, lines.get(name), *said) for name, *said in loose_ends(recipe)]
    templates = {}
    for name, task in recipe.tasks.items():
        templates[name] = read_text(folder / task.template)
        faults += template_faults(folder / task.template, templates[name], recipe.inputs)
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(str(path), faults)
    return recipe.model_copy(update={"templates": templates})


def loose_ends(recipe: Recipe) -> Iterator[tuple[str, str, str]]:
    """Yield (place, what was found, what was expected) of every name that leads nowhere."""
    for stage, tables in recipe.trains:
        yield from unknown(f"trains.{stage}", tables, recipe.data)
    for table in recipe.trains.reward:
        if table in recipe.data and not recipe.data[table].label:
            yield f"data.{table}", f"`{table}` trains the reward model and names no label", "a column with 1 and 0"
    for name, gate in recipe.gates.items():
        yield from unknown(f"gates.{name}", gate.columns, recipe.inputs)
        yield from unknown(f"gates.{name}", gate.tasks, recipe.tasks)
    parts = (*NO_GATES, *recipe.gates)
    yield from unknown("rewards", recipe.rewards, parts)
    for missing in (part for part in parts if part not in recipe.rewards):
        yield (
            "rewards",
            f"`rewards` does not weigh {missing}",
            "a weight for each part, 0 for what is only measured",
        )


def unknown(place: str, names: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    there = list(known)
    for name in names:
        if name not in there:
            yield place, f"`{place}` names {name}", f"some of {', '.join(there)}"


def template_faults(path: Path, text: str, inputs: Iterable[str]) -> list[UserError]:
    """Return what is wrong with a template: its syntax, or a name that is no input column."""
    known = list(inputs)
    try:
        named = meta.find_undeclared_variables(TEMPLATES.parse(text))
    except TemplateSyntaxError as error:
        return [fault(path, error.lineno, f"not a template ({error.message})", "Jinja2")]
    return [fault(path, None, f"it names {name}", f"some of {', '.join(known)}") for name in sorted(named - set(known))]
