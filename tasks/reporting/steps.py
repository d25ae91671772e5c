"""The step REPORT: report.html for people and report.json for programs, made of everything above.

Beside them lie bad_cases.jsonl, an answer a line, and todo.csv, what to look at before the next round.
"""

from __future__ import annotations

import json
from pathlib import Path

from tasks.datasets.table_files import write_table
from tasks.judging.steps import TRIALS
from tasks.lineage.step import FolderStep, Inputs, Report
from tasks.reporting.config import ReportParams
from tasks.reporting.figures import MODELS, SOURCES, TABLES, report_figures, shown_tables
from tasks.reporting.page import render_page
from tasks.reporting.viewer import VIEWED, viewer_data

FILES = {"cases": "bad_cases.jsonl", "todo": "todo.csv"}


def write_report(inputs: Inputs, out: Path, report: Report) -> None:
    """Write report.html, report.json and the next round's to-do into `out`."""
    report(0, 2, "counting")
    figures = report_figures(inputs)
    viewed = shown_tables(inputs, {name: inputs.rows(name) for name in VIEWED})
    viewer = viewer_data(viewed, figures["titles"])
    report(1, 2, "writing")
    (out / "report.html").write_text(render_page(figures, viewer), encoding="utf-8")
    text = json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    for name, format_ in (("cases", "jsonl"), ("todo", "csv")):
        write_table(figures["judging"]["bad_cases"][name], out / FILES[name], format_)
    report(2, 2, "report.html")


REPORT = FolderStep(
    name="report",
    version=5,
    room="reporting",
    title="The report",
    reads=(*TABLES, *MODELS, *SOURCES),
    prompts=TRIALS.prompts,
    params=ReportParams,
    compute=write_report,
)

STEPS = (REPORT,)
