"""The product list as people make it: what loads, what is refused, and in which words."""

import pytest

from tasks.brief.products import load_products
from tasks.lineage.errors import InputErrors, UserError
from tests.brief.sheets import HEADER, ROW, csv_text, write_csv, write_xlsx

CHINESE = ["产品名称 (必填)", "品类", "核心成分", "功效", "适用人群", "注册类别", "备案号", "宣称", "依据"]
TRADITIONAL = ["保濕精華", "精華", "菸鹼醯胺", "調理油脂", "適合乾性肌膚"]


def only(path):
    listed = load_products(path)
    assert len(listed.rows) == 1
    return listed.rows[0].product


def fault_of(path) -> str:
    with pytest.raises(UserError) as caught:
        load_products(path)
    return str(caught.value)


# -- what loads --------------------------------------------------------------------------------------------------------


ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_people_use_are_read(tmp_path, encoding):
    product = only(write_csv(tmp_path / "p.csv", [ROW], encoding=encoding))
    assert product.product_name == "净屿精华"
    assert product.core_ingredients == ("5%烟酰胺", "泛醇")
    assert product.target_audience == "油性肌 混合肌"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(tmp_path, delimiter, line_end):
    path = tmp_path / "p.csv"
    path.write_bytes(csv_text([HEADER, ROW], delimiter, line_end).encode())
    assert only(path).features == ("控油", "清爽")


