"""Two views of a text that hide how a word was disguised, with the way back to the original code points.

`plain` folds each code point by itself: NFKC, lower case, traditional to simplified (OpenCC's character table),
accents and invisible characters dropped. `dense` is `plain` without the padding inside words (国 家 级, 国·家·级,
国，家，级, y.y.d.s). Word and number rules read `dense`, rules of form `plain` or the source. The way back is
only computed when something was found. Invariant: every span of a view maps to a non-empty half-open span inside the
source.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import opencc

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007"
_BOUND = r"\w\n,;:!?。%‰#()\[\]{}<>【】《》〈〉"  # never padding: word characters, sentence ends, brackets
# The lookbehind follows the first character so that the regex engine can skip ahead by character class.
_PADDING = re.compile(rf"(?:[^{_BOUND}])(?<=[{CJK}].)(?:[^{_BOUND}.])*(?=[{CJK}])|_(?<=[{CJK}]_)_*(?=[{CJK}])", re.S)
_SINGLES = re.compile(rf"([,;:!?。])(?<=[{CJK}].)[{CJK}](?:\1[{CJK}])+")
_LETTERS = re.compile(r"[a-z](?<![a-z0-9].)(?:[ .\-_*·]{1,3}[a-z0-9](?![a-z0-9]))+", re.S)
_NEWLINES = "\n\r\x0b\x0c\x85\u2028\u2029"
_KEYCAP = "\u20e3"
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc"})  # format characters, combining marks, controls


@lru_cache(maxsize=1)
def simplified() -> dict[str, str]:
    """Return traditional character -> simplified character, one to one, from OpenCC's TSCharacters table."""
    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
    first = ((old, new.split(" ")[0]) for old, new in pairs)
    return {old: new for old, new in first if len(old) == len(new) == 1 and old != new}


def _folded(char: str) -> str:
    """Return what one code point becomes in `plain`; empty where it is invisible."""
    category = unicodedata.category(char)
    if char in _NEWLINES:
        return "\n"
    if char == _KEYCAP or category == "Zs" or char == "\t":
        return " "
    if category == "Cs":
        return "\ufffd"
    if category in _INVISIBLE:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return _compatible(char, category)


def _compatible(char: str, category: str) -> str:
    plain = unicodedata.normalize("NFKC", char).lower()
    if category[0] == "L" and not plain.isascii() and "LATIN" in unicodedata.name(char, ""):
        plain = unicodedata.normalize("NFKD", plain)  # so that accents fall off
    table = simplified()
    plain = "".join(" " if c.isspace() else table.get(c, c) for c in plain if unicodedata.category(c) not in _INVISIBLE)
    # A circled number is a list mark: "①3天" must not read as "13天".
    return plain + " " if category == "No" and plain.isdigit() and not char.isdecimal() else plain


class _Folding(dict[int, str]):
    """A table for str.translate that works out each code point once."""

    def __missing__(self, code: int) -> str:
        value = self[code] = _folded(chr(code))
        return value


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the `plain` view of a text."""
    return text.translate(_FOLDING)


def squeeze(plain: str) -> str:
    """Return the `dense` view of a plain text: only characters are dropped, the rest stands in order."""
    dense = _PADDING.sub("", plain)
    if _SINGLES.search(dense):
        dense = _SINGLES.sub(lambda m: m[0].replace(m[1], ""), dense)
    if _LETTERS.search(dense):
        dense = _LETTERS.sub(lambda m: re.sub(r"[ .\-_*·]", "", m[0]), dense)
    return dense


def dense_of(text: str) -> str:
    return squeeze(fold(text))


def fold_regex(pattern: str) -> str:
    """Return a regex as it must read over a folded view: traditional and full-width literals folded, syntax kept."""
    return "".join(char if ord(char) < 128 else _regex_literal(char) for char in pattern)


def _regex_literal(char: str) -> str:
    folded = _folded(char)
    return re.escape(folded) if folded and folded.isascii() else folded or char


class View:
    """One text in its three readings. `source` is what the caller gave; spans of the others are mapped on demand."""

    __slots__ = ("_dense_at", "_plain_at", "dense", "plain", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.plain = fold(source)
        self.dense = squeeze(self.plain)
        self._plain_at: list[int] | None = None
        self._dense_at: list[int] | None = None

    def source_span(self, view: str, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span of the source that gave `view[start:end]` (view: source, plain or dense)."""
        if view == "source":
            return start, end
        if view == "dense":
            at = self._dense_index()
            start, end = at[start], at[end - 1] + 1
        index = self._plain_index()
        return index[start], index[end - 1] + 1

    def _plain_index(self) -> list[int]:
        if self._plain_at is None:
            self._plain_at = [i for i, char in enumerate(self.source) for _ in _FOLDING[ord(char)]]
        return self._plain_at

    def _dense_index(self) -> list[int]:
        """Dense is plain with characters left out, and what is left out differs from what follows it: align by eye."""
        if self._dense_at is None:
            at, position = [], 0
            for char in self.dense:
                position = self.plain.index(char, position)
                at.append(position)
                position += 1
            self._dense_at = at
        return self._dense_at
