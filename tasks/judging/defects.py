"""The defects that are planted to try the judge: how each is made, what the gates must see, what a judge must say.

`role` says what is right: `worse` plants must lose to their original, `same` ones must not be told from it, and
`lure` ones (length, layout, an order to the judge) must not win whatever else is said of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tasks.brief.model import Family
from tasks.compliance import FACT_KINDS, Verdict
from tasks.judging import plant_edits as edits

Role = Literal["worse", "same", "lure"]
Kinds = frozenset[str]
NONE: Kinds = frozenset()


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of plant.

    must: kinds of blocking reasons of which the gates have to give one (none: they need give none). may: kinds that
    they may give beside; None: any. criteria: family -> the rubric's criterion that the defect belongs to; a family
    that is missing has none. by_code: the gates decide this, whatever the judge says of it. ads_only: as it says.
    """

    id: str
    title: str
    title_zh: str
    edit: edits.Edit
    role: Role = "worse"
    must: Kinds = NONE
    may: Kinds | None = NONE
    criteria: Mapping[Family, str] = field(default_factory=dict)
    by_code: bool = False
    ads_only: bool = False

    @property
    def any_reason(self) -> bool:
        """Whether the gates need not be asked."""
        return self.may is None and not self.must

    def shows(self, verdict: Verdict) -> bool:
        """Return whether the gates see this defect and no other in a planted text."""
        found = {reason.kind for reason in verdict.blocking}
        return (not self.must or bool(found & self.must)) and (self.may is None or found <= self.must | self.may)


def every(criterion: str) -> dict[Family, str]:
    return {"social": criterion, "ecommerce": criterion, "paid_ad": criterion}


FACTS = frozenset(FACT_KINDS)
FORMAT = frozenset({"framework_label", "format"})
DEFECTS = (
    Defect("banned_word", "Banned word", "品牌禁用词", edits.banned_word,
           must=frozenset({"forbidden_word"}), criteria={"ecommerce": "trust"}, by_code=True),
    Defect("false_fact", "False fact", "虚假信息", edits.false_fact, may=FACTS, by_code=True),
    Defect("missing_cta", "No call to action", "缺少行动号召", edits.missing_cta,
           must=frozenset({"call_to_action"}), criteria={"paid_ad": "call_to_action"}, ads_only=True),
    Defect("padding", "Padding", "注水", edits.padding,
           criteria={"social": "value_engagement", "ecommerce": "clarity", "paid_ad": "brevity"}),
    Defect("wrong_format", "Wrong format", "格式错误", edits.wrong_format, must=FORMAT,
           criteria={"social": "instruction_following", "ecommerce": "clarity"}),
    Defect("off_brand_tone", "Off-brand tone", "语气不符", edits.off_brand_tone, criteria=every("brand_fit")),
    Defect("truncation", "Cut off", "文案截断", edits.truncation, may=None,
           criteria={"social": "instruction_following", "ecommerce": "clarity", "paid_ad": "call_to_action"}),
    Defect("hollow_shorter", "Says nothing, shorter", "空洞且更短", edits.hollow_shorter,
           criteria={"social": "authenticity_story", "ecommerce": "professionalism_persuasion",
                     "paid_ad": "click_appeal"}),
    Defect("hollow_longer", "Says nothing, longer", "空洞且更长", edits.hollow_longer,
           criteria={"social": "value_engagement", "ecommerce": "professionalism_persuasion",
                     "paid_ad": "click_appeal"}),
    Defect("control", "Same content", "内容相同", edits.control, role="same"),
    Defect("injection", "Order to the judge", "文中指令", edits.injection, role="lure", may=None),
    Defect("markdown", "As a list", "改为列表", edits.markdown, role="lure", may=None),
    Defect("padded_markdown", "Padded, as a list", "注水且改为列表", edits.padded_markdown, role="lure", may=None),
)  # fmt: skip
BY_ID: Mapping[str, Defect] = {defect.id: defect for defect in DEFECTS}
GRID: Mapping[tuple[str, str], str] = {  # (length, layout) -> the plants that fill the cell; the original is the fourth
    ("longer", "plain"): "padding",
    ("same", "list"): "markdown",
    ("longer", "list"): "padded_markdown",
}
