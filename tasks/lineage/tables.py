"""Tables as immutable Parquet parts in one pool, each named by the digest of its rows.

A row's digest covers the declared content columns; a table's digest covers its rows sorted by id, however they are cut
into parts. Ledger columns (tokens, cost, source row) are part of neither; they only name the file that holds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.lineage.canonical import canonical_json, digest, file_digest
from tasks.lineage.errors import UserError
from tasks.lineage.files import replacing
from tasks.lineage.step import Row, Table

ROW_DIGEST = "row_digest"
ROWS_UNCUT = 5_000  # distinct partition values up to which a table is one part
VALUES_A_PART = 2_500


@dataclass(frozen=True)
class Part:
    """One Parquet file of the pool. digest: of its rows. sha256: of its bytes, checked before it is believed."""

    digest: str
    sha256: str
    rows: int


def with_digests(rows: Iterable[Row], table: Table) -> list[Row]:
    """Return the rows in the table's types, sorted by id, each with its `row_digest` (32 hex digits).

    Raises:
        UserError: an id stands twice; a value does not fit its column.
    """
    try:
        typed = pa.Table.from_pylist(list(rows), schema=table.schema).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise UserError(
            "table", f"a value does not fit its column ({error})", str(table.schema), "report it"
        ) from error
    typed.sort(key=lambda row: row[table.id])
    for before, row in pairwise(typed):
        if before[table.id] == row[table.id]:
            raise UserError(f"{table.id} {row[table.id]}", "two rows with this id", "one", "report it")
    names = table.content.names
    for row in typed:
        row[ROW_DIGEST] = row_digest(row, names)
    return typed


def row_digest(row: Row, names: Sequence[str]) -> str:
    text = canonical_json({name: row[name] for name in names})
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def table_digest(rows: Sequence[Row], table: Table) -> str:
    """Return the content digest of rows that carry `row_digest`, in id order."""
    return digest([table.content.names, [[row[table.id], row[ROW_DIGEST]] for row in rows]])


def cut(rows: Sequence[Row], column: str) -> list[list[Row]]:
    """Return the rows cut by a hash of `column`: a change of one value touches one part."""
    values = {row[column] for row in rows}
    if len(values) < ROWS_UNCUT:
        return [list(rows)]
    count = 1 << ((len(values) // VALUES_A_PART).bit_length())
    parts: list[list[Row]] = [[] for _ in range(count)]
    for row in rows:
        parts[int.from_bytes(hashlib.sha256(str(row[column]).encode()).digest()[:4], "big") % count].append(row)
    return parts


def write_parts(rows: Sequence[Row], table: Table, pool: Path) -> list[Part]:
    """Write the parts that the pool does not hold yet; return all of them in order."""
    return [write_part(chunk, table, pool) for chunk in cut(rows, table.partition)]


def write_part(rows: Sequence[Row], table: Table, pool: Path) -> Part:
    columns = [[field.name, str(field.type)] for field in table.schema]
    ledger = table.ledger.names
    name = digest([columns, [[row[table.id], row[ROW_DIGEST], *(row[column] for column in ledger)] for row in rows]])
    path = part_path(pool, name)
    if not readable(path):
        schema = pa.schema([*table.schema, pa.field(ROW_DIGEST, pa.string())])
        with replacing(path) as temporary:
            pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), temporary, compression="zstd")
    return Part(name, file_digest(path), len(rows))


def part_path(pool: Path, name: str) -> Path:
    return pool / name[:2] / f"{name}.parquet"


def readable(path: Path) -> bool:
    """Return whether the file is there and whole: every page is read, since a footer alone proves nothing."""
    if not path.exists():
        return False
    try:
        pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        return False
    return True


def part_intact(part: Part, pool: Path) -> bool:
    path = part_path(pool, part.digest)
    return path.exists() and file_digest(path) == part.sha256


def read_parts(parts: Sequence[Part], pool: Path, id_column: str) -> list[Row]:
    """Return all rows of the parts sorted by id, with `row_digest`."""
    rows: list[Row] = []
    for part in parts:
        rows.extend(pq.read_table(part_path(pool, part.digest)).to_pylist())
    rows.sort(key=lambda row: row[id_column])
    return rows
