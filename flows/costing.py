"""What a plan would cost: calls each step needs (read from the journal), times tokens a call, times the price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tasks.lineage.planner import StepPlan, World, inputs_of, planned_view
from tasks.lineage.step import Inputs, ItemStep
from tasks.lineage.views import View
from tasks.teacher.config import ModelRole, TeacherConfig
from tasks.teacher.journal import Journal
from tasks.teacher.price import Estimate, estimate, expect

# What the calls of a step, or of a line of its own, are: purpose -> (model role, share of the calls).
MIX: Mapping[str, Mapping[str, tuple[ModelRole, float]]] = {
    "drafts": {"draft": ("writer", 1.0)},
    "copy": {"repair": ("writer", 0.9), "redraft": ("writer", 0.1)},
    "gate_entailment": {"gate_entailment": ("judge", 1.0)},
    "gate_tone": {"gate_tone": ("judge", 1.0)},
    "negatives": {"weak": ("weak", 0.5), "exaggerated": ("writer", 0.3), "fake": ("writer", 0.2)},
    "judge_trial": {"duel": ("judge", 1.0)},
    "weak_proof": {"duel": ("judge", 1.0)},
    "trials": {"duel": ("judge", 0.7), "score": ("judge", 0.3)},
    "scores": {"score": ("judge", 1.0)},
    "duels": {"duel": ("judge", 1.0)},
}


@dataclass(frozen=True)
class StepCost:
    """Calls of one step, or of one of its lines (a model gate), at least and at most, and what the most would take."""

    step: str
    least: int
    most: int
    estimate: Estimate


@dataclass(frozen=True)
class Reading:
    """Services for looking only: the journal, and no teacher."""

    journal: Journal


def costs_of(plans: Sequence[StepPlan], world: World, journal: Journal) -> list[StepCost]:
    """Return the cost of every step that may call a model, as far as its items are known."""
    teacher = world.sources.get("teacher")
    if teacher is None:  # a recipe, which calls no model
        return []
    config: TeacherConfig = teacher.value
    views: dict[str, View] = {}
    costs = []
    for plan in plans:
        if isinstance(plan.step, ItemStep) and plan.step.calls and plan.todo:
            for line, (least, most) in counts_of(plan, inputs_of(plan.step, world, views), Reading(journal)).items():
                if most:
                    costs.append(StepCost(line, least, most, estimate_of(line, most, config, journal)))
        views[plan.step.name] = planned_view(plan, world, views)
    return costs


def counts_of(plan: StepPlan, inputs: Inputs, reading: Reading) -> Mapping[str, tuple[int, int]]:
    """Return line -> calls that the planned items need, (at least, at most); most steps have one line, their own."""
    step = plan.step
    assert isinstance(step, ItemStep) and step.calls
    if step.calls_by_line:
        counts: Mapping[str, tuple[int, int]] = step.calls_by_line(plan.todo, inputs, reading)
        return counts
    return {step.name: step.calls(plan.todo, inputs, reading)}


def estimate_of(step: str, calls: int, config: TeacherConfig, journal: Journal) -> Estimate:
    """Return tokens and money of a step's calls, with the mean tokens of this home's journal where it has any."""
    mix = {
        (purpose, config.model_for(role)): round(calls * share)
        for purpose, (role, share) in MIX.get(step, {"draft": ("writer", 1.0)}).items()
    }
    return estimate(expect(mix, journal.usage()), config, datetime.now(UTC))


def total(costs: Sequence[StepCost], which: str) -> float | None:
    """Return the sum of `now` or `off_peak`, or None where a price is unknown."""
    amounts = [getattr(cost.estimate, which) for cost in costs]
    return None if None in amounts else float(sum(amounts))
