"""`copymill export-model` over a home whose records were written by hand: what it finds, refuses and says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flows.exporting_model import SIMULATED, show_export, subject_of
from flows.steps import step_named
from tasks.judging.config import AnswerParams
from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.files import write_text
from tasks.lineage.records import Components, Record
from tasks.lineage.store import Store, folder_content
from tasks.training.config import GenerationParams
from tests.flows.homes import console, said
from tests.training.models import random_writer

ITEM = {"item_id": "p1/ad/0", "product_id": "p1", "content_type": "ad"}
TURNS = [{"role": "user", "content": "写"}, {"role": "assistant", "content": "好"}]


class House:
    """A home in which steps are committed without running them."""

    def __init__(self, folder: Path) -> None:
        self.home, self.store, self.contents = folder / "home", Store(folder / "home"), {}

    def table(
        self, name: str, rows: list[dict[str, Any]], params: Mapping[str, Any] | None = None, **notes: Any
    ) -> None:
        content, parts, _ = self.store.write_rows(rows, step_named(name).makes)
        self.commit(name, content, dict(params or {}), parts=parts, rows=len(rows), **notes)

    def folder(self, name: str, made: Path) -> None:
        components = self.components(name, {})
        files = self.store.take_folder(made, name, components.fingerprint())
        self.commit(name, folder_content(files), {}, files=files)

    def components(self, name: str, params: dict[str, Any]) -> Components:
        inputs = {read: self.contents[read] for read in step_named(name).reads if read in self.contents}
        return Components(version=1, params=params, prompts={}, inputs=inputs)

    def commit(self, name: str, content: str, params: dict[str, Any], **made: Any) -> None:
        components = self.components(name, params)
        record = Record(
            step=name, fingerprint=components.fingerprint(), components=components, content=content,
            notes={"git": "abc1234"}, **made,
        )  # fmt: skip
        self.store.commit(record)
        self.contents[name] = content


def trained(folder: Path, *, system: str = "", last: bool = False) -> House:
    """Return a home with drafts by the simulator, one training row, a base that was made here, and its models."""
    house = House(folder)
    house.table("drafts", [], source_parts={"teacher": {"provider": digest("simulator")}})
    house.table("copy", [])
    turns = [{"role": "system", "content": system}, *TURNS] if system else TURNS
    house.table("sft", [{**ITEM, "messages": turns}])
    house.folder("base", random_writer(folder / "base"))
    house.folder("sft_model", random_writer(folder / "sft_model"))
    if last:
        house.folder("grpo_model", random_writer(folder / "grpo_model"))
    return house


def answered(house: House, system: str) -> None:
    """Give the home two judged answers of a model: one that passes every gate, one with a forbidden word."""
    params = AnswerParams(generation=GenerationParams(temperature=0.6, top_p=0.9, max_new_tokens=77))
    house.table("answers", [], params.model_dump(mode="json"))
    row = {
        "system": system, "product_id": "p1", "content_type": "ad", "reasons": [], "chars": 9, "ended_by_eos": True,
        "names_product": True, "wants_call_to_action": True,
    }  # fmt: skip
    good = {**row, "answer_id": "a1", "accepted": True, "gates": []}
    bad = {**row, "answer_id": "a2", "accepted": False, "gates": ["forbidden_word"]}
    house.table("verdicts", [good, bad])


def test_last_model_is_exported_with_its_lineage_gates_and_sampling(tmp_path: Path) -> None:
    house = trained(tmp_path, system="你是文案。", last=True)
    answered(house, "grpo")
    subject = subject_of(house.store, "")
    assert subject.step == "grpo_model"
    assert [made.step for made in subject.lineage] == ["grpo_model", "sft_model", "base", "sft", "copy", "drafts"]
    assert next(made.rows for made in subject.lineage if made.step == "sft") == 1
    assert subject.gates["pass every gate"] == "50% (1 of 2)"
    assert subject.gates["No forbidden word"] == "50% (1 of 2)"
    assert (subject.sampling.temperature, subject.sampling.max_new_tokens) == (0.6, 77)
    assert subject.system == "你是文案。"
    assert SIMULATED in subject.warnings


def test_figures_of_another_model_are_not_shown(tmp_path: Path) -> None:
    house = trained(tmp_path)
    answered(house, "sft")
    assert subject_of(house.store, "sft_model").gates
    house.folder("sft_model", random_writer(tmp_path / "again", hidden_size=32))
    assert subject_of(house.store, "sft_model").gates == {}


def test_command_writes_the_folder_and_says_where_the_card_is(tmp_path: Path) -> None:
    house = trained(tmp_path)
    answered(house, "sft")
    printed = console()
    show_export(house.home, "", "safetensors", tmp_path / "out", False, printed)
    assert "sft_model" in said(printed)
    assert "README.md: what it is made of" in said(printed)
    note = json.loads((tmp_path / "out" / "export.json").read_text(encoding="utf-8"))
    assert note["content"] == house.contents["sft_model"]
    assert "50% (1 of 2)" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


def test_sampling_comes_from_the_last_run_where_nothing_was_answered(tmp_path: Path) -> None:
    house = trained(tmp_path)
    with pytest.raises(UserError, match="no run is noted"):
        subject_of(house.store, "")
    job = {"profile": "small", "overrides": {"answers.generation.top_p": "0.7"}}
    run = {"run": "r1", "flow": "main-job", "job": job, "steps": {}, "calls": 0, "seconds": 1}
    write_text(house.home / "artifacts" / "runs" / "r1.json", json.dumps(run))
    sampling = subject_of(house.store, "").sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_new_tokens) == (0.7, 0.7, 900)


def test_model_that_is_not_there_or_not_whole_is_told(tmp_path: Path) -> None:
    house = trained(tmp_path)
    answered(house, "sft")
    with pytest.raises(UserError, match="model 'base': no such model; expected one of grpo_model, sft_model"):
        subject_of(house.store, "base")
    with pytest.raises(UserError, match=r"not made yet in .*copymill run --only grpo_model"):
        subject_of(house.store, "grpo_model")
    record = house.store.current_record("sft_model")
    assert record is not None
    (house.store.files_folder(record) / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="its files have changed"):
        subject_of(house.store, "sft_model")
