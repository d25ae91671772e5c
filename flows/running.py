"""`copymill run`: show the plan, ask where it costs money, run the job under Prefect, say what came out."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from flows.costing import total
from flows.job import Job
from flows.looking import Outlook, money, show_plan, show_warnings
from flows.progress import Bars
from flows.settings import configure
from tasks.lineage.errors import UserError


def run_job(job: Job, yes: bool, console: Console) -> dict[str, Any]:
    """Run the main job or a recipe's and print its summary; return the summary."""
    outlook = Outlook(job)
    if outlook.nothing_to_do:
        show_warnings(outlook, console)
    else:
        show_plan(outlook, console)
    say_teacher(outlook, console)
    ask(outlook, yes or job.max_cost is not None)
    configure(Path(job.home))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO")
    # The flow's log goes to Prefect's UI; the terminal has the bars, and an error its one sentence.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    summary = asyncio.run(watched(job, console))
    say_summary(job, summary, console)
    return summary


async def watched(job: Job, console: Console) -> dict[str, Any]:
    from flows.opened import WATCHER
    from flows.pipeline import main_job, recipe_job

    with Bars(console) as bars:
        WATCHER.set(bars)
        return await (recipe_job if job.recipe else main_job)(job)


def say_teacher(outlook: Outlook, console: Console) -> None:
    if outlook.costs and outlook.world.sources["teacher"].value.provider == "simulator":
        console.print("[yellow]The teacher is the simulator: copy and scores are written by rules on this machine.[/]")


def ask(outlook: Outlook, agreed: bool) -> None:
    """Ask before money is spent; where nobody can be asked, refuse."""
    if agreed or not outlook.bills:
        return
    question = f"This will cost at most about USD {money(total(outlook.costs, 'now'))}. Go on?"
    if not sys.stdin.isatty():
        raise UserError("run", "it would cost money and nobody can be asked", "--yes or --max-cost", "add one of them")
    if not typer.confirm(question):
        raise typer.Exit(0)


def say_summary(job: Job, summary: dict[str, Any], console: Console) -> None:
    made = [name for name, action in summary["steps"].items() if action == "run"]
    calls = "" if job.recipe else f"{summary['calls']:,} answers bought, "
    done = f"{len(made)} steps made" if made else "nothing had to be done"
    console.print(f"{done}, {calls}{summary['seconds']:.0f} s", highlight=False)
    report = job.home_path / "artifacts" / "report.html"
    if "report" in summary["steps"]:
        console.print(f"Report: {report}", highlight=False, soft_wrap=True)
