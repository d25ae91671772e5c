"""Property: any list of clean products, written in any supported dialect, loads back equal."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.brief.cells import BLANK, clean
from tasks.brief.columns import ALIASES
from tasks.brief.model import Product
from tasks.brief.products import load_products
from tasks.brief.split import side_of
from tests.brief.sheets import csv_text, write_xlsx

HAN = "烟酰胺泛醇角鲨烷神经透明质积雪草提取物面霜精华修护屏障控油保湿舒缓敏感干性肌"
FIELDS = [field for field in ALIASES if field != "product_id"]
LISTS = {"core_ingredients", "features", "claims"}


def words(alphabet: str, longest: int):
    texts = st.text(alphabet, min_size=1, max_size=longest).map(lambda text: " ".join(text.split()))
    return texts.filter(lambda text: text and text.casefold() not in BLANK and clean(text) == text)


names = words(HAN + "ABCab019 .%（）-\"'“”", 20)
entry = words(HAN, 8) | st.builds("{}% {}".format, st.integers(1, 30), words(HAN, 6)) | st.just("Vitamin C")
lists = st.lists(entry, min_size=1, max_size=5, unique=True).map(tuple)
sentences = st.lists(words(HAN + " ，、：（）0129", 20), max_size=3, unique=True).map(tuple)


@st.composite
def products(draw):
    return {
        "product_name": draw(names),
        "category": draw(words(HAN + "/", 6)),
        "core_ingredients": draw(lists),
        "features": draw(lists),
        "target_audience": draw(words(HAN + " ，|", 20)),
        "registration": draw(st.sampled_from(["普通", "特殊", ""])),
        "filing_number": draw(st.sampled_from(["", "粤G妆网备字2099000101"])),
        "claims": draw(lists | st.just(())),
        "evidence": draw(sentences),
    }


@st.composite
def dialects(draw):
    file_format = draw(st.sampled_from(["csv", "xlsx"]))
    return {
        "format": file_format,
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])),
        "delimiter": draw(st.sampled_from([",", ";", "\t"])),
        "line_end": draw(st.sampled_from(["\n", "\r\n"])),
        "join": draw(st.sampled_from(["|", "｜", " | ", "\n", "；", "、", "，", ", ", " "])),
        "headings": {field: draw(st.sampled_from(ALIASES[field].split())) for field in FIELDS},
        "order": draw(st.permutations(FIELDS)),
        "blank_rows": draw(st.booleans()),
        "spaces": draw(st.sampled_from(["", " ", "\u3000", "\u200b"])),
    }


def cell(product, field: str, dialect) -> str:
    value = product[field]
    if isinstance(value, str):
        return f"{dialect['spaces']}{value}{dialect['spaces']}"
    joined = dialect["join"] if field in LISTS else "|"
    if joined == " " and "Vitamin C" in value:  # by spaces alone, Latin names cannot be told from their neighbours
        joined = "|"
    return joined.join(value)


def write(folder: Path, listed, dialect) -> Path:
    rows = [[dialect["headings"][field] for field in dialect["order"]]]
    for product in listed:
        rows += [[]] * dialect["blank_rows"] + [[cell(product, field, dialect) for field in dialect["order"]]]
    path = folder / f"products.{dialect['format']}"
    if dialect["format"] == "xlsx":
        return write_xlsx(path, {"产品": rows})
    path.write_bytes(csv_text(rows, dialect["delimiter"], dialect["line_end"]).encode(dialect["encoding"]))
    return path


def plain(product: Product):
    return product.model_dump(exclude={"product_id"})


@settings(max_examples=150, deadline=None)
@given(st.lists(products(), min_size=1, max_size=5), dialects())
def test_products_written_in_any_dialect_load_back_equal(listed, dialect):
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_products(write(Path(folder), listed, dialect))
    assert [plain(row.product) for row in loaded.rows] == listed
    step = 1 + dialect["blank_rows"]
    assert [row.source_row for row in loaded.rows] == [1 + step * (place + 1) for place in range(len(listed))]


@settings(max_examples=60, deadline=None)
@given(st.lists(products(), min_size=2, max_size=8), st.integers(1, 4), st.integers(0, 9), dialects())
def test_adding_products_moves_and_renames_none(listed, first, seed, dialect):
    with tempfile.TemporaryDirectory() as folder:
        before = load_products(write(Path(folder), listed[:first], dialect)).rows
        after = load_products(write(Path(folder), listed, dialect)).rows
    assert [row.product for row in before] == [row.product for row in after[: len(before)]]
    sides = {row.product.product_id: side_of(row.product, seed, 0.2) for row in after}
    assert all(sides[row.product.product_id] == side_of(row.product, seed, 0.2) for row in before)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(products(), min_size=2, max_size=6, unique_by=lambda p: (p["product_name"], p["category"])),
    st.randoms(use_true_random=False),
    dialects(),
    dialects(),
)
def test_order_and_dialect_of_rows_do_not_change_ids(listed, random, one, other):
    def ids(rows):
        return {(row.product.product_name, row.product.category): row.product.product_id for row in rows}

    shuffled = random.sample(listed, len(listed))
    with tempfile.TemporaryDirectory() as folder:
        first = load_products(write(Path(folder), listed, one)).rows
        second = load_products(write(Path(folder), shuffled, other)).rows
    assert sorted(ids(first).values()) == sorted(ids(second).values())
