"""The product list: load, validate, name. All bad rows are told together, before anything is spent.

Invariants: every product's values are clean text (tasks/brief/cells.py); a product's id depends on its name and
category alone, or on its id column, never on the rows around it, but for exact namesakes, counted in file order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from tasks.brief.cells import SHEET_ERROR, UNREADABLE, Entries, clean, entries, prose_entries
from tasks.brief.columns import REQUIRED, columns_of, fields_named
from tasks.brief.model import Product
from tasks.brief.sheet import SheetRow, read_sheet
from tasks.lineage.canonical import digest
from tasks.lineage.errors import InputErrors, UserError

TEXT_LIMITS = {"product_name": 60, "category": 30, "target_audience": 200, "filing_number": 60}
ENTRY_LIMITS = {"core_ingredients": 80, "features": 80, "claims": 80, "evidence": 200}
MOST_ENTRIES = 40
PRODUCT_ID = re.compile(r"\w[\w.\-]{0,63}")  # stands in item ids, between slashes
REGISTRATIONS: dict[str, Literal["普通", "特殊", ""]] = {
    "": "",
    **dict.fromkeys(("普通", "普通类", "普通化妆品", "普妆", "非特殊", "ordinary", "general"), "普通"),
    **dict.fromkeys(("特殊", "特殊类", "特殊化妆品", "特妆", "special"), "特殊"),
}


class ProductRow(NamedTuple):
    """A product, the number of its row as a spreadsheet shows it, and the row as it stood in the file."""

    product: Product
    source_row: int
    source_text: str


@dataclass(frozen=True)
class ProductList:
    """A loaded list in file order. warnings: one sentence each, for the reader; nothing in them stops a run."""

    rows: tuple[ProductRow, ...]
    warnings: tuple[str, ...] = ()

    def limited(self, count: int) -> ProductList:
        """Return the first `count` products of the list, named as in the whole of it, with the same warnings."""
        return replace(self, rows=self.rows[:count])


@dataclass(frozen=True)
class Draft:
    """A row on its way to a product. values: field -> clean text or entries; faults: what is wrong with it."""

    row: SheetRow
    values: dict[str, str]
    lists: dict[str, Entries]
    faults: list[UserError]


def load_products(path: Path) -> ProductList:
    """Return the products of a CSV (any common encoding and dialect) or .xlsx file.

    Columns: product_name, category, core_ingredients, features, target_audience; optional product_id, registration
    (普通 or 特殊), filing_number, claims, evidence; Chinese headings in tasks/brief/columns.py. Others are ignored.

    Raises:
        UserError: the file as a whole cannot be read as a product list, or one row is wrong.
        InputErrors: several rows are wrong; all of them, each with its row number.
    """
    sheet = read_sheet(path)
    places, unknown = columns_of(path.name, sheet.headings)
    if not sheet.rows:
        raise UserError(path.name, "a header and no products", "at least one product", "add products below the header")
    width = max(place for place, heading in enumerate(sheet.headings) if heading) + 1
    drafts = [draft_of(path.name, row, places, width) for row in sheet.rows]
    faults = [fault for draft in drafts for fault in draft.faults] + repeated_ids(path.name, drafts)
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(path.name, faults)
    rows = tuple(named_rows(drafts))
    refuse_equal_ids(path.name, rows)
    warnings = [*sheet.notes, *unknown_warnings(path.name, unknown), *draft_warnings(path.name, drafts)]
    return ProductList(rows, (*warnings, *namesake_warnings(path.name, rows)))


# -- one row -----------------------------------------------------------------------------------------------------------


def draft_of(file: str, row: SheetRow, places: dict[str, int], width: int) -> Draft:
    """Return a row's clean values and its faults."""
    subject = f"{file} row {row.number}"
    if row.line not in (0, row.number):
        subject += f" (line {row.line})"
    cells = {field: row.cells[place] if place < len(row.cells) else "" for field, place in places.items()}
    values = {field: clean(cell) for field, cell in cells.items()}
    lists = {
        field: (prose_entries if field == "evidence" else entries)(cells.get(field, "") if values.get(field) else "")
        for field in ENTRY_LIMITS
    }
    slipped = slip(subject, row, width)
    return Draft(row, values, lists, [slipped] if slipped else list(row_faults(subject, values, lists)))


def slip(subject: str, row: SheetRow, width: int) -> UserError | None:
    """Return the fault of a row that does not lie under the header: any other fault of it would mislead."""
    if fields_named(row.cells) >= len(REQUIRED):
        return UserError(subject, "the header again", "a product", "remove the row")
    if any(cell.strip() for cell in row.cells[width:]):
        todo = "put quotes around cells that hold the delimiter"
        return UserError(subject, f"{len(row.cells)} cells", f"{width}, as in the header", todo)
    return None


def row_faults(subject: str, values: dict[str, str], lists: dict[str, Entries]) -> Iterator[UserError]:
    """Yield what is wrong with one row."""
    for field in REQUIRED:
        if not (lists[field].items if field in lists else values[field]):
            expected = "at least one entry" if field in lists else "text"
            yield UserError(subject, f"{field} is empty", expected, "fill it in or remove the row")
    for field, value in values.items():
        if SHEET_ERROR.fullmatch(value):
            yield UserError(subject, f"{field} is {value}", "a value", "correct the formula in the spreadsheet")
        elif UNREADABLE.search(value):
            yield UserError(subject, f"{field} holds unreadable characters", "text", "type the cell again")
    yield from length_faults(subject, values, lists)
    if (registration := values.get("registration", "")).casefold() not in REGISTRATIONS:
        yield UserError(subject, f"registration is {registration[:40]}", "普通, 特殊 or nothing", "correct it")
    if (given := values.get("product_id")) and not PRODUCT_ID.fullmatch(given):
        expected = "at most 64 letters, digits, dots, _ and -"
        yield UserError(subject, f"product_id is {given[:80]}", expected, "shorten or correct it")


