"""How fast the compliance checker is: `python bench/compliance.py [texts]` prints a table.

The texts are made here, of 300 characters: ordinary sentences, every fifth a near miss (what the rules' own examples
call harmless: 最近, 第一次, 15分钟后), and every eighth text with a planted violation. Three checkers read the same
texts in the same run: the rule gates without the facts gate (the packs brand, format, ad_law and cosmetics), all gates
(with numbers, ingredients, claims, functions, people and names against the product sheet), and a straightforward `re`
implementation of the first one's word rules (NFKC and lower case, one alternation a rule, exemptions by a second
search). The last column is the speed against the plain `re` one, which is what carries over from one machine to
another.
"""

from __future__ import annotations

import dataclasses
import random
import re
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from tasks.brief.brand import load_brand
from tasks.brief.model import ContentType, Product
from tasks.compliance import Rules, check, load_rules
from tasks.compliance.pack import PACKS, read_pack

BRAND = Path(__file__).parents[1] / "brands" / "elemental_equation"
PRODUCT = Product(
    product_id="p",
    product_name="泛醇修护精华",
    category="精华",
    core_ingredients=("30%玻色因", "泛醇", "神经酰胺"),
    features=("修护屏障", "舒缓泛红"),
    target_audience="25岁以上敏感肌",
)
NOTE = ContentType(
    id="n", family="social", title="笔记", title_en="note", min_chars=1, max_chars=900, hashtags=(3, 5), structure=()
)
TAGS = "\n#科学护肤 #屏障修护 #精简护肤"
LENGTH = 300  # characters a text
WITHOUT_FACTS = ("brand", "format", "ad_law", "cosmetics")  # packs that ask nothing of the product sheet
ORDINARY = """换季的时候，两颊总是有点干，摸起来也不太平整。
这支精华的质地像清爽的凝露，推开以后很快就吸收了。
泛醇帮助舒缓干燥带来的不适，神经酰胺补充细胞间脂质。
我喜欢在洁面之后用它，再叠加日常的乳液。
配方精简，没有多余的香精，闻起来很干净。
皮肤屏障就像一道墙，砖和水泥缺了哪样都不行。
与其堆砌步骤，不如从源头减少刺激。
晚上下班回家，慢慢涂完，心也静下来。
敏感肌挑选产品，可以先看成分表是否简单。
温和清洁，认真保湿，白天做好防晒。
成分之间讲究配合，浓度合适比浓度更高重要。
把复杂交给配方，把简单留给自己。
用过一段时间，脸颊的触感柔软了一些。
如果你也在为干燥烦恼，不妨从精简开始。
我们把每种成分的作用都写在说明里。
它适合放在办公桌上，空调房里随手补一点。
不夸大，不制造焦虑，只讲清楚配方的思路。
欢迎在评论区聊聊你的护肤习惯。""".splitlines()
PLAIN = "plain re, same rules without facts"
TURN = 50  # texts that a checker reads before it is another's turn
ROUNDS = 5  # the best of them is told: the machine may be busy


def main(count: int) -> None:
    rules = load_rules(load_brand(BRAND), BRAND)
    texts = made_texts(rules, count)
    without_facts = of_packs(rules, WITHOUT_FACTS)
    plain = plain_checker(without_facts)
    told = speeds(
        {
            PLAIN: plain,
            "rule gates without the facts gate": lambda text: check(text, PRODUCT, NOTE, without_facts),
            "all gates": lambda text: check(text, PRODUCT, NOTE, rules),
        },
        texts,
    )
    refused = sum(not check(text, PRODUCT, NOTE, rules).accepted for text in texts)
    print(f"{count:,} texts of {LENGTH} characters, {refused / count:.0%} with a violation, one core")
    print(f"{'checker':<38}{'texts a second':>16}{'against plain re':>18}")
    for name, value in told.items():
        print(f"{name:<38}{value:>16,.0f}{value / told[PLAIN]:>17.1f}x")


def of_packs(rules: Rules, names: tuple[str, ...]) -> Rules:
    """Return the rules of some packs alone."""
    wanted = {rule["id"] for name in names for rule in read_pack(PACKS / f"{name}.yaml").rules}
    return dataclasses.replace(rules, rules=tuple(rule for rule in rules.rules if rule.id in wanted))


def made_texts(rules: Rules, count: int) -> list[str]:
    """Return texts of 300 characters with the same seed every time."""
    chance = random.Random(7)
    examples = [e.text for r in rules.rules for e in r.negative if 10 <= len(e.text) <= 60 and e.text.endswith("。")]
    misses = [t for t in examples if not [r for r in check(t, PRODUCT, NOTE, rules).reasons if r.kind != "hashtags"]]
    planted = [e.text for r in rules.rules if r.kind != "format" for e in r.positive if len(e.text) <= 40]
    return [one_text(chance, misses, planted if number % 8 == 0 else []) for number in range(count)]


def one_text(chance: random.Random, misses: list[str], planted: list[str]) -> str:
    room = LENGTH - len(TAGS)
    parts = [chance.choice(planted)] if planted else []
    ordinary = chance.sample(ORDINARY, len(ORDINARY))
    while sum(map(len, parts)) < room:
        parts.append(chance.choice(misses) if len(parts) % 5 == 4 else ordinary.pop())
    return "".join(parts)[: room - 1].rstrip("，、：。") + "。" + TAGS


def plain_checker(rules: Rules) -> Callable[[str], list[str]]:
    """Return the checker that anyone would write first: NFKC, then every rule's patterns as one `re` alternation."""
    table = [
        (c.rule.id, re.compile("|".join([*map(re.escape, words(c.rule, rules)), *(p.pattern for p in c.regex)])), c)
        for c in rules.compiled
        if c.rule.gate in ("words", "brand_words") and (words(c.rule, rules) or c.regex)
    ]

    def found(text: str) -> list[str]:
        folded = unicodedata.normalize("NFKC", text).lower()
        names = []
        for name, pattern, compiled in table:
            for match in pattern.finditer(folded):
                spans = (m.span() for p in compiled.exempt for m in p.finditer(folded))
                if not any(start <= match.start() and match.end() <= end for start, end in spans):
                    names.append(name)
        return names

    return found


def words(rule: object, rules: Rules) -> list[str]:
    listed = [*rule.words, *(rules.brand_words if rule.gate == "brand_words" else ())]  # type: ignore[attr-defined]
    return sorted(listed, key=len, reverse=True)


def speeds(checkers: dict[str, Callable[[str], object]], texts: list[str]) -> dict[str, float]:
    """Return texts a second of processor time for each checker.

    The checkers take turns on the same few texts, and of each few the best of several rounds counts, so that another
    program on the machine disturbs all of them alike, or none.
    """
    seconds = dict.fromkeys(checkers, 0.0)
    for first in range(0, len(texts), TURN):
        turns = texts[first : first + TURN]
        for name, checker in checkers.items():
            seconds[name] += min(timed(checker, turns) for _ in range(ROUNDS))
    return {name: len(texts) / value for name, value in seconds.items()}


def timed(checker: Callable[[str], object], texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        checker(text)
    return time.process_time() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
