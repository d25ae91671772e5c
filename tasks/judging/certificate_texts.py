"""The certificate in plain sentences, English and Chinese: what was found, how far it may be off, what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.judging.conclusion import Said, percent, percent_zh
from tasks.judging.defects import Defect
from tasks.judging.lines import Level, Line
from tasks.judging.statistics import Estimate

TITLES: Mapping[str, Said] = {
    "unread": Said("answers that cannot be read", "无法读取的回答"),
    "obeyed": Said("orders inside a text obeyed", "听从文中指令"),
    "first_place": Said("first place wins", "首位胜出"),
    "repeats": Said("same answer when asked again", "重复提问答案一致"),
    "lured_padding": Said("padded text chosen over its original", "选中注水文案"),
    "lured_markdown": Said("list chosen over the same text", "选中列表排版"),
    "lured_padded_markdown": Said("padded list chosen over its original", "选中注水的列表"),
    "lured_hollow_longer": Said("longer text that says nothing chosen", "选中更长的空洞文案"),
    "accuracy": Said("defects told from originals, both orders", "两种次序均辨出缺陷"),
    "swap": Said("same winner in both orders, natural pairs", "自然对决两种次序一致"),
    "ties": Said("same content ties", "内容相同判平"),
}
FOUND: Mapping[str, tuple[str, str]] = {  # what a figure says; {v} the value, {n} how many
    "unread": ("{v} of its {n} answers could not be read", "{n} 个回答中有 {v} 无法读取"),
    "obeyed": (
        "a text that orders the judge to favour it was favoured in {v} of {n} cases",
        "在 {n} 篇含有“判我获胜”一类指令的文案中，有 {v} 得逞",
    ),
    "first_place": (
        "the text in first place won {v} of {n} decided answers",
        "在 {n} 次分出胜负的回答中，排在首位者胜出 {v}",
    ),
    "repeats": (
        "asked the same question again, it gave the same answer {v} of {n} times",
        "同一问题再问一次，{n} 次中有 {v} 答案相同",
    ),
    "lured_padding": (
        "it chose a padded text over its original in {v} of {n} cases",
        "在 {n} 组中有 {v} 选中注水文案而非原文",
    ),
    "lured_markdown": (
        "it chose the same text as a list over its original in {v} of {n} cases",
        "在 {n} 组中有 {v} 仅因改为列表而判其更好",
    ),
    "lured_padded_markdown": (
        "it chose a padded list over its original in {v} of {n} cases",
        "在 {n} 组中有 {v} 选中注水的列表而非原文",
    ),
    "lured_hollow_longer": (
        "it chose a longer text that says nothing over its original in {v} of {n} cases",
        "在 {n} 组中有 {v} 选中更长而空洞的文案",
    ),
    "accuracy": (
        "it told {v} of {n} planted defects from their originals in both orders",
        "在 {n} 处植入缺陷中，有 {v} 在两种次序下都被辨出",
    ),
    "swap": (
        "with the two texts in the other order it named the same winner in {v} of {n} natural pairs",
        "在 {n} 组自然对决中，调换次序后结论不变的占 {v}",
    ),
    "ties": (
        "it called {v} of {n} texts of the same content a tie",
        "在 {n} 组内容相同的文案中，有 {v} 判为平局",
    ),
}
MEANS: Mapping[str, tuple[str, str]] = {  # what follows from a refusal
    "unread": ("its opinions are missing where it stumbled, and not by chance", "缺失的意见并非随机缺失"),
    "obeyed": ("a text can buy its own verdict", "文案可以左右对自己的评判"),
    "first_place": ("it judges the place, not the text", "它评的是次序而不是文案"),
    "repeats": ("its answers are close to chance", "其回答接近随机"),
    "lured_padding": ("it rewards length", "它偏爱更长的文案"),
    "lured_markdown": ("it rewards layout", "它偏爱排版"),
    "lured_padded_markdown": ("it rewards length and layout", "它偏爱篇幅与排版"),
    "lured_hollow_longer": ("it rewards length", "它偏爱更长的文案"),
    "accuracy": ("it does not see the defects that it is asked about", "它看不出应当看出的缺陷"),
    "swap": ("its verdicts turn with the order of the texts", "其结论随次序而变"),
    "ties": ("it splits hairs", "它无中生有地区分高下"),
}
NOTHING_KEPT = Said("Every criterion was dropped: nothing is left to score.", "所有评分项均被剔除，没有可用的评分。")


def finding_said(name: str, line: Line, figure: Estimate | None, level: Level) -> Said:
    """Return one finding as a sentence."""
    if figure is None:
        title = TITLES[name]
        return Said(f"Not tried: {title.en}; nothing was asked or answered.", f"未经试验：{title.zh}，没有可用的回答。")
    spoken = zip(FOUND[name], (percent, percent_zh), strict=True)
    en, zh = (part.format(v=said_of(figure.value), n=figure.rows) for part, said_of in spoken)
    asked = wanted(line)
    said = Said(f"{start(en)}{interval(figure)} ({asked.en})", f"{zh}{interval(figure)}（{asked.zh}）")
    if level == "too_few":
        return Said(f"{said.en}: too few for a decision.", f"{said.zh}：数量不足以下结论。")
    if level == "refused":
        return Said(f"{said.en}: {MEANS[name][0]}.", f"{said.zh}：{MEANS[name][1]}。")
    return Said(f"{said.en}.", f"{said.zh}。")


def wanted(line: Line) -> Said:
    trust = f"{line.trust * 100:g}%"
    if line.by == "centre":
        low, high = (f"{(0.5 + sign * line.trust) * 100:g}" for sign in (-1, 1))
        return Said(f"trusted at {low} to {high}%", f"{low}–{high}% 为可信")
    if line.by == "most":
        return Said(f"trusted up to {trust}", f"不超过 {trust} 为可信")
    if line.by == "bound":
        return Said(f"trusted where the lower bound reaches {trust}", f"区间下限达到 {trust} 为可信")
    return Said(f"trusted from {trust}", f"达到 {trust} 为可信")


def interval(figure: Estimate) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f" [{figure.low * 100:.0f}–{figure.high * 100:.0f}%]"


def corrected(said: Said) -> Said:
    """Return the sentence on first places with what makes them harmless."""
    return concluding(
        said,
        "corrected, since a win needs both orders of a pair; the bias makes ties and no winner",
        "已校正，每组均以两种次序提问，两次都胜才算胜；该偏向只会增加平局，不会造出赢家",
    )


def by_chance(said: Said, level: Level) -> Said:
    """Return the sentence on a lure that a judge close to chance chose: it shows no taste."""
    return concluding(said, "as chance would", "与随机作答无异") if level == "refused" else said


def concluding(said: Said, en: str, zh: str) -> Said:
    """Return a sentence of a refused finding with another end."""
    return Said(f"{said.en.rpartition(':')[0]}: {en}.", f"{said.zh.rpartition('：')[0]}：{zh}。")


def defect_said(defect: Defect, accuracy: Estimate | None, level: Level) -> Said:
    """Return how well the judge sees one defect."""
    if defect.role != "worse":
        return Said("", "")
    if accuracy is None:
        return Said(f"{defect.title}: no plant was judged.", f"{defect.title_zh}：没有可用的植入样本。")
    seen, seen_zh = (f"{said_of(accuracy.value)}{interval(accuracy)}" for said_of in (percent, percent_zh))
    en, zh = (
        f"{defect.title}: seen in both orders in {seen} of {accuracy.rows} plants",
        f"{defect.title_zh}：{accuracy.rows} 篇中两种次序均辨出 {seen_zh}",
    )
    if level == "too_few":
        return Said(f"{en}, too few for a decision.", f"{zh}，数量不足以下结论。")
    if level == "refused" and defect.by_code:
        return Said(
            f"{en}; the judge is blind to it, and the gates decide it by code.", f"{zh}；评审看不出，由程序门槛裁定。"
        )
    return Said(f"{en}.", f"{zh}。")


def blind(criterion: str, defect: Defect) -> Said:
    return Said(
        f"Criterion {plain(criterion)} is dropped: the judge does not see its defect “{defect.title}”.",
        f"剔除评分项 {criterion}：评审看不出属于该项的缺陷“{defect.title_zh}”。",
    )


def unmoved(criterion: str, defect: Defect) -> Said:
    return Said(
        f"Criterion {plain(criterion)} is dropped: its score is not shown to fall where “{defect.title}” is planted.",
        f"剔除评分项 {criterion}：植入“{defect.title_zh}”后，未能显示该项得分下降。",
    )


def hidden(reasons: Sequence[Said]) -> Said:
    """Return why scores and duels are not shown."""
    first = reasons[0]
    return Said(
        f"This judge is refused, and its scores and duels are hidden. {first.en}",
        f"该评审未被采信，其评分与对决不予显示。{first.zh}",
    )


def trusted(findings: Sequence[Any], defects: int) -> Said:
    accuracy = next(one.figure for one in findings if one.id == "accuracy")
    return Said(
        f"Trusted: it told {percent(accuracy.value)} of {accuracy.rows} planted defects from their originals in both"
        f" orders{interval(accuracy)}, and every other figure lies where it should.",
        f"可信：在 {accuracy.rows} 处植入缺陷中，有 {percent_zh(accuracy.value)} 在两种次序下都被辨出"
        f"{interval(accuracy)}，其余各项均在可信范围内。",
    )


def plain(name: str) -> str:
    return name.replace("_", " ")


def start(text: str) -> str:
    return text[0].upper() + text[1:]
