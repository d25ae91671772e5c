"""The data doctor: lengths by the tokenizer, what truncation cuts, ends in TRL's own labels, refusal to train."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.lineage.errors import UserError
from tasks.training.doctor import Use, diagnosis, examined, fit_to_train, token_count, uses
from tasks.training.model_files import load_tokenizer
from tests.training.conftest import GRPO, REWARD, SFT
from tests.training.tables import World

DATASETS = ("sft", "preference", "kto", "grpo", "reward_rows")


@pytest.fixture(scope="module")
def tokenizer(chain: SimpleNamespace) -> Any:
    return load_tokenizer(chain.folders["base"])


def test_good_tables_are_examined_as_their_steps_see_them(tables: World, tokenizer: Any) -> None:
    found = diagnosis({name: tables.tables[name] for name in DATASETS}, uses(SFT, REWARD, GRPO), tokenizer)
    by_table = {one.table: one for one in found}
    assert [one.table for one in found] == ["sft", "preference", "grpo", "kto", "reward_rows"]
    assert not [one for one in found if one.blocking]
    sft = by_table["sft"]
    assert (sft.rows, sft.ends) == (52, 1.0)
    assert sft.lengths and 0 < sft.lengths.median <= sft.lengths.most_of_them <= sft.lengths.longest <= 384
    assert (by_table["kto"].good, by_table["kto"].lengths) == (0.5, None)


def test_method_and_kind_decide_which_table_is_trained_on() -> None:
    found = uses(SFT, REWARD.model_copy(update={"kind": "binary"}), GRPO.model_copy(update={"method": "kto"}))
    assert [(use.stage, use.table) for use in found] == [
        ("sft_model", "sft"), ("reward_model", "reward_rows"), ("grpo_model", "kto"),
    ]  # fmt: skip


def test_without_a_tokenizer_texts_are_still_examined(tables: World) -> None:
    rows = [{**row, "chosen": row["chosen"] + "\ufffd"} for row in tables.tables["preference"]]
    (found,) = [one for one in diagnosis({"preference": rows}, uses(SFT, REWARD, GRPO), None) if one.stage]
    assert found.lengths is None
    assert [one.check for one in found.blocking] == ["replacement_character"]


def test_rows_over_max_length_are_counted_with_what_they_lose(tables: World, tokenizer: Any) -> None:
    rows = tables.tables["preference"]
    counts = sorted(token_count("preference", row, tokenizer) for row in rows)
    limit = counts[-3]
    found = examined(
        Use("reward_model", "preference", REWARD.model_copy(update={"max_length": limit})), rows, tokenizer
    )
    over = [count for count in counts if count > limit]
    assert found.lengths and (found.lengths.over, found.lengths.tokens_cut) == (
        len(over),
        sum(over) - limit * len(over),
    )
    assert [(one.check, one.count) for one in found.blocking] == ([("truncation", len(over))] if over else [])


@pytest.mark.parametrize(("long_rows", "severity"), [(1, "warn"), (3, "block")])
def test_few_cut_answers_warn_and_many_block(tables: World, tokenizer: Any, long_rows: int, severity: str) -> None:
    rows = [*tables.tables["sft"]] * 4
    for place in range(long_rows):
        question, answer = rows[place]["messages"]
        rows[place] = {**rows[place], "messages": [question, {**answer, "content": answer["content"] * 12}]}
    found = examined(Use("sft_model", "sft", SFT), rows, tokenizer)
    (cut,) = [one for one in found.findings if one.check == "truncation"]
    assert (cut.severity, cut.count, cut.of) == (severity, long_rows, 208)


def test_end_outside_the_labels_blocks(tables: World, tokenizer: Any) -> None:
    outside = tokenizer.chat_template.replace("message.content + '<|im_end|>' }}{%- endgeneration %}",
                                              "message.content }}{%- endgeneration %}{{- '<|im_end|>' }}")  # fmt: skip
    spoilt = load_tokenizer(Path(tokenizer.name_or_path))
    spoilt.chat_template = outside
    params = SFT.model_copy(update={"loss_on": "assistant"})
    found = examined(Use("sft_model", "sft", params), tables.tables["sft"], spoilt, ends=True)
    assert [one.check for one in found.blocking] == ["end_in_labels"]
    assert "0% of the rows have an end-of-answer token" in found.blocking[0].sentence


def test_step_refuses_rows_that_are_not_fit_and_says_all_that_blocks(tables: World, tokenizer: Any) -> None:
    rows = [dict(row) for row in tables.tables["kto"]]
    rows[0]["completion"] += "\x00"
    rows[1] |= {"prompt": rows[2]["prompt"], "completion": rows[2]["completion"], "label": not rows[2]["label"]}
    use = Use("grpo_model", "kto", GRPO)
    with pytest.raises(UserError, match=r"grpo_model: 1 of 104 rows hold control .*; 2 of 104 rows have a text that"):
        fit_to_train(use, rows, tokenizer)
    card = fit_to_train(use, tables.tables["kto"], tokenizer)
    assert card["data"]["tokens"]["over"] == 0
