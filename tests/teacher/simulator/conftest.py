"""One simulator process for the tests that need HTTP; each test turns its knobs and gets the defaults back."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tasks.teacher.simulator import Knobs, SimulatorProcess

CALM = {
    "rate_limit": 0.0,
    "server_error": 0.0,
    "unavailable": 0.0,
    "blank": 0.0,
    "exhausted": 0.0,
    "truncated": 0.0,
    "filtered": 0.0,
    "broken_json": 0.0,
    "hang": 0.0,
    "cut": 0.0,
    "faulty_attempts": 2,
    "retry_after": None,
    "storm_after": 0,
    "storm": 0,
    "max_in_flight": 0,
    "balance": None,
    "key": None,
    "unauthorized": False,
}


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[SimulatorProcess]:
    log = tmp_path_factory.mktemp("simulator") / "requests.jsonl"
    with SimulatorProcess(log, Knobs().turned({"faults": CALM})) as process:
        yield process


@pytest.fixture
def simulator(server) -> Iterator[SimulatorProcess]:
    """The session's simulator without faults; whatever a test turns is turned back."""
    yield server
    server.control(faults=CALM, delays=Knobs().delays.model_dump())


@pytest.fixture
def http(simulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.base_url, trust_env=False, timeout=20) as client:
        yield client
