"""One HTTP request to an OpenAI-compatible API: a reply, or a fault with its kind. No retries, no journal, no prices.

Invariants: a request ends within `deadline_s`, whatever the server sends meanwhile (a keep-alive line resets idle
time-outs for ever); nothing that leaves this module holds the key; the body is sent as `request_body` built it.
openai is imported with the first request, so that a run that asks nothing never pays for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from tasks.teacher.call import ErrorKind
from tasks.teacher.config import TeacherConfig
from tasks.teacher.likelihood import Likelihoods, score_likelihoods
from tasks.teacher.price import Tokens

if TYPE_CHECKING:
    import openai

CONNECT_S = 10.0
_SHOWN = 200  # characters of a server's own message that are kept
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_RETRYABLE_4XX = (408, 409, 425)


class WireFault(Exception):
    """A request that gave nothing usable.

    fatal: no other request of this run can do better (wrong key, no balance, wrong address): stop the run.
    tokens: what it is charged for, None where the server counted none.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        fatal: bool = False,
        retry_after: float | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        self.kind, self.message, self.fatal = kind, message, fatal
        self.retry_after, self.tokens = retry_after, tokens
        super().__init__(f"{kind}: {message}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered, not yet judged. tokens: None where it counted none. latency: seconds."""

    text: str
    finish_reason: str
    tokens: Tokens | None
    latency: float
    likelihoods: tuple[Likelihoods, ...] = ()  # of the scores in the text, where they were asked for and told


class Wire:
    """The connection pool to one provider; open it lazily, close it once."""

    def __init__(self, config: TeacherConfig) -> None:
        self._config = config
        self._client: openai.AsyncOpenAI | None = None
        self._secret = ""

    async def send(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Send one request and return its reply.

        Raises:
            WireFault: connection, deadline, HTTP status, or a body that is no chat completion.
            UserError: the provider needs a key and there is none.
        """
        client = self._client or self._open()
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._config.deadline_s):
                content = await _post(client, body, headers)
        except TimeoutError:
            message = f"no complete answer within {self._config.deadline_s:g} s"
            raise WireFault(ErrorKind.TRANSIENT, message) from None
        except Exception as error:
            self._translate(error)
        return _reply(content, time.perf_counter() - started)

    async def close(self) -> None:
        """Close the connections; closing one that was never opened is harmless."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _open(self) -> openai.AsyncOpenAI:
        self._secret = self._config.api_key().get_secret_value()
        import httpx2
        import openai

        logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line a request at INFO drowns the run's own log
        most = self._config.max_in_flight
        http = openai.DefaultAsyncHttpxClient(
            limits=httpx2.Limits(max_connections=most, max_keepalive_connections=most),
            timeout=httpx2.Timeout(None, connect=CONNECT_S),  # the deadline above is the only clock
            follow_redirects=False,  # a POST would be sent on as a GET, with the key
            trust_env=urlsplit(self._config.base_url).hostname not in _LOOPBACK,  # no proxy to this machine
        )
        self._client = openai.AsyncOpenAI(
            api_key=self._secret, base_url=self._config.base_url, max_retries=0, http_client=http
        )
        return self._client

    def _translate(self, error: Exception) -> NoReturn:
        """Raise the fault that an exception of openai means; anything unknown is a bug and goes on as it is."""
        import openai

        if isinstance(error, openai.APIStatusError):
            message = _shown(_server_message(error), self._secret)
            raise _status_fault(error, message, self._config) from None
        if isinstance(error, openai.APIConnectionError):
            cause = error.__cause__ or error
            message = _shown(f"connection to the server failed ({type(cause).__name__}: {cause})", self._secret)
            raise WireFault(ErrorKind.TRANSIENT, message) from None
        raise error


async def _post(client: openai.AsyncOpenAI, body: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    """Send the body as it is and return the raw answer.

    Measured on 2 cores: `chat.completions.create` takes 1.5 ms of CPU a call, most of it for typing the body and the
    answer; the same client's `post` takes 1.1 ms, and the body on the wire is exactly the one that was hashed.
    """
    import httpx2

    response = await client.post(
        "/chat/completions", cast_to=httpx2.Response, body=body, options={"headers": dict(headers)}
    )
    return response.content


def _status_fault(error: openai.APIStatusError, message: str, config: TeacherConfig) -> WireFault:
    status = error.status_code
    retry_after = _retry_after(error.response.headers)
    if status == 402 or (status == 429 and error.code == "insufficient_quota"):
        return WireFault(ErrorKind.BALANCE, f"HTTP {status}: {message}", fatal=True)
    if status in (401, 403):  # the server's message may quote the key: not shown
        return WireFault(ErrorKind.AUTH, f"HTTP {status}", fatal=True)
    if status == 429:
        return WireFault(ErrorKind.RATE, f"HTTP 429: {message}", retry_after=retry_after)
    if status >= 500 or status in _RETRYABLE_4XX:
        return WireFault(ErrorKind.TRANSIENT, f"HTTP {status}: {message}", retry_after=retry_after)
    wrong_address = status == 404 or status < 400
    return WireFault(ErrorKind.BAD_REQUEST, f"HTTP {status}: {message}", fatal=wrong_address)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header: a number, or an HTTP date; None where there is none to be read."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass  # not a number: it may be a date
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _server_message(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, Mapping):
        return str(body.get("message") or body)
    return str(body or "no message")


def _shown(text: str, secret: str) -> str:
    """Return a server's text in one short line of storable characters, without the key."""
    if secret:
        text = text.replace(secret, "[key]")
    line = " ".join(text.replace("\x00", " ").split())[:_SHOWN]
    return line.encode("utf-8", "replace").decode()


def _reply(content: bytes, latency: float) -> Reply:
    """Return the reply in a response body; blank keep-alive lines before the JSON are not part of it.

    Raises:
        WireFault: MALFORMED, the body is no chat completion.
    """
    try:
        data = json.loads(content)
        choice = data["choices"][0]
        text = choice["message"].get("content") or ""
        finish = str(choice.get("finish_reason"))
        tokens = _tokens(data.get("usage"))
        likelihoods = tuple(score_likelihoods(choice.get("logprobs")))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        shown = _shown(content[:80].decode("utf-8", "replace"), "")
        message = f"the body is no chat completion ({type(error).__name__}): {shown}"
        raise WireFault(ErrorKind.MALFORMED, message) from None
    if not isinstance(text, str):
        raise WireFault(ErrorKind.MALFORMED, "the content of the message is not text", tokens=tokens)
    return Reply(text, finish, tokens, latency, likelihoods)


def _tokens(usage: object) -> Tokens | None:
    """Return the counted tokens; cache hits under DeepSeek's name or under OpenAI's."""
    if not isinstance(usage, Mapping):
        return None
    details = usage.get("prompt_tokens_details")
    hit = usage.get("prompt_cache_hit_tokens") or (details.get("cached_tokens") if isinstance(details, Mapping) else 0)
    return Tokens(
        prompt=_count(usage.get("prompt_tokens")),
        cache_hit=_count(hit),
        completion=_count(usage.get("completion_tokens")),
    )


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) and value > 0 else 0
