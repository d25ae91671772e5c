"""Supervised fine-tuning, and the failures of facts/training.md planted one by one: each is caught with its reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from peft import LoraConfig, get_peft_model
from transformers import DataCollatorForLanguageModeling

from tasks.lineage.errors import UserError
from tasks.lineage.store import folder_digests
from tasks.training.adapters import TrainedWeights
from tasks.training.answer_ends import check_reachable, ended_share, labelled_ends
from tasks.training.chat import CHAT_TEMPLATE
from tasks.training.config import Lora, Optimizer
from tasks.training.generation import Generated
from tasks.training.model_files import load_tokenizer, load_writer
from tasks.training.steps import make_sft_model
from tests.training.conftest import SFT, Told
from tests.training.tables import World


def fine_tuned(chain: SimpleNamespace, tables: World, out: Path, base: Path | None = None, **changed: Any) -> Path:
    out.mkdir()
    folders = {"base": base or chain.folders["base"]}
    make_sft_model(tables.inputs(SFT.model_copy(update=changed), folders), out, Told())
    return out


def card_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "card.json").read_text(encoding="utf-8"))


def test_card_says_what_was_trained_and_that_the_merge_is_exact(chain: SimpleNamespace, tables: World) -> None:
    card = card_of(chain.folders["sft_model"])
    assert card["rows"] == len(tables.tables["sft"])
    assert card["end_in_labels"] == 1.0
    assert card["trained_parameters"] > 0
    assert card["relative_change"] > 1e-4
    assert card["merge_largest_logit_gap"] < 1e-3
    assert card["saved_largest_logit_gap"] < 1e-3
    assert (chain.folders["sft_model"] / "adapter" / "adapter_model.safetensors").is_file()


def test_loss_is_on_the_answers_alone(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    by_loss = {
        loss_on: pq.read_table(fine_tuned(chain, tables, tmp_path / loss_on, loss_on=loss_on) / "metrics.parquet")
        for loss_on in ("completion", "assistant")
    }
    first = {
        name: next(row["value"] for row in table.to_pylist() if row["name"] == "loss")
        for name, table in by_loss.items()
    }
    # `completion` also counts the line break after the end; all other tokens are the same ones
    assert first["completion"] == pytest.approx(first["assistant"], rel=0.1)


def test_merged_model_is_the_base_plus_the_adapter(chain: SimpleNamespace) -> None:
    base, merged = (load_writer(chain.folders[name]).state_dict() for name in ("base", "sft_model"))
    assert base.keys() == merged.keys()
    changed = [name for name in base if not base[name].equal(merged[name])]
    assert any("embed_tokens" in name for name in changed)
    assert any("q_proj" in name for name in changed)
    assert not any("norm" in name for name in changed)


def test_content_types_that_the_profile_does_not_train_are_left_out(chain: SimpleNamespace, tables: World) -> None:
    with pytest.raises(UserError, match="table sft: none of its 52 rows is of a content type"):
        inputs = tables.inputs(SFT.model_copy(update={"content_types": ("poem",)}), chain.folders)
        make_sft_model(inputs, Path("never-written"), Told())


def test_end_outside_the_generation_markers_is_caught(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(chain.folders["base"], base)
    inside = "{%- generation %}{{- message.content + '<|im_end|>' }}{%- endgeneration %}"
    outside = "{%- generation %}{{- message.content }}{%- endgeneration %}{{- '<|im_end|>' }}"
    (base / "chat_template.jinja").write_text(CHAT_TEMPLATE.replace(inside, outside), encoding="utf-8")
    with pytest.raises(UserError, match="0% of the rows have an end-of-answer token in their labels"):
        fine_tuned(chain, tables, tmp_path / "out", base, loss_on="assistant")


def test_end_cut_off_by_max_length_is_caught(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    longest = max(len(row["messages"][0]["content"]) for row in tables.tables["sft"])
    with pytest.raises(UserError, match=r"52 of 52 rows are longer than .* the end of the answer would be cut off"):
        fine_tuned(chain, tables, tmp_path / "out", max_length=longest)


def test_end_masked_by_a_collator_with_pad_as_end_is_caught(chain: SimpleNamespace) -> None:
    tokenizer = load_tokenizer(chain.folders["base"])
    tokenizer.pad_token = tokenizer.eos_token
    ids = [*tokenizer("温和。", add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
    collator = DataCollatorForLanguageModeling(tokenizer, mlm=False)

    def without_labels(rows: list[dict[str, Any]]) -> Any:
        return collator([{"input_ids": row["input_ids"]} for row in rows])

    with pytest.raises(UserError, match="0% of the rows"):
        labelled_ends([{"input_ids": ids, "labels": ids}] * 3, without_labels, [tokenizer.eos_token_id])


def test_end_row_that_lora_cannot_reach_is_caught_before_training_a_base_made_here(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    with pytest.raises(
        UserError, match=r"before training: the base gives the end .* set lora\.train_embeddings to true"
    ):
        fine_tuned(chain, tables, tmp_path / "out", lora=Lora(r=4, alpha=8))


def test_end_row_that_lora_cannot_reach_warns_for_another_base_and_fails_after_training(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    base = from_elsewhere(chain, tmp_path / "base")
    out = fine_tuned(chain, tables, tmp_path / "warned", base, lora=Lora(r=4, alpha=8))
    assert "LoRA cannot reach its row" in card_of(out)["warnings"][0]
    with pytest.raises(UserError, match=r"0% of 4 sampled answers end.*lora\.train_embeddings"):
        fine_tuned(chain, tables, tmp_path / "failed", base, lora=Lora(r=4, alpha=8), min_ended=0.9)


def from_elsewhere(chain: SimpleNamespace, folder: Path) -> Path:
    """Return a copy of the base whose card says that it was not made here, so that nobody knows what it has read."""
    shutil.copytree(chain.folders["base"], folder)
    (folder / "card.json").write_text('{"kind": "pretrained"}', encoding="utf-8")
    return folder


def test_base_that_finds_the_end_likely_needs_no_token_table() -> None:
    assert check_reachable(0.4, 1536, "pretrained here") == ""


def test_ended_share_is_of_the_sampled_answers() -> None:
    answers = [Generated("a", True, 3), Generated("b", True, 3), Generated("c", False, 9), Generated("d", True, 2)]
    assert ended_share(answers, 0.7) == 0.75
    with pytest.raises(UserError, match="75% of 4 sampled answers"):
        ended_share(answers, 0.9)


def test_learning_rate_that_changes_nothing_is_caught(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    slow = Optimizer(learning_rate=1e-12, steps=2, batch_size=4)
    with pytest.raises(UserError, match=r"training moved its weights by .* raise learning_rate"):
        fine_tuned(chain, tables, tmp_path / "out", optimizer=slow)


def test_merge_after_training_in_bf16_is_exact_and_what_is_lost_is_lost_by_the_last_cast(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    card = card_of(fine_tuned(chain, tables, tmp_path / "out", precision="bf16"))
    assert card["merge_largest_logit_gap"] < 1e-4
    assert 1e-4 < card["saved_largest_logit_gap"] < 0.5


def test_adapter_loaded_frozen_is_caught(chain: SimpleNamespace) -> None:
    model = get_peft_model(load_writer(chain.folders["base"]), LoraConfig(r=2, target_modules="all-linear"))
    for weight in model.parameters():
        weight.requires_grad_(False)
    with pytest.raises(UserError, match="no weight is trainable"):
        TrainedWeights(model, "sft_model")


def test_batch_that_is_no_whole_number_of_micro_batches_is_refused(
    chain: SimpleNamespace, tables: World, tmp_path: Path
) -> None:
    machine = SFT.machine.model_copy(update={"micro_batch": 3})
    with pytest.raises(UserError, match="batch_size 4 is no multiple of micro_batch 3"):
        fine_tuned(chain, tables, tmp_path / "out", machine=machine)


def test_tensorboard_events_go_to_their_own_folder(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    machine = SFT.machine.model_copy(update={"tensorboard": str(tmp_path / "events")})
    out = fine_tuned(chain, tables, tmp_path / "out", machine=machine)
    assert list((tmp_path / "events" / "sft_model").glob("events.out.tfevents.*"))
    assert folder_digests(out) == folder_digests(chain.folders["sft_model"])


def test_answer_missing_at_the_end_of_a_row_is_refused(chain: SimpleNamespace, tables: World, tmp_path: Path) -> None:
    rows = [row | {"messages": row["messages"][:1]} for row in tables.tables["sft"]]
    broken = World(tables.tables | {"sft": rows}, tables.content_types)
    with pytest.raises(UserError, match="table sft: a row ends with user"):
        fine_tuned(chain, broken, tmp_path / "out")
