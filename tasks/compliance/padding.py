"""The padding inside words, and its removal: 国 家 级, 国·家·级, 国，家，级, 秒【杀】, 国#家#级, y.y.d.s, 9 9 %, 7✨天.

Only characters are dropped; what is left stands in the order of the folded text. Sentence ends, and brackets around
more than one character, are no padding.
"""

from __future__ import annotations

import re

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007"
_BOUND = r"\w\n≠≈,;:!?。%‰#()\[\]{}<>【】《》〈〉"  # never padding: word characters, sentence ends, brackets
_NUMERAL = "〇零一二三四五六七八九十百千万两半"
_SIGN = "\u00b7\u2022\u2190-\u21ff\u2300-\u2bff\U0001f000-\U0001faff_*"  # between a number and its unit: 7✨天
_OPEN, _CLOSE = r"[(\[{<【《〈]", r"[)\]}>】》〉]"
_LISTED = "一二三四五六七八九十上中下左右前后图注男女"  # alone in brackets these say where one is: （一）, （上）
# The lookbehind follows the first character so that the regex engine can skip ahead by character class. A dash between
# numerals is a range (七-十天), dots in a row are an ellipsis, and two spaces after a digit set a list mark apart
# (3️⃣ 三重): none of them is padding.
_PADDING = re.compile(
    r"[^0-9a-z\u3400-\u4dbf\u4e00-\u9fff\n≠≈,;:!?。%‰#()\[\]{}<>【】《》〈〉](?<![^\W_])(?:"
    rf"(?<=[{CJK}].)(?:(?!(?<=[{_NUMERAL}][-~—–])[{_NUMERAL}])(?:[^{_BOUND}.]|\.(?!\.))*(?=[{CJK}])"
    rf"|(?<=_)_*(?=[{CJK}])|(?<= ) *(?!(?<=[{_NUMERAL}] )\d)(?=[a-z0-9]))"
    rf"|(?<=[a-z%] ) *(?=[{CJK}])|(?<=\d )(?:(?![{_NUMERAL}])(?=[{CJK}])| *(?=[%‰]))"
    rf"|(?<=\d[{_SIGN}])[{_SIGN} ]*(?=[天日周月年倍成折秒名位人重种大项岁]|个月|小时|分钟))",
    re.S,
)
_BRACKETED = re.compile(
    rf"{_OPEN}(?:(?:(?<=[{CJK}].)|(?<=[{CJK}] .))((?![{_LISTED}])[{CJK}]){_CLOSE}"
    rf"|((?![{_LISTED}])[{CJK}]){_CLOSE}(?= ?(?:[{CJK}]|{_OPEN}[{CJK}]{_CLOSE})))"
)
_SINGLES = re.compile(rf"([,;:!?。#\n])[{CJK}]\1(?<=[{CJK}].[{CJK}].)[{CJK}](?:\1[{CJK}])*", re.S)
_LETTERS = re.compile(
    r"[a-z](?<![a-z0-9].)(?:(?:[ .\-_*·]{1,3}[a-z0-9](?![a-z0-9]))+"
    rf"|(?:[{_SIGN}/|~+♥ ]{{1,3}}[a-z](?![a-z0-9])){{3,}})",
    re.S,
)
# 9 9 %, 2 8 天: single digits set apart from each other and from their unit; ①3天 folds to "1 3天", two numbers
_DIGITS = re.compile(
    r"[0-9](?:(?<![\d.,a-z].)(?<!\d .)(?: \d)+(?= (?:[%天日周倍成折人名位年]|个月|小时|分钟))"
    rf"|(?<=[{CJK}].)(?: \d)+(?=%))"
)
_JOINTS = re.compile(r"[^a-z0-9]")
# Where none of these stands, only `_PADDING` has something to do.
_CUT = re.compile(
    rf"[a-z0-9,;:!?。#\n(\[{{<【《〈](?:[ .\-*/|~+♥{_SIGN}]{{1,3}}[a-z0-9]|[{CJK}][,;:!?。#\n)\]}}>】》〉][{CJK}]?)"
)


def squeeze(plain: str) -> str:
    """Return the `squeezed` view of a plain text: only characters are dropped, the rest stands in order."""
    cut = _CUT.search(plain) is not None
    text = plain
    if cut:
        text = _BRACKETED.sub(_inside, text)
        text = _DIGITS.sub(lambda m: m[0].replace(" ", ""), text)
    text = _PADDING.sub("", text)
    if cut or text is not plain:
        text = _SINGLES.sub(lambda m: m[0].replace(m[1], ""), text)
        text = _LETTERS.sub(lambda m: _JOINTS.sub("", m[0]), text)
    return text


def _inside(match: re.Match[str]) -> str:
    return match[1] or match[2]
