"""The journal: durable before the answer is out, first answer stays, readers never wait, sums are right."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from tasks.lineage.errors import StopRun, UserError
from tasks.teacher.call import ErrorKind
from tasks.teacher.journal import Entry, FailedAttempt, Journal
from tasks.teacher.journal_tables import CALLS

ENTRY = Entry(
    call_key="a" * 64,
    purpose="draft",
    provider="deepseek",
    model="deepseek-flash",
    sample=0,
    request_sha="b" * 64,
    messages=(("system", "你是一位医生。"), ("user", "写\n一段")),
    answer="屏障修护",
    finish_reason="stop",
    prompt_tokens=100,
    cache_hit_tokens=60,
    completion_tokens=20,
    cost=0.25,
    latency=0.5,
    attempts=1,
    run_id="run-1",
    created_at="2026-11-21T04:00:00.000+00:00",
)
FAILED = FailedAttempt(
    ENTRY.call_key,
    "draft",
    "deepseek-flash",
    ErrorKind.BLANK,
    "nothing in it",
    100,
    0,
    5,
    0.5,
    "run-1",
    ENTRY.created_at,
)


def keyed(number: int, **changes) -> Entry:
    return replace(ENTRY, call_key=f"{number:064d}", **changes)


async def test_entry_comes_back_as_it_was_put(journal):
    put = await journal.put(ENTRY)
    assert not put.from_journal
    assert journal.get(ENTRY.call_key) == replace(put, from_journal=True)
    assert journal.calls_of([ENTRY.call_key, "c" * 64]) == {ENTRY.call_key: ENTRY}


async def test_first_answer_of_a_key_stays_in_any_order_of_writing(journal):
    first, second, third = await asyncio.gather(
        journal.put(ENTRY), journal.put(replace(ENTRY, answer="二")), journal.put(replace(ENTRY, answer="三"))
    )
    later = await journal.put(replace(ENTRY, answer="四"))
    assert [answer.text for answer in (first, second, third, later)] == ["屏障修护"] * 4
    assert [answer.from_journal for answer in (first, second, third, later)] == [False, True, True, True]


async def test_two_processes_worth_of_journals_agree_on_the_first_answer(tmp_path):
    with Journal(tmp_path / "j.sqlite") as one, Journal(f"sqlite:///{tmp_path / 'j.sqlite'}") as other:
        pairs = [(one.put(keyed(n, answer="一")), other.put(keyed(n, answer="二"))) for n in range(50)]
        answers = await asyncio.gather(*[put for pair in pairs for put in pair])
        for left, right in zip(answers[::2], answers[1::2], strict=True):
            assert left.text == right.text
            assert [left.from_journal, right.from_journal].count(False) == 1


async def test_many_keys_are_read_in_one_go_and_unknown_ones_left_out(journal):
    await asyncio.gather(*[journal.put(keyed(number)) for number in range(1200)])
    wanted = [f"{number:064d}" for number in range(2000)]
    assert set(journal.get_many(wanted * 2)) == set(wanted[:1200])
    assert journal.get_many([]) == {}


async def test_failed_attempt_is_never_read_as_an_answer(journal):
    await journal.put_failed(FAILED)
    assert journal.get(ENTRY.call_key) is None
    assert journal.faults() == {"blank": 1}
    assert journal.faults("run-2") == {}


async def test_usage_sums_by_purpose_and_model_with_failed_attempts(journal):
    await asyncio.gather(
        journal.put(keyed(1)),
        journal.put(keyed(2)),
        journal.put(keyed(3, purpose="score", model="deepseek-v4-pro", cost=None)),
        journal.put(keyed(4, run_id="run-2")),
        journal.put_failed(FAILED),
    )
    draft, score = journal.usage("run-1")
    assert (draft.calls, draft.failed, draft.prompt_tokens, draft.cache_hit_tokens) == (2, 1, 300, 120)
    assert (draft.completion_tokens, draft.cost) == (45, pytest.approx(1.0))
    assert (score.purpose, score.calls, score.cost) == ("score", 1, None)  # one unknown price: the sum is unknown
    assert [usage.calls for usage in journal.usage()] == [3, 1]
    assert [usage.purpose for usage in journal.usage("run-1", "score")] == ["score"]
    assert journal.spent("run-1") == pytest.approx(1.0)


def test_absent_journal_reads_as_empty_and_is_not_created(tmp_path):
    with Journal(tmp_path / "home" / "j.sqlite") as journal:
        assert journal.get("a" * 64) is None
        assert (journal.usage(), journal.faults(), journal.spent("run-1")) == ([], {}, 0)
    assert list(tmp_path.iterdir()) == []


async def test_reader_does_not_wait_for_a_writer(journal, tmp_path):
    await journal.put(ENTRY)
    writer = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM calls")
    assert journal.get(ENTRY.call_key) is not None  # the writer has not committed
    writer.execute("ROLLBACK")
    writer.close()


async def test_writer_waits_for_another_process_to_finish(journal, tmp_path):
    await journal.put(ENTRY)
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, lambda: other.execute("COMMIT")).start()
    await journal.put(keyed(1))
    assert journal.get(f"{1:064d}")
    other.close()


async def test_cancelled_caller_does_not_take_its_row_along(journal):
    put = asyncio.create_task(journal.put(ENTRY))
    await asyncio.sleep(0)
    put.cancel()
    await journal.put(keyed(1))
    assert journal.get(ENTRY.call_key)


async def test_closed_journal_opens_again(journal):
    await journal.put(ENTRY)
    journal.close()
    journal.close()
    await journal.put(keyed(1))
    assert len(journal.get_many([ENTRY.call_key, f"{1:064d}"])) == 2


def test_kill_minus_nine_loses_nothing_that_was_answered(tmp_path):
    path = tmp_path / "j.sqlite"
    code = f"""
import asyncio, sys
from dataclasses import replace
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_journal import keyed
from tasks.teacher.journal import Journal
async def main():
    journal = Journal({str(path)!r})
    async def write(worker):
        number = worker
        while True:
            answer = await journal.put(keyed(number))
            sys.stdout.write(answer.key + "\\n")
            sys.stdout.flush()
            number += 16
    await asyncio.gather(*[write(worker) for worker in range(16)])
asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    told = [process.stdout.readline().strip() for _ in range(400)]
    process.send_signal(signal.SIGKILL)
    told += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    with Journal(path) as journal:
        assert set(told) <= set(journal.get_many(told))
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_commit_is_synchronous_and_in_wal_mode(journal):
    await journal.put(ENTRY)
    with journal._engine.connect() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]


async def test_file_that_is_no_database_stops_the_run_with_one_sentence(tmp_path):
    (tmp_path / "j.sqlite").write_text("not a database " * 100)
    with Journal(tmp_path / "j.sqlite") as journal:
        with pytest.raises(StopRun, match=r"cannot be read \(DatabaseError: file is not a database\)"):
            journal.get("a" * 64)
        with pytest.raises(StopRun, match="cannot be written"):
            await journal.put(ENTRY)


def test_bad_url_or_missing_driver_is_one_sentence_without_the_password():
    for url in ("mysql://u:pw@h/d", "sqlite://", "://", "postgresql+nosuchdriver://u:pw@h/d"):
        with pytest.raises(UserError) as caught:
            Journal(url)
        assert "\n" not in str(caught.value)
        assert "pw" not in str(caught.value)


def test_insert_speaks_postgres():
    statement = postgresql.insert(CALLS).on_conflict_do_nothing().returning(CALLS.c.call_key)
    assert "ON CONFLICT DO NOTHING RETURNING calls.call_key" in str(statement.compile(dialect=postgresql.dialect()))
