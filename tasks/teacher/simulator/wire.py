"""The bytes of answers: chat completions, streamed or whole, and errors, in DeepSeek's shape."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson

from tasks.teacher.simulator.prefix_cache import Usage

FINGERPRINT = "copymill-simulator"  # every answer says what it is
_CHUNK = 24  # characters of a streamed piece


def served_model(model: str) -> str:
    """Return the model's name as answers give it."""
    return f"{model} (simulator)"


def usage_object(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_cache_hit_tokens": usage.hit,
        "prompt_cache_miss_tokens": usage.prompt - usage.hit,
        "prompt_tokens_details": {"cached_tokens": usage.hit},
    }


def completion(
    request_id: str, model: str, text: str, finish: str, usage: Usage, logprobs: list[dict[str, Any]] | None = None
) -> bytes:
    """Return a whole chat completion. logprobs: entries of its tokens, where they were asked for."""
    message = {"role": "assistant", "content": text}
    told = None if logprobs is None else {"content": logprobs}
    choice = {"index": 0, "message": message, "logprobs": told, "finish_reason": finish}
    return orjson.dumps(
        {**_head(request_id, model, "chat.completion"), "choices": [choice], "usage": usage_object(usage)}
    )


def events(request_id: str, model: str, text: str, finish: str, usage: Usage) -> Iterator[bytes]:
    """Yield a chat completion as server-sent events, usage in the last one."""
    head = _head(request_id, model, "chat.completion.chunk")

    def event(delta: dict[str, str], end: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": end}
        return b"data: " + orjson.dumps({**head, "choices": [choice], **more}) + b"\n\n"

    yield event({"role": "assistant", "content": ""})
    for at in range(0, len(text), _CHUNK):
        yield event({"content": text[at : at + _CHUNK]})
    yield event({}, finish, usage=usage_object(usage))
    yield b"data: [DONE]\n\n"


def error(message: str, kind: str) -> bytes:
    """Return an error body."""
    return orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": kind}})


def _head(request_id: str, model: str, kind: str) -> dict[str, Any]:
    return {
        "id": request_id,
        "object": kind,
        "created": int(time.time()),
        "model": served_model(model),
        "system_fingerprint": FINGERPRINT,
    }
