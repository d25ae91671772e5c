"""How the checker's time grows with the text: `python bench/compliance_growth.py [characters]` prints a table.

Each family repeats one piece that regexes are known to stumble over. A family is timed at four lengths, each twice the
one before; the exponent is the slope of time over length, both as logarithms: 1 is proportional, 2 is quadratic.
`make bench` runs it, and it fails where an exponent reaches 1.5.
"""

from __future__ import annotations

import math
import sys
import time

from compliance import BRAND, NOTE, PRODUCT

from tasks.brief.brand import load_brand
from tasks.compliance import Rules, check, load_rules

FAMILIES = {
    "digits": "9",
    "digits set apart": "9 ",
    "digits and commas": "9,",
    "Chinese numerals": "十",
    "percent": "百分之",
    "circled numbers": "①",
    "decimals": "9点",
    "ranges": "7-",
    "spaces": " ",
    "line ends": "\n",
    "one-character lines": "好\n",
    "padded characters": "好·",
    "characters in brackets": "（好）",
    "open brackets": "【好",
    "letters": "a",
    "letters set apart": "a-",
    "words by sound": "治liao",
    "spellings": "醉好",
    "combining marks": "\u0301",
    "zero width": "\u200b",
    "emoji": "✨",
    "hash marks": "#",
    "hashtags": "#好 ",
    "asterisks": "*",
    "table bars": "| ",
    "quotes and colons": '":',
    "links": "[a](",
    "notes": "注:",
    "counts": "字数 ",
    "superlatives": "最",
    "exempt superlatives": "最近",
    "negations": "不是",
    "forbidden words": "神器",
    "medical words": "治疗，",
    "effect numbers": "提升9%，",
    "effect times": "28天见效",
    "panels": "99名用户",
    "ingredients": "5%泛醇、",
    "absent ingredients": "视黄醇、",
    "ingredients left out": "不含香精，",
    "functions": "更白",
    "the product's name": "泛醇修护精华",
    "labels": "【痛点】",
    "one sentence": "泛醇温和修护屏障。",
}
STEPS = 4
LIMIT = 1.5


def main(longest: int) -> int:
    rules = load_rules(load_brand(BRAND), BRAND)
    check("先读一遍。", PRODUCT, NOTE, rules)
    table = [(growth(unit, longest, rules), name) for name, unit in FAMILIES.items()]
    print(f"time of one text up to {longest:,} characters, one core")
    print(f"{'family':<28}{'exponent':>10}{'milliseconds':>14}{'microseconds a character':>26}")
    for (exponent, seconds), name in sorted(table, reverse=True):
        print(f"{name:<28}{exponent:>10.2f}{seconds * 1000:>14.1f}{seconds / longest * 1e6:>26.2f}")
    return int(max(table)[0][0] >= LIMIT)


def growth(unit: str, longest: int, rules: Rules) -> tuple[float, float]:
    """Return the exponent of a family, and the seconds of its longest text."""
    lengths = [longest >> step for step in reversed(range(STEPS))]
    times = [seconds((unit * longest)[:length], rules) for length in lengths]
    x, y = [math.log(length) for length in lengths], [math.log(value) for value in times]
    middle_x, middle_y = sum(x) / STEPS, sum(y) / STEPS
    slope = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum(
        (a - middle_x) ** 2 for a in x
    )
    return slope, times[-1]


def seconds(text: str, rules: Rules) -> float:
    """Return the processor time of one text, the best of three."""
    best = math.inf
    for turn in range(3):
        fresh = text[:-1] + "甲乙丙"[turn]  # a text that was seen before may be answered from a cache
        start = time.process_time()
        check(fresh, PRODUCT, NOTE, rules)
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 32_000))
