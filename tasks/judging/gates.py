"""The gates as people read them: which kinds of reasons make a gate, which gates a verdict may speak of.

`judged` gates are what even the tiny profile can learn (words, labels, length, call to action, stopping by itself).
The others are printed beside them and never promised. Facts are checked by code, never by opinion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.compliance import FACT_KINDS
from tasks.lineage.step import Row

SYSTEMS = ("base", "sft", "grpo", "reference")  # in the order of reading


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate. kinds: the kinds of Reason that fail it; none for the two that are read from the answer itself."""

    id: str
    title: str
    title_zh: str
    kinds: tuple[str, ...]
    judged: bool


LAW_KINDS = ("absolute_claim", "medical_claim", "sheet")
GATES = (
    Gate("words", "No forbidden word", "无品牌禁用词", ("forbidden_word",), True),
    Gate("labels", "No framework label", "无框架标签", ("framework_label",), True),
    Gate("length", "Within the length", "长度合规", ("length",), True),
    Gate("call_to_action", "Ends in a call to action", "结尾有行动号召", ("call_to_action",), True),
    Gate("eos", "Stops by itself", "能自行收尾", (), True),
    Gate("facts", "Only facts from the sheet", "事实均有依据", FACT_KINDS, False),
    Gate("law", "No absolute or medical word", "无绝对化或医疗用语", LAW_KINDS, False),
    Gate("form", "Hashtags and format", "话题标签与格式", ("hashtags", "format"), False),
    Gate("name", "Names the product", "写出商品名", (), False),
)
JUDGED = tuple(gate for gate in GATES if gate.judged)
BESIDE = tuple(gate for gate in GATES if not gate.judged)


def gate_passes(verdict: Row, gate: Gate) -> bool | None:
    """Return whether a verdict row passes a gate; None where the gate does not apply.

    A reference was not generated, so that it stops by itself says nothing; a call to action is asked of ads only.
    """
    if gate.id == "eos":
        return None if verdict["system"] == "reference" else bool(verdict["ended_by_eos"])
    if gate.id == "name":
        return bool(verdict["names_product"])
    if gate.id == "call_to_action" and not verdict["wants_call_to_action"]:
        return None
    return not set(gate.kinds) & set(verdict["gates"])


def passes_all(verdict: Row, gates: Iterable[Gate]) -> bool:
    """Return whether a verdict row passes every one of the gates that apply to it."""
    return all(gate_passes(verdict, gate) is not False for gate in gates)
