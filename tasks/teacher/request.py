"""The wire form of a call: the JSON body that is sent, and its digest, which a server can compute from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.lineage.canonical import digest
from tasks.teacher.call import Call
from tasks.teacher.config import TeacherConfig

SAMPLE_HEADER = "X-Copymill-Sample"  # tells a deliberate repeat of one body from an accidental one
ATTEMPT_HEADER = "X-Copymill-Attempt"  # 1 for the first request of a call in this run, 2 for its first repeat, ...


def request_body(call: Call, config: TeacherConfig) -> dict[str, Any]:
    """Return the JSON body of an OpenAI-compatible chat completion; equal calls give equal bodies.

    What a provider needs beyond the standard (thinking switched off) comes from `config.extra_body`, merged on top.
    """
    body: dict[str, Any] = {
        "model": call.model,
        "messages": [{"role": role, "content": content} for role, content in call.messages],
        "temperature": call.temperature,
        "max_tokens": call.max_tokens,
    }
    if call.json_answer:
        body["response_format"] = {"type": "json_object"}
    if call.top_logprobs:
        body |= {"logprobs": True, "top_logprobs": call.top_logprobs}
    return {**body, **config.extra_body}


def request_sha(body: Mapping[str, Any]) -> str:
    """Return the sha256 (64 hex digits) of a request body, whatever the order of its members."""
    return digest(body)
