"""Which regexes can take more than linear time, told from their parsed form.

A search is linear where every repeat is bounded, or where an unbounded one can be begun at few places only: something
that the repeat itself does not match stands before it, or the regex is anchored. What is asked here is stricter than
need be: a regex that is told can always be written with a bound.
"""

from __future__ import annotations

import re
from importlib import import_module

_parser = import_module("re._parser")
_SAMPLE = [chr(code) for code in range(32, 127)] + list(
    "\n\t\r中最一三五十百千万天日，。、：；！？（）【】“”「」①％·—🌿"
)


def growing(pattern):
    """Return what of a regex can grow faster than the text, as a list of sentences; empty where nothing can."""
    told = [sentence for items in _ways(list(_parser.parse(pattern))) for sentence in _told(items)]
    return sorted(set(told))


def _ways(items):
    """Yield the sequences that a regex may be: groups opened, one for each branch that holds an unbounded repeat."""
    for place, (operation, argument) in enumerate(items):
        choices = [choice for choice in _choices(str(operation), argument) if _unbounded(choice)]
        for choice in choices:
            yield from _ways([*items[:place], *choice, *items[place + 1 :]])
        if choices:
            return
    yield items


def _choices(name, argument):
    """Return the sequences that one item stands for; none where it is no group."""
    if name == "SUBPATTERN":
        return [argument[3]]
    if name == "ATOMIC_GROUP":
        return [argument]
    if name == "BRANCH":
        return argument[1]
    return [argument[2]] if name.endswith("_REPEAT") and argument[1] == 1 else []


def _unbounded(items):
    """Return whether a repeat without bound stands anywhere in a sequence."""
    return "MAXREPEAT" in str(list(items)) or str(int(_parser.MAXREPEAT)) in str(list(items))


def _told(items):
    anchored = bool(items) and str(items[0][1]) == "AT_BEGINNING_STRING"
    at_line = bool(items) and str(items[0][1]) == "AT_BEGINNING"
    before = []  # the characters of each required item so far
    open_repeat = None  # the characters of an unbounded repeat from which the match could come here
    for place, (operation, argument) in enumerate(items):
        name = str(operation)
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        chars, least, most = _shape(name, argument)
        if most == _parser.MAXREPEAT and _required(items[place + 1 :]):
            if _unbounded(argument[2]):
                yield "an unbounded repeat of an unbounded repeat"
            if open_repeat is not None and open_repeat & chars:
                yield "two unbounded repeats that share characters"
            if not anchored and not (at_line and "\n" not in chars) and all(part & chars for part in before):
                yield "an unbounded repeat that can be begun anywhere"
            open_repeat = chars
        elif least and not (open_repeat is not None and open_repeat & chars):
            open_repeat = None
        if least:
            before.append(chars)


def _shape(name, argument):
    """Return the characters of an item, and how often it stands there: (set, least, most)."""
    if name.endswith("_REPEAT"):
        least, most, inner = argument
        return _chars(inner), least, most
    return _chars([(name, argument)]), 1, 1


def _required(items):
    return any(_shape(str(op), arg)[1] > 0 for op, arg in items if str(op) not in ("AT", "ASSERT_NOT"))


def _chars(items):
    """Return the characters of the sample that may stand in a match of the items."""
    found = set()
    for operation, argument in items:
        name = str(operation)
        if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY", "CATEGORY"):
            found |= {char for char in _SAMPLE if _matches(name, argument, char)}
            found |= {chr(argument)} if name == "LITERAL" else set()
        elif name == "BRANCH":
            found |= set().union(*map(_chars, argument[1]))
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            found |= _chars(argument[3] if name == "SUBPATTERN" else argument)
        elif name.endswith("_REPEAT"):
            found |= _chars(argument[2])
        elif name == "GROUPREF":
            found |= set(_SAMPLE)
    return found


def _matches(name, argument, char):
    if name == "ANY":
        return char != "\n"
    if name == "LITERAL":
        return ord(char) == argument
    if name == "NOT_LITERAL":
        return ord(char) != argument
    parts = argument if name == "IN" else [("CATEGORY", argument)]
    hit = False
    for operation, value in parts:
        kind = str(operation)
        hit |= kind == "LITERAL" and ord(char) == value
        hit |= kind == "RANGE" and value[0] <= ord(char) <= value[1]
        hit |= kind == "CATEGORY" and bool(re.match(_CATEGORY[str(value)], char))
    return hit != any(str(operation) == "NEGATE" for operation, _ in parts)


_CATEGORY = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
