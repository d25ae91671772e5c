"""The checker over a file of texts: CSV or JSON lines in, one result a row out, in order and in bounded memory.

A text is checked as it stands in the file, so spans index the field's own code points. With several processes a few
chunks of rows are under way at once and no more; results come in the order of the rows all the same.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tasks.brief.model import ContentType, Product
from tasks.compliance.check import check
from tasks.compliance.findings import filled
from tasks.compliance.normal import dense_of
from tasks.compliance.rules import Rules
from tasks.compliance.sheet import united
from tasks.compliance.text_file import Progress, read_rows
from tasks.compliance.verdict import Reason
from tasks.lineage.errors import UserError

UNKNOWN_PRODUCT = "product_unknown"  # id of the rule that tells it (packs/facts.yaml)
REASON_FIELDS = tuple(field.name for field in fields(Reason))  # dataclasses.asdict copies deeply: a tenth of the time
PASSAGE = "passage"  # a sentence or part of a text, judged without the rules of whole texts
WHOLE_TEXT_GATES = frozenset({"length_over", "length_under", "call_to_action", "hashtag_count", "unfinished"})
CHUNK = 200  # rows that a process is given at once
AHEAD = 2  # chunks under way for each process


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row of a file and all reasons against it. row: from 1. text: as it stands in the file. taken_back: as in
    Verdict."""

    row: int
    product_name: str
    content_type: str
    text: str
    reasons: tuple[Reason, ...]
    taken_back: tuple[Reason, ...] = ()

    @property
    def accepted(self) -> bool:
        return not any(reason.severity == "block" for reason in self.reasons)

    def as_dict(self) -> dict[str, Any]:
        """Return `{row, accepted, reasons, taken_back}`; each reason with every field that `Reason` has."""
        reasons, back = (
            [{name: getattr(reason, name) for name in REASON_FIELDS} for reason in some]
            for some in (self.reasons, self.taken_back)
        )
        return {"row": self.row, "accepted": self.accepted, "reasons": reasons, "taken_back": back}


@dataclass(frozen=True)
class RowChecker:
    """What rows are judged by. products: dense name -> its sheet, that of all its namesakes together. Pickles."""

    products: Mapping[str, Product]
    rules: Rules
    content_types: Mapping[str, ContentType]

    def checked(self, number: int, values: Mapping[str, str]) -> CheckedRow:
        """Return a row with its verdict; a product that is not on the list is judged as if its sheet were empty."""
        name, content_type = values["product_name"].strip(), values["content_type"].strip() or PASSAGE
        product = self.products.get(dense_of(name).strip())
        rules = self.passage_rules if content_type == PASSAGE else self.rules
        verdict = check(values["text"], product or _unlisted(name), self.content_types[content_type], rules)
        reasons = (*verdict.reasons, *(() if product else unknown_product(name, self.rules)))
        return CheckedRow(number, name, content_type, values["text"], reasons, verdict.taken_back)

    @cached_property
    def passage_rules(self) -> Rules:
        return replace(self.rules, rules=tuple(r for r in self.rules.rules if r.gate not in WHOLE_TEXT_GATES))


NumberedRow = tuple[int, dict[str, str]]


def row_checker(products: Iterable[Product], rules: Rules, content_types: Mapping[str, ContentType]) -> RowChecker:
    """Return what rows are judged by; where two products bear one name, the facts of both count.

    To the brand's content types comes `passage`, which an empty one means too: for a sentence alone.
    """
    return RowChecker(by_name(products), rules, {**content_types, PASSAGE: passage(content_types.values())})


def by_name(products: Iterable[Product]) -> dict[str, Product]:
    """Return dense name -> the product, with the facts of all that bear the name."""
    groups: dict[str, list[Product]] = {}
    for product in products:
        groups.setdefault(dense_of(product.product_name).strip(), []).append(product)
    return {name: rows[0] if len(rows) == 1 else united(rows) for name, rows in groups.items()}


def passage(content_types: Iterable[ContentType]) -> ContentType:
    """Return the content type of a passage; what is a framework label in any type is one in it."""
    labels = dict.fromkeys(label for content_type in content_types for label in content_type.labels)
    return ContentType(
        id=PASSAGE, family="social", title="片段", title_en="Passage", min_chars=1, max_chars=1, structure=(),
        labels=tuple(labels),
    )  # fmt: skip


