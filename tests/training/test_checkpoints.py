"""A training that is killed at a random step and started again ends as if it had never been killed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from tasks.lineage.store import folder_digests
from tasks.training.checkpoints import MARK, last_whole
from tasks.training.config import Optimizer
from tasks.training.config_parts import Evaluation
from tasks.training.steps import make_sft_model
from tests.training.conftest import SFT, Told
from tests.training.killing import EVERY, PARAMS, STEPS, inputs_of, make
from tests.training.tables import World

CODE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def killed(chain: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The four steps, each killed at a step that is drawn anew in every run of the tests."""
    root = tmp_path_factory.mktemp("killed")
    for name, folder in chain.folders.items():
        shutil.copytree(folder, root / name)
    random = Random()
    kills = {name: random.randrange(EVERY + 1, STEPS) for name in PARAMS}
    command = [sys.executable, "-m", "tests.training.killing", str(root), json.dumps(kills)]
    ended = subprocess.run(command, cwd=CODE, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return SimpleNamespace(root=root, kills=kills)


def logged(folder: Path) -> dict[tuple[int, str], float]:
    rows = pq.read_table(folder / "metrics.parquet").to_pylist()
    return {(row["step"], row["name"]): row["value"] for row in rows}


@pytest.mark.slow  # a process of its own and its imports; the next test stops the same steps in this one
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", PARAMS)
def test_killed_training_goes_on_and_ends_as_the_whole_one(killed: SimpleNamespace, name: str, tmp_path: Path) -> None:
    whole, resumed, told = tmp_path / "whole", tmp_path / "resumed", Told()
    whole.mkdir(), resumed.mkdir()
    make(name)(inputs_of(name, killed.root, None), whole, Told())
    make(name)(inputs_of(name, killed.root, killed.root / "checkpoints" / name), resumed, told)
    trained = [done for done, total, note in told.lines if total == STEPS and done]
    assert trained[0] == (killed.kills[name] - 1) // EVERY * EVERY + 1, killed.kills
    assert logged(resumed) == pytest.approx(logged(whole), abs=1e-6), killed.kills
    assert folder_digests(resumed) == folder_digests(whole), killed.kills


class Stopped(Exception):
    pass


def stop_at(step: int) -> Any:
    def report(done: int, total: int, note: str = "") -> None:
        if done == step:
            raise Stopped

    return report


@pytest.mark.parametrize("name", PARAMS)
def test_stopped_training_goes_on_and_ends_as_the_whole_one(chain: SimpleNamespace, name: str, tmp_path: Path) -> None:
    root, at = chain.folders["base"].parent, Random().randrange(EVERY + 1, STEPS)
    folders = {kind: tmp_path / kind for kind in ("whole", "unfinished", "resumed")}
    for folder in folders.values():
        folder.mkdir()
    make(name)(inputs_of(name, root, None), folders["whole"], Told())
    with pytest.raises(Stopped):
        make(name)(inputs_of(name, root, tmp_path / "checkpoints"), folders["unfinished"], stop_at(at))
    make(name)(inputs_of(name, root, tmp_path / "checkpoints"), folders["resumed"], Told())
    assert logged(folders["resumed"]) == pytest.approx(logged(folders["whole"]), abs=1e-6), at
    assert folder_digests(folders["resumed"]) == folder_digests(folders["whole"]), at


def test_resumed_training_keeps_its_best_checkpoint_and_its_patience(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    wild = Optimizer(learning_rate=0.3, steps=14, batch_size=8, warmup=0.0, scheduler="constant_with_warmup")
    params = SFT.model_copy(update={"optimizer": wild, "evaluation": Evaluation(share=0.3, every=1, patience=3)})
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    whole.mkdir(), resumed.mkdir()
    make_sft_model(tables.inputs(params, chain.folders), whole, Told())
    stopped = json.loads((whole / "card.json").read_text(encoding="utf-8"))["evaluation"]["stopped_at"]
    inputs = tables.inputs(params, chain.folders)
    inputs.checkpoints = tmp_path / "checkpoints"
    at = Random().randrange(2, stopped + 1)
    with pytest.raises(Stopped):
        make_sft_model(inputs, tmp_path / "unfinished", stop_at(at))
    make_sft_model(inputs, resumed, Told())
    assert folder_digests(resumed) == folder_digests(whole), (at, stopped)


def checkpoint(work: Path, step: int, mark: str | None) -> Path:
    folder = work / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    if mark is not None:
        (folder / MARK).write_text(mark, encoding="utf-8")
    return folder


def test_checkpoint_cut_short_and_one_of_a_finished_training_are_not_gone_on_from(tmp_path: Path) -> None:
    whole = checkpoint(tmp_path, 9, '{"step": 9, "ended": false}')
    ended = checkpoint(tmp_path, 10, '{"step": 10, "ended": true}')
    cut = checkpoint(tmp_path, 11, None)
    assert last_whole(tmp_path) == whole
    assert not ended.exists()
    assert not cut.exists()


def test_folder_without_checkpoints_starts_at_the_beginning(tmp_path: Path) -> None:
    assert last_whole(tmp_path) is None
