"""The verdict in one sentence, in English and Chinese: it claims what the interval shows and nothing beyond.

A difference is claimed only where the whole 95% interval lies on one side of zero. Products are the clusters, judged
gates the measure; facts and product names are printed beside and never promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.judging.claims import Adjusted, Claim, claim, family_of
from tasks.judging.comparison import (
    DIFFERENCE_BOUNDS,
    by_product,
    excluded_items,
    item_differences,
    judged_rate,
    systems_of,
)
from tasks.judging.gates import BESIDE, JUDGED, Gate
from tasks.judging.influence import Influence, leave_one_out
from tasks.judging.statistics import Estimate
from tasks.lineage.step import Row

Outcome = Literal["better", "worse", "unclear", "too_few", "nothing"]
PAIRS = (("sft", "base"), ("grpo", "sft"), ("grpo", "base"))  # what the report states a verdict on, the main one first
NAMES = {
    "reference": ("the reference texts", "参考文案"),
    "base": ("the base model", "基座模型"),
    "sft": ("the SFT model", "SFT 模型"),
    "grpo": ("the GRPO model", "GRPO 模型"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence in the two languages of the report."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class GateChange:
    """What happened to one gate from the right system to the left; `adjusted`: after Holm over all gates."""

    gate: Gate
    change: Estimate
    adjusted: Adjusted


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict on one system against another.

    change: the primary figure; claim: the same with its p and what could have been detected; influence: how much one
    product decides (None for fewer than three). changes: gate by gate, judged gates first.
    """

    left: str
    right: str
    outcome: Outcome
    sentence: Said
    change: Estimate | None
    claim: Claim | None
    influence: Influence | None
    changes: tuple[GateChange, ...]


def conclusions(verdicts: Sequence[Row]) -> list[Conclusion]:
    """Return the verdicts that the report states, the main one (SFT against base) first."""
    present = systems_of(verdicts)
    found = [conclude(verdicts, left, right) for left, right in PAIRS if left in present and right in present]
    return found or [conclude(verdicts, "sft", "base")]


def conclude(verdicts: Sequence[Row], left: str, right: str) -> Conclusion:
    """Return whether `left` passes the judged gates more often than `right`, in one sentence with its interval."""
    values = by_product(item_differences(verdicts, left, right))
    primary = claim(values, DIFFERENCE_BOUNDS)
    change = primary.estimate if primary else None
    outcome = _outcome(change)
    sentence = _sentence(verdicts, left, right, outcome, change)
    influence = leave_one_out(values, DIFFERENCE_BOUNDS)
    return Conclusion(left, right, outcome, sentence, change, primary, influence, _changes(verdicts, left, right))


def _changes(verdicts: Sequence[Row], left: str, right: str) -> tuple[GateChange, ...]:
    gates = {gate.id: gate for gate in (*JUDGED, *BESIDE)}
    values = {name: by_product(item_differences(verdicts, left, right, name)) for name in gates}
    found = family_of(values, DIFFERENCE_BOUNDS)
    return tuple(GateChange(gates[name], one.estimate, one) for name, one in found.items())


def _outcome(change: Estimate | None) -> Outcome:
    if change is None:
        return "nothing"
    if change.low is None:
        return "too_few"
    named: dict[str, Outcome] = {"higher": "better", "lower": "worse", "unclear": "unclear"}
    return named[change.direction]


def _sentence(verdicts: Sequence[Row], left: str, right: str, outcome: Outcome, change: Estimate | None) -> Said:
    (left_en, left_zh), (right_en, right_zh) = NAMES[left], NAMES[right]
    if change is None:
        return _nothing(left, len(excluded_items(verdicts)))
    facts = _facts(verdicts, left, right)
    basis = Said(
        f"{change.clusters} products, {change.rows} texts each", f"{change.clusters} 个商品，各 {change.rows} 条文案"
    )
    if outcome == "too_few":
        return Said(
            f"{facts.en}; {basis.en} are too few for an interval, so no difference is claimed.",
            f"{facts.zh}；{basis.zh}不足以给出区间，因此不作任何结论。",
        )
    end_en = f"(95% interval {interval(change)}; {basis.en})."
    end_zh = f"（95% 区间 {interval(change, '至')}；{basis.zh}）。"
    if outcome == "unclear":
        points = _points(change.value)
        return Said(
            f"No difference between {left_en} and {right_en} is shown: {_lower(facts.en)}, {points} points {end_en}",
            f"未能显示{left_zh}与{right_zh}之间有差异：{facts.zh}，相差 {points} 个百分点{end_zh}",
        )
    size = f"{abs(change.value) * 100:.0f}"
    more_en, more_zh = ("more", "高出") if outcome == "better" else ("fewer", "低了")
    return Said(f"{facts.en}: {size} points {more_en} {end_en}", f"{facts.zh}：{more_zh} {size} 个百分点{end_zh}")


def _nothing(left: str, excluded: int) -> Said:
    name_en, name_zh = NAMES[left]
    left_out = "1 item" if excluded == 1 else f"{excluded} items"
    return Said(
        f"Nothing can be said of {name_en}: no product kept for testing has an accepted reference text"
        f" ({left_out} left out).",
        f"无法评价{name_zh}：留作测试的商品没有一条合格的参考文案（排除 {excluded} 条）。",
    )


def _facts(verdicts: Sequence[Row], left: str, right: str) -> Said:
    """Return what both systems' pass rates are, without comparing them."""
    (left_en, left_zh), (right_en, right_zh) = NAMES[left], NAMES[right]
    rates = {name: rate.value for name in (left, right) if (rate := judged_rate(verdicts, name))}
    en, zh = ({name: said(rate) for name, rate in rates.items()} for said in (percent, percent_zh))
    gates = len(JUDGED)
    return Said(
        f"{_start(left_en)} passes all {gates} judged gates on {en[left]} of its texts, {right_en} on {en[right]}",
        f"{left_zh}有 {zh[left]} 的文案通过全部 {gates} 项评判门槛，{right_zh}为 {zh[right]}",
    )


def percent(share: float) -> str:
    """Return a share as a whole percentage that says 0% or 100% only where it is exactly that."""
    rounded = round(share * 100)
    if rounded == 100 and share < 1:
        return "over 99%"
    if rounded == 0 and share > 0:
        return "under 1%"
    return f"{rounded}%"


def percent_zh(share: float) -> str:
    """Return the same in Chinese."""
    return percent(share).replace("over", "超过").replace("under", "不足")


def interval(estimate: Estimate, to: str = "to") -> str:
    """Return the interval of a difference in percentage points, signed."""
    if estimate.low is None or estimate.high is None:
        return "none"
    return f"{_points(estimate.low)} {to} {_points(estimate.high)}"


def _points(value: float) -> str:
    rounded = round(value * 100)
    return "0" if rounded == 0 else f"{rounded:+d}".replace("-", "−")


def _start(text: str) -> str:
    return text[0].upper() + text[1:]


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
