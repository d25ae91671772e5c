"""How a name in a text stands to the product's name: a short form, a misspelling, another name. All strings dense."""

from __future__ import annotations

import re
from functools import lru_cache

from tasks.compliance.vocabulary import categories

_SHORTEST = 4  # characters of a piece that may be a misspelt name
_HEAD = 4  # characters at most that are a name's head
_STEM = 3  # characters before a category word that may stand for a name
_USES = frozenset("用敷涂抹擦喷洗")  # verbs of use
_SHARE = re.compile(r"^[\d.]+%")  # a concentration at the head of a name, at which a run ends


def is_short_form(said: str, name: str, form: str) -> bool:
    """Return whether a name's characters stand in the product's name in this order, its category word by a synonym."""
    lexicon = categories()
    own = lexicon.ending(name)
    if len(said) > len(form) and said[0] not in name and name[: len(name) - len(own)] not in said:
        return False  # neither the name nor its beginning: what is nearly always so
    if own and form != own and lexicon.shared(form, own):
        stem = said[: len(said) - len(form)]
        whole = stem == name[: len(name) - len(own)]  # then only what the name's own word is a part of may follow it
        if not whole or (form in lexicon.generic and (form.startswith(own) or own.startswith(form))):
            said = stem + own
    return name in said or _shortens(said, name, own)


def _shortens(said: str, name: str, own: str) -> bool:
    """Return whether a name leaves out words of the product's, and not one character inside: 烟酰精华 is misspelt."""
    misspells = len(said) == len(name) - 1 and said.endswith(own)
    return _in_order(said, name) and not (misspells and len(name) - len(own) >= _SHORTEST)


def _in_order(piece: str, name: str) -> bool:
    rest = iter(name)
    return all(char in rest for char in piece)


def akin(said: str, name: str) -> bool:
    """Return whether half of a name's characters stand in what is said: quick, and true of every distorted name."""
    return 2 * len(_characters(name).intersection(said)) >= len(name) - 1


@lru_cache(maxsize=4096)
def _characters(name: str) -> frozenset[str]:
    return frozenset(name)


def misspelt(said: str, name: str, form: str) -> int | None:
    """Return where a piece begins that is the name but for a few characters and ends with `said`; None for none.

    One character in five may differ, two in eight, three in more, and the category word at the end altogether; the
    piece must keep something of the name's head, else it is a description (高浓度烟酰胺精华). form: the category word
    that ends `said`.
    """
    own = categories().ending(name)
    stem, said_stem = name[: len(name) - len(own)], said[: len(said) - len(form)]
    if own and len(said_stem) >= _STEM and said_stem == _SHARE.sub("", stem) and not categories().shared(form, own):
        return 0  # another category's word after the name's beginning: 0.2%视黄醇缓释面霜 for …缓释精华
    if said[-len(name) :] != name and sorted(said[-len(name) :]) == sorted(name):
        return len(said) - len(name)  # the same words in another order
    best = _nearest(said, name, own, _allowed(len(name)))
    if best is None and own and len(stem) >= _SHORTEST and form != own:
        best = _nearest(said_stem, stem, "", _allowed(len(stem)) // 2 + 1, same=True)
    return best[1] if best else None


def _allowed(length: int) -> int:
    return 1 if length < 6 else 2 if length < 9 else 3


def _nearest(said: str, name: str, own: str, most: int, *, same: bool = False) -> tuple[int, int] | None:
    """Return the distance and the place of the piece at the end of `said` that is nearest to the name.

    own: the category word that ends the name. same: a piece that is the name itself counts too (another category word
    follows it).
    """
    if sum(char in said for char in name) < len(name) - most:
        return None
    best: tuple[int, int] | None = None
    for length in range(min(len(said), len(name) + most), max(_SHORTEST, len(name) - most) - 1, -1):
        piece = said[len(said) - length :]
        if not _keeps_head(piece, name) or (_shortens(piece, name, own) and not (same and piece == name)):
            continue
        distance = edits(piece, name)
        if distance <= most and (best is None or distance < best[0]):
            best = distance, len(said) - length
    return best


def _keeps_head(piece: str, name: str) -> bool:
    """Return whether one of the first two characters of the name stands near the piece's start."""
    return piece[0] == name[0] or name[1] in piece[:3] or name[0] in piece[:2]


def made_up(said: str, name: str, sheet: str) -> bool:
    """Return whether a run is the name with another head, or another name with the head of this one.

    A head is the first two to four characters of a name (澄屿烟酰胺精华, 高岭土清洁面膜) where they are exchanged for
    others that neither describe nor stand on the sheet; and its first two, where those describe nothing and begin no
    ingredient or feature.
    """
    if len(name) < 5:
        return False
    head = name[:2]
    tail = _common_end(said, name)
    exchanged = tail >= max(_SHORTEST, len(name) - _HEAD) and 2 <= len(said) - tail <= _HEAD and tail < len(name)
    if exchanged and said[len(said) - tail] not in _USES:  # 建议用防晒霜 is no 孩童专用防晒霜
        return _foreign(said[: len(said) - tail], sheet, categories().descriptive) == len(said) - tail
    others = sheet.split("\n", 1)[1] if "\n" in sheet else ""
    return said.startswith(head) and head not in others and head not in categories().descriptive


def _common_end(one: str, other: str) -> int:
    """Return how many characters two strings share at their end."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def strange(stem: str, sheet: str) -> bool:
    """Return whether hardly any two neighbouring characters stand on the sheet or describe."""
    pairs = [stem[i : i + 2] for i in range(len(stem) - 1)]
    known = sum(pair in sheet or pair in categories().descriptive for pair in pairs)
    return bool(pairs) and known * 3 <= len(pairs)


def altered_from(said: str, stem: str, name: str, sheet: str) -> bool:
    """Return whether a run keeps the name's head or half of its stem, and two characters of it are of no known word.

    Words of the sheet are known; where the head is not kept, so are words that describe. stem: the run without its
    category word.
    """
    own = categories().ending(name)
    if said[:2] == name[:2]:
        return _foreign(stem, sheet, frozenset()) > 1
    kept = len(_characters(name[: len(name) - len(own)]).intersection(stem))
    alike = kept > 1 and 2 * kept >= len(name) - len(own) and _keeps_head(said, name) and own not in stem
    return alike and _foreign(stem, sheet, categories().descriptive) > 1


def _foreign(stem: str, sheet: str, known: frozenset[str]) -> int:
    """Return how many characters of a stem stand in no piece of two or more that a sheet holds, nor are known."""
    place = foreign = 0
    while place < len(stem):
        end = place
        while end < len(stem) and stem[place : end + 1] in sheet:
            end += 1
        length = end - place if end - place > 1 else 2 * (stem[place : place + 2] in known)
        foreign += not length
        place += length or 1
    return foreign


def edits(one: str, other: str) -> int:
    """Return the Levenshtein distance of two short strings."""
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (char != against))
    return row[-1]
