"""Three views of a text that hide how a word was disguised, with the way back to the original code points.

`plain` folds each code point by itself: NFKC, lower case, traditional and Japanese to simplified (OpenCC's tables),
characters that are drawn like others read as those, accents and invisible ones dropped. `squeezed` is `plain` without
the padding inside words (国 家 级, 国·家·级, 国，家，级, 秒【杀】, y.y.d.s, 9 9 %). `dense` is `squeezed` with what is
spelled by sound or look read as what is meant (zui好, 第①; spelling.py). Word and number rules read `dense`, rules of
form `plain` or the source. The way back is only computed when something was found. Invariant: every span of a view
maps to a non-empty half-open span inside the source.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import opencc

from tasks.compliance.padding import squeeze
from tasks.compliance.spelling import Edit, drawn_like, edited, edited_at, speller
from tasks.compliance.triggers import required_literals

_ONE_CLASS = re.compile(r"\[(?:[^\[\]\\]|\\.)+\]\+?", re.S)
_NEWLINES = "\n\r\x0b\x0c\x85\u2028\u2029"
_KEYCAP = "\u20e3"
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc"})  # format characters, combining marks, controls


@lru_cache(maxsize=1)
def simplified() -> dict[str, str]:
    """Return traditional or Japanese character -> simplified character, one to one, from OpenCC's tables.

    A Japanese form that is a character of simplified Chinese too (芸, 余) stands for itself.
    """
    table = {old: new for old, new in _opencc("TSCharacters") if old != new}
    for traditional, japanese in _opencc("JPVariants"):
        if not _is_simplified(japanese):
            table.setdefault(japanese, table.get(traditional, traditional))
    return {old: new for old, new in table.items() if old != new}


def _opencc(name: str) -> list[tuple[str, str]]:
    """Return the pairs of one of OpenCC's tables in which one character stands for one."""
    table = Path(opencc.__file__).parent / "dictionary" / f"{name}.txt"
    pairs = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
    first = ((old, new.split(" ")[0]) for old, new in pairs)
    return [(old, new) for old, new in first if len(old) == len(new) == 1]


def _is_simplified(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1)
def _characters() -> dict[str, str]:
    return simplified() | drawn_like()


def _folded(char: str) -> str:
    """Return what one code point becomes in `plain`; empty where it is invisible."""
    category = unicodedata.category(char)
    if char in _NEWLINES:
        return "\n"
    if char in _characters():
        return _characters()[char]
    if char == _KEYCAP or category == "Zs" or char == "\t":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in _INVISIBLE or category == "Cs":
        return "" if category in _INVISIBLE else "\ufffd"
    return _compatible(char, category)


def _compatible(char: str, category: str) -> str:
    plain = unicodedata.normalize("NFKC", char).lower()
    if category[0] == "L" and not plain.isascii() and "LATIN" in unicodedata.name(char, ""):
        plain = unicodedata.normalize("NFKD", plain)  # so that accents fall off
    table = _characters()
    plain = "".join(" " if c.isspace() else table.get(c, c) for c in plain if unicodedata.category(c) not in _INVISIBLE)
    return _number(char, plain) if category == "No" else plain


def _number(char: str, plain: str) -> str:
    """Return ①, ❼, ⑺, ⒎ and ² as digits and a space: a circled number is a list mark, "①3天" is not "13天"."""
    digits = plain.strip("().")
    if not digits.isdecimal():
        value = unicodedata.numeric(char)
        digits = str(int(value)) if digits == char and value == int(value) else ""
    return digits + " " if digits else plain


class _Folding(dict[int, str]):
    """A table for str.translate that works out each code point once."""

    def __missing__(self, code: int) -> str:
        value = self[code] = _folded(chr(code))
        return value


_FOLDING = _Folding()


# Punctuation that most copy holds, and what follows emoji: replaced one by one, so that of ordinary text nothing else
# is left to fold (`_unusual` finds nothing) and no table need be asked for each character.
_ODD = frozenset("\ufe0f\u200d\r\t")
_USUAL = tuple({c: _folded(c) for c in (*"，！？：；（）…～＃", *sorted(_ODD))}.items())
_STAYS = (
    "\n !-@[-`{-~。、“”‘’—·《》「」『』【】〈〉←-⇿☀-❧➔-➿"
    "\U0001f300-\U0001f51e\U0001f520-\U0001f64f\U0001f680-\U0001f6d7\U0001f900-\U0001f9ff"
)


@lru_cache(maxsize=1)
def _unusual() -> re.Pattern[str]:
    """Return what finds a character that folds to another one, capitals A to Z apart."""
    stays = "".join(char for char in map(chr, range(0x4E00, 0xA000)) if char not in _characters())
    return re.compile(f"[^A-Za-z{_STAYS}{_ranges(stays)}]")


