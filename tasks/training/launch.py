"""A training step in several processes: `machine.launch` names an accelerate config, and the step runs under it.

The step's own process writes down what the step would have seen (`Snapshot`), starts the processes, passes on their
progress, and commits the folder that the main one of them wrote: the others train and write nothing. Run as
`python -m tasks.training.launch SNAPSHOT` by the launcher, in each process.

Data parallel only: every process holds the whole model, and a batch is shared out. Sharded weights (FSDP, DeepSpeed)
are refused, since the merge and its check read whole ones.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Report, Row
from tasks.training.config_parts import Machine, Training

Make = Callable[[Inputs, Path, Report], None]
CODE = Path(__file__).resolve().parents[2]
FOLDERS = ("base", "sft_model", "reward_model")
SOURCES = ("content_types", "rules", "recipe", "gates")
PROGRESS = "copymill-progress "
ERROR = "error.json"
KINDS = {"cpu": "MULTI_CPU", "cuda": "MULTI_GPU"}
PRECISIONS = {"fp32": "no", "bf16": "bf16"}
TAIL = 12  # lines of the processes' output that an unforeseen error shows


@dataclass(frozen=True)
class Snapshot:
    """What a step sees, as plain values that another process can read: it is the step's `Inputs` there."""

    make: Make
    out: Path
    params: Any
    tables: dict[str, list[Row]]
    folders: dict[str, Path]
    sources: dict[str, Any]
    checkpoints: Path
    events: Path | None

    def rows(self, name: str) -> list[Row]:
        return self.tables[name]

    def folder(self, name: str) -> Path:
        return self.folders[name]

    def source(self, name: str) -> Any:
        return self.sources[name]


def wherever(make: Make, reads: Sequence[str]) -> Make:
    """Return what makes a step's folder in this process, or in those that `machine.launch` asks for."""

    def compute(inputs: Inputs, out: Path, report: Report) -> None:
        if inputs.params.machine.launch:
            in_processes(make, reads, inputs, out, report)
        else:
            make(inputs, out, report)

    return compute


def in_processes(make: Make, reads: Sequence[str], inputs: Inputs, out: Path, report: Report) -> None:
    """Fill `out` by a training in several processes.

    Raises:
        UserError: the launch config does not fit this machine or these params; or what the training itself raised.
    """
    config = launch_config(inputs.params)
    with tempfile.TemporaryDirectory() as work:
        snapshot = snapshot_of(make, reads, inputs, out, Path(work))
        path = Path(work) / "snapshot.pickle"
        path.write_bytes(pickle.dumps(snapshot))
        code, tail = run(command(config, Path(inputs.params.machine.launch), path), report)
        if code:
            raise told(Path(work) / ERROR, code, tail, inputs.params.machine.launch)


def snapshot_of(make: Make, reads: Sequence[str], inputs: Inputs, out: Path, work: Path) -> Snapshot:
    return Snapshot(
        make=make,
        out=out.resolve(),
        params=inputs.params,
        tables={name: inputs.rows(name) for name in reads if name not in (*FOLDERS, *SOURCES)},
        folders={name: inputs.folder(name).resolve() for name in reads if name in FOLDERS},
        sources={name: inputs.source(name) for name in reads if name in SOURCES},
        checkpoints=(inputs.checkpoints or work / "checkpoints").resolve(),  # one place for all processes
        events=inputs.events,
    )


def launch_config(params: Training) -> dict[str, Any]:
    """Return the accelerate config that the machine's `launch` names, held against params and machine.

    Raises:
        UserError: there is none, or it asks for what cannot be done here.
    """
    machine = params.machine
    path = Path(machine.launch)
    if not path.is_file():
        raise UserError(f"machine.launch {path}", "no such file", "an accelerate config", "see deployments/accelerate")
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    wanted = {
        "distributed_type": KINDS[machine.device],
        "mixed_precision": PRECISIONS[params.precision],
        "num_machines": 1,
    }
    for name, value in wanted.items():
        if str(config.get(name)) != str(value):
            raise UserError(
                f"{path}, {name}", f"it is {config.get(name)}", f"{value} (device {machine.device}, precision "
                f"{params.precision}, one machine, whole weights)", "change it, or the profile",
            )  # fmt: skip
    check_count(path, int(config.get("num_processes", 1)), machine)
    return config


