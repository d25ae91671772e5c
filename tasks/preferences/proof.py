"""Proof that a pair is what it claims to be: chosen keeps every rule, rejected is worse in one known way.

Narrow but real. `exaggerated` breaks a brand or law rule; `fake` is the chosen text with one or two facts of the sheet
replaced by others, no other difference, and the facts gate fails at each of them; `weak` keeps the hard rules at the
same length, and is worse written where a judge that passed its trial says so in both orders (else it stays unproven).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from tasks.brief.model import ContentType, Product
from tasks.compliance import FACT_KINDS, Rules, check
from tasks.compliance.verdict import Reason
from tasks.copywriting.desk import Found, found_in
from tasks.copywriting.tidying import tidy
from tasks.preferences.config import Method, PairParams
from tasks.preferences.facts import Evidence, FakeAnswer, claimed_spans, is_false_fact
from tasks.preferences.judge import UNREAD, Comparison
from tasks.preferences.lengths import Limits

HYPE = ("forbidden_word", "absolute_claim", "medical_claim")  # the brand and law gates that an exaggeration must fail
MOST_FALSE_FACTS = 2
HARD_GATES_PASSED = "chosen passes every gate; rejected passes the hard gates"


@dataclass(frozen=True)
class Task:
    """The negative that is wanted."""

    item_id: str
    product: Product
    content_type: ContentType
    chosen: str
    method: Method


@dataclass(frozen=True)
class Proof:
    """What was found of an attempt. faults: why it is no pair (none: it is one), as its writer is told.

    proven: nothing more needs to be asked. statement: what was checked, for people.
    """

    rejected: str
    faults: tuple[Found, ...] = ()
    statement: str = ""
    proven: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.faults


def proof_of(task: Task, answer: str, limits: Limits, rules: Rules, params: PairParams) -> Proof:
    """Return the proof of an answer, or its faults. limits: the length that was asked for (not of a fake)."""
    if task.method == "fake":
        return fake_proof(task, answer, rules)
    rejected = tidy(answer)
    verdict = check(rejected, task.product, task.content_type, rules)
    faults = length_faults(rejected, limits)
    if rejected == task.chosen:
        faults.append(fault("unchanged", "与合格的文案完全相同"))
    if task.method == "weak":
        faults += found_in(reason for reason in verdict.blocking if reason.kind in params.hard_gates)
        return Proof(rejected, tuple(faults), f"{HARD_GATES_PASSED}; unproven: no judge that passed its trial")
    return exaggerated_proof(rejected, verdict.blocking, faults)


def exaggerated_proof(rejected: str, reasons: tuple[Reason, ...], faults: list[Found]) -> Proof:
    hype = [reason for reason in reasons if reason.kind in HYPE]
    if not hype:
        faults.append(fault("no_hype", "没有出现违规的夸大说法，请写得更夸张"))
    faults += found_in(reason for reason in reasons if reason.kind == "format")
    rules = ", ".join(dict.fromkeys(reason.rule for reason in hype))
    evidence = tuple(Evidence(reason.kind, reason.start, reason.end, "", reason.text) for reason in hype)
    return Proof(rejected, tuple(faults), f"chosen passes every gate; rejected fails {rules}", True, evidence)


def fake_proof(task: Task, answer: str, rules: Rules) -> Proof:
    try:
        given = FakeAnswer.model_validate_json(answer)
    except ValidationError:
        return Proof("", (fault("malformed", "不是要求的 json 对象：text 和 changes，kind 只能取四种之一"),))
    rejected = given.text.strip()
    evidence = claimed_spans(task.chosen, rejected, given.changes)
    if evidence is None:
        return Proof(rejected, (fault("undeclared_change", "除 changes 列出的片段外，正文还有别处与 chosen 不同"),))
    faults = change_faults(task, rejected, given, evidence)
    verdict = check(rejected, task.product, task.content_type, rules)
    faults += found_in(reason for reason in verdict.blocking if reason.kind not in FACT_KINDS)
    faults += unseen_changes(evidence, [reason for reason in verdict.reasons if reason.kind in FACT_KINDS])
    changed = "; ".join(f"{change.kind}: {change.was} -> {change.became}" for change in given.changes)
    statement = f"chosen passes every gate; rejected differs in these facts alone, absent from the sheet: {changed}"
    return Proof(rejected, tuple(faults), f"{statement}; the facts gate fails there", True, tuple(evidence))


def change_faults(task: Task, rejected: str, given: FakeAnswer, evidence: list[Evidence]) -> list[Found]:
    """Return what is wrong with the claimed changes, given that the texts differ in them alone."""
    faults = []
    if not 1 <= len(given.changes) <= MOST_FALSE_FACTS:
        faults.append(fault("number_of_changes", f"应有一到{MOST_FALSE_FACTS}处改动，实际 {len(given.changes)} 处"))
    used = {(found.was, found.became) for found in evidence}
    for change in given.changes:
        if (change.was, change.became) not in used:
            faults.append(fault("change_not_made", "changes 里的这处改动没有出现在正文里", change.was))
        elif not is_false_fact(change, task.product):
            faults.append(fault("no_false_fact", "这处改动没有把产品资料里的事实换成资料里没有的事实", change.was))
    name = task.product.product_name
    if task.chosen.count(name) != rejected.count(name):
        faults.append(fault("name_changed", "产品名不能改动", name))
    return faults


def unseen_changes(evidence: Sequence[Evidence], reasons: Sequence[Reason]) -> list[Found]:
    """Return a fault for each change that the facts gate finds at none of its places, be it to block or to warn.

    An audience that is only mentioned, or a selling point that claims nothing, is no false fact when exchanged.
    """
    places: dict[tuple[str, str], bool] = {}
    for one in evidence:
        seen = any(reason.start < one.span_end and one.span_start < reason.end for reason in reasons)
        places[one.was, one.became] = places.get((one.was, one.became), False) or seen
    said = "核对资料时没有发现这处改动是错的，请换一处说得更明确的事实（如浓度、成分）"
    return [fault("gate_silent", said, became) for (_, became), seen in places.items() if not seen]


def compared(proof: Proof, comparison: Comparison) -> Proof:
    """Return the proof of a weak text after a judge's comparison with the chosen one has been settled."""
    if comparison.won:
        statement = f"{HARD_GATES_PASSED}, and loses to chosen in both orders by a judge that passed its trial"
        return replace(proof, proven=True, statement=statement)
    if UNREAD in comparison.heard:
        return replace(proof, faults=(fault("judge_unread", "评审的回答无法读取，请另写一篇"),))
    said = "评审不认为这一篇比品牌文案差，请写得更平淡、更笼统，少说具体内容"
    return replace(proof, faults=(fault("not_worse", said),))


def length_faults(rejected: str, limits: Limits) -> list[Found]:
    if limits.least <= len(rejected) <= limits.most:
        return []
    return [fault("length_ratio", f"全文应在 {limits.least} 到 {limits.most} 字之间，上一次是 {len(rejected)} 字")]


def fault(rule: str, message: str, span: str = "") -> Found:
    return {"rule": rule, "kind": "proof", "span": span, "message": message, "suggestion": ""}
