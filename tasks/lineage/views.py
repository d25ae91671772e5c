"""What a step sees of the world above it: outputs that are known, and in a plan those that are not known yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.lineage.params import Params
from tasks.lineage.step import PENDING, Row


@dataclass(frozen=True)
class Source:
    """Something read from outside the store: its content digest, its loaded value, and named parts of it.

    parts: name -> digest of a part, so that `why` can say which part of the brand or the rules changed.
    """

    name: str
    digest: str
    value: Any
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass
class View:
    """One output as later steps see it.

    digest: PENDING while a plan cannot know it. load: rows with `row_digest`, or None where the rows are unknown.
    drift: in a plan, at most how many rows will differ from the recorded ones. folder: it has no rows at all.
    """

    digest: str
    load: Callable[[], list[Row]] | None = None
    path: Path | None = None
    drift: int = 0
    folder: bool = False
    _rows: list[Row] | None = None

    @property
    def pending(self) -> bool:
        return self.digest == PENDING

    @property
    def known_rows(self) -> bool:
        return self.folder or self.load is not None

    def rows(self) -> list[Row]:
        if self._rows is None:
            if self.load is None:
                raise LookupError("the rows of this output are not known yet")
            self._rows = self.load()
        return self._rows


@dataclass(frozen=True)
class StepInputs:
    """The `Inputs` of one step: only what it declared can be read, so that nothing is used that is not recorded."""

    params: Params
    prompts: Mapping[str, str]
    views: Mapping[str, View]
    sources: Mapping[str, Source]
    checkpoints: Path | None = None
    events: Path | None = None

    def rows(self, name: str) -> list[Row]:
        return self.views[name].rows()

    def folder(self, name: str) -> Path:
        path = self.views[name].path
        if path is None:
            raise LookupError(f"{name} has no folder yet")
        return path

    def source(self, name: str) -> Any:
        return self.sources[name].value

    def parts(self, name: str) -> Mapping[str, str]:
        return self.sources[name].parts

    def digest(self, name: str) -> str:
        return self.views[name].digest if name in self.views else self.sources[name].digest

    def unknown(self) -> list[str]:
        return [name for name, view in self.views.items() if view.pending]
