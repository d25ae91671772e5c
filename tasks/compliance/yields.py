"""Where a finding yields to the second reader: as its rule says (pack.Rule.yields), or as findings of its kind do."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.compliance.pack import Rule, Severity, Yields

# kinds that are not named here never yield
_BLOCKING: Mapping[str, Yields] = {
    "absolute_claim": "harmless",
    "unsupported_claim": "harmless",
    "unsupported_function": "harmless",
    "unsupported_number": "denied",
    "unsupported_ingredient": "denied",
}
_WARNING: Mapping[str, Yields] = {
    **dict.fromkeys(_BLOCKING, "harmless"),
    **dict.fromkeys(("medical_claim", "unsupported_audience", "wrong_name", "invented_experience"), "harmless"),
}
_ASKED = frozenset({"sheet_function", "proof"})  # gates whose warnings the sheet has decided: masked from the reader


def yields_of(rule: Rule, severity: Severity) -> Yields:
    """Return where a rule's finding of a severity yields."""
    if rule.yields:
        return rule.yields
    if severity == "block":
        return _BLOCKING.get(rule.kind, "never")
    return "denied" if rule.gate in _ASKED else _WARNING.get(rule.kind, "never")
