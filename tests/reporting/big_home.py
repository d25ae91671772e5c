"""A home as large as the report has to bear: 200 products, nine content types, four systems, texts of real lengths."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from tasks.lineage.step import Row
from tests.judging import world
from tests.judging.brandbook import RATES, SOCIAL, TYPES, content_type
from tests.judging.world import FakeInputs, sources
from tests.reporting.homes import with_models

MORE = {
    name: content_type(name, "social", title, title_en, 800, **SOCIAL)
    for name, title, title_en in (
        ("social_media_tutorial", "教程笔记", "Tutorial note"),
        ("social_media_seeding", "种草笔记", "Seeding note"),
    )
}
FILLER = """质地像清爽的凝露，推开以后很快就吸收了。
泛醇帮助舒缓干燥带来的不适，神经酰胺补充细胞间脂质。
皮肤屏障就像一道墙，砖和水泥缺了哪样都不行。
与其堆砌步骤，不如从源头减少刺激。
晚上下班回家，慢慢涂完，心也静下来。
敏感肌挑选产品，可以先看成分表是否简单。
把复杂交给配方，把简单留给自己。
不夸大，不制造焦虑，只讲清楚配方的思路。""".splitlines()


def big_home(folder: Path, products: int = 200, seed: int = 11) -> FakeInputs:
    """Return the inputs of REPORT: every product answered in every type by every system, judged in both orders."""
    with patch.dict(TYPES, MORE):
        draw, sheets = Random(seed), world.product_rows(products, seed)
        items = [(sheet, kind) for sheet in sheets for kind in TYPES]
        both = [answered(*item, system, draw) for item in items for system in RATES]
        answers = [answer for answer, _ in both]
        copy = [world.copy_row(*item, draw) for item in items]
        tables = {
            "products": sheets,
            "drafts": [world.draft_row(*item, draw) for item in items],
            "copy": copy,
            "negatives": [{"status": "made", "calls": 1, "tokens": 900, "cost": 0.0004} for _ in copy],
            # some pairs alone: their card costs a minute at this size, and is a few lines of the page at any
            "pairs": [world.pair_row(row, draw) for row in copy[:200] if row["status"] == "accepted"],
            "answers": answers,
            "verdicts": [verdict for _, verdict in both],
            "scores": [world.score_row(answer, draw) for answer in answers],
            "duels": steadied(world.duel_rows(answers, draw), draw),
        }
        return with_models(folder, tables, sources() | {"content_types": dict(TYPES), "quality": (), "labels": ()})


def answered(product: Row, kind: str, system: str, draw: Random) -> tuple[Row, Row]:
    """Return an answer of a length that is usual for its type, and its verdict; what is added stands at the end."""
    answer, verdict = world.answer_and_verdict(product, kind, system, draw)
    wanted = TYPES[kind].max_chars * draw.uniform(0.4, 0.9)
    while len(answer["text"]) < wanted:
        answer["text"] += draw.choice(FILLER)
    verdict["chars"] = len(answer["text"])
    return answer, verdict


def steadied(duels: list[Row], draw: Random) -> list[Row]:
    """Return the duels with most pairs decided alike in both orders: of a refused judge the page would show nothing."""
    for first, second in zip(duels[::2], duels[1::2], strict=True):
        if draw.random() < 0.7:
            second["winner"] = first["winner"]
    return duels


def page_of(folder: Path, products: int = 200) -> Any:
    """Write report.html of a big home into `folder` and return its path."""
    from tasks.reporting.steps import write_report

    write_report(big_home(folder / "models", products), folder, lambda *_: None)
    return folder / "report.html"