def check_count(path: Path, processes: int, machine: Machine) -> None:
    """Refuse a number of processes that is none, or that this machine has no GPUs for."""
    if processes < 2:
        raise UserError(f"{path}, num_processes", f"it is {processes}", "2 or more", "leave machine.launch empty")
    if machine.device == "cuda":
        import torch

        if torch.cuda.device_count() < processes:
            raise UserError(
                f"{path}, num_processes", f"{processes} processes and {torch.cuda.device_count()} GPUs",
                "a GPU for each", "lower it, or use a larger machine",
            )  # fmt: skip


def command(config: dict[str, Any], path: Path, snapshot: Path) -> list[str]:
    """Return the command that starts the processes.

    On a CPU it is torch's own launcher: `accelerate launch` starts one process there, whatever its config says.
    """
    module = ["-m", "tasks.training.launch", str(snapshot)]
    if config["distributed_type"] == "MULTI_CPU":
        processes = str(config["num_processes"])
        return [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", processes, *module]
    return [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(path.resolve()), *module]


def run(command: Sequence[str], report: Report) -> tuple[int, list[str]]:
    """Run the processes and pass their progress on; return the exit code and the last lines that they wrote.

    They write into this process's pipe: where it dies, their next line of progress fails, and they with it.
    """
    paths = [str(CODE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
    tail: deque[str] = deque(maxlen=TAIL)
    started = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    try:
        assert started.stdout is not None
        for line in started.stdout:
            if line.startswith(PROGRESS):
                report(*json.loads(line.removeprefix(PROGRESS)))
            elif line.strip():
                tail.append(line.rstrip())
        return started.wait(), list(tail)
    finally:
        if started.poll() is None:  # the report raised, or this process was interrupted
            started.terminate()
            started.wait()


def told(note: Path, code: int, tail: list[str], launch: str) -> Exception:
    """Return what went wrong in the processes, as they would have raised it here."""
    if note.is_file():
        return UserError(*json.loads(note.read_text(encoding="utf-8")))
    shown = "\n".join(tail)
    return RuntimeError(f"the processes of {launch} ended with code {code}; they last wrote:\n{shown}")


def work(path: Path) -> None:
    """Train in this process, one of several; a UserError is written down for the one that started them.

    Raises:
        UserError: as the step.
    """
    snapshot: Snapshot = pickle.loads(path.read_bytes())  # noqa: S301 - our own file, written by `in_processes`
    from tasks.training.runtime import prepare

    prepare(snapshot.params.machine)
    main = state_for(snapshot.params.machine).is_main_process

    def report(done: int, total: int, note: str = "") -> None:
        if main:
            print(f"{PROGRESS}{json.dumps([done, total, note])}", flush=True)  # noqa: T201 - read by `run`

    try:
        snapshot.make(snapshot, snapshot.out, report)  # type: ignore[arg-type]
    except UserError as error:
        note = path.parent / ERROR
        if main or not note.exists():
            note.write_text(json.dumps([error.subject, error.found, error.expected, error.todo]), encoding="utf-8")
        raise


def state_for(machine: Machine) -> Any:
    """Return accelerate's state, made before anything is loaded, so that `cuda` means this process's own GPU."""
    from accelerate import PartialState

    return PartialState(cpu=machine.device == "cpu")


if __name__ == "__main__":
    # Under its own name: what `python -m` runs is called __main__, and a pickle of it would not be found elsewhere.
    from tasks.training.launch import work as work_here

    work_here(Path(sys.argv[1]))
