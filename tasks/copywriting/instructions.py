"""What a repair is told beside the broken rules: what not to break again, the facts it may use, what it can cut.

Values for the prompts `repair` and `redraft`: plain, and a pure function of the product and of the rounds so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tasks.brief.model import ContentType, Product
from tasks.compliance.verdict import Reason
from tasks.copywriting.desk import one_line
from tasks.copywriting.oscillation import fault_of, setbacks, stubborn

CALL_CHARS = 12  # room that a call to action takes (点击了解配方与成分。)

# What of the sheet bears on a kind of fault: (name, fields).
_FACTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "unsupported_number": (("数字", ("numbers",)),),
    "unsupported_ingredient": (("成分", ("core_ingredients",)),),
    "unsupported_audience": (("适用人群", ("target_audience",)),),
    "unsupported_function": (("类别", ("category", "registration")), ("功效", ("features", "claims"))),
    "unsupported_claim": (("卖点与宣称", ("features", "claims")), ("检测与依据", ("evidence",))),
    "entailment": (
        ("成分", ("core_ingredients",)),
        ("卖点与宣称", ("features", "claims")),
        ("检测与依据", ("evidence",)),
        ("适用人群", ("target_audience",)),
    ),
    "wrong_name": (("产品名", ("product_name",)),),
    "length_under": (("还可以写的卖点", ("features", "core_ingredients")),),
}
_INSIST = {  # kind, or rule -> what to do about a fault that would not go away; all others: its sentence goes
    "length_over": "不要逐字精简，直接整句删去",
    "length_under": "新写整句，不要扩写原句",
    "call_to_action": "把最后一句整句换成“点击了解配方详情。”",
    "hashtags": "只在全文末尾另起一行写话题，别处不出现“#”",
    "framework_label": "删去这个标签，只留正文",
    "format": "把这一处整段重写成通顺的纯文本",
    "wrong_name": "照产品资料写产品名，或者改称“它”",
}
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*[”」』）)]*")

Told = dict[str, Any]


def orders(rounds: Sequence[Sequence[Reason]], found: Iterable[Told]) -> list[Told]:
    """Return the broken rules as a repair tells them; `insist` says what to do about one that would not go away."""
    kept = stubborn(rounds)
    stays = {reason.rule: _insisted(reason) for reason in rounds[-1] if fault_of(reason) in kept}
    return [{**each, "insist": stays.get(each["rule"], "").format(span=each["span"])} for each in found]


def _insisted(reason: Reason) -> str:
    return _INSIST.get(reason.kind) or _INSIST.get(reason.rule) or "把含有“{span}”的整句删去，不要改写"


def warnings(rounds: Sequence[Sequence[Reason]]) -> list[Told]:
    """Return what the last repair did wrong: way, and what it mended (`before`) and broke (`now`), in words."""
    return [{"way": each.way, "before": _named(each.before), "now": _named(each.now)} for each in setbacks(rounds)]


def _named(reasons: Iterable[Reason]) -> str:
    return "；".join(one_line(reason.message) for reason in reasons)


def allowed_facts(product: Product, reasons: Iterable[Reason]) -> list[Told]:
    """Return what the sheet holds on the matters that were found wrong: name, and values (none: the sheet has none)."""
    sheet = {**product.sheet(), "numbers": numbers_of(product)}
    matters = {part for reason in reasons for part in _FACTS.get(reason.kind, _FACTS.get(reason.rule, ()))}
    ordered = [part for parts in _FACTS.values() for part in parts if part in matters]
    return [{"name": name, "values": _values(sheet, fields)} for name, fields in dict.fromkeys(ordered)]


def _values(sheet: dict[str, Any], fields: Iterable[str]) -> list[str]:
    every = [sheet.get(field, ()) for field in fields]
    return [one_line(part) for value in every for part in ([value] if isinstance(value, str) else value)]


def numbers_of(product: Product) -> list[str]:
    """Return the sheet's values that hold a digit, as they stand."""
    values = _values(product.sheet(), (name for name in product.sheet() if name != "filing_number"))
    return [value for value in dict.fromkeys(values) if re.search(r"\d", value)]


def room(text: str, content_type: ContentType, reasons: Iterable[Reason], product: Product) -> Told:
    """Return the length as it is and what has to change (code points): chars, over, under, cuts, rest.

    over counts in the room that a missing call to action will take. cuts: sentences that can go, with their chars,
    which together make up for it but for `rest`.
    """
    faults = list(reasons)
    chars = len(text.strip())
    wanting = CALL_CHARS if any(reason.kind == "call_to_action" for reason in faults) else 0
    over = max(0, chars + wanting - content_type.max_chars)
    cuts = sentences_to_cut(text, over, product.product_name, {r.text for r in faults if r.text}) if over else []
    rest = max(0, over - sum(len(sentence) for sentence in cuts))
    return {
        "chars": chars,
        "over": over,
        "under": max(0, content_type.min_chars - chars),
        "cuts": [{"sentence": one_line(sentence), "chars": len(sentence)} for sentence in cuts],
        "rest": rest,
    }


def sentences_to_cut(text: str, over: int, name: str, spans: set[str]) -> list[str]:
    """Return sentences that can go: those with a fault in them first, then the shortest that suffices.

    The first sentence, the last one, tags and what names the product stay.
    """
    every = [match[0].strip() for match in _SENTENCE.finditer(text)]
    loose = [each for each in every[1:-1] if name not in each and "#" not in each and len(each) > 1]
    chosen: list[str] = []
    while loose and (left := over - sum(map(len, chosen))) > 0:
        faulty = [each for each in loose if any(span in each for span in spans)]
        enough = [each for each in loose if len(each) >= left]
        best = max(faulty, key=len) if faulty else min(enough, key=len) if enough else max(loose, key=len)
        loose.remove(best)
        chosen.append(best)
    return [each for each in dict.fromkeys(every) if each in chosen]
