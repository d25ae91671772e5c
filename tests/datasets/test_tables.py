"""The five datasets: train products alone, accepted copy and selected pairs alone, one task prompt throughout."""

import pytest

from tasks.datasets.config import DatasetParams, SftParams
from tasks.datasets.steps import GRPO, KTO, PREFERENCE, REWARD_ROWS, SFT
from tasks.datasets.task_prompt import task_prompt
from tasks.lineage.params import undeclared_fields
from tasks.lineage.tables import with_digests
from tests.datasets.scene import CREAM, SERUM, TYPES, inputs, tables

STEPS = (SFT, PREFERENCE, KTO, REWARD_ROWS, GRPO)
PROMPT = task_prompt(SERUM, TYPES["paid_ad_cta"])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_dataset_fits_its_table_and_holds_train_products_alone(step):
    rows = step.compute(inputs())
    typed = with_digests(rows, step.makes)
    assert rows and {row["product_id"] for row in rows} <= {"p_1", "p_2"}
    assert {name for row in rows for name in row} == set(step.makes.schema.names)
    assert len(typed) == len(rows)


def test_sft_holds_accepted_copy_as_chats():
    rows = SFT.compute(inputs())
    assert [row["item_id"] for row in rows] == ["p_1/paid_ad_cta/0", "p_2/paid_ad_cta/0"]
    assert rows[0]["messages"] == [
        {"role": "user", "content": PROMPT},
        {"role": "assistant", "content": "净屿精华含5%烟酰胺，点击了解。"},
    ]


def test_preference_holds_selected_pairs_under_the_task_prompt():
    assert PREFERENCE.compute(inputs()) == [
        {
            "item_id": "p_1/paid_ad_cta/0",
            "product_id": "p_1",
            "content_type": "paid_ad_cta",
            "prompt": PROMPT,
            "chosen": "净屿精华好文案",
            "rejected": "净屿精华坏文案",
            "method": "weak",
        }
    ]


def test_kto_and_reward_rows_hold_both_texts_of_a_pair():
    kto = KTO.compute(inputs())
    assert [(row["id"], row["completion"], row["label"]) for row in kto] == [
        ("p_1/paid_ad_cta/0/chosen", "净屿精华好文案", True),
        ("p_1/paid_ad_cta/0/rejected", "净屿精华坏文案", False),
    ]
    assert all(row["prompt"] == PROMPT for row in kto)
    assert [(row["text"], row["label"]) for row in REWARD_ROWS.compute(inputs())] == [
        ("净屿精华好文案", 1),
        ("净屿精华坏文案", 0),
    ]


def test_grpo_asks_for_every_content_type_of_every_train_product():
    rows = GRPO.compute(inputs())
    assert [row["item_id"] for row in rows] == [
        f"{item.product_id}/{name}" for item in (SERUM, CREAM) for name in TYPES
    ]
    assert rows[0]["prompt"] == PROMPT
    assert rows[0]["core_ingredients"] == ["5%烟酰胺", "泛醇"]


def test_product_that_changes_sides_leaves_the_datasets():
    found = tables()
    found["products"][0]["split"] = "val"
    assert {row["product_id"] for row in SFT.compute(inputs(found))} == {"p_2"}
    assert PREFERENCE.compute(inputs(found)) == []


def test_dataset_params_declare_every_field():
    assert undeclared_fields(DatasetParams) == undeclared_fields(SftParams) == []


def test_system_prompt_opens_every_brand_dialogue_and_none_is_the_default():
    assert [turn["role"] for turn in SFT.compute(inputs())[0]["messages"]] == ["user", "assistant"]
    rows = SFT.compute(inputs(params=SftParams(system_prompt="你是品牌文案。")))
    assert all(row["messages"][0] == {"role": "system", "content": "你是品牌文案。"} for row in rows)
    assert [turn["role"] for turn in rows[0]["messages"]] == ["system", "user", "assistant"]
