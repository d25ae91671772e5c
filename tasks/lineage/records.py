"""The record of a step: what its output was made from, written last, and the only thing that makes an output count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.lineage.canonical import digest
from tasks.lineage.tables import Part


class Components(BaseModel):
    """The named things that decide what a step makes; their canonical JSON is the step's fingerprint."""

    model_config = ConfigDict(frozen=True)

    version: int
    params: dict[str, Any]
    prompts: dict[str, str]
    inputs: dict[str, str]

    def fingerprint(self) -> str:
        return digest(self)

    def changes_since(self, before: Components) -> list[str]:
        """Return the dotted names of components that differ (`params.rounds`, `inputs.rules`), in order."""
        old, new = before.model_dump(), self.model_dump()
        names = ["version"] if old["version"] != new["version"] else []
        for group in ("params", "prompts", "inputs"):
            keys = sorted(old[group].keys() | new[group].keys())
            names += [f"{group}.{key}" for key in keys if old[group].get(key) != new[group].get(key)]
        return names


class Record(BaseModel):
    """One made output. `content` is the digest that steps below read; `notes` explain and decide nothing."""

    model_config = ConfigDict(frozen=True)

    step: str
    fingerprint: str
    components: Components
    content: str
    parts: list[Part] = []
    ledger: list[Part] = []
    files: dict[str, str] = {}
    rows: int = 0
    failed: int = 0
    source_parts: dict[str, dict[str, str]] = {}
    notes: dict[str, Any] = {}

    @property
    def complete(self) -> bool:
        """Failed items are done again by the next run."""
        return self.failed == 0


@dataclass(frozen=True)
class LedgerRow:
    """What one row of an item step was made from."""

    item_id: str
    key: str
    components: dict[str, str]
    row_digest: str
    status: str
    partition: str = field(default="")
