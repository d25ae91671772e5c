"""Load everything that a run is made from: brand, product list, rules, prompts, teacher, and each step's parameters.

Every fault of these inputs is found here, before anything is spent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from flows.job import CODE, Job
from flows.steps import PIPELINE, steps_for, steps_of_home
from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.model import Brand, ContentType
from tasks.brief.products import ProductList, load_products
from tasks.compliance import Rules, load_rules
from tasks.judging.labels import Label
from tasks.judging.quality import Mark
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.params import Params
from tasks.lineage.planner import World
from tasks.lineage.step import Step
from tasks.lineage.store import Store
from tasks.lineage.views import Source
from tasks.teacher.config import TeacherConfig, load_provider
from tasks.training.config import profile_sections

PROMPTS = CODE / "prompts"
PROFILES = Path(__file__).parent / "profiles"
# Steps that share one section of parameters: what a negative is made as decides which pairs there are.
SECTIONS = {"negatives": "pairs"}
Said = TypeVar("Said", Mark, Label)  # what people said, as a home keeps it


def load_world(job: Job, force: Iterable[str] | None = None) -> World:
    """Return the world of a job, a recipe's where it names one.

    Raises:
        UserError: any fault of the brand, the product list, a prompt, a profile or an override; of the recipe and its
            data; or the home holds the other kind of job.
    """
    refuse_foreign_home(job)
    if job.recipe:
        from flows.recipe_world import load_recipe_world

        return load_recipe_world(job, force)
    if job.data:
        raise UserError("--data", "no --recipe that it belongs to", "a recipe's folder", "add --recipe FOLDER")
    return load_brand_world(job, force)


def refuse_foreign_home(job: Job) -> None:
    """Refuse a home that holds a brand's job for a recipe, and the other way round: their steps share names."""
    held, wanted = steps_of_home(job.home_path), steps_for(job.recipe)
    if held is not wanted and Store(job.home_path).current_record(held[0].name):
        kinds = ("a recipe", "a brand") if job.recipe else ("a brand", "a recipe")
        raise UserError(
            f"home {job.home_path}", f"it holds {kinds[1]}'s job", f"a home of its own for {kinds[0]}",
            "name another with --home",
        )  # fmt: skip


def load_brand_world(job: Job, force: Iterable[str] | None) -> World:
    """Return the world of the main job."""
    profile = load_profile(job.profile)
    brand = load_brand(job.brand_path)
    types = load_content_types(job.brand_path)
    rules = load_rules(brand, job.brand_path)
    products = first(load_products(job.products_path), job.limit)
    teacher = load_provider(job.teacher or profile["teacher"])
    return World(
        store=Store(job.home_path),
        params={step.name: params_of(step, profile, job) for step in PIPELINE},
        sources={
            source.name: source
            for source in (
                products_source(products),
                guide_source(brand),
                types_source(types),
                rules_source(rules),
                teacher_source(teacher),
                quality_source(job.home_path),
                labels_source(job.home_path),
            )
        },
        prompts=load_prompts(PIPELINE),
        force=frozenset(job.force if force is None else force),
        train=job.train,
    )


def first(products: ProductList, limit: int) -> ProductList:
    return products if not limit else products.limited(limit)


def load_profile(name: str) -> dict[str, Any]:
    """Return a profile: `teacher`, and one section of parameters for each step that differs from its defaults."""
    own = yaml.safe_load((PROFILES / f"{name}.yaml").read_text(encoding="utf-8"))
    sections = profile_sections(name)
    answers = {"generation": sections.pop("generation", {}), **own.get("answers", {})}
    return {**sections, **own, "answers": answers}


def params_of(step: Step, profile: Mapping[str, Any], job: Job) -> Params:
    """Return a step's parameters: defaults, then the profile, then `resample`, then the job's overrides."""
    section = SECTIONS.get(step.name, step.name)
    values = dict(profile.get(section, {}))
    if "resample" in step.params.model_fields and job.resample:
        values["resample"] = job.resample
    for dotted, text in job.overrides.items():
        name, _, field = dotted.partition(".")
        if name == section:
            put(values, field.split("."), yaml.safe_load(text))
    try:
        return step.params.model_validate(values)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join([step.name, *(str(part) for part in fault["loc"])])
        expected = f"a parameter of {step.name} ({', '.join(step.params.model_fields)})"
        raise UserError(place, fault["msg"].lower(), expected, "mend the profile or --set") from None


def put(values: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        values[name] = dict(values.get(name) or {})
        values = values[name]
    values[path[-1]] = value


def check_overrides(job: Job) -> None:
    """Refuse an override of a step that does not exist, which would otherwise change nothing in silence."""
    known = sorted({SECTIONS.get(step.name, step.name) for step in steps_for(job.recipe)})
    for dotted in job.overrides:
        if dotted.split(".")[0] not in known or "." not in dotted:
            raise UserError(
                f"--set {dotted}", "no such parameter", "STEP.FIELD=VALUE", f"name one of {', '.join(known)}"
            )


def load_prompts(steps: Iterable[Step]) -> dict[str, str]:
    """Return the text of every declared prompt.

    Raises:
        UserError: a declared prompt file is missing.
    """
    texts = {}
    for path in sorted({path for step in steps for path in step.prompts}):
        file = PROMPTS / path
        if not file.is_file():
            raise UserError(f"prompt {path}", "no such file in prompts/", "a prompt file", "restore it from git")
        texts[path] = file.read_text(encoding="utf-8")
    return texts


# -- sources: a digest of everything that can change what is made, and named parts for `why` ---------------------------


def products_source(products: ProductList) -> Source:
    rows = [[row.product.model_dump(mode="json"), row.source_row, row.source_text] for row in products.rows]
    return Source("products_file", digest(rows), products)


def guide_source(brand: Brand) -> Source:
    parts = {name: digest(value) for name, value in brand.guide().items()}
    return Source("guide", digest(parts), brand, parts)


def types_source(types: Mapping[str, ContentType]) -> Source:
    parts = {name: digest(value) for name, value in types.items()}
    return Source("content_types", digest(parts), types, parts)


def rules_source(rules: Rules) -> Source:
    return Source("rules", rules.digest, rules, rules.parts)


def quality_source(home: Path) -> Source:
    marks = marks_of_home(home)
    return Source("quality", digest([asdict(mark) for mark in marks]), marks)


def labels_source(home: Path) -> Source:
    labels = labels_of_home(home)
    return Source("labels", digest([asdict(label) for label in labels]), labels)


def marks_of_home(home: Path) -> tuple[Mark, ...]:
    """Return what people marked of a sample of this home's texts; nothing where nobody did.

    Raises:
        UserError: the file of marks is damaged.
    """
    return kept_in(Store(home).quality, Mark, "copymill quality")


def labels_of_home(home: Path) -> tuple[Label, ...]:
    """Return what people said of pairs of this home's answers; nothing where nobody did.

    Raises:
        UserError: the file of labels is damaged.
    """
    return kept_in(Store(home).labels, Label, "copymill label-import")


def kept_in(path: Path, kind: type[Said], command: str) -> tuple[Said, ...]:
    """Return what a command kept in a home, one value an entry; nothing where there is no file."""
    if not path.exists():
        return ()
    try:
        return tuple(kind(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise UserError(str(path), f"not what `{command}` wrote", "its file", "remove it, import again") from error


def teacher_source(teacher: TeacherConfig) -> Source:
    parts = {name: digest(value) for name, value in teacher.identity().items()}
    return Source("teacher", digest(parts), teacher, parts)
