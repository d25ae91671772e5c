"""Files of texts: formats, encodings, columns, errors with row numbers, bounded memory, several processes."""

import json
import tracemalloc

import psutil
import pytest

from tasks.compliance import check_rows
from tasks.compliance.check_file import AHEAD, CHUNK
from tasks.lineage.errors import UserError
from tests.compliance.scene import kind, product, rules

TYPES = {"demo": kind()}
KEYS = {"rule", "kind", "severity", "start", "end", "text", "message", "message_en", "basis", "suggestion"}


def run(path, products=None, mapping=None, **more):
    return list(check_rows(path, products or [product()], mapping or {}, rules(), TYPES, **more))


def write(tmp_path, text, name="texts.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


GOOD = "泛醇修护精华,demo,泛醇温和修护屏障。\n"
HEAD = "product_name,content_type,text\n"


def test_rows_are_told_in_order_with_exact_keys(tmp_path):
    results = run(write(tmp_path, HEAD + GOOD + "泛醇修护精华,demo,这是神器。\n"))
    assert [result["row"] for result in results] == [1, 2]
    assert [result["accepted"] for result in results] == [True, False]
    assert set(results[1]) == {"row", "accepted", "reasons", "taken_back"}
    assert set(results[1]["reasons"][0]) == KEYS
    assert results[1]["reasons"][0]["text"] == "神器"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_that_people_use(tmp_path, encoding):
    (result,) = run(write(tmp_path, HEAD + "泛醇修护精华,demo,这是神器。\n", encoding=encoding))
    assert result["reasons"][0]["start"] == 2


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_seen_from_the_header(tmp_path, delimiter):
    text = (HEAD + GOOD).replace(",", delimiter)
    assert run(write(tmp_path, text))[0]["accepted"]


def test_quoted_newline_and_comma_are_part_of_the_text(tmp_path):
    text = HEAD + '泛醇修护精华,demo,"第一行,还有\n第二行是神器。"\n' + GOOD
    results = run(write(tmp_path, text))
    assert [result["row"] for result in results] == [1, 2]
    assert results[0]["reasons"][0]["start"] == 11


def test_json_lines_with_mapped_columns(tmp_path):
    rows = [{"name": "泛醇修护精华", "content_type": "demo", "output": "这是神器。"}, {}]
    path = write(tmp_path, json.dumps(rows[0], ensure_ascii=False) + "\n\n", "texts.jsonl")
    (result,) = run(path, mapping={"text": "output", "product_name": "name"})
    assert not result["accepted"]


def test_unknown_product_is_a_warning_and_has_no_sheet(tmp_path):
    (result,) = run(write(tmp_path, HEAD + "别的精华,demo,含30%玻色因。\n"))
    found = {reason["kind"]: reason for reason in result["reasons"]}
    assert {"unknown_product", "unsupported_number"} <= set(found)
    assert found["unknown_product"]["severity"] == "warn"
    assert "别的精华" in found["unknown_product"]["message"]


def test_product_name_is_matched_whatever_its_spelling(tmp_path):
    (result,) = run(write(tmp_path, HEAD + " 泛醇 修護精華 ,demo,含30%玻色因。\n"))
    assert result["reasons"] == []


def test_products_of_one_name_answer_together(tmp_path):
    products = [product(), product(product_id="p2", core_ingredients=("5%烟酰胺",))]
    path = write(tmp_path, HEAD + "泛醇修护精华,demo,含30%玻色因与5%烟酰胺。\n")
    assert run(path, products)[0]["reasons"] == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "product_name,text\nx,y\n", "content_type"),
        ("a.csv", HEAD + GOOD + "x,nowhere,好。\n", "row 2"),
        ("a.csv", HEAD + GOOD + "x,demo\n", "row 2"),
        ("a.csv", HEAD + GOOD + "x,demo,甲,乙\n", "row 2"),
        ("a.csv", "", "text"),
        ("a.jsonl", '{"product_name": "x", "content_type": "demo"}\n', "row 1"),
        ("a.jsonl", '{"product_name": "x", "content_type": "demo", "text": 3}\n', "row 1"),
        ("a.jsonl", "{}\n{\n", "row 1"),
        ("a.jsonl", "{\n", "line 1"),
        ("a.json", "[]\n", "line 1"),
    ],
)
def test_fault_of_the_file_is_one_error_with_its_place(tmp_path, name, text, says):
    with pytest.raises(UserError) as caught:
        run(write(tmp_path, text, name))
    assert says in str(caught.value)
    assert name in str(caught.value)


def test_missing_file_and_strange_bytes_are_user_errors(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        run(tmp_path / "nowhere.csv")
    (tmp_path / "bad.csv").write_bytes(b"product_name,\xff\xfe\x80\x00")
    with pytest.raises(UserError, match="GB18030"):
        run(tmp_path / "bad.csv")


def test_unknown_mapping_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="output"):
        run(write(tmp_path, HEAD), mapping={"output": "text"})


def test_no_row_is_read_before_the_one_above_it_is_told(tmp_path):
    path = write(tmp_path, HEAD + GOOD * 50)
    reads = []
    results = check_rows(path, [product()], {}, rules(), TYPES, progress=lambda *at: reads.append(at))
    assert reads == []
    for told, _ in enumerate(results, start=1):
        assert len(reads) == told


def test_long_file_is_read_in_bounded_memory_with_progress(tmp_path):
    path = write(tmp_path, HEAD + GOOD * 3000)
    seen = []
    tracemalloc.start()
    count = sum(1 for _ in check_rows(path, [product()], {}, rules(), TYPES, progress=lambda *at: seen.append(at)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3000
    assert peak < 3_000_000
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_processes_tell_the_same_in_order_and_read_few_rows_ahead(tmp_path):
    rows = "".join(f"泛醇修护精华,demo,{'这是神器' if n % 3 else '好'}。\n" for n in range(2000))
    path = write(tmp_path, HEAD + rows)
    alone, reads, ahead = run(path), [], []
    results = check_rows(path, [product()], {}, rules(), TYPES, progress=lambda *at: reads.append(at), jobs=2)
    together = []
    for result in results:
        together.append(result)
        ahead.append(len(reads) - len(together))
    assert together == alone
    assert max(ahead) <= CHUNK * (2 * AHEAD + 1)
    assert max(ahead) < 2000 - CHUNK


def test_fault_of_a_late_row_comes_after_the_rows_before_it_with_processes_too(tmp_path):
    path = write(tmp_path, HEAD + GOOD * (CHUNK + 5) + "x,nowhere,好。\n" + GOOD)
    told = []
    with pytest.raises(UserError, match=f"row {CHUNK + 6}"):
        told.extend(result["row"] for result in check_rows(path, [product()], {}, rules(), TYPES, jobs=2))
    assert told == list(range(1, CHUNK + 6))


def test_process_that_is_killed_is_one_sentence_and_no_clean_end(tmp_path):
    path = write(tmp_path, HEAD + GOOD * CHUNK * 20)
    results = check_rows(path, [product()], {}, rules(), TYPES, jobs=2)
    next(results)
    for child in psutil.Process().children():
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
    with pytest.raises(UserError, match="--jobs 2"):
        list(results)
