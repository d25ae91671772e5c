"""Training in several processes: the configs that are offered, what is refused before anything starts, and two real
processes on a CPU (gloo) that train what one process trains."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from accelerate.commands.config.config_args import load_config_from_file

from tasks.lineage.errors import UserError
from tasks.training import processes
from tasks.training.arguments import micro_batch
from tasks.training.config import GrpoParams, SftParams, profile_sections
from tasks.training.launch import Snapshot, command, launch_config, snapshot_of, told
from tasks.training.steps import GRPO_MODEL, GRPO_MODEL_READS, SFT_MODEL, make_sft_model
from tests.training.conftest import GRPO, SFT, Told
from tests.training.rules import few_rules
from tests.training.tables import World

CONFIGS = Path(__file__).resolve().parents[2] / "deployments" / "accelerate"
TWO = str(CONFIGS / "tiny.yaml")


def launched(params: Any, launch: str = TWO, **machine: Any) -> Any:
    return params.model_copy(update={"machine": params.machine.model_copy(update={"launch": launch, **machine})})


@pytest.mark.parametrize("profile", ["tiny", "small", "full"])
def test_accelerate_takes_the_config_and_the_profile_s_batches_fit_it(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = CONFIGS / f"{profile}.yaml"
    config = load_config_from_file(str(path))
    plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert config.num_processes == plain["num_processes"] >= 2
    monkeypatch.setenv("WORLD_SIZE", str(plain["num_processes"]))
    monkeypatch.setattr("torch.cuda.device_count", lambda: 8)
    for name, model in (("sft_model", SftParams), ("grpo_model", GrpoParams)):
        params = launched(model(**profile_sections(profile)[name]), str(path))
        assert launch_config(params) == plain
        assert params.optimizer.batch_size % (micro_batch(params, params.optimizer) * processes.count()) == 0


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"distributed_type": "FSDP"}, r"distributed_type: it is FSDP; expected MULTI_CPU .*whole weights"),
        ({"mixed_precision": "bf16"}, "mixed_precision: it is bf16; expected no "),
        ({"num_machines": 2}, "num_machines: it is 2; expected 1 "),
        ({"num_processes": 1}, r"num_processes: it is 1; expected 2 or more; leave machine\.launch empty"),
    ],
)
def test_config_that_cannot_be_is_refused_before_anything_starts(
    change: dict[str, Any], found: str, tmp_path: Path
) -> None:
    config = yaml.safe_load(Path(TWO).read_text(encoding="utf-8")) | change
    path = tmp_path / "launch.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    with pytest.raises(UserError, match=found):
        launch_config(launched(SFT, str(path)))


def test_missing_config_and_missing_gpus_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"no such file.*see deployments/accelerate"):
        launch_config(launched(SFT, "nowhere.yaml"))
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    gpus = launched(SFT.model_copy(update={"precision": "bf16"}), str(CONFIGS / "small.yaml"), device="cuda")
    with pytest.raises(UserError, match="2 processes and 1 GPUs; expected a GPU for each"):
        launch_config(gpus)


def test_gpus_are_launched_by_accelerate_and_a_cpu_by_torch() -> None:
    gpu = command({"distributed_type": "MULTI_GPU"}, CONFIGS / "small.yaml", Path("s"))
    assert gpu[1:5] == ["-m", "accelerate.commands.launch", "--config_file", str(CONFIGS / "small.yaml")]
    cpu = command({"distributed_type": "MULTI_CPU", "num_processes": 2}, Path(TWO), Path("s"))
    assert cpu[1:6] == ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def test_batch_is_shared_out_among_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert micro_batch(SFT, SFT.optimizer) == 2
    odd = SFT.model_copy(update={"machine": SFT.machine.model_copy(update={"micro_batch": 4})})
    with pytest.raises(UserError, match="batch_size 4 is no multiple of micro_batch 4 times 2 processes"):
        micro_batch(odd, odd.optimizer)


def test_snapshot_is_the_step_s_inputs_in_another_process(tables: World, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("sft_model", "reward_model")}
    inputs = tables.inputs(launched(GRPO), folders, few_rules())
    made = snapshot_of(make_sft_model, GRPO_MODEL_READS, inputs, tmp_path / "out", tmp_path)
    read: Snapshot = pickle.loads(pickle.dumps(made))
    assert read.rows("grpo") == inputs.rows("grpo")
    assert read.folder("reward_model") == (tmp_path / "reward_model").resolve()
    assert read.source("rules").digest == few_rules().digest
    assert read.params == inputs.params
    assert read.checkpoints == (tmp_path / "checkpoints").resolve()


def test_error_of_a_process_is_told_as_it_was_raised(tmp_path: Path) -> None:
    note = tmp_path / "error.json"
    assert "they last wrote:\nbang" in str(told(note, 9, ["bang"], TWO))
    note.write_text(json.dumps(["sft_model", "a", "b", "c"]), encoding="utf-8")
    assert str(told(note, 1, [], TWO)) == "sft_model: a; expected b; c."


def curve(folder: Path, name: str) -> list[float]:
    return [row["value"] for row in pq.read_table(folder / "metrics.parquet").to_pylist() if row["name"] == name]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_train_what_one_trains(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    out, reported = tmp_path / "out", Told()
    out.mkdir()
    SFT_MODEL.compute(tables.inputs(launched(SFT), {"base": chain.folders["base"]}), out, reported)
    alone = chain.folders["sft_model"]
    assert curve(out, "loss") == pytest.approx(curve(alone, "loss"), abs=1e-4)
    assert curve(out, "grad_norm") == pytest.approx(curve(alone, "grad_norm"), rel=1e-3)
    assert {path.name for path in out.iterdir()} == {path.name for path in alone.iterdir()}
    assert any(done == SFT.optimizer.steps for done, _, _ in reported.lines)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_grpo_trains_in_two_processes(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    GRPO_MODEL.compute(tables.inputs(launched(GRPO), chain.folders, few_rules()), out, Told())
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert card["steps"] == GRPO.optimizer.steps
    assert card["relative_change"] > 1e-4


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fault_in_two_processes_is_one_sentence(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    params = launched(SFT.model_copy(update={"min_ended": 1.0}))
    with pytest.raises(UserError, match="sampled answers end by themselves; expected at least 100%"):
        SFT_MODEL.compute(tables.inputs(params, {"base": chain.folders["base"]}), tmp_path / "out", Told())
    assert not (tmp_path / "out" / "card.json").exists()
