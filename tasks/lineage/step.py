"""How a step is declared: name, version, what it reads, what it makes. Caching, resume and lineage follow from that.

Three kinds. A `TableStep` is a pure function from tables to a table. An `ItemStep` makes its rows one by one, usually
by calling a model, and remembers for each row what it was made from. A `FolderStep` makes a folder of files (a model,
a report). None of them knows where its output lies or whether it is fresh: the planner and the store do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from tasks.lineage.params import Params

Row = dict[str, Any]

ABOVE = "above."  # begins the name of a component that is a row or model of a step above
PENDING = "pending"  # a component that is not known before a step above has run


class Inputs(Protocol):
    """What a step may see: the outputs and sources that it declared in `reads`, its params, its prompts."""

    @property
    def params(self) -> Any:
        """The step's own Params instance."""
        ...

    @property
    def prompts(self) -> Mapping[str, str]:
        """Path below prompts/ -> text, only the declared ones."""
        ...

    @property
    def checkpoints(self) -> Path | None:
        """A folder that outlives a killed run, of just these inputs and params; gone once the step is committed."""
        ...

    @property
    def events(self) -> Path | None:
        """A folder for what is only watched (TensorBoard); nothing ever reads it back."""
        ...

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a table step above, sorted by id, lists as Python lists."""
        ...

    def folder(self, name: str) -> Path:
        """Return the folder of a folder step above, read-only."""
        ...

    def source(self, name: str) -> Any:
        """Return the loaded value of a source (brand, rules, content types, teacher)."""
        ...

    def digest(self, name: str) -> str:
        """Return the content digest of a step above or a source; PENDING while a plan cannot know it."""
        ...

    def parts(self, name: str) -> Mapping[str, str]:
        """Return the named digests that a source is made of, for an item's components."""
        ...


class Report(Protocol):
    """Progress of long work; safe to call from a thread."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


@dataclass(frozen=True)
class Table:
    """The shape of a table: content columns (digested) and ledger columns (tokens, cost: kept, never digested).

    partition: the column whose hash cuts the table into parts (one part below 5,000 distinct values).
    """

    id: str
    content: pa.Schema
    ledger: pa.Schema = field(default_factory=lambda: pa.schema([]))
    partition: str = "product_id"

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([*self.content, *self.ledger])


@dataclass(frozen=True)
class Item:
    """One wanted row of an item step.

    key: what the row is made from, all in all; equal keys mean a fresh row, whatever the components say.
    components: name -> digest of each thing that went in, for explanation (`product.core_ingredients`, `guide`,
        `above.draft` for a row of a step above).
    data: the identity columns of the row, known before it is made (product_id, content_type, ...).
    group: items of one group share a prompt prefix and a batch (the content type).
    """

    id: str
    key: str
    components: Mapping[str, str]
    data: Row
    group: str = ""

    @property
    def pending(self) -> bool:
        return self.key == PENDING


@dataclass(frozen=True)
class Step:
    """What every kind declares. `reads` names steps above and sources; `prompts` paths below prompts/.

    version: bumped by hand when the meaning of the step changes. room: the folder under tasks/ whose source digest is
    noted in the record. title: said to people.
    """

    name: str
    version: int
    room: str
    title: str
    reads: tuple[str, ...]
    params: type[Params]
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableStep(Step):
    """A pure function to rows. `free`: so cheap that a plan may run it to look ahead."""

    makes: Table = field(kw_only=True)
    compute: Callable[[Inputs], list[Row]] = field(kw_only=True)
    free: bool = True


@dataclass(frozen=True)
class ItemStep(Step):
    """Rows made one by one. A row needs the columns `status` ('failed' is done again) and `error`.

    wanted: pure; lists the items that should exist now. Rows of a step above that are not made yet carry
        `row_digest == PENDING`; an item that rests on one must have key PENDING.
    compute: makes the rows of the given items, in any order; it must depend on the items, inputs and journaled
        answers alone, never on rows made before.
    calls: how many model calls these items need now, (at least, at most), read from the journal without calling.
    calls_by_line: the same, told apart where a step makes calls of different price: name of the line -> numbers.
    """

    makes: Table = field(kw_only=True)
    wanted: Callable[[Inputs], Iterable[Item]] = field(kw_only=True)
    compute: Callable[[list[Item], Inputs, Any, Report], Awaitable[list[Row]]] = field(kw_only=True)
    calls: Callable[[list[Item], Inputs, Any], Any] | None = None
    calls_by_line: Callable[[list[Item], Inputs, Any], Any] | None = None
    batch_size: int = 100


@dataclass(frozen=True)
class FolderStep(Step):
    """A folder of files, `compute`d in a thread.

    trains_on: tables of which it tolerates a share of changed rows (`retrain_after` in its params) before it is redone.
    tolerates: other inputs whose change alone does not redo it (the rules that a reward is made of). needs_torch: said
    in plans.
    """

    compute: Callable[[Inputs, Path, Report], None] = field(kw_only=True)
    trains_on: tuple[str, ...] = ()
    tolerates: tuple[str, ...] = ()
    needs_torch: bool = False
