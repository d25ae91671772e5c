"""The optional model gates: what a judge is asked of a text that passes the free gates, and what its answer means.

Pure: rendering a call and reading an answer. A text under judgement is data on the task sheet and never an instruction.
A quote that does not stand in the text is no evidence: a claim told with it only warns, and such quotes are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from tasks.brief.model import ContentType, Product
from tasks.compliance.verdict import Reason, Severity
from tasks.copywriting.config import VARIANTS, CopyParams, ModelGate
from tasks.copywriting.desk import Desk, one_line
from tasks.copywriting.gate_answers import Unreadable, entries, located, number, words
from tasks.copywriting.tone import ToneRubric
from tasks.teacher.call import Call

GATE_PROMPTS: Mapping[ModelGate, tuple[str, ...]] = {
    "entailment": ("gate_entailment.j2",),
    "tone": ("gate_tone.j2", "rubrics/tone.yaml"),
}
RULE_KINDS: Mapping[str, str] = {"model_entailment": "entailment"}  # rule -> kind; those of tone are named by criterion
TONE_RULE = "model_tone_"
CLAIMS = 60  # most claims that an answer may list
QUOTE = 80  # characters of a quote in a message
SAID = 120  # characters of a judge's reason that are told on
_VERDICTS = ("supported", "contradicted", "not_in_sheet")
_FAULTS = {
    "contradicted": ("与产品资料相矛盾", "contradicts the sheet"),
    "not_in_sheet": ("资料里没有", "not on the sheet"),
}
_NOT_QUOTED = ("；所引原文在文中找不到，仅提示", "; its quote is not in the text, told only")


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer of a gate about one text. fault: why it is unread. unquoted: quotes that do not stand in the text."""

    gate: ModelGate
    call_key: str
    outcome: Literal["passed", "refused", "unread"]
    fault: str = ""
    unquoted: int = 0


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a gate says of a text. reasons: blocking ones refuse it."""

    reasons: tuple[Reason, ...]
    unquoted: int = 0

    @property
    def outcome(self) -> Literal["passed", "refused"]:
        return "refused" if any(reason.severity == "block" for reason in self.reasons) else "passed"


@dataclass(frozen=True, slots=True)
class Claim:
    """What an entailment answer says of one claim. evidence: the words of the text that make it."""

    verdict: str
    confidence: float
    evidence: str
    why: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A text under judgement and what it is judged by."""

    text: str
    product: Product
    content_type: ContentType
    params: CopyParams
    tone: ToneRubric | None = None


def kind_of_rule(rule: str) -> str | None:
    """Return the kind of a model gate's rule, None for any other rule."""
    return "tone" if rule.startswith(TONE_RULE) else RULE_KINDS.get(rule)


def line_of(gate: ModelGate) -> str:
    """Return what a gate's calls are called in plans and in the journal: the name of its prompt."""
    return f"gate_{gate}"


# -- asking -----------------------------------------------------------------------------------------------------------


def gate_call(gate: ModelGate, subject: Subject, desk: Desk, attempt: int) -> Call:
    """Return the call that asks a gate about a text; attempts at one question are told apart by their sample."""
    values = {"guide": desk.guide, "content_type": subject.content_type, **_ASKING[gate](subject, desk)}
    call = desk.whole(line_of(gate), **values)
    return replace(call, sample=subject.params.resample * VARIANTS + attempt)


def _entailment_values(subject: Subject, desk: Desk) -> dict[str, Any]:
    about = {"brand": desk.guide["name"], "product": subject.product.sheet(), "text": subject.text}
    return {"sheet": {"task": "entailment", "content_type": subject.content_type.id, **about}}


def _tone_values(subject: Subject, _desk: Desk) -> dict[str, Any]:
    criteria = _criteria(subject)
    names = [{"name": criterion.name} for criterion in criteria]
    about = {"product": subject.product.sheet(), "criteria": names, "text": subject.text}
    return {"criteria": criteria, "sheet": {"task": "tone", "content_type": subject.content_type.id, **about}}


def _criteria(subject: Subject) -> tuple[Any, ...]:
    assert subject.tone is not None, "the tone gate is asked without its rubric"
    return subject.tone.criteria_for(subject.content_type.family)


