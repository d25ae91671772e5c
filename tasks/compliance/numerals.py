"""Numbers as Chinese copy writes them, and the units they come with, as comparable values.

A quantity is (value, unit): `28天`, `四周` and `二十八日` are all (28, "天"), `半小时` is 30分钟, `半年` is 6个月, and
`半个月` is 15天. Value None means a vague number (几, 数, 三四, 三五), which equals nothing. Text is the `dense` view.
"""

from __future__ import annotations

import re
from decimal import Decimal

Quantity = tuple[Decimal | None, str]

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "双": 2, "俩": 2, "仨": 3}
_DIGITS |= {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000, "廿": 20, "卅": 30, "卌": 40}
_WHOLE_TENS = (20, 30, 40)  # 廿八 is 28, not eight twenties
_SCALES = {"万": 10**4, "亿": 10**8}
_VAGUE = "几数"
_SUFFIX = {"百": 100, "千": 1000, "万": 10**4, "w": 10**4, "k": 1000, "亿": 10**8}

_CHINESE = "".join(_DIGITS) + "".join(_TENS) + "".join(_SCALES) + "半几数"
_DECIMALS = "点[零〇一二三四五六七八九]{1,8}"
_PLUS_PART = f"又[{_CHINESE}]{{1,4}}分之[{_CHINESE}]{{1,4}}"  # 三又二分之一
# One character class comes first, so that the regex engine skips ahead to where a numeral can start; every repeat is
# bounded, so that a long row of digits costs no more than its length.
NUMERAL = (
    rf"[\d{_CHINESE}](?:[{_CHINESE}]{{1,15}}(?:{_DECIMALS}[万亿]?|{_PLUS_PART})?|{_DECIMALS}[万亿]?|{_PLUS_PART}"
    r"|\d{0,11}(?:,\d{3}){0,4}(?:\.\d{1,8})?(?: ?(?:[百千万亿]{1,4}|[wk](?![a-z])))?)"
)

# written unit -> (canonical unit, factor)
UNITS: dict[str, tuple[str, Decimal]] = {
    **dict.fromkeys(["%", "percent", "个百分点", "个点", "pct"], ("%", Decimal(1))),
    "‰": ("%", Decimal("0.1")),
    "成": ("%", Decimal(10)),
    "折": ("折", Decimal(1)),
    **dict.fromkeys(["倍", "x", "×", "倍速"], ("倍", Decimal(1))),
    **dict.fromkeys(["天", "日", "晚", "夜", "天天", "整天", "昼夜"], ("天", Decimal(1))),
    **dict.fromkeys(["周", "星期", "礼拜", "个星期", "个礼拜", "个周"], ("天", Decimal(7))),
    **dict.fromkeys(["个月", "月"], ("月", Decimal(1))),
    **dict.fromkeys(["年", "载"], ("月", Decimal(12))),
    **dict.fromkeys(["小时", "个小时", "h", "hr", "hours", "钟头", "个钟"], ("小时", Decimal(1))),
    **dict.fromkeys(["分钟", "min", "mins"], ("分钟", Decimal(1))),
    **dict.fromkeys(["秒", "秒钟", "s"], ("秒", Decimal(1))),
    **dict.fromkeys(["名", "位", "人", "例", "个人", "人次"], ("人", Decimal(1))),
    **dict.fromkeys(["种", "重", "大", "项", "款", "型", "维", "层", "类", "效", "味", "道", "d"], ("种", Decimal(1))),
    **dict.fromkeys(["ml", "毫升"], ("ml", Decimal(1))),
    **dict.fromkeys(["g", "克"], ("g", Decimal(1))),
    **dict.fromkeys(["mg", "毫克"], ("mg", Decimal(1))),
    **dict.fromkeys(["ppm", "nm", "iu", "岁", "次", "spf", "ph", "pa", "比"], ("", Decimal(1))),
}
UNITS |= {name: (name, Decimal(1)) for name, (unit, _) in UNITS.items() if unit == ""}

_SPANS = {"小时": 24, "分钟": 24 * 60, "秒": 24 * 3600}  # of these a day holds so many
_DAYS_OF_MONTH = 30  # 半个月 is 15天, as people say it; whole months stay months

