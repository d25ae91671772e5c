"""The data card counts what the tables hold, and says what leaks."""

import json

from tasks.datasets.data_card import data_card, distinct, naming
from tasks.datasets.steps import GRPO, KTO, PREFERENCE, REWARD_ROWS, SFT
from tests.datasets.scene import MASK, SERUM, copy_row, inputs, tables


def card_of(found=None):
    made = found or tables()
    datasets = {step.name: step.compute(inputs(made)) for step in (SFT, PREFERENCE, KTO, GRPO, REWARD_ROWS)}
    return data_card({**made, **datasets})


def test_card_counts_products_copy_and_datasets():
    card = card_of()
    assert (card["products"]["train"], card["products"]["val"]) == (2, 1)
    assert card["copy"]["accepted"] == 3
    assert card["copy"]["by_type"] == [
        {"content_type": "paid_ad_cta", "train": 2, "val": 1, "shortest": 13, "median": 13, "longest": 16}
    ]
    assert card["datasets"]["kto"] == {
        "rows": 2, "products": 1, "by_type": {"paid_ad_cta": 2}, "general": 0, "general_share": 0.0,
    }  # fmt: skip
    assert card["datasets"]["grpo"]["rows"] == 4


def test_card_is_plain_json():
    assert json.loads(json.dumps(card_of())) == card_of()


def test_clean_split_leaks_nothing():
    leakage = card_of()["leakage"]
    assert leakage["clean"] is True
    assert leakage["names_on_both_sides"] == []
    assert set(leakage["val_rows_in"].values()) == {0}
    assert leakage["texts_naming_val"] == 0


def test_val_row_in_a_dataset_is_a_leak():
    found = tables()
    sft = SFT.compute(inputs(found))
    leakage = data_card({**found, "sft": [*sft, {**sft[0], "product_id": "p_3"}]})["leakage"]
    assert leakage["val_rows_in"] == {"sft": 1}
    assert leakage["clean"] is False


def test_name_on_both_sides_is_a_leak():
    found = tables()
    found["products"][2]["product_name"] = "净屿 精华"
    leakage = card_of(found)["leakage"]
    assert leakage["names_on_both_sides"] == ["净屿精华"]
    assert leakage["clean"] is False


def test_train_text_that_names_or_repeats_a_val_product_is_counted():
    found = tables()
    val_text = next(row["text"] for row in found["copy"] if row["split"] == "val")
    found["copy"].append({**copy_row(SERUM, "paid_ad_cta", val_text), "item_id": "p_1/paid_ad_cta/1"})
    leakage = card_of(found)["leakage"]
    assert (leakage["texts_naming_val"], leakage["texts_near_val"]) == (1, 1)


def test_name_inside_a_longer_name_is_not_named():
    assert naming(["轻序保湿乳很清爽"], {"保湿乳"}, {"轻序保湿乳"}) == 0
    assert naming(["保 湿 乳很清爽"], {"保湿乳"}, {"轻序保湿乳"}) == 1


def test_repeated_copy_is_counted_with_its_pair():
    found = tables()
    found["copy"].append({**copy_row(MASK, "paid_ad_cta", found["copy"][3]["text"]), "item_id": "p_3/paid_ad_cta/1"})
    repeated = card_of(found)["copy"]["near_duplicates"]
    assert repeated["count"] == 1 and repeated["share"] == 0.25
    assert repeated["worst"] == [{"item_id": "p_3/paid_ad_cta/1", "of": "p_3/paid_ad_cta/0", "overlap": 1.0}]


def test_distinct_n_is_one_for_no_repetition_and_low_for_much():
    assert distinct(["甲乙丙"], 1) == 1.0
    assert distinct(["甲甲甲甲"], 1) == 0.25
    assert distinct([], 2) == 0.0


def test_empty_tables_have_a_card():
    card = data_card({"products": [], "copy": []})
    assert card["copy"]["accepted"] == 0 and card["leakage"]["clean"] is True


def test_general_rows_are_counted_apart_and_are_no_leak():
    found = tables()
    sft = SFT.compute(inputs(found))
    general = {"item_id": "general/1", "product_id": "general/1", "content_type": "general", "source": "general"}
    card = data_card({**found, "sft": [*sft, general]})
    counted = card["datasets"]["sft"]
    assert (counted["rows"], counted["products"], counted["by_type"]) == (2, 2, {"paid_ad_cta": 2})
    assert (counted["general"], counted["general_share"]) == (1, 0.3333)
    assert card["leakage"]["clean"] is True