def length_faults(subject: str, values: dict[str, str], lists: dict[str, Entries]) -> Iterator[UserError]:
    """Yield cells that are too long: an unclosed quote or a pasted page would go into every prompt."""
    for field, most in TEXT_LIMITS.items():
        if len(values.get(field, "")) > most:
            yield UserError(subject, f"{field} has {len(values[field])} characters", f"at most {most}", "shorten it")
    for field, most in ENTRY_LIMITS.items():
        items = lists[field].items
        longest = max(map(len, items), default=0)
        if longest > most:
            found = f"{field} has an entry of {longest} characters"
            yield UserError(subject, found, f"at most {most}", "shorten it, or put | between entries")
        if len(items) > MOST_ENTRIES:
            found = f"{field} has {len(items)} entries"
            yield UserError(subject, found, f"at most {MOST_ENTRIES}", "keep the main ones")


def repeated_ids(file: str, drafts: Sequence[Draft]) -> list[UserError]:
    """Return a fault for every row whose id stands in a row above."""
    first: dict[str, int] = {}
    faults = []
    for draft in drafts:
        name = draft.values.get("product_id", "")
        if name and (above := first.setdefault(name, draft.row.number)) != draft.row.number:
            found = f"product_id {name} stands in row {above} already"
            faults.append(UserError(f"{file} row {draft.row.number}", found, "each id once", "correct one of them"))
    return faults


# -- identity ----------------------------------------------------------------------------------------------------------


def named_rows(drafts: Sequence[Draft]) -> Iterator[ProductRow]:
    """Yield the products with their ids."""
    seen: Counter[tuple[str, str]] = Counter()
    for draft in drafts:
        values = draft.values
        key = (normal_name(values["product_name"]), normal_name(values["category"]))
        seen[key] += 1
        product = Product(
            product_id=values.get("product_id") or product_id_of(*key, seen[key]),
            product_name=values["product_name"],
            category=values["category"],
            core_ingredients=draft.lists["core_ingredients"].items,
            features=draft.lists["features"].items,
            target_audience=values["target_audience"],
            registration=REGISTRATIONS[values.get("registration", "").casefold()],
            filing_number=values.get("filing_number", ""),
            claims=draft.lists["claims"].items,
            evidence=draft.lists["evidence"].items,
        )
        yield ProductRow(product, draft.row.number, draft.row.text)


def normal_name(text: str) -> str:
    """Return a name as identity sees it: no case, no width, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def product_id_of(name: str, category: str, occurrence: int) -> str:
    """Return the id of the n-th product (from 1) with this normal name and category: `p_` and 12 hex digits."""
    return f"p_{digest([name, category, occurrence])[:12]}"


def refuse_equal_ids(file: str, rows: Sequence[ProductRow]) -> None:
    """Refuse two products with one id: a made id may equal a given one (or, at a million rows, another made one)."""
    first: dict[str, int] = {}
    for row in rows:
        above = first.setdefault(row.product.product_id, row.source_row)
        if above != row.source_row:
            found = f"its id {row.product.product_id} is that of row {above}"
            raise UserError(f"{file} row {row.source_row}", found, "each id once", "give one of them a product_id")


# -- warnings ----------------------------------------------------------------------------------------------------------


def unknown_warnings(file: str, headings: Sequence[str]) -> list[str]:
    return [f"{file}: columns that are not used: {', '.join(headings)}"] if headings else []


def draft_warnings(file: str, drafts: Sequence[Draft]) -> Iterator[str]:
    """Yield rows that may have been read otherwise than they were meant."""
    for field in ENTRY_LIMITS:
        spaced = [draft.row.number for draft in drafts if draft.lists[field].spaced]
        if spaced and any(len(d.lists[field].items) > 1 and not d.lists[field].spaced for d in drafts):
            yield f"{file}: {field} was split at spaces in {row_names(spaced)}, while other rows use a separator"
    unnamed = [draft.row.number for draft in drafts if not draft.values.get("product_id")]
    if unnamed and len(unnamed) < len(drafts):
        yield f"{file}: product_id is empty in {row_names(unnamed)}; these products are named by name and category"


def namesake_warnings(file: str, rows: Sequence[ProductRow]) -> Iterator[str]:
    """Yield names that stand in several rows: each row is a product of its own."""
    places: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        places[normal_name(row.product.product_name)].append(row.source_row)
    for row in rows:
        shared = places.pop(normal_name(row.product.product_name), [])
        if len(shared) > 1:
            name = row.product.product_name
            yield f"{file}: {row_names(shared)} share the name {name}; kept as {len(shared)} products"


def row_names(numbers: Sequence[int]) -> str:
    """Return `row 3` or `rows 3, 9`, at most eight of them."""
    shown = ", ".join(map(str, numbers[:8])) + (f" and {len(numbers) - 8} more" if len(numbers) > 8 else "")
    return f"row {shown}" if len(numbers) == 1 else f"rows {shown}"
