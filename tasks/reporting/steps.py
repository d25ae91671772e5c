"""The step REPORT: report.html for people and report.json for programs, made of everything above."""

from __future__ import annotations

import json
from pathlib import Path

from tasks.judging.believing import certificate_of, shown_scores
from tasks.judging.steps import TRIALS
from tasks.lineage.step import FolderStep, Inputs, Report
from tasks.reporting.config import ReportParams
from tasks.reporting.figures import MODELS, SOURCES, TABLES, report_figures
from tasks.reporting.page import render_page
from tasks.reporting.viewer import viewer_data


def write_report(inputs: Inputs, out: Path, report: Report) -> None:
    """Write report.html and report.json into `out`."""
    report(0, 2, "counting")
    figures = report_figures(inputs)
    rows = {name: inputs.rows(name) for name in ("products", "answers", "verdicts")}
    scores = shown_scores(inputs.rows("scores"), certificate_of(inputs))
    viewer = viewer_data(rows["products"], rows["answers"], rows["verdicts"], scores, figures["titles"])
    report(1, 2, "writing")
    (out / "report.html").write_text(render_page(figures, viewer), encoding="utf-8")
    text = json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    report(2, 2, "report.html")


REPORT = FolderStep(
    name="report",
    version=4,
    room="reporting",
    title="The report",
    reads=(*TABLES, *MODELS, *SOURCES),
    prompts=TRIALS.prompts,
    params=ReportParams,
    compute=write_report,
)

STEPS = (REPORT,)
