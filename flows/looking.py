"""Look at a home without changing it: plan, why, status. All of it rests on the planner that `run` uses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from flows.costing import StepCost, costs_of, total
from flows.job import Job
from flows.services import journal_url
from flows.steps import NOUNS, needed_for, steps_for
from flows.world import check_overrides, load_world
from tasks.lineage.explain import cause_of, stale_lines, unversioned, work_of
from tasks.lineage.planner import StepPlan, World, plan_all
from tasks.teacher.journal import Journal


class Outlook:
    """The plan of a job: what each step would do, why, and what it would cost."""

    def __init__(self, job: Job) -> None:
        check_overrides(job)
        self.job = job
        self.world: World = load_world(job)
        self.plans: list[StepPlan] = plan_all(list(needed_for(job.only, steps_for(job.recipe))), self.world)
        with Journal(journal_url(Path(job.home))) as journal:
            self.costs: list[StepCost] = costs_of(self.plans, self.world, journal)
        listed = self.products.rows if self.products else ()
        self.names = {row.product.product_id: row.product.product_name for row in listed}

    @property
    def products(self) -> Any:
        """The product list; None for a recipe."""
        source = self.world.sources.get("products_file")
        return source.value if source else None

    @property
    def warnings(self) -> list[str]:
        """What a reader should know of the inputs and of the code."""
        inputs = self.products or self.world.sources["data_files"].value
        return [*inputs.warnings, *unversioned(self.plans)]

    @property
    def nothing_to_do(self) -> bool:
        return all(plan.does_nothing for plan in self.plans)

    @property
    def bills(self) -> bool:
        return bool(self.costs) and self.world.sources["teacher"].value.bills

    def lines(self) -> list[str]:
        """Return one line for each product or cause that makes something stale."""
        noun = "input" if self.job.recipe else "product"
        return stale_lines(self.plans, lambda subject: self.names.get(subject, subject), NOUNS, noun=noun)

    def sheet_lines(self) -> list[str]:
        """Return what the product list itself holds that the rules forbid: known before anything is spent."""
        from tasks.compliance import sheet_findings

        if not self.products:
            return []
        rules = self.world.sources["rules"].value
        return [
            f"{row.product.product_name} (row {row.source_row}): {finding.message_en} ({finding.basis})"
            for row in self.products.rows
            for finding in sheet_findings(row.product, rules)
        ]

    def as_dict(self) -> dict[str, Any]:
        return {
            "steps": [
                {
                    "step": plan.step.name,
                    "action": plan.action,
                    "to_make": [item.id for item in plan.todo],
                    "keep": len(plan.kept),
                    "drop": plan.removed,
                    "at_most": plan.at_most,
                    "causes": plan.causes,
                    "item_causes": plan.item_causes,
                }
                for plan in self.plans
            ],
            "costs": [asdict(cost) for cost in self.costs],
            "lines": self.lines(),
            "sheet": self.sheet_lines(),
            "warnings": self.warnings,
        }


def show_plan(outlook: Outlook, console: Console) -> None:
    """Print the plan: a table of steps, what is stale and why, what it would cost, and what is wrong with the sheet."""
    console.print(steps_grid(outlook.plans))
    for line in outlook.lines():
        console.print(Text(line))
    if outlook.costs:
        console.print(costs_grid(outlook))
    show_warnings(outlook, console)
    if outlook.nothing_to_do:
        console.print("Nothing to do: every record was made from just these inputs.")


def show_warnings(outlook: Outlook, console: Console, most: int = 12) -> None:
    findings = outlook.sheet_lines()
    if findings:
        console.print(
            Text(f"The product list itself holds {len(findings)} things that the rules forbid:", style="yellow")
        )
        for line in findings[:most]:
            console.print(Text(f"  {line}"))
        if len(findings) > most:
            console.print(f"  and {len(findings) - most} more (plan --json lists all)")
    for warning in outlook.warnings:
        console.print(Text(f"warning: {warning}", style="yellow"))


def steps_grid(plans: Sequence[StepPlan]) -> RenderableType:
    grid = Grid(box=None, pad_edge=False)
    for column in ("step", "to do", "why"):
        grid.add_column(column, overflow="fold")
    for plan in plans:
        style = "dim" if plan.does_nothing else ""
        grid.add_row(plan.step.name, work_of(plan), Text(cause_of(plan)), style=style)
    return grid


def costs_grid(outlook: Outlook) -> RenderableType:
    grid = Grid(box=None, pad_edge=False, title_justify="left")
    for column in ("calls of", "at least", "at most", "tokens at most", "USD now", "USD off-peak"):
        grid.add_column(column, justify="left" if column == "calls of" else "right")
    for cost in outlook.costs:
        most = cost.estimate
        tokens = most.prompt_tokens + most.completion_tokens
        counts = (f"{cost.least:,}", f"{cost.most:,}", f"{tokens:,}")
        grid.add_row(cost.step, *counts, money(most.now), money(most.off_peak))
    now, later = total(outlook.costs, "now"), total(outlook.costs, "off_peak")
    grid.add_row("all", "", f"{sum(cost.most for cost in outlook.costs):,}", "", money(now), money(later), style="bold")
    teacher = outlook.world.sources["teacher"].value
    note = f"Teacher: {teacher.provider}" + (
        "" if teacher.bills else ", which bills nothing: these are DeepSeek's prices"
    )
    return Group(grid, Text(note, style="dim"))


def money(amount: float | None) -> str:
    return "unknown" if amount is None else f"{amount:,.3f}"


def show_why(outlook: Outlook, about: str, console: Console) -> None:
    """Print all causes: of everything that is stale, or of one product or step."""
    shown = 0
    for plan in outlook.plans:
        if about in ("", plan.step.name) and plan.action != "fresh":
            console.print(Text(f"{plan.step.name}: {work_of(plan)} — {cause_of(plan) or 'items failed or changed'}"))
            shown += 1
        for item in plan.todo:
            name = outlook.names.get(str(item.data.get("product_id")), "")
            if about and about in (item.id, item.data.get("product_id"), name):
                console.print(Text(f"  {plan.step.name} {item.id} ({name}): {', '.join(plan.item_causes[item.id])}"))
                shown += 1
    if not about:
        for line in outlook.lines():
            console.print(Text(line))
    if not shown:
        console.print(Text(f"{about or 'Everything'} is fresh: its records were made from just these inputs."))


def show_json(outlook: Outlook) -> str:
    return json.dumps(outlook.as_dict(), ensure_ascii=False, indent=1)
