"""A small brand, its products, and a teacher that answers from a function instead of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tasks.brief.model import Brand, ContentType, Product
from tasks.compliance import load_rules
from tasks.copywriting.config import CopyParams, DraftParams
from tasks.copywriting.steps import COPY, DRAFTS
from tasks.lineage.canonical import digest
from tasks.lineage.params import Params
from tasks.lineage.step import Item, ItemStep, Row, Step, Table
from tasks.lineage.tables import table_digest, with_digests
from tasks.lineage.views import Source, StepInputs, View
from tasks.teacher.call import Answer, Call, CallFailed
from tasks.teacher.config import TeacherConfig, load_provider

PROMPTS = Path(__file__).parents[2] / "prompts"
BRAND = Brand(
    id="demo",
    name="原素方程",
    philosophy="精简有效，回归肌肤本源。",
    persona="冷静、专业的科研人员。",
    points=("专业严谨", "冷静客观"),
    encouraged=("屏障", "修护", "温和"),
    forbidden=("神器", "逆天"),
)
AD = ContentType(
    id="paid_ad_cta",
    family="paid_ad",
    title="付费广告",
    title_en="Paid ad",
    min_chars=30,
    max_chars=100,
    call_to_action=True,
    structure=("点出问题", "给出成分", "行动号召"),
    labels=("痛点", "方案"),
)
NOTE = ContentType(
    id="social_media_educational",
    family="social",
    title="科普笔记",
    title_en="Note",
    min_chars=60,
    max_chars=400,
    hashtags=(3, 5),
    structure=("提问", "讲解"),
    labels=("误区",),
)
SERUM = Product(
    product_id="jingyan",
    product_name="净颜精华",
    category="精华",
    core_ingredients=("10%烟酰胺", "锌PCA", "红没药醇"),
    features=("源头控油", "改善暗沉"),
    target_audience="油性肌肤",
)
CREAM = Product(
    product_id="anxiu",
    product_name="安修面霜",
    category="面霜",
    core_ingredients=("神经酰胺", "角鲨烷"),
    features=("修护屏障", "长效保湿"),
    target_audience="干性肌肤",
)
CLEAN_AD = (
    "午后出油，妆面容易斑驳。原素方程净颜精华含10%烟酰胺与锌PCA，配方精简，从源头控油，温和改善暗沉。点击了解配方详情。"
)


@cache
def rules(*forbidden: str) -> Any:
    """Return the rules of the brand with these forbidden words (its own where none is given)."""
    words = forbidden or BRAND.forbidden
    return load_rules(BRAND.model_copy(update={"forbidden": words}))


@dataclass
class Scripted:
    """A teacher and a journal in one. write: the answer to a call; it may raise CallFailed. asked: what was bought."""

    write: Callable[[Call], str]
    provider: str = "simulator"
    kept: dict[str, Answer] = field(default_factory=dict)
    asked: list[Call] = field(default_factory=list)

    async def answer(self, call: Call) -> Answer:
        key = call.key(self.provider)
        if key not in self.kept:
            await asyncio.sleep(0)
            text = self.write(call)
            self.asked.append(call)
            self.kept[key] = Answer(key, text, 100, 60, 40, 0.25, 0.1, from_journal=False)
        return self.kept[key]

    def get_many(self, keys: Sequence[str]) -> dict[str, Answer]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    @property
    def teacher(self) -> Scripted:
        return self

    @property
    def journal(self) -> Scripted:
        return self


def in_turn(*texts: str | Exception) -> Callable[[Call], str]:
    """Return a writer that gives these answers one after the other."""
    left = list(texts)

    def write(_call: Call) -> str:
        text = left.pop(0)
        if isinstance(text, Exception):
            raise text
        return text

    return write


def teacher_config() -> TeacherConfig:
    return load_provider("simulator")


def sources(
    rules_now: Any, types: Sequence[ContentType], brand: Brand = BRAND, teacher: TeacherConfig | None = None
) -> dict[str, Source]:
    config = teacher or teacher_config()
    guide = {name: digest(value) for name, value in brand.guide().items()}
    return {
        "guide": Source("guide", digest(guide), brand, guide),
        "content_types": Source("content_types", digest(list(types)), {kind.id: kind for kind in types}),
        "rules": Source("rules", rules_now.digest, rules_now, rules_now.parts),
        "teacher": Source("teacher", digest(config.identity()), config),
    }


def view(rows: Sequence[Row], table: Table) -> View:
    typed = with_digests(rows, table)
    return View(table_digest(typed, table), load=lambda: typed)


def product_view(products: Sequence[Product], split: str = "train") -> View:
    rows = [{**product.model_dump(mode="json"), "split": split} for product in products]
    rows = sorted(({**row, "row_digest": digest(row)[:32]} for row in rows), key=lambda row: row["product_id"])
    return View(digest(rows), load=lambda: rows)


def inputs_of(step: Step, params: Params, views: Mapping[str, View], sources: Mapping[str, Source]) -> StepInputs:
    return StepInputs(
        params,
        {path: (PROMPTS / path).read_text(encoding="utf-8") for path in step.prompts},
        {name: views[name] for name in step.reads if name in views},
        {name: sources[name] for name in step.reads if name in sources},
    )


@dataclass
class World:
    """All that DRAFTS and COPY read; a test changes a field and runs again over the same teacher."""

    teacher: Scripted
    products: Sequence[Product] = (SERUM,)
    types: Sequence[ContentType] = (AD,)
    rules: Any = field(default_factory=rules)
    drafting: DraftParams = field(default_factory=DraftParams)
    cleaning: CopyParams = field(default_factory=CopyParams)
    brand: Brand = BRAND
    teacher_config: TeacherConfig = field(default_factory=teacher_config)
    views: dict[str, View] = field(default_factory=dict)

    def inputs(self, step: Step, params: Params) -> StepInputs:
        self.views["products"] = product_view(self.products)
        return inputs_of(step, params, self.views, sources(self.rules, self.types, self.brand, self.teacher_config))

    def items(self, step: ItemStep, params: Params) -> list[Item]:
        return list(step.wanted(self.inputs(step, params)))

    def make(self, step: ItemStep, params: Params) -> list[Row]:
        """Make all wanted rows of a step, and let the steps after it see them."""
        inputs = self.inputs(step, params)
        rows = asyncio.run(step.compute(list(step.wanted(inputs)), inputs, self.teacher, lambda *_: None))
        self.views[step.name] = view(rows, step.makes)
        return self.views[step.name].rows()

    def calls(self, step: ItemStep, params: Params) -> tuple[int, int]:
        inputs = self.inputs(step, params)
        return step.calls(list(step.wanted(inputs)), inputs, self.teacher)  # type: ignore[misc]

    def drafts(self) -> list[Row]:
        return self.make(DRAFTS, self.drafting)

    def copy(self) -> list[Row]:
        return self.make(COPY, self.cleaning)


def content(rows: Sequence[Row], table: Table) -> str:
    """Return the content digest of rows."""
    return table_digest(with_digests(rows, table), table)


def failed_call(message: str = "no answer") -> CallFailed:
    from tasks.teacher.call import ErrorKind

    return CallFailed(ErrorKind.FILTERED, message)
