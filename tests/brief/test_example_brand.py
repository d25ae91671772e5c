"""The example brand stands alone: 88 lawful products that its own words do not forbid."""

from collections import Counter

import pytest

from tasks.brief.brand import DEFAULT_CONTENT_TYPES, load_brand
from tasks.brief.config import BriefParams
from tasks.brief.products import load_products
from tasks.brief.split import side_of

FOLDER = DEFAULT_CONTENT_TYPES.parent / "elemental_equation"
LAW_WORDS = ("最", "第一", "治", "炎", "菌", "毒", "药妆", "再生", "100%", "永久", "根治", "顶级", "国家级", "疤", "疹")
LAW_WORDS += ("抗敏", "激素", "免疫", "换肤", "干细胞", "处方", "奇迹")


@pytest.fixture(scope="module")
def products():
    listed = load_products(FOLDER / "products.csv")
    assert listed.warnings == ()
    return [row.product for row in listed.rows]


def test_list_holds_88_products_of_many_categories(products):
    assert len(products) == len({product.product_name for product in products}) == 88
    assert len({product.category for product in products}) >= 8


def test_optional_columns_are_filled_for_some(products):
    for field in ("registration", "filing_number", "claims", "evidence"):
        filled = sum(bool(getattr(product, field)) for product in products)
        assert 0 < filled < 88


def test_no_sheet_holds_a_forbidden_or_unlawful_word(products):
    words = [*load_brand(FOLDER).forbidden, *LAW_WORDS]
    found = [(product.product_name, word) for product in products for word in words if word in str(product.sheet())]
    assert found == []


def test_whitening_and_sun_protection_are_registered_as_special(products):
    for product in products:
        if any(word in str(product.sheet()) for word in ("美白", "祛斑", "防晒", "SPF")):
            assert (product.registration, product.filing_number[:4]) == ("特殊", "国妆特字")


def test_default_split_keeps_back_about_a_fifth_over_most_categories(products):
    params = BriefParams()
    val = [p for p in products if side_of(p, params.split_seed, params.val_share) == "val"]
    assert 15 <= len(val) <= 21
    assert len(Counter(product.category for product in val)) >= 8
