"""The step of the brief: the product list as a table, each product on its side of the split."""

from __future__ import annotations

import pyarrow as pa

from tasks.brief.config import BriefParams
from tasks.brief.model import Product
from tasks.brief.products import ProductList
from tasks.brief.split import side_of
from tasks.lineage.step import Inputs, Row, Table, TableStep

PRODUCT_COLUMNS = pa.schema(
    [
        ("product_id", pa.string()),
        ("product_name", pa.string()),
        ("category", pa.string()),
        ("core_ingredients", pa.list_(pa.string())),
        ("features", pa.list_(pa.string())),
        ("target_audience", pa.string()),
        ("registration", pa.string()),
        ("filing_number", pa.string()),
        ("claims", pa.list_(pa.string())),
        ("evidence", pa.list_(pa.string())),
    ]
)


def product_rows(inputs: Inputs) -> list[Row]:
    """Return one row a product of the source `products_file` (a ProductList)."""
    listed: ProductList = inputs.source("products_file")
    params: BriefParams = inputs.params
    return [
        {
            **row_of(entry.product),
            "split": side_of(entry.product, params.split_seed, params.val_share),
            "source_row": entry.source_row,
            "source_text": entry.source_text,
        }
        for entry in listed.rows
    ]


def row_of(product: Product) -> Row:
    """Return a product as the product columns of a row, lists as lists."""
    return product.model_dump(mode="json")


def product_of(row: Row) -> Product:
    """Return the product of a row that has the product columns; other columns do not matter."""
    return Product.model_validate({name: row[name] for name in PRODUCT_COLUMNS.names})


PRODUCTS = TableStep(
    name="products",
    version=1,
    room="brief",
    title="Product list, split into train and val",
    reads=("products_file",),
    params=BriefParams,
    makes=Table(
        id="product_id",
        content=pa.schema([*PRODUCT_COLUMNS, ("split", pa.string())]),
        ledger=pa.schema([("source_row", pa.int64()), ("source_text", pa.string())]),
    ),
    compute=product_rows,
)
