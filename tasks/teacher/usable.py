"""Whether a reply may be kept as an answer: complete, not filtered, not blank, storable, and JSON where asked."""

from __future__ import annotations

import json
from typing import NoReturn

from tasks.teacher.call import ErrorKind
from tasks.teacher.wire import Reply, WireFault

_FINISH_FAULTS = {
    "length": (ErrorKind.TRUNCATED, "cut off at max_tokens"),
    "content_filter": (ErrorKind.FILTERED, "held back by the provider's content filter"),
    "insufficient_system_resource": (ErrorKind.TRANSIENT, "the server ran out of resources"),
}


def require_usable(reply: Reply, json_answer: bool) -> None:
    """Return if the reply is an answer that may be journaled and used again.

    Raises:
        WireFault: TRUNCATED, FILTERED, TRANSIENT, BLANK or MALFORMED, with the tokens it is charged for.
    """
    if reply.finish_reason in _FINISH_FAULTS:
        kind, message = _FINISH_FAULTS[reply.finish_reason]
        raise WireFault(kind, message, tokens=reply.tokens)
    if reply.finish_reason != "stop":
        message = f"finish_reason {reply.finish_reason[:40]!r} instead of 'stop'"
        raise WireFault(ErrorKind.MALFORMED, message, tokens=reply.tokens)
    if not reply.text.strip():
        raise WireFault(ErrorKind.BLANK, "finish_reason stop and nothing in it", tokens=reply.tokens)
    if not _storable(reply.text):
        raise WireFault(ErrorKind.MALFORMED, "characters that are no text (NUL or half a pair)", tokens=reply.tokens)
    if json_answer and not _is_object(reply.text):
        raise WireFault(ErrorKind.MALFORMED, "not a JSON object", tokens=reply.tokens)


def _storable(text: str) -> bool:
    try:
        return b"\x00" not in text.encode("utf-8")
    except UnicodeEncodeError:
        return False


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text, parse_constant=_no_constant), dict)
    except (ValueError, RecursionError):
        return False


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
