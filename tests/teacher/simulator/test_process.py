"""The simulator as a process: it comes up, says where it is, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.lineage.errors import UserError
from tasks.teacher.simulator import Knobs, SimulatorProcess
from tasks.teacher.simulator.request_log import read_log
from tests.teacher.simulator.asking import draft_body, products

ROOT = Path(__file__).parents[3]
PARENT = """
import sys, time
from pathlib import Path
from tasks.teacher.simulator import SimulatorProcess
process = SimulatorProcess(Path(sys.argv[1]))
process.start()
print(process.pid, process.base_url, flush=True)
time.sleep(60)
"""


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Return whether a process has ended (a zombie has) within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_process_serves_until_it_is_stopped(tmp_path):
    with SimulatorProcess(tmp_path / "log.jsonl", Knobs(seed=3)) as process:
        assert process.state()["knobs"]["seed"] == 3
        pid = process.pid
    assert gone(pid)


def test_process_dies_with_a_parent_that_is_killed(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        pid = int(parent.stdout.readline().split()[0])
        assert not gone(pid, 0.1)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert gone(pid)


def test_log_is_whole_after_the_client_is_killed(tmp_path):
    client = """
import json, sys, urllib.request
url, body = sys.argv[1], json.loads(sys.argv[2])
for number in range(10000):
    data = json.dumps({**body, "user": str(number)}).encode()
    urllib.request.urlopen(urllib.request.Request(url + "/chat/completions", data)).read()
    print(number, flush=True)
"""
    log = tmp_path / "log.jsonl"
    calm = Knobs().turned({"faults": {"rate_limit": 0, "server_error": 0, "unavailable": 0}})
    with SimulatorProcess(log, calm) as process:
        import json

        asked = json.dumps(draft_body(products()[0], "paid_ad_cta"))
        command = [sys.executable, "-c", client, process.base_url, asked]
        env = {**os.environ, "NO_PROXY": "*"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as running:
            got = [int(running.stdout.readline()) for _ in range(20)]
            running.kill()
            got += [int(line) for line in running.stdout.read().split()]
        lines = read_log(log)
        assert len(got) <= len(lines) <= len(got) + 1
        assert all(line.status == 200 for line in lines)


def test_last_line_that_was_not_finished_is_left_out(tmp_path):
    log = tmp_path / "log.jsonl"
    with SimulatorProcess(log) as process:
        process.state()
    log.write_text('{"at": 1', encoding="utf-8")
    assert read_log(log) == []
    assert read_log(tmp_path / "none.jsonl") == []


def test_taken_port_is_one_sentence(tmp_path, capfd):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="did not start on port"):
        SimulatorProcess(port=taken.getsockname()[1]).start()
    assert "expected a free one" in capfd.readouterr().err


def test_log_that_cannot_be_written_is_one_sentence(tmp_path, capfd):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="did not start"):
        SimulatorProcess(tmp_path / "file" / "log.jsonl").start()
    assert "expected a file that can be written" in capfd.readouterr().err


def test_starting_it_imports_nothing_heavy():
    heavy = "{'pandas', 'pyarrow', 'numpy', 'torch', 'prefect', 'openai', 'sqlalchemy', 'tasks.teacher.client'}"
    code = f"import sys, tasks.teacher.simulator.serving; print(sorted({heavy} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    assert out.strip() == "[]"
