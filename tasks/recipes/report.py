"""The report of a recipe: report.html for people and report.json for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tasks.lineage.step import Inputs, Report
from tasks.recipes.figures import MODELS, recipe_figures
from tasks.reporting.page import render_recipe_page

STEPS_READ = ("examples", *MODELS, "answers", "verdicts", "scores")
SOURCES = ("recipe", "gates", "about")


def write_report(inputs: Inputs, out: Path, report: Report) -> None:
    """Write report.html and report.json into `out`."""
    report(0, 2, "counting")
    figures = recipe_figures(inputs)
    report(1, 2, "writing")
    (out / "report.html").write_text(render_recipe_page(figures), encoding="utf-8")
    text = json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    report(2, 2, "report.html")
