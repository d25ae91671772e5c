"""The products step: one row a product, in the columns of its table."""

from types import SimpleNamespace

from tasks.brief.config import BriefParams
from tasks.brief.products import load_products
from tasks.brief.steps import PRODUCTS, product_of
from tasks.lineage.tables import table_digest, with_digests
from tests.brief.sheets import ROW, write_csv


def made(path):
    listed = load_products(path)
    inputs = SimpleNamespace(params=BriefParams(), source={"products_file": listed}.__getitem__)
    return listed, with_digests(PRODUCTS.compute(inputs), PRODUCTS.makes)


def test_products_become_rows_with_split_and_origin(tmp_path):
    listed, rows = made(write_csv(tmp_path / "p.csv", [ROW]))
    row = dict(rows[0])
    assert row.pop("split") in ("train", "val")
    assert (row.pop("source_row"), row.pop("source_text")) == (2, ",".join(ROW))
    assert row["core_ingredients"] == ["5%烟酰胺", "泛醇"]
    assert product_of(row) == listed.rows[0].product


def test_moved_row_keeps_the_content_digest(tmp_path):
    other = ["晨光面霜", *ROW[1:]]
    _, before = made(write_csv(tmp_path / "a.csv", [ROW, other]))
    _, after = made(write_csv(tmp_path / "b.csv", [other, ROW]))
    assert table_digest(before, PRODUCTS.makes) == table_digest(after, PRODUCTS.makes)
    assert [row["source_row"] for row in before] != [row["source_row"] for row in after]
