"""The simulated DeepSeek as an ASGI application: chat completions, models, balance, and /control for its knobs.

A request is read, let in or refused, answered, written to the log, and only then sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tasks.lineage.errors import UserError
from tasks.teacher.request import ATTEMPT_HEADER, SAMPLE_HEADER, request_sha
from tasks.teacher.simulator import wire
from tasks.teacher.simulator.answers import Answered, answer_to, content_key
from tasks.teacher.simulator.faults import FINISH, STATUS, Gate, drawn_fault
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.prefix_cache import PrefixCache, Usage, tokens_of
from tasks.teacher.simulator.request_log import LoggedRequest, RequestLog
from tasks.teacher.simulator.task_sheet import SheetError

KEEP_ALIVE_S = 1.0  # a waiting request gets a blank line this often
_JSON = "application/json"
_REMEMBERED = 200_000  # requests whose attempts are counted here, for clients that send no attempt header


class BadBody(ValueError):
    """The body is no chat completion request; the message says why."""


@dataclass(slots=True)
class Exchange:
    """One request on its way through the server."""

    body: dict[str, Any]
    sha: str
    sample: str
    attempt: int
    started: float
    fault: str = ""
    answered: Answered | None = None
    text: str = ""
    finish: str = "stop"
    usage: Usage = field(default_factory=lambda: Usage(0, 0, 0))

    @property
    def model(self) -> str:
        return str(self.body.get("model") or "deepseek")

    @property
    def json_answer(self) -> bool:
        wanted = self.body.get("response_format")
        return isinstance(wanted, Mapping) and wanted.get("type") == "json_object"

    @property
    def usable(self) -> bool:
        return self.finish == "stop" and bool(self.text.strip()) and self.fault not in {"cut", "hang", "broken_json"}


class Simulator:
    """State and request handlers of one server."""

    def __init__(self, knobs: Knobs, log: RequestLog) -> None:
        self._knobs, self._log = knobs, log
        self._gate = Gate(knobs.faults)
        self._cache = PrefixCache()
        self._attempts: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._counts: Counter[str] = Counter()

    async def chat(self, request: Request) -> Response:
        """POST /chat/completions and /v1/chat/completions."""
        raw = await request.body()
        try:
            exchange = self._read(raw, request.headers)
        except BadBody as fault:
            unread = Exchange({}, "", request.headers.get(SAMPLE_HEADER, "0"), 1, time.monotonic())
            return self._refused(unread, "bad_request", str(fault))
        refusal = self._gate.refusal(request.headers.get("authorization", "").removeprefix("Bearer ").strip())
        if refusal:
            return self._refused(exchange, refusal)
        self._gate.in_flight += 1
        try:
            return await self._answered(exchange, request)
        finally:
            self._gate.in_flight -= 1

    def _read(self, raw: bytes, headers: Mapping[str, str]) -> Exchange:
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise BadBody(f"the body is not JSON: {error}") from None
        messages = body.get("messages") if isinstance(body, dict) else None
        if not isinstance(messages, list) or not messages or not all(isinstance(each, dict) for each in messages):
            raise BadBody("messages must be a list of objects with role and content")
        sha, sample = request_sha(body), headers.get(SAMPLE_HEADER, "0")
        return Exchange(body, sha, sample, self._attempt(sha, sample, headers), time.monotonic())

    def _attempt(self, sha: str, sample: str, headers: Mapping[str, str]) -> int:
        """Return the number of this attempt: the client's own count, else how often this server saw the request."""
        seen = self._attempts.pop((sha, sample), 0) + 1
        self._attempts[sha, sample] = seen
        if len(self._attempts) > _REMEMBERED:
            self._attempts.popitem(last=False)
        told = headers.get(ATTEMPT_HEADER, "")
        return int(told) if told.isdecimal() else seen

    async def _answered(self, exchange: Exchange, request: Request) -> Response:
        knobs = self._knobs
        key = content_key(exchange.body, exchange.sample, knobs.seed)
        exchange.fault = drawn_fault(key, exchange.attempt, knobs, json_answer=exchange.json_answer)
        if exchange.fault in STATUS:
            return self._refused(exchange, exchange.fault)
        try:
            self._fill(exchange, knobs, key)
        except SheetError as error:
            return self._refused(exchange, "bad_request", str(error))
        wait = _delay(key, exchange.attempt, knobs)
        if exchange.fault == "hang":
            return StreamingResponse(self._hanging(exchange, request), media_type=_JSON)
        if wait > KEEP_ALIVE_S and not exchange.body.get("stream"):
            return StreamingResponse(self._late(exchange, wait), media_type=_JSON)
        if wait:
            await asyncio.sleep(wait)
        self._gate.pay()
        self._write(exchange, 200)
        return self._response(exchange)

    def _fill(self, exchange: Exchange, knobs: Knobs, key: str) -> None:
        """Write the answer, then spoil it as the fault of this attempt says."""
        answered = answer_to(exchange.body, exchange.sample, knobs, key)
        exchange.answered, exchange.text = answered, answered.text
        exchange.finish = FINISH.get(exchange.fault, "stop")
        if exchange.fault in {"blank", "filtered"}:
            exchange.text = ""
        if exchange.fault in {"truncated", "exhausted", "broken_json"}:
            exchange.text = exchange.text[: len(exchange.text) * 2 // 3]
        most = exchange.body.get("max_tokens")
        if isinstance(most, int) and 0 < most < tokens_of(exchange.text):
            exchange.text, exchange.finish = exchange.text[: max(1, int(most / 0.6))], "length"
        exchange.usage = self._cache.usage(exchange.body["messages"], exchange.text)

    def _refused(self, exchange: Exchange, fault: str, message: str = "") -> Response:
        exchange.fault = fault
        status, said = STATUS.get(fault, (400, message))
        self._write(exchange, status)
        headers = {}
        if status == 429 and self._knobs.faults.retry_after is not None:
            headers["Retry-After"] = f"{self._knobs.faults.retry_after:g}"
        return Response(wire.error(said, fault), status, headers, _JSON)

    def _response(self, exchange: Exchange) -> Response:
        parts = (_request_id(exchange), exchange.model, exchange.text, exchange.finish, exchange.usage)
        if exchange.body.get("stream"):
            return StreamingResponse(_pieces(wire.events(*parts)), media_type="text/event-stream")
        logprobs = exchange.answered.logprobs(exchange.text) if exchange.answered else None
        whole = wire.completion(*parts, logprobs)
        if exchange.fault == "cut":  # says more than it sends: the connection breaks in the middle
            return Response(whole[: len(whole) // 2], headers={"Content-Length": str(len(whole))}, media_type=_JSON)
        return Response(whole, media_type=_JSON)

    async def _late(self, exchange: Exchange, wait: float) -> AsyncIterator[bytes]:
        """Yield blank lines until the answer is due, as DeepSeek does, then the answer."""
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0:
            yield b"\n"
            await asyncio.sleep(min(KEEP_ALIVE_S, left))
        self._gate.pay()
        self._write(exchange, 200)
        yield bytes(self._response(exchange).body)

    async def _hanging(self, exchange: Exchange, request: Request) -> AsyncIterator[bytes]:
        """Yield blank lines until the client has had enough."""
        self._write(exchange, 200)
        while not await request.is_disconnected():
            yield b"\n"
            await asyncio.sleep(KEEP_ALIVE_S / 4)

    def _write(self, exchange: Exchange, status: int) -> None:
        """Count a finished request and put it on disk."""
        usable = status == 200 and exchange.usable
        self._counts.update({"requests": 1, "usable": int(usable), f"status {status}": 1})
        if exchange.fault:
            self._counts[f"fault {exchange.fault}"] += 1
        order, usage = exchange.answered.order if exchange.answered else None, exchange.usage
        self._log.write(
            LoggedRequest(
                at=time.time(),
                request_sha=exchange.sha,
                sample=exchange.sample,
                attempt=exchange.attempt,
                task=order.task if order else "",
                content_type=order.content_type if order else "",
                product=order.name if order else "",
                model=exchange.model,
                status=status,
                fault=exchange.fault,
                finish_reason=exchange.finish if status == 200 else "",
                usable=usable,
                prompt_tokens=usage.prompt,
                cache_hit_tokens=usage.hit,
                completion_tokens=usage.completion,
                seconds=round(time.monotonic() - exchange.started, 6),
                defects=exchange.answered.notes if exchange.answered else [],
            )
        )

    # -- everything but chat ------------------------------------------------------------------------------------------

    async def models(self, _request: Request) -> Response:
        """GET /models."""
        names = ("deepseek-flash", "deepseek-v4-pro")
        data = [{"id": name, "object": "model", "owned_by": wire.FINGERPRINT} for name in names]
        return JSONResponse({"object": "list", "data": data})

    async def balance(self, _request: Request) -> Response:
        """GET /user/balance: answers left, as money."""
        left = self._gate.balance
        info = {"currency": "USD", "total_balance": "999999" if left is None else str(left)}
        return JSONResponse({"is_available": left is None or left > 0, "balance_infos": [info]})

    async def control(self, request: Request) -> Response:
        """GET /control: knobs and counters. POST /control: merge nested knobs in, then the same."""
        if request.method == "POST":
            try:
                self._turn(orjson.loads(await request.body()))
            except orjson.JSONDecodeError as error:
                return Response(wire.error(f"the body is not JSON: {error}", "bad_request"), 400, media_type=_JSON)
            except UserError as error:
                return Response(wire.error(str(error), "bad_request"), 400, media_type=_JSON)
        left = {"balance": self._gate.balance, "storm": self._gate.storm_left, "in_flight": self._gate.in_flight}
        return JSONResponse({"knobs": self._knobs.model_dump(), "counts": dict(self._counts), "left": left})

    def _turn(self, changes: object) -> None:
        if not isinstance(changes, Mapping):
            raise UserError("the body of /control", "no object", "knob names with values", 'send {"faults": {...}}')
        self._knobs = self._knobs.turned(changes)
        named = changes.get("faults")
        named = named if isinstance(named, Mapping) else {}
        self._gate.turned(
            self._knobs.faults, storm="storm" in named or "storm_after" in named, balance="balance" in named
        )


def _delay(key: str, attempt: int, knobs: Knobs) -> float:
    """Return the seconds that an answer takes; the tail is drawn for request and attempt."""
    delays = knobs.delays
    slow = delays.slow_tail > 0 and Random(f"{key}/delay/{attempt}").random() < delays.slow_tail
    return delays.latency + (delays.slow_seconds if slow else 0.0)


def _request_id(exchange: Exchange) -> str:
    return f"sim-{exchange.sha[:24]}-{exchange.sample}"


async def _pieces(pieces: Any) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def application(knobs: Knobs, log: RequestLog) -> Starlette:
    """Return the server's application."""
    simulator = Simulator(knobs, log)
    return Starlette(
        routes=[
            Route("/chat/completions", simulator.chat, methods=["POST"]),
            Route("/v1/chat/completions", simulator.chat, methods=["POST"]),
            Route("/models", simulator.models),
            Route("/v1/models", simulator.models),
            Route("/user/balance", simulator.balance),
            Route("/control", simulator.control, methods=["GET", "POST"]),
        ]
    )
