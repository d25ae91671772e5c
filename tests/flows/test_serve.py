"""Ending what serves: one Ctrl-C ends it, even where what it cancels goes on at first."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from flows import serve


async def deaf(times: int) -> None:
    """Serve for ever, and swallow so many cancellations."""
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


def ctrl_c_soon() -> None:
    asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("swallowed", [0, 2])
def test_one_ctrl_c_ends_what_serves(monkeypatch, swallowed):
    monkeypatch.setattr(serve, "CANCEL_SECONDS", 0.05)

    async def served() -> None:
        ctrl_c_soon()
        await serve.until_told(deaf(swallowed))

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(asyncio.wait_for(served(), timeout=10))


def test_what_ends_by_itself_ends_with_its_own_error():
    async def broken() -> None:
        raise RuntimeError("port taken")

    with pytest.raises(RuntimeError, match="port taken"):
        asyncio.run(serve.until_told(broken()))
