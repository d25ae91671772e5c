"""Say a plan to people: a table of steps, and one line for each product or cause that made something stale."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.lineage.commit import room_digest
from tasks.lineage.planner import StepPlan
from tasks.lineage.step import ABOVE, PENDING, FolderStep, ItemStep, TableStep


@dataclass
class Change:
    """What one subject (a product, or the whole run) brings about: its causes and how many items of each step."""

    subject: str
    causes: list[str] = field(default_factory=list)
    items: Counter[str] = field(default_factory=Counter)

    def add(self, step: str, causes: Sequence[str]) -> None:
        self.items[step] += 1
        self.causes += [cause for cause in causes if cause not in self.causes]


def changes_by_subject(plans: Sequence[StepPlan]) -> dict[str, Change]:
    """Return what each partition value (product) has to have made, with all causes.

    A cause that is only "the row above changed" is told by that row's own causes and left out.
    """
    changes: dict[str, Change] = {}
    for plan in plans:
        if not isinstance(plan.step, ItemStep):
            continue
        for item in plan.todo:
            subject = str(item.data[plan.step.makes.partition])
            causes = [cause for cause in plan.item_causes[item.id] if not cause.startswith(ABOVE)]
            changes.setdefault(subject, Change(subject)).add(plan.step.name, causes)
    return changes


def stale_lines(
    plans: Sequence[StepPlan],
    name_of: Callable[[str], str],
    nouns: Mapping[str, str],
    most: int = 6,
    noun: str = "product",
) -> list[str]:
    """Return lines such as `STALE product 绿茶抗氧面膜: core_ingredients changed → 9 drafts, 9 texts`.

    noun: what a subject is. Subjects with the same causes are told in one line. Steps without items follow, each with
    its own causes.
    """
    groups: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes_by_subject(plans).values():
        groups[tuple(sorted(change.causes))].append(change)
    hanging = hanging_steps(plans)
    lines = [told(causes, group, name_of, nouns, hanging, most, noun) for causes, group in sorted(groups.items())]
    return lines + [
        f"STALE {plan.step.name}: {', '.join(plan.causes)}"
        for plan in plans
        if plan.action == "run" and not isinstance(plan.step, ItemStep) and not groups
    ]


def told(
    causes: tuple[str, ...],
    group: Sequence[Change],
    name_of: Callable[[str], str],
    nouns: Mapping[str, str],
    hanging: str,
    most: int,
    noun: str,
) -> str:
    total: Counter[str] = Counter()
    for change in group:
        total.update(change.items)
    counted = ", ".join(f"{count:,} {nouns.get(step, step)}" for step, count in total.items())
    names = [name_of(change.subject) for change in group[:most]]
    more = f" and {len(group) - most:,} more" if len(group) > most else ""
    listed = f"{len(group):,} {noun}s ({', '.join(names)}{more})"
    subject = f"{noun} {names[0]}" if len(group) == 1 else listed
    return f"{verb(causes)} {subject}: {said(causes)} → {counted}{hanging}"


def verb(causes: tuple[str, ...]) -> str:
    return {"missing": "NEW", "failed": "FAILED"}.get(" ".join(causes), "STALE")


def said(causes: tuple[str, ...]) -> str:
    plain = {"missing": "not made yet", "failed": "no usable answer last time", "forced": "forced by --force"}
    parts = [
        plain.get(cause, f"{cause.removeprefix('product.').removeprefix('prompt:')} changed")
        for cause in causes
        if not (cause == "missing" and len(causes) > 1)
    ]
    return ", ".join(parts) or "something above changed"


def hanging_steps(plans: Sequence[StepPlan]) -> str:
    tables = sum(isinstance(plan.step, TableStep) and plan.action == "run" for plan in plans)
    folders = sum(isinstance(plan.step, FolderStep) and plan.action == "run" for plan in plans)
    said_tables = f", {tables} table{'s' * (tables > 1)}" if tables else ""
    return said_tables + (f", {folders} folder{'s' * (folders > 1)} (models, report)" if folders else "")


def work_of(plan: StepPlan) -> str:
    """Return what a step will do, for the plan's table."""
    if plan.action == "fresh":
        return "nothing"
    if plan.action == "tolerated":
        changed, total = plan.drift
        return f"nothing: stale by {changed:,} of {total:,} rows, tolerated"
    most = "at most " if plan.at_most else ""
    if isinstance(plan.step, ItemStep):
        gone = f", drop {len(plan.removed):,}" if plan.removed else ""
        unknown = "unknown until the steps above have run" if plan.at_most and not plan.wanted else ""
        made = f"{most}{len(plan.todo):,} to make" if plan.todo else "nothing new"
        return unknown or f"{made}, keep {len(plan.kept):,}{gone}"
    return f"{most}1 to make"


def cause_of(plan: StepPlan) -> str:
    """Return all causes of a step, or of its items where the step's own inputs are pending."""
    if plan.action == "fresh":
        return ""
    pending = [name for name, value in plan.components.inputs.items() if value == PENDING]
    causes = [cause for cause in plan.causes if cause not in pending]
    return ", ".join(causes + [f"{name} will change" for name in pending if "missing" not in causes])


def unversioned(plans: Sequence[StepPlan]) -> list[str]:
    """Return a warning for each room whose source changed since its record while its version did not."""
    warnings = []
    for plan in plans:
        before = plan.record.notes.get("source") if plan.record else None
        same_version = plan.record is not None and plan.record.components.version == plan.step.version
        if before and same_version and before != room_digest(plan.step.room):
            warnings.append(
                f"tasks/{plan.step.room} changed since {plan.step.name} was made, its version ({plan.step.version}) "
                f"did not; if the meaning changed, bump it"
            )
    return warnings
