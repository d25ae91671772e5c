"""Parts, digests, durable files and the lock."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.lineage.canonical import canonical_json, unit_hash
from tasks.lineage.errors import UserError
from tasks.lineage.files import replacing
from tasks.lineage.lock import writing
from tasks.lineage.step import Table
from tasks.lineage.tables import cut, read_parts, table_digest, with_digests, write_parts

TABLE = Table(
    "item_id",
    pa.schema([("item_id", pa.string()), ("product_id", pa.string()), ("tags", pa.list_(pa.string()))]),
    ledger=pa.schema([("cost", pa.float64())]),
)


def rows_of(count: int, changed: int = -1, cost: float = 1.0):
    return [
        {"item_id": f"i{n}", "product_id": f"p{n}", "tags": ["new" if n == changed else "old"], "cost": cost}
        for n in range(count)
    ]


def test_rows_come_back_as_they_were_written(tmp_path):
    rows = with_digests(rows_of(5), TABLE)
    parts = write_parts(rows, TABLE, tmp_path)
    assert read_parts(parts, tmp_path, "item_id") == rows


def test_order_of_rows_changes_no_digest():
    rows = rows_of(9)
    assert table_digest(with_digests(rows, TABLE), TABLE) == table_digest(with_digests(rows[::-1], TABLE), TABLE)


def test_ledger_column_is_not_content():
    cheap, dear = (with_digests(rows_of(3, cost=cost), TABLE) for cost in (1.0, 2.0))
    assert table_digest(cheap, TABLE) == table_digest(dear, TABLE)


def test_one_changed_product_rewrites_one_part(tmp_path):
    before = write_parts(with_digests(rows_of(6_000), TABLE), TABLE, tmp_path)
    after = write_parts(with_digests(rows_of(6_000, changed=7), TABLE), TABLE, tmp_path)
    assert len(before) > 1
    assert len({part.digest for part in after} - {part.digest for part in before}) == 1


def test_small_table_is_one_part():
    assert len(cut(rows_of(4_999), "product_id")) == 1


def test_id_twice_is_refused():
    with pytest.raises(UserError, match="two rows with this id"):
        with_digests(rows_of(2) + rows_of(1), TABLE)


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_second_writer_is_told_who_holds_the_home(tmp_path):
    program = textwrap.dedent(f"""
        from pathlib import Path
        from tasks.lineage.lock import writing
        with writing(Path({str(tmp_path)!r}), "run 2", lambda text: print(text, flush=True)):
            print("in", flush=True)
    """)
    with writing(tmp_path, "run 1", print):
        other = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        assert "`run 1`" in other.stdout.readline()
        assert other.poll() is None
    assert other.communicate(timeout=20)[0] == "in\n"


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.lists(st.text())), max_size=5))
def test_canonical_json_does_not_depend_on_order(value):
    turned = dict(reversed(list(value.items())))
    assert canonical_json(value) == canonical_json(turned)


@given(st.text(), st.integers())
def test_unit_hash_lies_in_the_unit_interval(name, seed):
    assert 0 <= unit_hash(seed, name) < 1
