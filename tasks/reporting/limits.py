"""What this very run does not show, as sentences: each stands on the page only where it is true of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from tasks.judging.conclusion import NAMES, Said
from tasks.reporting.wording import CRITERION, SYSTEM, UNIDENTIFIED, pair

FEW = 30  # test products below which one odd product is felt
Figures = Mapping[str, Any]


def limits(figures: Figures) -> list[dict[str, str]]:
    """Return the sentences in the order of weight, as {en, zh}.

    Args:
        figures: all of report_figures, but for these.
    """
    judging = figures["judging"]
    found = [
        *simulated(figures["teacher"]),
        *gates(judging),
        *power(judging),
        *opinion(judging, figures["teacher"]),
        *people(judging["people"], judging["hidden"]),
        *unidentified(judging),
        *data(figures),
        LABELLING,
    ]
    return [asdict(said) for said in found]


LABELLING = Said(
    "Text made by a model must be labelled as such when it is published, visibly and in its metadata (Measures for"
    " Labelling AI-Generated Content; GB 45438—2025).",
    "由模型生成的文案在发布时须加显式与隐式标识（《人工智能生成合成内容标识办法》、GB 45438—2025）。",
)


def simulated(teacher: Figures) -> Iterator[Said]:
    if teacher["simulated"]:
        yield Said(
            "The teacher and the judge are simulated. No figure on this page speaks of real copy.",
            "教师与评审均为模拟。页面上的任何数字都不代表真实文案。",
        )


def gates(judging: Figures) -> Iterator[Said]:
    """Say how few answers break no rule at all: passing the judged gates is not fitness to publish."""
    yield Said(
        "Gates are rules. A text that breaks none can still be dull, or wrong in a way that no rule names; a lawyer's"
        " eye is not replaced.",
        "门槛只是规则。没有违反规则的文案仍可能平淡，或错在规则之外；它不能代替法务审核。",
    )
    every = judging["gates"].get("all", {}).get("all", {})
    for system in ("sft", "grpo"):
        if system in every and every[system]["value"] < 0.5:
            share, name = f"{every[system]['value'] * 100:.0f}%", NAMES[system]
            yield Said(
                f"Better is not fit to publish: {share} of the texts of {name[0]} break no rule at all.",
                f"更好不等于可以发布：{name[1]}只有 {share} 的文案完全不违反规则。",
            )


def power(judging: Figures) -> Iterator[Said]:
    products, types = judging["products"], len(judging["types"])
    yield Said(
        f"The verdict holds for {products} test products and {types} content types, not for others.",
        f"结论只对 {products} 个测试商品和 {types} 种文案类型成立。",
    )
    main = judging["conclusions"][0]
    if 0 < products < FEW and main["detectable"] is not None:
        points = f"{main['detectable'] * 100:.0f}"
        yield Said(
            f"{products} products are few: a difference below {points} points would often have been missed.",
            f"{products} 个商品偏少：小于 {points} 个百分点的差异很可能测不出来。",
        )
    turning = main["influence"]["turning"] if main["influence"] else ()
    if turning:
        yield Said(
            f"{len(turning)} of the products decide the verdict alone: without any one of them it would be another.",
            f"有 {len(turning)} 个商品单独左右结论：去掉其中之一，结论即变。",
        )
    if judging["excluded"]:
        yield Said(
            f"{judging['excluded']} items without an accepted reference are left out everywhere: likely the hard ones.",
            f"{judging['excluded']} 项没有合格参考文案，一律不计；它们多半较难。",
        )


def opinion(judging: Figures, teacher: Figures) -> Iterator[Said]:
    certificate = judging["certificate"]
    if judging["hidden"]:
        yield Said(
            "The judge is refused: nothing is said of how well the texts read, only of the rules that they keep.",
            "评审未被采信：本页不说明文案读来如何，只说明是否守规则。",
        )
    elif certificate["status"] == "provisional":
        yield Said(
            "The judge is provisional: its figures may be off by more than their intervals say.",
            "评审为暂定：其数字的误差可能大于区间所示。",
        )
    names = [pair(CRITERION, name) for name in certificate["untested"]]
    if names and not judging["hidden"]:
        yield Said(
            "Too few plants to try the judge on: " + ", ".join(name[0] for name in names) + ".",
            "评审在以下评分项上样本不足、未经检验：" + "、".join(name[1] for name in names) + "。",
        )
    if teacher["same_family"]:
        yield Said(
            "Judge and writer are of one family: a judge favours its own.",
            "评审与写手同属一个家族，评审会偏爱自家文风。",
        )


def people(said: Figures, hidden: object) -> Iterator[Said]:
    if not said["enough"] and not hidden:
        yield Said(
            f"Fewer than {said['least']} pairs have two people's labels ({said['shared']} have): preferences are the"
            " judge's, and no reader's.",
            f"两人以上标注的不足 {said['least']} 组（现有 {said['shared']} 组）：所谓偏好只是评审的，不是读者的。",
        )


def unidentified(judging: Figures) -> Iterator[Said]:
    """Say which figures the duels cannot give."""
    for duel in judging["duels"]:
        if reason := duel["length"]["reason"]:
            left, right = pair(SYSTEM, duel["left"]), pair(SYSTEM, duel["right"])
            why = pair(UNIDENTIFIED, reason)
            yield Said(
                f"Whether length decided {left[0]} against {right[0]} cannot be told ({why[0]}).",
                f"{left[1]}与{right[1]}的胜负是否取决于长度，无从判断（{why[1]}）。",
            )
    reason = judging["ranking"]["reason"]
    if reason and reason != "no_duels":
        why = pair(UNIDENTIFIED, reason)
        yield Said(
            f"The systems have no strengths on one scale ({why[0]}).", f"无法把各系统放在同一强度尺度上（{why[1]}）。"
        )


def data(figures: Figures) -> Iterator[Said]:
    if not figures["quality"]["enough"]:
        yield Said(
            "Nobody has marked a sample of the accepted training texts: they keep the rules; whether they are good is"
            " not known.",
            "尚无人抽检合格的训练文案：它们守规则，但写得好不好尚不可知。",
        )
    if not figures["data"]["leakage"]["clean"] or not figures["pairs"]["leakage"]["clean"]:
        yield Said(
            "Test products leak into training: the verdict cannot be trusted.", "测试商品泄漏到训练集，结论不可信。"
        )
    if not figures["pairs"]["surface"]["length_balanced"]:
        yield Said(
            "Length alone tells which text of a pair was chosen: a reward model may have learnt nothing else.",
            "仅凭长度即可猜中偏好对的正样本：奖励模型学到的可能只有长度。",
        )
