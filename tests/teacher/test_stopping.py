"""What stops a run: no balance, a refused key, a spent budget, a server that stays away, a missing key."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from tasks.lineage.errors import StopRun, UserError
from tasks.teacher.call import Call
from tasks.teacher.client import Teacher
from tasks.teacher.config import load_provider
from tasks.teacher.journal import Journal

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def teacher(config, journal, fake_time):
    def make(budget=None, run_id="run-1", **changes):
        changed = config.model_copy(update=changes)
        return Teacher(changed, journal, run_id, budget, surroundings=fake_time.surroundings())

    return make


async def asked_all(teacher, calls) -> list[object]:
    async with teacher:
        return await asyncio.gather(*[teacher.answer(call) for call in calls], return_exceptions=True)


async def test_no_balance_stops_every_waiting_call_at_once(teacher, call, server, say):
    server.default = say(status=402, text="Insufficient Balance")
    results = await asked_all(teacher(), [call(str(n)) for n in range(200)])
    assert {type(result) for result in results} == {StopRun}
    assert len(server.requests) <= 8  # those in flight
    assert str(results[0]).startswith("teacher deepseek: no balance left (HTTP 402: Insufficient Balance); expected")


async def test_stopped_teacher_still_reads_its_journal_but_asks_nothing(teacher, call, server, say):
    asked = teacher()
    async with asked:
        await asked.answer(call("早"))
        server.default = say(status=402)
        with pytest.raises(StopRun):
            await asked.answer(call("晚"))
        made = len(server.requests)
        assert (await asked.answer(call("早"))).from_journal
        with pytest.raises(StopRun):
            await asked.answer(call("更晚"))
    assert len(server.requests) == made


async def test_requests_on_the_wire_come_home_when_the_run_stops(teacher, call, server, say, journal):
    gate = threading.Event()
    server.default = lambda request: say(wait_for=gate) if "慢" in request.user else say(status=402)
    with pytest.raises(StopRun):
        async with teacher() as asked:
            slow = asyncio.create_task(asked.answer(call("慢")))
            while not server.requests:
                await asyncio.sleep(0.01)
            threading.Timer(0.2, gate.set).start()
            await asked.answer(call("快"))
    assert (await slow).text
    assert journal.get(call("慢").key("deepseek"))


async def test_run_resumes_after_a_stop_without_asking_again(teacher, call, server, say):
    calls = [call(str(n)) for n in range(20)]
    server.default = lambda request: say(status=402) if int(request.user) >= 10 else say()
    results = await asked_all(teacher(), calls)
    paid = sum(not isinstance(result, StopRun) for result in results)
    server.default, made = say(), len(server.requests)
    results = await asked_all(teacher(), calls)
    assert all(result.text for result in results)
    assert len(server.requests) - made == 20 - paid


async def test_refused_key_stops_with_one_sentence_that_does_not_show_it(teacher, call, server, say):
    server.default = say(status=401, text=f"Incorrect API key provided: {KEY}")
    (error,) = await asked_all(teacher(), [call()])
    assert str(error).startswith(
        "teacher deepseek: it refused the key in DEEPSEEK_API_KEY (HTTP 401); expected a valid"
    )
    assert len(server.requests) == 1


async def test_quota_spent_told_as_429_is_no_balance(teacher, call, server, say):
    body = b'{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'
    server.default = say(status=429, body=body)
    (error,) = await asked_all(teacher(), [call()])
    assert "no balance left" in str(error)


@pytest.mark.parametrize("status", [302, 404])
async def test_wrong_address_stops_the_run_and_the_key_goes_nowhere_else(teacher, call, server, say, status):
    server.default = say(status=status, headers={"location": "http://127.0.0.1:9/elsewhere"})
    (error,) = await asked_all(teacher(), [call()])
    assert isinstance(error, StopRun)
    assert "mend base_url" in str(error)
    assert len(server.requests) == 1


async def test_server_that_stays_away_stops_the_run(teacher, call, fake_time):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    results = await asked_all(teacher(base_url=url), [call(str(n)) for n in range(100)])
    stops = [result for result in results if isinstance(result, StopRun)]
    assert len(stops) >= 90
    assert "does not answer" in str(stops[0])


async def test_missing_key_is_an_error_and_never_a_fall_back(teacher, call, server, monkeypatch):
    monkeypatch.delenv("DEEPSEEK_API_KEY")
    (error,) = await asked_all(teacher(), [call()])
    assert isinstance(error, UserError)
    assert "no key in the environment variable DEEPSEEK_API_KEY" in str(error)
    assert server.requests == []


async def test_simulator_needs_no_key(server, journal, call, monkeypatch):
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    async with Teacher(load_provider("simulator", {"base_url": server.url}), journal, "run-1") as asked:
        assert (await asked.answer(call())).text


async def test_budget_is_reached_cleanly_and_never_overdrawn(teacher, call, server, journal):
    budget = 0.004  # a call may cost 0.00041 at most and costs 0.00007
    results = await asked_all(teacher(budget), [call(str(n)) for n in range(100)])
    stops = [result for result in results if isinstance(result, StopRun)]
    assert 0 < len(stops) < 60
    assert budget - 0.00045 < journal.spent("run-1") <= budget
    assert len(server.requests) == 100 - len(stops)
    assert str(stops[0]).startswith("budget of 0.004 USD: 0.00")


async def test_budget_counts_what_its_run_spent_before_and_no_other(teacher, call, server, journal):
    await asked_all(teacher(), [call(str(n)) for n in range(10)])
    spent = journal.spent("run-1")
    (error,) = await asked_all(teacher(budget=spent), [call("neu")])
    assert isinstance(error, StopRun)
    (answer,) = await asked_all(teacher(budget=spent, run_id="run-2"), [call("neu")])
    assert answer.text


async def test_budget_counts_failed_requests_that_are_charged(teacher, call, server, say, journal):
    server.default = say(text=" ")
    await asked_all(teacher(budget=0.002), [call(str(n)) for n in range(40)])
    assert journal.get_many(call(str(n)).key("deepseek") for n in range(40)) == {}
    assert 0.0015 < journal.spent("run-1") <= 0.002


async def test_budget_without_a_price_is_refused_before_anything_is_spent(teacher, call, server):
    (error,) = await asked_all(teacher(budget=1.0, prices=()), [call()])
    assert "no price of deepseek-v4-pro is known" in str(error)
    assert server.requests == []


async def test_leaving_drops_what_waits_and_lets_nobody_wait_for_ever(teacher, call, server, say):
    server.default = say(status=429, headers={"retry-after": "9"})
    async with teacher(max_in_flight=1) as asked:
        waiting = [asyncio.create_task(asked.answer(call(str(n)))) for n in range(5)]
        while not server.requests:
            await asyncio.sleep(0.01)
    results = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert len(results) == 5


async def test_key_is_in_no_log_repr_error_or_journal(teacher, call, server, say, config, journal, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    server.default = lambda request: say(status=400, text=f"bad header {request.headers['authorization']}")
    asked = teacher()
    results = await asked_all(asked, [call(str(n)) for n in range(3)])
    server.default = say()
    results += await asked_all(teacher(), [call("gut")])
    journal.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("journal.sqlite*"))
    shown = "".join(map(repr, [config, asked, config.api_key(), config.model_dump_json(), *results])) + caplog.text
    assert "[key]" in shown
    assert KEY not in shown
    assert KEY.encode() not in stored


ASKING = """
import asyncio, sys
from tasks.teacher.call import Call
from tasks.teacher.client import Teacher
from tasks.teacher.config import load_provider
from tasks.teacher.journal import Journal
async def main(url, path):
    config = load_provider("simulator", {"base_url": url, "max_in_flight": 8})
    calls = [Call("draft", (("user", str(n)),), "deepseek-flash", 1.0, 50) for n in range(150)]
    with Journal(path) as journal:
        async with Teacher(config, journal, "run") as teacher:
            await asyncio.gather(*[teacher.answer(call) for call in calls])
