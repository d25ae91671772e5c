"""The steps NEGATIVES and PAIRS over one product and a scripted teacher."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tasks.copywriting.steps import COPY
from tasks.lineage.views import View
from tasks.preferences.config import PairParams, Weights
from tasks.preferences.steps import JUDGE_TRIAL, NEGATIVES, PAIRS
from tests.copywriting.scene import AD, CLEAN_AD, SERUM, Scripted, inputs_of, product_view, rules, sources, view

PLAIN = (
    "净颜精华是一款精华产品，含10%烟酰胺、锌PCA和红没药醇，可以控油，也可以改善暗沉，"
    "适合油性肌肤使用，大家可以看看。点击了解。"
)
HYPE = CLEAN_AD.replace("配方精简", "控油神器").replace("温和改善暗沉", "根治暗沉问题")
FAKE = json.dumps(
    {
        "text": CLEAN_AD.replace("锌PCA", "水杨酸"),
        "changes": [{"kind": "ingredient", "was": "锌PCA", "became": "水杨酸"}],
    }
)
GOOD = {"weak": PLAIN, "exaggerated": HYPE, "fake": FAKE}


def only(method: str, **more: Any) -> PairParams:
    return PairParams(weights=Weights(**{**dict.fromkeys(GOOD, 0), method: 1}), **more)


@dataclass
class World:
    teacher: Scripted
    params: PairParams = field(default_factory=PairParams)
    number: int = 1
    rules: Any = field(default_factory=rules)
    chosen: str = CLEAN_AD
    status: str = "accepted"
    trial: int = 0  # plants that the judge told right, of as many

    def views(self) -> dict[str, View]:
        copies = [
            {
                "item_id": f"jingyan/paid_ad_cta/{n}",
                "product_id": "jingyan",
                "product_name": "净颜精华",
                "content_type": "paid_ad_cta",
                "split": "val" if n % 5 == 0 else "train",
                "text": self.chosen,
                "status": self.status,
                "error": "",
            }
            for n in range(self.number)
        ]
        tried = [
            {"item_id": f"t{n}", "product_id": "jingyan", "content_type": "paid_ad_cta", "strength": "half",
             "text": "x", "winners": ["left", "left"], "right": True, "status": "judged", "error": ""}
            for n in range(self.trial)
        ]  # fmt: skip
        return {
            "products": product_view([SERUM]),
            "copy": view(copies, COPY.makes),
            "judge_trial": view(tried, JUDGE_TRIAL.makes),
        }

    def inputs(self):
        return inputs_of(NEGATIVES, self.params, self.views(), sources(self.rules, [AD]))

    def negatives(self) -> list[dict]:
        inputs = self.inputs()
        rows = asyncio.run(NEGATIVES.compute(list(NEGATIVES.wanted(inputs)), inputs, self.teacher, lambda *_: None))
        return view(rows, NEGATIVES.makes).rows()

    def pairs(self, negatives: list[dict]) -> list[dict]:
        views = {**self.views(), "negatives": view(negatives, NEGATIVES.makes)}
        rows = PAIRS.compute(inputs_of(PAIRS, self.params, views, sources(self.rules, [AD])))
        return view(rows, PAIRS.makes).rows()

    def calls(self) -> tuple[int, int]:
        inputs = self.inputs()
        return NEGATIVES.calls(list(NEGATIVES.wanted(inputs)), inputs, self.teacher)  # type: ignore[misc]


def sheet(call) -> dict:
    return json.loads(call.messages[-1][1].splitlines()[-1].removeprefix("任务单："))
