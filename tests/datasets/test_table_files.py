"""Rows to files: lossless as JSONL and Parquet, readable in Excel as CSV, whole or not at all."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.brief.products import load_products
from tasks.brief.steps import PRODUCTS, row_of
from tasks.datasets.table_files import FORMATS, write_table, writing_table
from tasks.lineage.errors import UserError
from tests.datasets.scene import CREAM, MASK, SERUM, product

ROWS = [
    {"id": "a", "text": '第一行\n第二行，“引号”"', "label": True, "list": [{"kind": "x", "at": 1}], "cost": None},
    {"id": "b", "text": "=HYPERLINK(1)", "label": False, "list": [], "cost": 0.5},
]


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_jsonl_holds_every_value_as_it_is(tmp_path):
    write_table(ROWS, tmp_path / "t.jsonl", "jsonl")
    lines = (tmp_path / "t.jsonl").read_bytes().split(b"\n")
    assert [json.loads(line) for line in lines[:-1]] == ROWS and lines[-1] == b""


def test_parquet_holds_every_value_as_it_is(tmp_path):
    write_table(ROWS, tmp_path / "deep" / "t.parquet", "parquet")
    assert pq.read_table(tmp_path / "deep" / "t.parquet").to_pylist() == ROWS


def test_csv_opens_in_excel_with_lists_as_json_and_formulas_defused(tmp_path):
    write_table(ROWS, tmp_path / "t.csv", "csv")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    first, second = read_csv(tmp_path / "t.csv")
    assert first == {
        "id": "a",
        "text": ROWS[0]["text"],
        "label": "true",
        "list": '[{"kind": "x", "at": 1}]',
        "cost": "",
    }
    assert (second["text"], second["list"], second["cost"]) == ("'=HYPERLINK(1)", "[]", "0.5")


@pytest.mark.parametrize("format_", FORMATS)
def test_empty_table_keeps_its_columns(tmp_path, format_):
    path = tmp_path / f"t.{format_}"
    write_table([], path, format_, PRODUCTS.makes.schema)
    if format_ == "parquet":
        assert pq.read_schema(path).names == PRODUCTS.makes.schema.names
    assert path.exists()


def test_columns_of_nothing_are_text(tmp_path):
    write_table([{"id": "a", "error": None, "reasons": []}], tmp_path / "t.parquet", "parquet")
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert (schema.field("error").type, schema.field("reasons").type) == (pa.string(), pa.list_(pa.string()))


def test_exported_products_load_back_as_they_were(tmp_path):
    listed = [SERUM, CREAM, MASK, product("p_9", "=1+1精华", features=("-控油", "@清爽"))]
    write_table([row_of(item) for item in listed], tmp_path / "p.csv", "csv")
    assert [row.product for row in load_products(tmp_path / "p.csv").rows] == listed


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "t.jsonl"
    write_table(ROWS, path, "jsonl")
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_table([{"id": object()}], path, "jsonl")
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["t.jsonl"]


def test_rows_appear_only_when_the_block_ends_well(tmp_path):
    path = tmp_path / "t.jsonl"
    with pytest.raises(KeyError), writing_table(ROWS, path, "jsonl"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    with writing_table(ROWS, path, "jsonl"):
        assert not path.exists()
    assert path.exists()


def test_unknown_format_and_unwritable_place_are_one_sentence(tmp_path):
    with pytest.raises(UserError, match="format xls: no such format; expected one of jsonl, csv, parquet"):
        write_table(ROWS, tmp_path / "t.xls", "xls")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        write_table(ROWS, tmp_path / "folder", "csv")
