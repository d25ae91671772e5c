"""`copymill export copy --channel`: accepted texts with the marks that the channel asks for, recorded as a release.

Invariants: a text leaves only if it is accepted and passes the rules of this moment; the release is on disk before the
file appears.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
from rich.console import Console

from flows.exporting import current_record, current_rows
from flows.releases import TEXTS, Release, Terms, releases_of, this_moment
from tasks.brief.brand import load_brand, load_content_types
from tasks.brief.model import Brand, ContentType, Product
from tasks.brief.steps import product_of
from tasks.compliance import Rules, check, load_rules
from tasks.compliance.channels import Channel, channel_named, load_channels, marks_of, with_marks
from tasks.compliance.implicit_label import AIGC, implicit_label
from tasks.copywriting.steps import COPY
from tasks.datasets.table_files import writing_table
from tasks.lineage.canonical import canonical_json
from tasks.lineage.errors import UserError
from tasks.lineage.records import Record
from tasks.lineage.step import Row
from tasks.lineage.store import Store

FILE_COLUMNS = pa.schema([*(field for field in TEXTS if field.name != "sheet"), ("release", pa.string())])


@dataclass(frozen=True)
class Order:
    """What is to leave, for where. producer: name or code in the implicit label; empty: the brand's name."""

    home: Path
    brand_dir: Path
    table: str
    channel: str
    purchase_link: bool
    producer: str
    file: Path
    format_: str


@dataclass(frozen=True)
class Desk:
    """What texts are judged and marked by."""

    brand: Brand
    rules: Rules
    content_types: Mapping[str, ContentType]
    channel: Channel
    products: Mapping[str, Product]


def publish(order: Order, console: Console, now: str = "") -> Release:
    """Write the accepted texts of the last run with their marks, and record them as a release.

    Args:
        now: ISO time for the record; empty: this moment.
    Raises:
        UserError: no such channel or format, another table than `copy`, no copy in this home, no text that may leave.
    """
    if order.table != "copy":
        raise UserError(f"export {order.table} --channel", "nothing to publish", "copy", "leave --channel out")
    desk = desk_of(order)
    made_by = current_record(order.home, "copy")
    rows, left = sorted_out(Store(order.home).rows(made_by, COPY.makes), desk)
    if not rows:
        found = f"no text may leave ({told(left) or 'the table is empty'})"
        raise UserError(f"export for {order.channel}", found, "accepted texts", "see `copymill status`, then run")
    terms = terms_of(order, desk, made_by)
    texts = [published(row, desk, terms) for row in rows]
    notes = {"file": str(order.file), "format": order.format_}
    releases = releases_of(order.home)
    name = releases.id_of(terms, texts)
    leaving = [{**row, "release": name} for row in texts]
    with writing_table(leaving, order.file, order.format_, file_schema(terms, name, leaving)):
        release, new = releases.record(terms, texts, now or this_moment(), notes)
    say(order, desk, texts, left, release, new, console)
    if made_by.components.inputs.get("rules") != desk.rules.digest:
        hint = "  the rules are others than in the last run (is --brand right?): every text was checked by today's"
        console.print(hint, highlight=False, soft_wrap=True)
    return release


def desk_of(order: Order) -> Desk:
    brand = load_brand(order.brand_dir)
    products = {row["product_id"]: product_of(row) for row in current_rows(order.home, "products")}
    channel = channel_named(load_channels(order.brand_dir), order.channel)
    return Desk(brand, load_rules(brand, order.brand_dir), load_content_types(order.brand_dir), channel, products)


def sorted_out(rows: list[Row], desk: Desk) -> tuple[list[Row], Counter[str]]:
    """Return the rows that may leave, and how many stay for which reason."""
    kept, left = [], Counter[str]()
    for row in rows:
        reason = why_left(row, desk)
        if reason:
            left[reason] += 1
        else:
            kept.append(row)
    return kept, left


def why_left(row: Row, desk: Desk) -> str:
    """Return why a text may not leave, or nothing. What was accepted once is judged again by today's rules."""
    if row["status"] != "accepted":
        return str(row["status"])
    product, content_type = desk.products.get(row["product_id"]), desk.content_types.get(row["content_type"])
    if product is None:
        return "of a product that left the list"
    if content_type is None:
        return "of a content type that the brand no longer has"
    return "" if check(row["text"], product, content_type, desk.rules).accepted else "that break today's rules"


def terms_of(order: Order, desk: Desk, made_by: Record) -> Terms:
    return Terms(
        brand=desk.brand.id,
        producer=order.producer or desk.brand.name,
        channel=desk.channel,
        purchase_link=order.purchase_link,
        rules=desk.rules.digest,
        copy_record=made_by.fingerprint,
        content_types=dict(desk.content_types),
    )


def published(row: Row, desk: Desk, terms: Terms) -> Row:
    """Return a row of TEXTS: the text with its marks, the text alone, the implicit label, the product's sheet."""
    marks = marks_of(desk.channel, desk.content_types[row["content_type"]].family, terms.purchase_link)
    text = with_marks(row["text"], marks)
    number = f"{row['item_id']}@{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return {
        **{name: row[name] for name in ("item_id", "product_id", "product_name", "content_type")},
        "channel": desk.channel.id,
        "text": text,
        "text_original": row["text"],
        "marks": [asdict(mark) for mark in marks],
        "metadata": ascii_json({AIGC: implicit_label(terms.producer, number, text)}),
        "sheet": canonical_json(desk.products[row["product_id"]]),
    }


def file_schema(terms: Terms, name: str, rows: list[Row]) -> pa.Schema:
    """Return the columns of the file; Parquet holds the implicit label of the whole as metadata of the file too."""
    texts = canonical_json([row["text"] for row in rows])
    return FILE_COLUMNS.with_metadata({AIGC: ascii_json(implicit_label(terms.producer, name, texts))})


def ascii_json(value: object) -> str:
    """Return JSON that every carrier of metadata takes."""
    return json.dumps(value, separators=(",", ":"))


def say(
    order: Order, desk: Desk, texts: list[Row], left: Counter[str], release: Release, new: bool, console: Console
) -> None:
    """Tell what left, with which marks, what stayed, and where it is recorded."""

    def line(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True, markup=False)

    channel = desk.channel
    line(f"{len(texts):,} texts for {channel.id} ({channel.title}) -> {order.file}")
    borne = Counter((mark["kind"], mark["text"], mark["place"]) for row in texts for mark in row["marks"])
    for (_, text, place), number in borne.items():
        line(f"  {text} at the {place} of {number:,}")
    if not borne:
        line("  no mark in the text: whoever publishes it must add them")
    if left:
        line(f"  stayed here: {told(left)}")
    if new:
        line(f"  recorded as release {release.id}; `copymill check --released` judges it by the rules of the day")
    else:
        line(f"  these texts are release {release.id} of {release.released[:10]} already")
    line("  when publishing, declare AI-made content in the platform's own form as well")


def told(left: Counter[str]) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in left.most_common())
