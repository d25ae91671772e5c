"""Kill -9 at random moments of the data half and of the judging: no journaled answer is bought again.

In the end the digests are those of a run that nobody killed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import pytest

from tests.flows.conftest import Mill, first_rows, write_products

KILLS = 10
IN_FLIGHT = 64  # max_in_flight of the simulator provider


def start(mill: Mill, base_url: str, only: str = "pairs") -> subprocess.Popen:
    job = mill.job()
    arguments = ["run", "--home", job.home, "--brand", job.brand, "--products", job.products, "--only", only]
    return subprocess.Popen(
        [sys.executable, "-m", "flows", *arguments],
        env={**os.environ, "COPYMILL_BASE_URL": base_url},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def journaled(mill: Mill) -> set[str]:
    """Return the questions whose answers are durable now: request digest and number of the answer."""
    path = mill.folder / "home" / "artifacts" / "journal.sqlite"
    if not path.exists():
        return set()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        try:
            return {f"{sha}/{sample}" for sha, sample in connection.execute("select request_sha, sample from calls")}
        except sqlite3.OperationalError:  # killed before the tables were made
            return set()


def usable(log) -> list[str]:
    if not log.exists():
        return []
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [f"{line['request_sha']}/{line['sample']}" for line in lines if line["usable"]]


@pytest.mark.slow
def test_kill_at_ten_moments_buys_nothing_twice(tmp_path, made_mill):
    from tasks.teacher.simulator.knobs import Knobs
    from tasks.teacher.simulator.process import SimulatorProcess

    mill = Mill(tmp_path / "mill")
    shutil.copytree(made_mill.folder, mill.folder, ignore=shutil.ignore_patterns("home"))
    write_products(mill.products, first_rows(20))
    chance = random.Random(11)
    log = tmp_path / "requests.jsonl"
    with SimulatorProcess(log_path=log, knobs=Knobs().turned({"delays": {"latency": 0.15}})) as simulator:
        for _ in range(KILLS):
            safe, seen = journaled(mill), len(usable(log))
            run = start(mill, simulator.base_url)
            time.sleep(chance.uniform(3.0, 14.0))
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            time.sleep(0.5)  # the simulator finishes what was on its way, and logs it
            assert not set(usable(log)[seen:]) & safe, "an answer that was in the journal was bought again"
        safe, seen = journaled(mill), len(usable(log))
        last = start(mill, simulator.base_url)
        output, _ = last.communicate(timeout=600)
        assert last.returncode == 0, output
    assert not set(usable(log)[seen:]) & safe, "an answer that was in the journal was bought again"
    repeats = sum(count - 1 for count in Counter(usable(log)).values())
    assert repeats <= KILLS * IN_FLIGHT
    undisturbed = Mill(tmp_path / "undisturbed")
    shutil.copytree(mill.folder, undisturbed.folder, ignore=shutil.ignore_patterns("home"))
    summary = undisturbed.run()
    current = json.loads((mill.folder / "home" / "artifacts" / "current.json").read_text(encoding="utf-8"))
    made = {step: record_content(mill, step, fingerprint) for step, fingerprint in current.items()}
    assert made == summary["contents"]


def record_content(mill: Mill, step: str, fingerprint: str) -> str:
    path = mill.folder / "home" / "artifacts" / "steps" / step / fingerprint / "record.json"
    return json.loads(path.read_text(encoding="utf-8"))["content"]


@pytest.mark.slow
def test_killed_trials_of_the_judge_buy_nothing_twice_and_end_the_same(tmp_path, made_mill):
    from tasks.teacher.simulator.knobs import Knobs
    from tasks.teacher.simulator.process import SimulatorProcess

    kills, chance, log = 4, random.Random(5), tmp_path / "requests.jsonl"
    mill = Mill(tmp_path / "mill")
    shutil.copytree(made_mill.folder, mill.folder)
    with SimulatorProcess(log_path=log, knobs=Knobs().turned({"delays": {"latency": 0.4}})) as simulator:
        for _ in range(kills):
            safe, seen, size = journaled(mill), len(usable(log)), log.stat().st_size if log.exists() else 0
            run = start(mill, simulator.base_url, "trials")
            deadline = time.monotonic() + 120
            while (not log.exists() or log.stat().st_size == size) and time.monotonic() < deadline:
                time.sleep(0.1)
            time.sleep(chance.uniform(0.2, 1.5))
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            time.sleep(1.0)
            assert usable(log)[seen:], "the run was killed before it asked anything"
            assert not set(usable(log)[seen:]) & safe
        safe, seen = journaled(mill), len(usable(log))
        last = start(mill, simulator.base_url, "trials")
        output, _ = last.communicate(timeout=600)
        assert last.returncode == 0, output
    assert not set(usable(log)[seen:]) & safe
    undisturbed = Mill(tmp_path / "undisturbed")
    shutil.copytree(made_mill.folder, undisturbed.folder)
    summary = undisturbed.run(only="trials")
    current = json.loads((mill.folder / "home" / "artifacts" / "current.json").read_text(encoding="utf-8"))
    for step in ("plants", "trials"):
        assert record_content(mill, step, current[step]) == summary["contents"][step]