def test_header_with_full_width_commas_over_ascii_rows_is_read(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("产品名，品类，成分，卖点，人群\n净屿精华,精华,烟酰胺，泛醇,控油,油性肌\n", encoding="utf-8")
    assert only(path).core_ingredients == ("烟酰胺", "泛醇")


def test_file_with_full_width_commas_throughout_is_read(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("产品名，品类，成分，卖点，人群\n净屿精华，精华，烟酰胺|泛醇，控油，油性肌\n", encoding="utf-8")
    assert only(path).core_ingredients == ("烟酰胺", "泛醇")


def test_chinese_headings_and_optional_columns_are_read(tmp_path):
    row = [*ROW, "特殊化妆品", "国妆特字20990001", "防晒、保湿", "人体测试（30人，4周）：防晒"]
    product = only(write_csv(tmp_path / "p.csv", [row], CHINESE))
    assert (product.registration, product.filing_number) == ("特殊", "国妆特字20990001")
    assert product.claims == ("防晒", "保湿")
    assert product.evidence == ("人体测试（30人，4周）：防晒",)


def test_quoted_line_end_and_blank_rows_keep_spreadsheet_row_numbers(tmp_path):
    path = tmp_path / "p.csv"
    body = '净屿精华,精华,"烟酰胺\n泛醇",控油,"油性肌\n混合肌"\n\n,,,,\n晨光面霜,面霜,角鲨烷,滋润,干性肌\n'
    path.write_text(",".join(HEADER) + "\n" + body, encoding="utf-8")
    first, second = load_products(path).rows
    assert first.product.core_ingredients == ("烟酰胺", "泛醇")
    assert first.product.target_audience == "油性肌 混合肌"
    assert (first.source_row, second.source_row) == (2, 5)
    assert first.source_text == '净屿精华,精华,"烟酰胺\n泛醇",控油,"油性肌\n混合肌"'


def test_title_above_the_header_and_excel_separator_line_do_no_harm(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("sep=;\n2025 产品清单\n" + csv_text([HEADER, ROW], ";"), encoding="utf-8")
    listed = load_products(path)
    assert listed.rows[0].product.product_name == "净屿精华"
    assert listed.rows[0].source_row == 3  # Excel does not show the sep= line


def test_workbook_with_hidden_and_other_sheets_is_read(tmp_path):
    sheets = {
        "旧": [HEADER, ["旧品", "精华", "水", "保湿", "所有肤质"]],
        "说明": [["请填写"]],
        "产品": [["产品清单"], [], HEADER, ROW],
    }
    listed = load_products(write_xlsx(tmp_path / "p.xlsx", sheets, hidden=("旧",)))
    assert [(row.product.product_name, row.source_row) for row in listed.rows] == [("净屿精华", 4)]
    assert listed.warnings == ("p.xlsx: only sheet 产品 was read, not 说明",)


def test_workbook_number_is_read_as_a_person_sees_it(tmp_path):
    path = write_xlsx(tmp_path / "p.xlsx", {"s": [["id", *HEADER], [7.0, *ROW]]})
    assert only(path).product_id == "7"


def test_workbook_named_csv_is_read_by_its_content(tmp_path):
    assert only(write_xlsx(tmp_path / "p.csv", {"s": [HEADER, ROW]})).category == "精华"


# -- identity ----------------------------------------------------------------------------------------------------------


def test_two_rows_with_one_name_are_two_products_and_warn(tmp_path):
    rows = [ROW, ["晨光面霜", *ROW[1:]], ["净屿精华", "精华", "角鲨烷", "滋润", "干性肌"]]
    listed = load_products(write_csv(tmp_path / "p.csv", rows))
    assert len({row.product.product_id for row in listed.rows}) == 3
    assert listed.warnings == ("p.csv: rows 2, 4 share the name 净屿精华; kept as 2 products",)


def test_id_does_not_depend_on_row_order_width_case_or_spaces(tmp_path):
    other = ["Ｖc 精华", *ROW[1:]]
    one = load_products(write_csv(tmp_path / "a.csv", [ROW, other])).rows
    two = load_products(write_csv(tmp_path / "b.csv", [["VC精华", *ROW[1:]], ROW])).rows
    assert {row.product.product_id for row in one} == {row.product.product_id for row in two}


def test_id_column_names_the_product(tmp_path):
    listed = load_products(write_csv(tmp_path / "p.csv", [["SKU-1", *ROW], ["", *ROW]], ["货号", *HEADER]))
    assert listed.rows[0].product.product_id == "SKU-1"
    assert listed.rows[1].product.product_id.startswith("p_")
    assert listed.warnings[0] == "p.csv: product_id is empty in row 3; these products are named by name and category"


def test_row_number_column_is_no_id(tmp_path):
    listed = load_products(write_csv(tmp_path / "p.csv", [["1", *ROW]], ["序号", *HEADER]))
    assert listed.rows[0].product.product_id.startswith("p_")
    assert listed.warnings == ("p.csv: columns that are not used: 序号",)


def test_limited_list_keeps_the_first_products(tmp_path):
    listed = load_products(write_csv(tmp_path / "p.csv", [ROW, ["晨光面霜", *ROW[1:]]]))
    assert [row.product.product_name for row in listed.limited(1).rows] == ["净屿精华"]


def test_list_split_at_spaces_beside_a_separator_warns(tmp_path):
    rows = [ROW, ["晨光面霜", "面霜", "角鲨烷 泛醇", "滋润|柔润", "干性肌"]]
    listed = load_products(write_csv(tmp_path / "p.csv", rows))
    assert listed.rows[1].product.core_ingredients == ("角鲨烷", "泛醇")
    assert listed.warnings == (
        "p.csv: core_ingredients was split at spaces in row 3, while other rows use a separator",
    )


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_bad_rows_are_told_together_with_their_numbers(tmp_path):
    rows = [
        ROW,
        ["", "精华", "", "控油", "油性肌"],
        ["净" * 61, "精华", "烟酰胺", "控油", "油性肌"],
        ["晨光面霜", "面霜", "#REF!", "滋润", "锟斤拷"],
        ["晨光乳", "乳液", "烟酰胺", "滋润", "干性肌", "多出一格"],
    ]
    with pytest.raises(InputErrors) as caught:
        load_products(write_csv(tmp_path / "p.csv", rows))
    assert [str(fault) for fault in caught.value.faults] == [
        "p.csv row 3: product_name is empty; expected text; fill it in or remove the row.",
        "p.csv row 3: core_ingredients is empty; expected at least one entry; fill it in or remove the row.",
        "p.csv row 4: product_name has 61 characters; expected at most 60; shorten it.",
        "p.csv row 5: core_ingredients is #REF!; expected a value; correct the formula in the spreadsheet.",
        "p.csv row 5: target_audience holds unreadable characters; expected text; type the cell again.",
        "p.csv row 6: 6 cells; expected 5, as in the header; put quotes around cells that hold the delimiter.",
    ]


def test_bad_row_below_a_quoted_line_end_names_row_and_line(tmp_path):
    path = tmp_path / "p.csv"
    body = '净屿,精华,"烟酰胺\n泛醇",控油,油性肌\n晨光,,角鲨烷,滋润,干性肌\n'
    path.write_text(",".join(HEADER) + "\n" + body, encoding="utf-8")
    assert "p.csv row 3 (line 4): category is empty" in fault_of(path)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([*ROW, "第二类", ""], "registration is 第二类; expected 普通, 特殊 or nothing"),
        ([*ROW, "普通", "a/b"], "product_id is a/b; expected at most 64 letters, digits, dots, _ and -"),
        ([*ROW[:2], "烟酰胺|" + "泛" * 81, *ROW[3:], "", ""], "core_ingredients has an entry of 81 characters"),
        ([*ROW[:2], "|".join(map(str, range(41))), *ROW[3:], "", ""], "core_ingredients has 41 entries"),
        ([*HEADER, "registration", "product_id"], "the header again; expected a product"),
    ],
)
def test_bad_row_names_its_fault(tmp_path, row, found):
    path = write_csv(tmp_path / "p.csv", [row], [*HEADER, "registration", "product_id"])
    assert f"p.csv row 2: {found}" in fault_of(path)


def test_id_given_twice_names_both_rows(tmp_path):
    path = write_csv(tmp_path / "p.csv", [["a1", *ROW], ["a1", "晨光", *ROW[1:]]], ["id", *HEADER])
    assert "p.csv row 3: product_id a1 stands in row 2 already; expected each id once" in fault_of(path)


def test_single_bad_row_is_one_sentence(tmp_path):
    message = fault_of(write_csv(tmp_path / "p.csv", [ROW, [*ROW[:2], "", *ROW[3:]]]))
    expected = "expected at least one entry; fill it in or remove the row."
    assert message == f"p.csv row 3: core_ingredients is empty; {expected}"


def test_stray_nul_in_utf8_is_dropped(tmp_path):
    assert only(write_csv(tmp_path / "p.csv", [["净\0屿", *ROW[1:]]])).product_name == "净屿"


def test_file_level_faults_are_one_sentence_each(tmp_path):
    empty, directory = tmp_path / "empty.csv", tmp_path / "folder"
    empty.write_bytes(b" \n")
    directory.mkdir()
    assert fault_of(tmp_path / "gone.csv").endswith("no such file; expected a CSV or .xlsx file; correct the path.")
    assert "it is a folder; expected a CSV or .xlsx file; name the file in it." in fault_of(directory)
    assert "the file is empty; expected a header and products" in fault_of(empty)
    assert "a header and no products" in fault_of(write_csv(tmp_path / "p.csv", []))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["产品名", "品类", "卖点"], "missing columns core_ingredients, target_audience (the header has 产品名"),
        ([*HEADER, "功效"], "columns features and 功效 both mean features"),
        (["a", "b"], "no header (the first row is a,b)"),
    ],
)
def test_unfit_header_names_the_columns(tmp_path, header, found):
    assert found in fault_of(write_csv(tmp_path / "p.csv", [ROW], header))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 20, "an old .xls or password-protected workbook"),
        (b"PK\x03\x04broken", "a workbook that cannot be read (BadZipFile)"),
        (b"\x00\x01\x02\x00" * 9, "binary data"),
        (b"\x1b[31m\x07name", "no header (the first row is [31mname)"),
        (b"\xff\xff\xff", "an unknown encoding"),
        (
            csv_text([HEADER, ROW]).encode()[:-20] + b"\xe5\xe5" + csv_text([ROW]).encode(),
            "line 2: a damaged character",
        ),
        (csv_text([HEADER, TRADITIONAL]).encode("big5"), "what looks like Big5"),
        (b"\xef\xbb\xbfproduct_name\xff", "it begins as UTF-8 and byte 13 is not"),
        (f'{",".join(HEADER)}\n净屿,"精华,烟酰胺,控油,油性肌\n'.encode(), "row 2 (line 2): the row cannot be read"),
        (b'{"product_name": 1}' * 20_000, "no header"),
    ],
)
def test_unreadable_file_is_refused_not_guessed(tmp_path, data, found):
    path = tmp_path / "p.csv"
    path.write_bytes(data)
    assert found in fault_of(path)