_ASKING: Mapping[ModelGate, Callable[[Subject, Desk], dict[str, Any]]] = {
    "entailment": _entailment_values,
    "tone": _tone_values,
}

# -- reading ----------------------------------------------------------------------------------------------------------


def opinion(gate: ModelGate, answer: str, subject: Subject) -> Opinion:
    """Return what a gate's answer says of a text.

    Raises:
        Unreadable: the answer does not fit its form (wrong fields, unknown or missing criteria, values out of range).
    """
    return _READING[gate](answer, subject)


def _entailment(answer: str, subject: Subject) -> Opinion:
    claims = entries(answer, "claims")
    if len(claims) > CLAIMS:
        raise Unreadable(f"{len(claims)} claims, more than {CLAIMS}")
    reasons, unquoted = [], 0
    for claim in map(_claim, claims):
        if claim.verdict != "supported":
            span = located(claim.evidence, subject.text)
            sure = claim.confidence >= subject.params.entailment_confidence
            unquoted += span is None
            reasons.append(_unsupported(claim, span, subject.text, "block" if sure and span else "warn"))
    return Opinion(tuple(reasons), unquoted)


def _claim(entry: Mapping[str, Any]) -> Claim:
    verdict = entry.get("verdict")
    if verdict not in _VERDICTS:
        raise Unreadable(f"verdict {verdict!r:.40} is none of {', '.join(_VERDICTS)}")
    evidence, why = words(entry, "evidence"), words(entry, "reason")
    return Claim(str(verdict), number(entry, "confidence", 0, 1), evidence, why)


def _unsupported(claim: Claim, span: tuple[int, int] | None, text: str, severity: Severity) -> Reason:
    fault, fault_en = _FAULTS[claim.verdict]
    note, note_en = ("", "") if span else _NOT_QUOTED
    quote, (start, end) = one_line(claim.evidence)[:QUOTE], span or (0, 0)
    return Reason(
        rule="model_entailment",
        kind="entailment",
        severity=severity,
        start=start,
        end=end,
        text=text[start:end],
        message=f"“{quote}”{fault}：{_short(claim.why)}{note}",
        message_en=f'"{quote}" {fault_en} (a model\'s judgement): {_short(claim.why)}{note_en}',
        basis="《广告法》第四条、第十一条（由模型核对产品资料）",
        suggestion="删去这一说法，或改写成资料里有的事实",
    )


def _tone(answer: str, subject: Subject) -> Opinion:
    criteria = {criterion.name: criterion for criterion in _criteria(subject)}
    reasons, scored, unquoted = [], set(), 0
    for entry in entries(answer, "criteria"):
        name, score = entry.get("name"), number(entry, "score", 1, 5)
        evidence, why = words(entry, "evidence"), words(entry, "reason")
        if name not in criteria or name in scored:
            raise Unreadable(f"criterion {name!r:.40} is unknown or stands twice")
        scored.add(name)
        if score >= subject.params.tone_score:
            continue
        span = located(evidence, subject.text)
        unquoted += bool(evidence.strip()) and span is None
        reasons.append(_off_tone(criteria[name], score, why, span, subject.text))
    if missing := sorted(criteria.keys() - scored):
        raise Unreadable(f"no score for {', '.join(missing)}")
    return Opinion(tuple(reasons), unquoted)


def _off_tone(criterion: Any, score: float, why: str, span: tuple[int, int] | None, text: str) -> Reason:
    start, end = span or (0, 0)
    return Reason(
        rule=f"{TONE_RULE}{criterion.name}",
        kind="tone",
        severity="block",
        start=start,
        end=end,
        text=text[start:end],
        message=f"语气（{criterion.title}）得 {score:g} 分：{_short(why)}",
        message_en=f"tone, {criterion.title_en.lower()}: {score:g} of 5 (a model's judgement): {_short(why)}",
        basis="brand rule（品牌语气，由模型评分）",
        suggestion=criterion.anchors[4],
    )


_READING: Mapping[ModelGate, Callable[[str, Subject], Opinion]] = {"entailment": _entailment, "tone": _tone}


def _short(why: str) -> str:
    said = one_line(why) or "未说明"
    return said if len(said) <= SAID else said[: SAID - 1] + "…"