def _ranges(chars: str) -> str:
    """Return characters in order as ranges of a character class."""
    ranges = [list(run) for _, run in groupby(enumerate(chars), key=lambda pair: ord(pair[1]) - pair[0])]
    return "".join(f"{run[0][1]}-{run[-1][1]}" for run in ranges)


def fold(text: str) -> str:
    """Return the `plain` view of a text."""
    return _quickly_folded(text)[0]


def _quickly_folded(text: str) -> tuple[str, bool]:
    """Return the `plain` view, and whether the text is usual: only characters of `_STAYS`, `_USUAL` and common Han."""
    plain, usual = text, True
    for char, folded in _USUAL:
        if char in plain:
            plain = plain.replace(char, folded)
            usual = usual and char not in _ODD
    if _unusual().search(plain) is not None:
        return text.translate(_FOLDING), False
    return plain.lower(), usual


@lru_cache(maxsize=64)
def only_unusual(pattern: str) -> bool:
    """Return whether a regex for single characters matches none of those that a usual text may hold.

    A regex that needs a literal which no usual text holds is as good; of any other the answer is False.
    """
    usual = [chr(code) for code in range(0x20000) if _unusual().match(chr(code)) is None] + [c for c, _ in _USUAL]
    usual = [char for char in usual if char not in _ODD]
    if literals := required_literals(pattern):
        return not any(set(literal) <= set(usual) for literal in literals)
    return bool(_ONE_CLASS.fullmatch(pattern)) and re.search(pattern, "".join(usual)) is None


def dense_of(text: str) -> str:
    """Return the `dense` view of a text."""
    squeezed = squeeze(fold(text))
    edits = speller().edits(squeezed)
    return edited(squeezed, edits) if edits else squeezed


@lru_cache(maxsize=8192)  # each rule's patterns are checked and compiled, and another brand's are mostly the same ones
def fold_regex(pattern: str) -> str:
    """Return a regex as it must read over a folded view: traditional and full-width literals folded, syntax kept."""
    return "".join(char if ord(char) < 128 else _regex_literal(char) for char in pattern)


def _regex_literal(char: str) -> str:
    folded = _folded(char)
    return re.escape(folded) if folded and folded.isascii() else folded or char


class View:
    """One text in its readings. `source` is what the caller gave; spans of the others are mapped on demand.

    usual: whether the text holds nothing but common characters and the usual punctuation (no capital of another script,
    nothing invisible), so that gates on odd characters need not look.
    """

    __slots__ = ("_dense", "_edits", "_edits_at", "_plain_at", "_squeezed_at", "plain", "source", "squeezed", "usual")

    def __init__(self, source: str) -> None:
        self.source = source
        self.plain, self.usual = _quickly_folded(source)
        self.squeezed = squeeze(self.plain)
        self._dense: str | None = None
        self._edits: list[Edit] = []
        self._plain_at: list[int] | None = None
        self._squeezed_at: list[int] | None = None
        self._edits_at: tuple[list[int], list[int]] | None = None

    @property
    def dense(self) -> str:
        if self._dense is None:
            self.respell(speller().edits(self.squeezed))
        return self._dense or ""

    def respell(self, edits: list[Edit]) -> None:
        """Set what of `squeezed` is read as something else, for a caller who knows (speller.py says it otherwise)."""
        self._edits = edits
        self._dense = edited(self.squeezed, edits) if edits else self.squeezed

    @property
    def in_step(self) -> bool:
        """Whether every character of the source is one of the dense view, at the same place."""
        return self.usual and self.dense is self.plain and len(self.plain) == len(self.source)

    def source_span(self, view: str, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span of the source that gave `view[start:end]` (view: source, plain or dense)."""
        if view == "source":
            return start, end
        if view == "dense":
            start, end = self._squeezed_span(start, end)
            if self.squeezed is not self.plain:
                at = self._squeezed_index()
                start, end = at[start], at[end - 1] + 1
        if self.usual and len(self.plain) == len(self.source):  # each character stayed, or became one other
            return start, end
        index = self._plain_index()
        return index[start], index[end - 1] + 1

    def _squeezed_span(self, start: int, end: int) -> tuple[int, int]:
        if not self._edits:
            return start, end
        if self._edits_at is None:
            self._edits_at = edited_at(self.squeezed, self._edits)
        starts, ends = self._edits_at
        return starts[start], ends[end - 1]

    def _plain_index(self) -> list[int]:
        if self._plain_at is None:
            self._plain_at = [i for i, char in enumerate(self.source) for _ in _FOLDING[ord(char)]]
        return self._plain_at

    def _squeezed_index(self) -> list[int]:
        """Squeezed is plain with characters left out, and these differ from what follows them: align by eye."""
        if self._squeezed_at is None:
            at, position = [], 0
            for char in self.squeezed:
                position = self.plain.index(char, position)
                at.append(position)
                position += 1
            self._squeezed_at = at
        return self._squeezed_at
