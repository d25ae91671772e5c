"""Which encoding a text file of unknown origin is in, found by reading it once in bounded memory."""

from __future__ import annotations

import codecs
from pathlib import Path

from tasks.lineage.errors import UserError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 2**20  # bytes


def encoding_of(path: Path) -> str:
    """Return utf-8-sig or utf-16 by byte-order mark, else utf-8, else gb18030 (what Excel writes in China).

    Raises:
        UserError: the file is not there, or is in none of these.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UserError(str(path), f"cannot be read ({error.strerror})", "a file", "mend the path") from error
    named = [encoding for mark, encoding in _BOMS if start.startswith(mark)]
    for encoding in named or ["utf-8", "gb18030"]:
        if _decodes(path, encoding):
            return encoding
    raise UserError(str(path), "neither UTF-8, UTF-16 nor GB18030", "a text file", "save it as UTF-8")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
