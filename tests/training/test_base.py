"""The base model: made here from train text, or pointed to; the same inputs give the same bytes, without paths."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from transformers import AutoTokenizer

from tasks.lineage.errors import UserError
from tasks.lineage.store import folder_digests
from tasks.training.config import BaseParams, Machine
from tasks.training.model_files import POINTER, WEIGHTS, load_tokenizer, load_writer, model_folder
from tasks.training.steps import make_base, make_sft_model
from tests.training.conftest import BASE, SFT, Told, made_chain
from tests.training.tables import World


def test_folder_holds_model_metrics_curve_and_card(chain: SimpleNamespace) -> None:
    folder = chain.folders["base"]
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert card["steps"] == BASE.optimizer.steps
    assert card["loss_last"] < card["loss_first"]
    assert card["text"]["bad_on_purpose"] == pytest.approx(0.6, abs=0.15)
    assert {row["name"] for row in pq.read_table(folder / "metrics.parquet").to_pylist()} >= {"loss", "learning_rate"}
    assert (folder / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_progress_goes_up_to_the_last_step(chain: SimpleNamespace) -> None:
    told = chain.told["base"].lines
    assert told[-1][:2] == (BASE.optimizer.steps, BASE.optimizer.steps)
    assert told[-1][2].startswith("loss ")


def test_same_inputs_give_the_same_bytes_for_all_four_models(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    again = made_chain(tables, tmp_path)
    for name, folder in chain.folders.items():
        assert folder_digests(again.folders[name]) == folder_digests(folder), name


def test_no_path_and_no_clock_in_any_file(chain: SimpleNamespace) -> None:
    for folder in chain.folders.values():
        for path in folder.rglob("*"):
            if path.suffix in {".json", ".jinja", ".txt", ".md"}:
                text = path.read_text(encoding="utf-8")
                assert str(folder.parent) not in text, path
                assert "runtime" not in text, path
        names = {row["name"] for row in pq.read_table(folder / "metrics.parquet").to_pylist()}
        assert not [name for name in names if "runtime" in name or "per_second" in name or "time" in name]


def test_another_seed_gives_another_model(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    make_base(tables.inputs(BASE.model_copy(update={"seed": 18})), tmp_path, Told())
    weights = folder_digests(tmp_path)["model.safetensors"]
    assert weights != folder_digests(chain.folders["base"])["model.safetensors"]


@pytest.fixture
def local_model(chain: SimpleNamespace, tmp_path: Path) -> Path:
    """A model in Hugging Face's form, as someone has downloaded it."""
    folder = tmp_path / "Qwen-local"
    load_writer(chain.folders["base"]).save_pretrained(folder)
    load_tokenizer(chain.folders["base"]).save_pretrained(folder)
    return folder


def test_local_folder_is_pointed_to_and_not_copied(tables: World, local_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "base"
    out.mkdir()
    make_base(tables.inputs(BaseParams(model="Qwen/Trial", revision="abc", folder=str(local_model))), out, Told())
    pointer = json.loads((out / POINTER).read_text(encoding="utf-8"))
    assert (pointer["model"], pointer["revision"]) == ("Qwen/Trial", "abc")
    assert pointer["files"] == {path.name: folder_digests(local_model)[path.name] for path in local_model.iterdir()}
    assert folder_digests(out).keys() == {POINTER, "card.json"}
    assert model_folder(out) == local_model
    assert load_writer(out).num_parameters() == load_writer(local_model).num_parameters()
    assert isinstance(load_tokenizer(out), type(AutoTokenizer.from_pretrained(local_model)))


def test_model_of_a_folder_is_fine_tuned_like_one_made_here(tables: World, local_model: Path, tmp_path: Path) -> None:
    base, out = tmp_path / "base", tmp_path / "sft"
    base.mkdir(), out.mkdir()
    make_base(tables.inputs(BaseParams(model="Qwen/Trial", folder=str(local_model))), base, Told())
    before = folder_digests(local_model)
    make_sft_model(tables.inputs(SFT, {"base": base}), out, Told())
    assert folder_digests(local_model) == before
    assert load_writer(out).num_parameters() == load_writer(local_model).num_parameters()


def test_same_weights_elsewhere_are_the_same_step_output(tables: World, local_model: Path, tmp_path: Path) -> None:
    digests = []
    for place in ("one", "two"):
        out, moved = tmp_path / place, local_model.rename(tmp_path / f"moved-{place}")
        out.mkdir()
        make_base(tables.inputs(BaseParams(model="Qwen/Trial", folder=str(moved))), out, Told())
        digests.append(folder_digests(out))
        local_model = moved
    assert digests[0] == digests[1]


def test_weights_that_have_gone_are_one_sentence(tables: World, local_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "base"
    out.mkdir()
    make_base(tables.inputs(BaseParams(model="Qwen/Trial", folder=str(local_model))), out, Told())
    local_model.rename(tmp_path / "gone")
    assert (out / WEIGHTS).is_symlink()
    with pytest.raises(UserError, match="base model Qwen/Trial: its files have gone"):
        load_writer(out)


def test_folder_without_a_model_is_refused(tables: World, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json, tokenizer_config\.json missing"):
        make_base(tables.inputs(BaseParams(model="Qwen/Trial", folder=str(tmp_path))), tmp_path, Told())


def test_hub_is_not_asked_when_offline(tables: World, tmp_path: Path) -> None:
    params = BaseParams(model="copymill-trial/is-nowhere", machine=Machine(threads=1, offline=True))
    with pytest.raises(UserError, match="not in the hub's cache"):
        make_base(tables.inputs(params), tmp_path, Told())
