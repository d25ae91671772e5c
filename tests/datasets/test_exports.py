"""Exports for other trainers, read back as those trainers read them."""

import json

import pyarrow.parquet as pq
import pytest

from tasks.datasets.exports import export_dataset
from tasks.datasets.steps import GRPO, KTO, PREFERENCE, SFT
from tasks.lineage.errors import UserError
from tests.datasets.scene import inputs

ROWS = {step.name: step.compute(inputs()) for step in (SFT, PREFERENCE, KTO, GRPO)}


def test_verl_sft_holds_messages(tmp_path):
    (path,) = export_dataset("sft", ROWS["sft"], "verl", tmp_path)
    rows = pq.read_table(path).to_pylist()
    assert [row["messages"] for row in rows] == [row["messages"] for row in ROWS["sft"]]
    assert rows[1]["extra_info"]["index"] == 1


def test_verl_grpo_holds_prompt_and_ground_truth_for_a_rule_reward(tmp_path):
    (path,) = export_dataset("grpo", ROWS["grpo"], "verl", tmp_path)
    row = pq.read_table(path).to_pylist()[0]
    assert row["prompt"] == [{"role": "user", "content": ROWS["grpo"][0]["prompt"]}]
    assert row["reward_model"]["style"] == "rule"
    truth = json.loads(row["reward_model"]["ground_truth"])
    assert (truth["product_name"], truth["content_type"]) == ("净屿精华", "paid_ad_cta")
    assert truth["core_ingredients"] == ["5%烟酰胺", "泛醇"]
    assert (row["data_source"], row["extra_info"]["split"]) == ("copymill", "train")


@pytest.mark.parametrize("format_", ["alpaca", "sharegpt"])
@pytest.mark.parametrize("table", ["sft", "preference", "kto"])
def test_llama_factory_columns_are_those_that_dataset_info_names(tmp_path, table, format_):
    path, info = export_dataset(table, ROWS[table], format_, tmp_path)
    rows = json.loads(path.read_text(encoding="utf-8"))
    described = json.loads(info.read_text(encoding="utf-8"))[f"copymill_{table}_{format_}"]
    assert described["file_name"] == path.name
    assert len(rows) == len(ROWS[table])
    assert all(set(described["columns"].values()) == set(row) for row in rows)
    assert described.get("ranking", False) == (table == "preference")
    assert described.get("formatting", "alpaca") == format_


def test_alpaca_and_sharegpt_hold_the_texts(tmp_path):
    alpaca = json.loads(export_dataset("preference", ROWS["preference"], "alpaca", tmp_path)[0].read_text())
    pair = ROWS["preference"][0]
    assert alpaca == [
        {"instruction": pair["prompt"], "input": "", "chosen": pair["chosen"], "rejected": pair["rejected"]}
    ]
    sharegpt = json.loads(export_dataset("sft", ROWS["sft"], "sharegpt", tmp_path)[0].read_text())
    question, answer = ROWS["sft"][0]["messages"]
    assert sharegpt[0]["conversations"] == [
        {"from": "human", "value": question["content"]},
        {"from": "gpt", "value": answer["content"]},
    ]


def test_dataset_info_keeps_the_entries_of_others(tmp_path):
    info = tmp_path / "dataset_info.json"
    info.write_text('{"mine": {"file_name": "mine.json"}}')
    export_dataset("sft", ROWS["sft"], "alpaca", tmp_path)
    export_dataset("kto", ROWS["kto"], "sharegpt", tmp_path)
    assert list(json.loads(info.read_text())) == ["mine", "copymill_sft_alpaca", "copymill_kto_sharegpt"]


def test_ark_is_one_conversation_a_line(tmp_path):
    (path,) = export_dataset("sft", ROWS["sft"], "ark", tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [{"messages": row["messages"]} for row in ROWS["sft"]]


def test_system_prompt_and_earlier_turns_have_their_columns(tmp_path):
    said = [("system", "你是助手"), ("user", "一"), ("assistant", "二"), ("user", "三"), ("assistant", "四")]
    talk = [{"role": role, "content": text} for role, text in said]
    rows = [*ROWS["sft"], {**ROWS["sft"][0], "messages": talk}]
    alpaca, info = export_dataset("sft", rows, "alpaca", tmp_path)
    last = json.loads(alpaca.read_text(encoding="utf-8"))[-1]
    assert last == {"instruction": "三", "input": "", "output": "四", "system": "你是助手", "history": [["一", "二"]]}
    columns = json.loads(info.read_text())["copymill_sft_alpaca"]["columns"]
    assert (columns["system"], columns["history"]) == ("system", "history")
    sharegpt, info = export_dataset("sft", rows, "sharegpt", tmp_path)
    first, *_, last = json.loads(sharegpt.read_text(encoding="utf-8"))
    assert [turn["from"] for turn in last["conversations"]] == ["human", "gpt", "human", "gpt"]
    assert (first["system"], last["system"]) == ("", "你是助手")
    (ark,) = export_dataset("sft", rows, "ark", tmp_path)
    assert json.loads(ark.read_text(encoding="utf-8").splitlines()[-1]) == {"messages": talk}


@pytest.mark.parametrize(
    ("table", "format_", "found"),
    [
        ("grpo", "ark", "table grpo: ark has no form for it; expected one of sft"),
        ("preference", "verl", "table preference: verl has no form for it; expected one of sft, grpo"),
        ("sft", "openai", "format openai: no such format; expected one of verl, alpaca, sharegpt, ark"),
    ],
)
def test_format_without_a_form_for_the_table_is_refused(tmp_path, table, format_, found):
    with pytest.raises(UserError, match=found):
        export_dataset(table, ROWS[table], format_, tmp_path)


def test_damaged_dataset_info_is_not_overwritten(tmp_path):
    for damaged in ("{", "[]"):
        (tmp_path / "dataset_info.json").write_text(damaged)
        with pytest.raises(UserError, match=r"dataset_info\.json: not"):
            export_dataset("sft", ROWS["sft"], "alpaca", tmp_path)
        assert (tmp_path / "dataset_info.json").read_text() == damaged
