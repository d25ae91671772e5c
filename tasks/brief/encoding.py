"""Bytes to text, for files that people made: UTF-8 with or without BOM, UTF-16, UTF-32, GB18030 (GBK, GB2312).

Invariant: nothing is replaced or guessed over. A file that is none of these, or that is almost one of them, is an
error, since mojibake in a product list would end as mojibake in paid copy.
"""

from __future__ import annotations

import codecs

from tasks.lineage.errors import UserError

BOMS = (  # longest first: the UTF-32 mark begins with the UTF-16 one
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
RESAVE = "save it as UTF-8 (in Excel: CSV UTF-8)"
MOST_NULS = 0.2  # of UTF-8 text with stray NULs; ASCII text as UTF-16 is half NULs
COMMON_HAN = 0.7  # simplified Chinese text is almost all GB2312; Big5 bytes read as GB18030 are not


def decoded(subject: str, data: bytes) -> str:
    """Return the text of a file's bytes.

    Raises:
        UserError: damaged text, or none of the encodings above.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return strictly(subject, data, encoding)
    if data.count(b"\0") > MOST_NULS * len(data) or (b"\0" in data and not decodes_as(data, "utf-8")):
        return unmarked_utf16(subject, data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse_damaged_utf8(subject, data, error)
    return gb18030(subject, data)


def strictly(subject: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        found = f"it begins as {name} and byte {error.start + 1} is not"
        raise UserError(subject, found, f"{name} throughout", RESAVE) from error


def unmarked_utf16(subject: str, data: bytes) -> str:
    """Return UTF-16 text that has no BOM, in the byte order that shows line ends and delimiters."""
    readings = []
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.append((sum(text.count(mark) for mark in ",;\t\n"), text))
    score, text = max(readings, default=(0, ""))
    if not score:
        raise UserError(subject, "binary data", "a CSV or .xlsx file", "export the list as CSV or .xlsx")
    return text


def refuse_damaged_utf8(subject: str, data: bytes, error: UnicodeDecodeError) -> None:
    """Refuse text that is UTF-8 but for a few bytes: as GB18030 it would decode to nonsense."""
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    if sum(char > "\x7f" for char in text) - bad > 3 * bad:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{subject} line {line}", "a damaged character", "UTF-8 throughout", RESAVE) from error


def gb18030(subject: str, data: bytes) -> str:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        expected = "UTF-8, UTF-16 or GB18030"
        raise UserError(subject, f"an unknown encoding (byte {error.start + 1})", expected, RESAVE) from error
    if share_of_common_han(text) < COMMON_HAN and decodes_as(data, "big5"):
        raise UserError(subject, "what looks like Big5", "UTF-8, UTF-16 or GB18030", RESAVE)
    return text


def share_of_common_han(text: str) -> float:
    """Return the share of Chinese characters that GB2312 has; 1.0 where there is none."""
    han = [char for char in text if "\u4e00" <= char <= "\u9fff"]
    return len("".join(han).encode("gb2312", errors="ignore")) / 2 / len(han) if han else 1.0


def decodes_as(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
