"""A real HTTP server on loopback that answers as it is told, and a clock that runs only when somebody sleeps."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tasks.teacher.call import Call
from tasks.teacher.client import Surroundings
from tasks.teacher.config import TeacherConfig, load_provider
from tasks.teacher.journal import Journal

SATURDAY = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # never peak


@dataclass
class Say:
    """One response. `body` None: a chat completion with `text`. `keep_alive`: blank lines for ever instead."""

    text: str = "屏障修护，温和配方。"
    finish: str = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    usage: dict[str, Any] | None = field(
        default_factory=lambda: {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "prompt_cache_hit_tokens": 60,
            "prompt_cache_miss_tokens": 40,
        }
    )
    blank_lines: int = 0
    keep_alive: bool = False
    wait_for: threading.Event | None = None

    def payload(self) -> bytes:
        if self.body is not None:
            return self.body
        if self.status != 200:
            return json.dumps({"error": {"message": self.text, "type": "t", "code": "c"}}).encode()
        choice = {"index": 0, "finish_reason": self.finish, "message": {"role": "assistant", "content": self.text}}
        data = {"id": "1", "object": "chat.completion", "choices": [choice], "usage": self.usage}
        return b"\n" * self.blank_lines + json.dumps(data).encode()


@dataclass
class Request:
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def user(self) -> str:
        return str(self.body["messages"][-1]["content"])


class ScriptedServer:
    """Answers the n-th request with the n-th line of the script, and `default` after its end."""

    def __init__(self) -> None:
        self.script: list[Say] = []
        self.default: Say | Callable[[Request], Say] = Say()
        self.requests: list[Request] = []
        self.ending = threading.Event()
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                request = Request(json.loads(raw), {name.lower(): value for name, value in self.headers.items()})
                server.respond(self, server.take(request))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that hung up (deadline, cancellation) is what these tests are about."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def take(self, request: Request) -> Say:
        with self._lock:
            self.requests.append(request)
            if self.script:
                return self.script.pop(0)
            return self.default(request) if callable(self.default) else self.default

    def respond(self, handler: BaseHTTPRequestHandler, say: Say) -> None:
        if say.wait_for is not None:
            say.wait_for.wait(10)
        if say.keep_alive:
            self._keep_alive(handler)
            return
        payload = say.payload()
        handler.send_response(say.status)
        for name, value in {"content-type": "application/json", **say.headers}.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)

    def _keep_alive(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", "1000000")
        handler.end_headers()
        while not self.ending.is_set():
            handler.wfile.write(b"\n")
            handler.wfile.flush()
            time.sleep(0.02)

    def close(self) -> None:
        self.ending.set()
        self.http.shutdown()
        self.http.server_close()


class FakeTime:
    """A clock that moves by what is slept, and never waits."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)

    def surroundings(self) -> Surroundings:
        return Surroundings(self.clock, self.sleep, lambda: SATURDAY, lambda: 0.5)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def journal(tmp_path: Any) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite") as opened:
        yield opened


@pytest.fixture
def config(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> TeacherConfig:
    """The deepseek provider with a key, pointed at the scripted server."""
    monkeypatch.delenv("COPYMILL_BASE_URL", raising=False)
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-very-secret-0123456789")
    return load_provider("deepseek", {"base_url": server.url, "max_in_flight": 8, "deadline_s": 20})


@pytest.fixture
def say() -> type[Say]:
    return Say


@pytest.fixture
def call() -> Callable[..., Call]:
    def make(text: str = "写一段", **changes: Any) -> Call:
        fields = {"purpose": "draft", "model": "deepseek-v4-pro", "temperature": 1.3, "max_tokens": 200, **changes}
        return Call(messages=(("system", "你是一位医生。"), ("user", text)), **fields)

    return make
