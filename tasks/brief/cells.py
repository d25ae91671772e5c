"""One cell of a product list: its text made clean, its list cut into entries.

Invariants: a clean text has no control, format or zero-width character, no line end, and single spaces; `clean` and
`entries` of their own result change nothing.
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from dataclasses import dataclass

BLANK = {"", "无", "暂无", "-", "--", "—", "/", "n/a", "na", "nan", "null", "none"}
SHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)")
UNREADABLE = re.compile("\ufffd|锟斤拷")  # the second is what UTF-8's replacement character becomes when read as GBK
FORMULA_GUARD = re.compile(r"^'+(?=[=+\-@])")  # as our own CSV export writes it (tasks/datasets/table_files.py)

HARD = re.compile(r"[|｜¦\r\n]+")
BRACKETED = r"[(（][^()（）]*[)）]"
LOCANT_COMMA = r"(?<=\d),(?=\d+(?:,\d+)*-)"  # 1,2-己二醇 is one ingredient
SOFT_ENTRY = re.compile(rf"(?:{BRACKETED}|{LOCANT_COMMA}|[^;；、，,])+")
PROSE_ENTRY = re.compile(r"[^;；]+")
SPACED_ENTRY = re.compile(rf"(?:{BRACKETED}|\S)+")
AMOUNT = re.compile(r"[\d.]+(?:%|％|ppm|mg|g)?", re.IGNORECASE)
SUFFIX = re.compile(r"[A-Za-z]\d{0,2}")


@dataclass(frozen=True)
class Entries:
    """The entries of a list cell. spaced: only spaces told them apart."""

    items: tuple[str, ...]
    spaced: bool = False


def clean(cell: str) -> str:
    """Return a cell's text without control, format and zero-width characters, with single spaces; '' for a blank."""
    text = cell if cell.isprintable() else "".join(char for char in cell if char.isspace() or not invisible(char))
    text = FORMULA_GUARD.sub("", " ".join(text.split()))
    return "" if text.casefold() in BLANK else text


def invisible(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs"}


def entries(cell: str) -> Entries:
    """Return the entries of a list of ingredients, features or claims, in order, each once.

    The strongest separator in the cell counts: | or a line end, else ; 、 or a comma, else spaces. Brackets keep
    together what they hold; by spaces, `10% 烟酰胺`, `Vitamin C` and `维生素 C` stay whole.
    """
    written = written_list(cell)
    if written is not None:
        return Entries(unique(written))
    text = cell.strip()
    if HARD.search(text):
        return Entries(unique(HARD.split(text)))
    soft = unique(SOFT_ENTRY.findall(text))
    if len(soft) != 1:
        return Entries(soft)
    spaced = unique(joined_words(SPACED_ENTRY.findall(soft[0])))
    return Entries(spaced, spaced=len(spaced) > 1)


def prose_entries(cell: str) -> Entries:
    """Return the entries of a list of sentences (evidence): by | or ; alone, as they hold commas and spaces."""
    written = written_list(cell)
    if written is not None:
        return Entries(unique(written))
    text = cell.strip()
    return Entries(unique(HARD.split(text) if HARD.search(text) else PROSE_ENTRY.findall(text)))


def written_list(cell: str) -> list[str] | None:
    """Return the entries of a JSON list (our own CSV export) or a Python one (pandas), or None for any other text."""
    text = cell.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return None
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(text)
        except (ValueError, SyntaxError):
            continue
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return value
    return None


def joined_words(words: list[str]) -> list[str]:
    """Return words with those put together that are one entry: amounts, Latin names, letter suffixes."""
    joined: list[str] = []
    for word in words:
        if joined and belongs(joined[-1], word):
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined


def belongs(before: str, word: str) -> bool:
    last = before.rsplit(" ", 1)[-1]
    return bool(AMOUNT.fullmatch(last) or SUFFIX.fullmatch(word) or (last + word).isascii())


def unique(parts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for part in parts if (text := clean(part))))
