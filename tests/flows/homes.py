"""A brand, a product list and a home with accepted copy, written straight into the store: no run is needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from flows.checking import Bench
from flows.publishing import Order
from tasks.brief.products import load_products
from tasks.brief.steps import PRODUCTS, row_of
from tasks.copywriting.steps import COPY
from tasks.lineage.records import Components, Record
from tasks.lineage.store import Store

BRAND = """id: demo
name: 原素方程
philosophy: 精简有效
persona: 科研人员
points: [专业]
encouraged: [屏障]
forbidden: [神器]
"""
TYPES = """note:
  family: social
  title: 笔记
  title_en: note
  min_chars: 1
  max_chars: 60
  hashtags: [0, 3]
  structure: [写一句。]
ad:
  family: paid_ad
  title: 广告
  title_en: ad
  min_chars: 1
  max_chars: 40
  call_to_action: true
  structure: [写一句。]
"""
HEAD = "product_id,product_name,category,core_ingredients,features,target_audience\n"
SERUM = "p1,泛醇修护精华,精华,5%泛醇,修护屏障,敏感肌\n"
CREAM = "p2,角鲨烷面霜,面霜,角鲨烷,锁住水分,干性肌\n"
NOTE = "5%泛醇，温和修护屏障。\n#屏障修护"
AD = "角鲨烷面霜，锁住水分。点击了解详情。"


def copy_row(item: str, product: str, name: str, content_type: str, text: str, status: str = "accepted") -> dict:
    return {
        "item_id": item, "product_id": product, "product_name": name, "content_type": content_type, "split": "train",
        "text": text, "status": status, "error": "", "rounds": 0, "reasons": [], "history": [],
    }  # fmt: skip


COPY_ROWS = (
    copy_row("p1/note/0", "p1", "泛醇修护精华", "note", NOTE),
    copy_row("p2/ad/0", "p2", "角鲨烷面霜", "ad", AD),
    copy_row("p2/note/0", "p2", "角鲨烷面霜", "note", "这是神器。", "quarantined"),
)


def answer(system: str, product: str, kind: str, text: str) -> dict:
    return {
        "answer_id": f"{system}/{product}/{kind}", "system": system, "item_id": f"{product}/{kind}/0",
        "product_id": product, "product_name": product, "content_type": kind, "text": text, "ended_by_eos": True,
        "tokens": 9, "status": "made", "error": "",
    }  # fmt: skip


@dataclass
class Shop:
    """Paths of one brand, and the home that its copy lies in."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def brand(self) -> Path:
        return self.folder / "brand"

    @property
    def products(self) -> Path:
        return self.folder / "products.csv"

    def order(self, **changes: Any) -> Order:
        given = {
            "home": self.home, "brand_dir": self.brand, "table": "copy", "channel": "xiaohongshu",
            "purchase_link": False, "producer": "", "file": self.folder / "out.jsonl", "format_": "jsonl",
        }  # fmt: skip
        return Order(**{**given, **changes})

    def bench(self) -> Bench:
        return Bench(self.brand, self.products)

    def forbid(self, word: str) -> None:
        text = BRAND.replace("[神器]", f"[神器, {word}]")
        (self.brand / "brand.yaml").write_text(text, encoding="utf-8")

    def list_products(self, *lines: str) -> None:
        self.products.write_text(HEAD + "".join(lines), encoding="utf-8")

    def hold(self, *rows: dict) -> None:
        """Make these rows the home's copy, and the listed products its products."""
        for step, made in ((PRODUCTS, self.listed()), (COPY, rows)):
            self.hold_table(step, made)

    def listed(self) -> list[dict]:
        """Return the listed products as rows, all of them for training."""
        return [{**row_of(row.product), "split": "train"} for row in load_products(self.products).rows]

    def hold_table(self, step: Any, rows: Sequence[dict]) -> None:
        """Make these rows the home's table of a step."""
        content, parts, _ = Store(self.home).write_rows(rows, step.makes)
        components = Components(version=1, params={}, prompts={}, inputs={"rows": content})
        record = Record(
            step=step.name, fingerprint=components.fingerprint(), components=components, content=content,
            parts=parts, rows=len(rows),
        )  # fmt: skip
        Store(self.home).commit(record)


def shop(folder: Path) -> Shop:
    made = Shop(folder)
    made.brand.mkdir(parents=True)
    (made.brand / "brand.yaml").write_text(BRAND, encoding="utf-8")
    (made.brand / "content_types.yaml").write_text(TYPES, encoding="utf-8")
    made.list_products(SERUM, CREAM)
    made.hold(*COPY_ROWS)
    return made


def console() -> Console:
    """A console whose file can be read; wide, without colours."""
    return Console(file=io.StringIO(), width=200, no_color=True)


def said(printed: Console) -> str:
    return printed.file.getvalue()  # type: ignore[attr-defined]
