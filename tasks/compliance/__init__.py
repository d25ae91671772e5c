"""The compliance checker: a text, its product, its content type and rules in; a verdict with reasons and spans out."""

from tasks.compliance.check import check, sheet_findings
from tasks.compliance.check_file import check_rows
from tasks.compliance.pack import FACT_KINDS
from tasks.compliance.rules import CHECKER_VERSION, Rules, load_rules
from tasks.compliance.verdict import Reason, Verdict

__all__ = [
    "CHECKER_VERSION",
    "FACT_KINDS",
    "Reason",
    "Rules",
    "Verdict",
    "check",
    "check_rows",
    "load_rules",
    "sheet_findings",
]
