"""Parameters of the report."""

from __future__ import annotations

from tasks.lineage.params import Params


class ReportParams(Params):
    """The report has no parameters: it shows what there is."""
