"""Running the simulator in this process until it is told to stop, or its parent is gone."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn

from tasks.lineage.errors import UserError
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.request_log import RequestLog
from tasks.teacher.simulator.server import application

DEFAULT_PORT = 8765  # the address of the provider `simulator` in providers.yaml
BACKLOG = 4096


def serve(
    knobs: Knobs,
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    log_path: Path | None = None,
    announce: Callable[[str], None] = lambda url: None,
    with_parent: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        announce: told the base URL once connections are accepted.
        with_parent: exit when standard input ends, which it does when the parent is gone.

    Raises:
        UserError: the address is taken, or the log cannot be written.
    """
    try:
        log = RequestLog(log_path)
    except OSError as error:
        raise UserError(f"log {log_path}", str(error.strerror), "a file that can be written", "name another") from None
    listener = _listener(host, port)
    if with_parent:
        threading.Thread(target=_exit_with_parent, daemon=True).start()
    config = uvicorn.Config(
        application(knobs, log), log_level="critical", access_log=False, lifespan="off", timeout_keep_alive=75
    )
    announce(f"http://{host}:{listener.getsockname()[1]}")
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        log.close()


def _listener(host: str, port: int) -> socket.socket:
    """Return a socket that accepts connections from now on; they wait until the server takes them."""
    try:
        listener = socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        todo = "take another with --port, or stop what holds it"
        raise UserError(f"address {host}:{port}", str(error.strerror or error), "a free one", todo) from None
    # Accepted connections inherit it; asyncio sets it only on sockets made with proto=IPPROTO_TCP. Without it every
    # answer waits 40 ms for a delayed ACK between its head and its body.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    return listener


def _exit_with_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)