_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_ASCII_END = r"(?![a-z])"
_GAP = r"\s{0,3}"
_QUANTITY = re.compile(rf"(?P<n>{NUMERAL}){_GAP}(?P<u>(?:{_UNIT}))(?:{_ASCII_END}|(?<![a-z]))")
_NAMED = re.compile(rf"(?P<u>spf|ph|百分之){_GAP}(?:值)?{_GAP}(?P<n>{NUMERAL})")
_PA = re.compile(r"(?<![a-z])pa\s{0,3}(?P<plus>\+{1,5})")
_PARTS = re.compile(rf"(?P<d>{NUMERAL})分之(?P<n>{NUMERAL})")
_RANGE = re.compile(rf"(?P<n>{NUMERAL}){_GAP}(?P<u1>%|‰)?{_GAP}[-~—–至到]{_GAP}(?:{NUMERAL}){_GAP}(?P<u>(?:{_UNIT}))")


_AFTER_ONE = "[倍成天日周星礼月晚夜小分秒半番刻昼整]|个[月星礼小]"
_TAIL = re.compile(
    rf"[\d{_CHINESE}]+(?:(?<!一)|(?<=[\d{_CHINESE}]一)|(?={_AFTER_ONE}))(?=(.{{0,6}}))"
)  # the last of the three: a lone 一


def numeral_tails(plain: str) -> str:
    """Return the few characters after each numeral of a folded text, joined by line ends.

    A rule sees from them at a glance whether its units occur at all. A lone 一 counts only before the units of time
    and share that it may claim with (一周, 一倍), not in 一款, 一次, 一起.
    """
    return "\n".join(_TAIL.findall(plain))


def number(written: str) -> Decimal | None:
    """Return the value of one numeral, Arabic or Chinese; None where it is vague (几十, 数, 三四)."""
    written = written.replace(",", "").replace(" ", "")
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)([百千万亿wk]*)", written):
        value = Decimal(match[1])
        for suffix in match[2]:
            value *= _SUFFIX[suffix]
        return value
    if any(c in _VAGUE for c in written):
        return None
    whole, _, share = written.partition("又")
    if "分之" in share:
        base, (rest, _) = number(whole), part(*share.split("分之", 1))
        return None if base is None or rest is None else base + rest
    whole, _, decimals = written.partition("点")
    scale = _SCALES.get(decimals[-1:], 1)
    decimals = decimals.rstrip("万亿")
    base = _chinese(whole)
    if base is None or not decimals:
        return base
    return (base + Decimal("0." + "".join(str(_DIGITS[c]) for c in decimals))) * scale


def _chinese(written: str) -> Decimal | None:
    """Return the value of 二十八, 一百零五, 三万, 二〇二四, 半; None for 三四, 三五 (three to five) and nonsense."""
    if written == "半":
        return Decimal("0.5")
    if not written:
        return None
    if all(c in _DIGITS for c in written):
        if len(written) == 2 and (_DIGITS[written[1]] == _DIGITS[written[0]] + 1 or written == "三五"):
            return None
        return Decimal(int("".join(str(_DIGITS[c]) for c in written)))
    total, section, digit = 0, 0, 0
    for c in written:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _TENS:
            section, digit = section + (_TENS[c] if _TENS[c] in _WHOLE_TENS else max(digit, 1) * _TENS[c]), 0
        elif c in _SCALES:
            total, section, digit = max(total + section + digit, 1) * _SCALES[c], 0, 0
        else:
            return None
    return Decimal(total + section + digit)


def quantity(written: str, unit: str) -> Quantity:
    """Return one numeral and its written unit as (value, canonical unit)."""
    name, factor = UNITS.get(unit.replace(" ", ""), (unit, Decimal(1)))
    value = number(written)
    if value is None:
        return None, name
    if name in _SPANS:
        return value * factor / _SPANS[name], "天"
    value *= factor
    if name == "月" and value % 1 == Decimal("0.5"):
        return value * _DAYS_OF_MONTH, "天"
    return value, name


def quantities(plain: str) -> frozenset[Quantity]:
    """Return every exact quantity that a folded text holds: the numbers that a product sheet answers for."""
    found = {quantity(m["n"], m["u"]) for m in _QUANTITY.finditer(plain)}
    found |= {quantity(m["n"], m["u1"] or m["u"]) for m in _RANGE.finditer(plain)}
    found |= {quantity(m["n"], "%" if m["u"] == "百分之" else m["u"]) for m in _NAMED.finditer(plain)}
    found |= {(Decimal(len(m["plus"])), "pa") for m in _PA.finditer(plain)}
    found |= {part(m["d"], m["n"]) for m in _PARTS.finditer(plain)}
    return frozenset(item for item in found if item[0] is not None)


def part(whole: str, share: str) -> Quantity:
    """Return 三分之二 as a quantity: (2/3, "比"); 百分之十 as (10, "%"), 千分之五 as (0.5, "%")."""
    below, above = number(whole), number(share)
    if not below or above is None:
        return None, "比"
    return (above * 100 / below, "%") if below in (100, 1000, 10000) else (above / below, "比")
