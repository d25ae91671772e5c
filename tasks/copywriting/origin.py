"""What an item was made from, as named digests: the components that `why` compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tasks.brief.model import ContentType, Product
from tasks.lineage.canonical import digest
from tasks.lineage.step import PENDING, Inputs, Item, Row
from tasks.lineage.tables import ROW_DIGEST
from tasks.teacher.config import TeacherConfig
from tasks.teacher.prompt import Prompt

Components = dict[str, str]


def by_id(rows: Iterable[Row], column: str) -> dict[str, Row]:
    return {row[column]: row for row in rows}


def product_components(product: Product) -> Components:
    """Return `product.<field>` -> digest."""
    return {f"product.{name}": digest(value) for name, value in product.model_dump(mode="json").items()}


def content_type_component(content_type: ContentType) -> Components:
    return {"content_type": digest(content_type)}


def prompt_components(prompts: Mapping[str, str], paths: Iterable[str]) -> Components:
    return {f"prompts/{path}": digest(prompts[path]) for path in paths}


def source_components(inputs: Inputs, name: str) -> Components:
    """Return `<source>.<part>` -> digest of each part of a source (rules.forbidden_words), or its digest as a whole."""
    return {f"{name}.{part}": value for part, value in inputs.parts(name).items()} or {name: inputs.digest(name)}


def teacher_component(teacher: TeacherConfig, prompts: Iterable[Prompt]) -> Components:
    """Return who answers these prompts: another judge, say, makes no text stale."""
    models = sorted({teacher.model_for(prompt.model) for prompt in prompts})
    return {"teacher": digest([teacher.provider, models, teacher.extra_body])}


def param_components(identity: Mapping[str, object]) -> Components:
    return {f"params.{name}": digest(value) for name, value in identity.items()}


def is_pending(*rows: Row) -> bool:
    """Return whether one of the rows is not made yet (it is only foreseen by a plan)."""
    return any(row[ROW_DIGEST] == PENDING for row in rows)


def item(item_id: str, components: Components, data: Row, *, key: str, pending: bool, group: str) -> Item:
    """Return a wanted item; its key is unknown while a row that it rests on is."""
    return Item(item_id, PENDING if pending else key, components, data, group)