def checked_rows(
    path: Path,
    checker: RowChecker,
    mapping: Mapping[str, str],
    progress: Progress | None = None,
    jobs: int = 1,
) -> Iterator[CheckedRow]:
    """Yield every row of a CSV or JSON-lines file with its verdict, in order.

    Args:
        mapping: our column -> the file's column, where they differ (`{"text": "output"}`).
        progress: called with (bytes read, bytes in the file) as rows are read.
        jobs: processes that check; with one, no row is read before the one above it has been yielded.
    Raises:
        UserError: the file cannot be read, a column is missing, a row has no text or names an unknown content type;
            it names the row, and the rows before it have been yielded.
    """
    rows = _of_known_types(path, read_rows(path, mapping, progress), checker.content_types)
    if jobs == 1:
        yield from (checker.checked(number, values) for number, values in rows)
        return
    try:
        yield from _side_by_side(checker, rows, jobs)
    except BrokenProcessPool as error:
        found = "a process that checks has ended (memory, perhaps)"
        raise UserError(f"--jobs {jobs}", found, f"{jobs} processes to the end", "run again with fewer") from error


def check_rows(
    path: Path,
    products: Iterable[Product],
    mapping: Mapping[str, str],
    rules: Rules,
    content_types: Mapping[str, ContentType],
    progress: Progress | None = None,
    jobs: int = 1,
) -> Iterator[dict[str, Any]]:
    """Yield `{row, accepted, reasons, taken_back}` for every row of a CSV or JSON-lines file; see `checked_rows`.

    Yields:
        row: int from 1. accepted: bool. reasons: list of dicts with rule, kind, severity, start, end, text, message,
        message_en, basis, suggestion; a product that is not on the list is a reason of kind `unknown_product` (warn).
        taken_back: likewise, what the second reader withdrew.
    """
    checker = row_checker(products, rules, content_types)
    return (row.as_dict() for row in checked_rows(path, checker, mapping, progress, jobs))


def unknown_product(name: str, rules: Rules) -> tuple[Reason, ...]:
    """Return the reason that says so, or nothing where the brand has switched that rule off."""
    values = {"product": name}
    return tuple(
        Reason(
            rule=rule.id,
            kind=rule.kind,
            severity=rule.severity,
            start=0,
            end=0,
            text="",
            message=filled(rule.message, values),
            message_en=filled(rule.message_en, values),
            basis=rule.basis,
            suggestion=filled(rule.suggestion, values),
        )
        for rule in rules.rules
        if rule.id == UNKNOWN_PRODUCT
    )


def _unlisted(name: str) -> Product:
    return Product(product_id="", product_name=name, category="", core_ingredients=(), features=(), target_audience="")


def _of_known_types(
    path: Path, rows: Iterable[NumberedRow], content_types: Mapping[str, ContentType]
) -> Iterator[NumberedRow]:
    for number, values in rows:
        if (values["content_type"].strip() or PASSAGE) not in content_types:
            known = ", ".join(sorted(content_types))
            found = f"content type {values['content_type']!r} is unknown"
            raise UserError(f"{path} row {number}", found, f"one of {known}", "mend the row or add the type")
        yield number, values


# -- several processes -------------------------------------------------------------------------------------------------

_CHECKER: list[RowChecker] = []  # of a worker process: what it was started with


def _side_by_side(checker: RowChecker, rows: Iterator[NumberedRow], jobs: int) -> Iterator[CheckedRow]:
    # spawn: a process that forks while a progress bar's thread holds a lock may never come back
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker, (checker,)) as pool:
        under_way: deque[Future[list[CheckedRow]]] = deque()
        fault: UserError | None = None
        while fault is None:
            chunk, fault = _next_chunk(rows)
            if not chunk:
                break
            under_way.append(pool.submit(_checked_chunk, chunk))
            if len(under_way) > jobs * AHEAD:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()
    if fault:
        raise fault


def _next_chunk(rows: Iterator[NumberedRow]) -> tuple[list[NumberedRow], UserError | None]:
    """Return the next rows, and the fault of the file that ended them early."""
    chunk: list[NumberedRow] = []
    try:
        for row in islice(rows, CHUNK):
            chunk.append(row)
    except UserError as fault:
        return chunk, fault
    return chunk, None


def _start_worker(checker: RowChecker) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reads and tells
    _CHECKER[:] = [checker]


def _checked_chunk(rows: Sequence[NumberedRow]) -> list[CheckedRow]:
    return [_CHECKER[0].checked(number, values) for number, values in rows]