asyncio.run(main(*sys.argv[1:]))
"""


def test_killed_run_buys_again_at_most_what_was_in_flight(server, tmp_path):
    command = [sys.executable, "-c", ASKING, server.url, str(tmp_path / "j.sqlite")]
    for answered in (20, 70):
        process = subprocess.Popen(command)
        while len(server.requests) < answered:
            time.sleep(0.005)
        process.kill()
        process.wait()
    before = Counter(request.user for request in server.requests)
    with Journal(tmp_path / "j.sqlite") as journal:
        journaled = {entry.messages[0][1] for entry in journal.calls_of(all_keys()).values()}
    subprocess.run(command, check=True)
    after = Counter(request.user for request in server.requests)
    assert set(after) == {str(number) for number in range(150)}
    assert all(after[user] == before[user] for user in journaled)
    assert sum(after.values()) - 150 <= 2 * 8


async def test_no_more_answers_wait_for_the_journal_than_may_be_in_flight(teacher, call, server, journal, monkeypatch):
    disk, put = asyncio.Event(), journal.put

    async def slow(entry):
        await disk.wait()
        return await put(entry)

    monkeypatch.setattr(journal, "put", slow)
    async with teacher(max_in_flight=4) as asked:
        waiting = [asyncio.create_task(asked.answer(call(str(n)))) for n in range(20)]
        while len(server.requests) < 4:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)  # time enough for more to be sent, if they were let
        assert len(server.requests) == 4, "a kill now would buy more again than was in flight"
        disk.set()
        assert all(answer.text for answer in await asyncio.gather(*waiting))


def all_keys() -> list[str]:
    calls = [Call("draft", (("user", str(n)),), "deepseek-flash", 1.0, 50) for n in range(150)]
    return [call.key("simulator") for call in calls]


def test_run_that_asks_nothing_never_imports_openai(tmp_path):
    code = f"""
import asyncio, sys
from tasks.teacher.client import Teacher
from tasks.teacher.config import load_provider
from tasks.teacher.journal import Journal
async def main():
    with Journal({str(tmp_path / "j.sqlite")!r}) as journal:
        async with Teacher(load_provider("simulator"), journal, "r"):
            journal.get("0" * 64)
asyncio.run(main())
print([name for name in ("openai", "httpx2", "httpx", "torch", "prefect") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert list(tmp_path.iterdir()) == []  # looking into a journal makes none
