"""The judge's certificate as plain values, for report.json and the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tasks.judging.certificate import Certificate, DefectResult, Finding
from tasks.judging.lines import ACCURACY
from tasks.judging.statistics import optional

Figures = dict[str, Any]


def certificate_figures(certificate: Certificate) -> Figures:
    """Return status, reasons and every figure of a certificate; sentences are {en, zh}, shares estimates or null."""
    return {
        "status": certificate.status,
        "causes": list(certificate.causes),
        "reasons": [asdict(said) for said in certificate.reasons],
        "findings": [finding_figures(found) for found in certificate.findings],
        "defects": [defect_figures(result) for result in certificate.defects],
        "dropped": [{"criterion": one.criterion, "said": asdict(one.said)} for one in certificate.dropped],
        "untested": list(certificate.untested),
        "accuracy_line": asdict(ACCURACY),
        "grid": [
            {"length": length, "layout": layout, "winners": dict(winners)}
            for (length, layout), winners in certificate.grid.items()
        ],
    }


def finding_figures(found: Finding) -> Figures:
    return {
        "id": found.id,
        "title": asdict(found.title),
        "figure": optional(found.figure),
        "line": asdict(found.line),
        "level": found.level,
        "corrected": found.corrected,
        "said": asdict(found.said),
    }


def defect_figures(result: DefectResult) -> Figures:
    return {
        "defect": result.defect.id,
        "title": [result.defect.title, result.defect.title_zh],
        "role": result.defect.role,
        "by_code": result.defect.by_code,
        "planted": result.planted,
        "unplanted": result.unplanted,
        "winners": dict(result.winners),
        "accuracy": optional(result.accuracy),
        "chosen": optional(result.chosen),
        "level": result.level,
        "said": asdict(result.said),
        "criteria": [
            {
                "criterion": cell.criterion,
                "accuracy": optional(cell.accuracy),
                "level": cell.level,
                "gap": optional(cell.gap),
            }
            for cell in result.cells
        ],
    }
