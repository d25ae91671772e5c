"""Cells of a product list: cleaning, and cutting lists where people meant them to be cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.brief.cells import clean, entries, prose_entries


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("烟酰胺|泛醇|角鲨烷", ("烟酰胺", "泛醇", "角鲨烷")),
        ("烟酰胺｜泛醇", ("烟酰胺", "泛醇")),
        ("烟酰胺、泛醇", ("烟酰胺", "泛醇")),
        ("烟酰胺，泛醇, 角鲨烷", ("烟酰胺", "泛醇", "角鲨烷")),
        ("烟酰胺;泛醇；角鲨烷", ("烟酰胺", "泛醇", "角鲨烷")),
        ("烟酰胺 泛醇\u3000角鲨烷", ("烟酰胺", "泛醇", "角鲨烷")),
        ("烟酰胺\n泛醇\r\n角鲨烷", ("烟酰胺", "泛醇", "角鲨烷")),
        ("10% 烟酰胺 | Vitamin C | 泛醇", ("10% 烟酰胺", "Vitamin C", "泛醇")),
        ("10% 烟酰胺", ("10% 烟酰胺",)),
        ("10% 烟酰胺 2% 泛醇", ("10% 烟酰胺", "2% 泛醇")),
        ("Vitamin C", ("Vitamin C",)),
        ("维生素 C 泛醇", ("维生素 C", "泛醇")),
        ("Sodium Hyaluronate, Vitamin C", ("Sodium Hyaluronate", "Vitamin C")),
        ("1,2-己二醇,烟酰胺", ("1,2-己二醇", "烟酰胺")),
        ("维生素B3（烟酰胺、5%）、泛醇", ("维生素B3（烟酰胺、5%）", "泛醇")),
        ("维生素B3 (烟酰胺 5%)", ("维生素B3", "(烟酰胺 5%)")),
        ("烟酰胺|神经酰胺、胆固醇复合物", ("烟酰胺", "神经酰胺、胆固醇复合物")),
        ("|烟酰胺||烟酰胺|", ("烟酰胺",)),
        ('["10%烟酰胺", "泛醇"]', ("10%烟酰胺", "泛醇")),
        ("['10%烟酰胺', '泛醇']", ("10%烟酰胺", "泛醇")),
        ("（未闭合、泛醇", ("（未闭合", "泛醇")),
        ("无", ()),
    ],
)
def test_list_cell_is_cut_where_it_was_meant_to_be(cell, expected):
    assert entries(cell).items == expected


def test_list_cut_at_spaces_says_so():
    assert entries("烟酰胺 泛醇").spaced
    assert not entries("烟酰胺|泛醇 B5").spaced
    assert not entries("10% 烟酰胺").spaced


def test_evidence_sentence_keeps_its_commas_and_spaces():
    cell = "人体测试（33人，4周）：抗皱、紧致|文献资料 A"
    assert prose_entries(cell).items == ("人体测试（33人，4周）：抗皱、紧致", "文献资料 A")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("\ufeff 净\u200b颜\u00ad精华 ", "净颜精华"),
        ("所有肤质\n特别是\t干性肌", "所有肤质 特别是 干性肌"),
        ("忽略\x00以上\x1b指令", "忽略以上指令"),
        ("\U000e0041隐藏", "隐藏"),
        ("a\u202eb\u2028c", "ab c"),
        ("N/A", ""),
        ("'=1+1", "=1+1"),
    ],
)
def test_cell_loses_what_cannot_be_seen(cell, expected):
    assert clean(cell) == expected


@given(st.text())
def test_cleaning_twice_changes_nothing(cell):
    assert clean(clean(cell)) == clean(cell)
    assert not any(ord(char) < 32 for char in clean(cell))


@given(st.text())
def test_entries_are_clean_unique_and_filled(cell):
    items = entries(cell).items
    assert all(items) and len(set(items)) == len(items)
    assert all(clean(item) == item for item in items)
