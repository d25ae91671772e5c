"""Run as a process: train the four steps in the folder of a whole chain, each killed by SIGKILL at its own step.

`python -m tests.training.killing ROOT '{"base": 3, ...}'`: each step is trained in a child of this process, from the
models in ROOT/<step>, with its checkpoints in ROOT/checkpoints/<step>; nothing of it is left but those.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tasks.training.runtime import prepare
from tests.training.conftest import BASE, GRPO, REWARD, SFT
from tests.training.rules import few_rules
from tests.training.tables import world

EVERY = 2
STEPS = 7
# Four products have 16 texts, tasks or pairs: four steps are an epoch, and a kill can fall into the second one.
PARAMS = {"base": BASE, "sft_model": SFT, "reward_model": REWARD, "grpo_model": GRPO}


def longer(name: str) -> Any:
    """Return the micro chain's params with enough steps to be killed among, and a checkpoint every two of them."""
    params = PARAMS[name]
    batch = 16 if name == "grpo_model" else params.optimizer.batch_size
    optimizer = params.optimizer.model_copy(update={"steps": STEPS, "batch_size": batch})
    machine = params.machine.model_copy(update={"checkpoint_every": EVERY})
    return params.model_copy(update={"optimizer": optimizer, "machine": machine})


def inputs_of(name: str, root: Path, checkpoints: Path | None) -> SimpleNamespace:
    folders = {step: root / step for step in PARAMS}
    inputs = world(4).inputs(longer(name), folders, few_rules())
    inputs.checkpoints = checkpoints
    return inputs


def make(name: str) -> Any:
    from tasks.training import steps

    return getattr(steps, f"make_{name}")


def killed_at(step: int) -> Any:
    def report(done: int, total: int, note: str = "") -> None:
        if done == step and note:
            os.kill(os.getpid(), signal.SIGKILL)

    return report


def main(root: Path, kills: dict[str, int]) -> None:
    prepare(BASE.machine)
    import tasks.training.base
    import tasks.training.last_model
    import tasks.training.reward_model
    import tasks.training.sft  # noqa: F401 - once here, not in every child

    for name, step in kills.items():
        child = os.fork()
        if child == 0:
            out = root / "unfinished" / name
            out.mkdir(parents=True)
            make(name)(inputs_of(name, root, root / "checkpoints" / name), out, killed_at(step))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"{name} was not killed at step {step}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
