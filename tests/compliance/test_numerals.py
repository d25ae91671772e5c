"""Numerals and quantities: one value for all ways to write it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.compliance.normal import dense_of
from tasks.compliance.numerals import number, numeral_tails, quantities


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("28", "28"),
        ("0.2", "0.2"),
        ("1,000", "1000"),
        ("10万", "100000"),
        ("1w", "10000"),
        ("二十八", "28"),
        ("十", "10"),
        ("一百零五", "105"),
        ("三万", "30000"),
        ("二〇二四", "2024"),
        ("两", "2"),
        ("半", "0.5"),
        ("三点五", "3.5"),
        ("贰拾捌", "28"),
        ("千万", "10000000"),
        ("廿八", "28"),
        ("卌", "40"),
        ("零点五", "0.5"),
        ("一点二万", "12000"),
        ("三又二分之一", "3.5"),
        ("1.5w", "15000"),
        ("3k", "3000"),
        ("10,000", "10000"),
    ],
)
def test_numeral_has_its_value(written, value):
    assert number(written) == Decimal(value)


@pytest.mark.parametrize("written", ["几", "几十", "数百", "三四", "三五", "点五"])
def test_vague_or_broken_numeral_has_no_value(written):
    assert number(written) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("28天", "四周"),
        ("28天", "二十八日"),
        ("30%", "百分之三十"),
        ("30%", "３０％"),
        ("九成", "90%"),
        ("30毫升", "30ml"),
        ("三分之二", "三 分 之 二"),
        ("SPF50", "spf 50"),
        ("半小时", "30分钟"),
        ("24小时", "1天"),
        ("48h", "两天"),
        ("半年", "6个月"),
        ("半个月", "15天"),
        ("一个半月", "45天"),
        ("一天半", "36小时"),
        ("两个半小时", "150分钟"),
        ("千分之五", "0.5%"),
        ("九成九", "99%"),
        ("六成半", "65%"),
        ("98点5%", "百分之九十八点五"),
        ("28days", "28个日夜"),
        ("Ⅶ天", "❼ 天"),
        ("３ 倍", "3倍"),
        ("10,000 人", "1万人"),
    ],
)
def test_quantities_written_differently_are_equal(left, right):
    assert quantities(dense_of(left)) == quantities(dense_of(right)) != frozenset()


def test_range_holds_both_its_ends():
    assert {v for v, unit in quantities("2-5%") if unit == "%"} == {Decimal(2), Decimal(5)}


def test_lone_one_has_a_tail_only_before_units_it_can_claim_with():
    assert numeral_tails("一款精华，一周见效") == "周见效"


@given(st.integers(min_value=1, max_value=9999))
def test_chinese_numerals_read_back(value):
    assert number(_chinese(value)) == value


def _chinese(value):
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千"]
    written, zero = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            written += ("零" if zero and written else "") + digits[digit] + units[place]
            zero = False
        else:
            zero = True
    return written
