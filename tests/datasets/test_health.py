"""What texts and labels alone show: planted faults are found, good texts are left alone."""

from __future__ import annotations

import json

import pytest

from tasks.datasets.health import as_dict, good_share, is_garbled, reads_as_gbk, text_findings
from tasks.datasets.steps import GRPO, KTO, PREFERENCE, REWARD_ROWS, SFT
from tests.datasets.scene import inputs

CLEAN = "原素方程净屿精华含5%烟酰胺，温和控油。\n点击了解——\t“成分”写在明处…… #护肤 Café——Lancôme"


def pair(number: int, **changed) -> dict:
    texts = {"prompt": f"写第{number}篇", "chosen": f"第{number}篇好文案", "rejected": f"第{number}篇坏文案"}
    return {"item_id": f"p{number}", "product_id": "p", "content_type": "ad", **texts, **changed}


def text_row(number: int, label: int, text: str = "") -> dict:
    return {
        "id": f"r{number}",
        "product_id": "p",
        "content_type": "ad",
        "text": text or f"第{number}篇",
        "label": label,
    }


def checks(table: str, rows: list[dict]) -> dict[str, tuple[str, int]]:
    return {one.check: (one.severity, one.count) for one in text_findings(table, rows)}


@pytest.mark.parametrize("step", [PREFERENCE, KTO, REWARD_ROWS, GRPO, SFT], ids=lambda step: step.name)
def test_good_datasets_have_no_finding(step):
    assert text_findings(step.name, step.compute(inputs())) == []


@pytest.mark.parametrize(
    ("text", "check", "severity"),
    [
        ("净屿\ufffd精华", "replacement_character", "block"),
        ("净屿\x00精华", "control_character", "block"),
        ("净屿\x1b[0m", "control_character", "block"),
        ("锟斤拷精华", "mojibake", "block"),
        ("cafÃ©精华", "mojibake", "block"),
        ("â€œ精华â€", "mojibake", "block"),
        ("\ue0bc精华", "private_character", "warn"),
        ("你好你好你好你好".encode().decode("gbk"), "perhaps_mojibake", "warn"),
        ("  \n", "empty", "block"),
    ],
)
def test_broken_text_is_found_in_its_row(text, check, severity):
    rows = [pair(0), pair(1, rejected=text), pair(2)]
    (found,) = text_findings("preference", rows)
    assert (found.check, found.severity, found.count, found.of, found.examples) == (check, severity, 1, 3, ("p1",))


def test_good_texts_are_not_taken_for_broken_ones():
    assert text_findings("preference", [pair(0, chosen=CLEAN)]) == []
    assert not is_garbled(CLEAN) and not reads_as_gbk(CLEAN)


def test_repeated_rows_and_repeated_prompts_are_told_apart():
    rows = [pair(0), pair(0), pair(1, prompt="写第0篇"), pair(2)]
    rows[1]["item_id"], rows[2]["item_id"] = "again", "asked"
    found = {one.check: one for one in text_findings("preference", rows)}
    assert found["duplicate_rows"].examples == ("again",)
    assert (found["duplicate_prompts"].examples, found["duplicate_prompts"].severity) == (("asked",), "note")


def test_task_that_is_set_twice_is_a_warning():
    rows = [{"item_id": f"g{n}", "prompt": "写一篇", "content_type": "ad", "n": n} for n in range(2)]
    assert checks("grpo", rows) == {"duplicate_rows": ("warn", 1)}


def test_text_that_is_good_and_bad_blocks():
    rows = [text_row(0, 1, "同一篇"), text_row(1, 0, "同一篇"), text_row(2, 1), text_row(3, 0)]
    assert checks("reward_rows", rows)["contradiction"] == ("block", 2)


@pytest.mark.parametrize(
    ("good", "bad", "found"),
    [(5, 5, None), (7, 3, None), (8, 2, ("warn", 2)), (1, 9, ("warn", 1)), (4, 0, ("block", 0))],
)
def test_labels_out_of_balance_warn_and_one_label_alone_blocks(good, bad, found):
    rows = [text_row(n, int(n < good)) for n in range(good + bad)]
    assert checks("reward_rows", rows).get("class_balance") == found
    assert good_share(rows) == good / (good + bad)


def test_pair_without_a_difference_blocks():
    assert checks("preference", [pair(0), pair(1, rejected="第1篇好文案 ")])["no_difference"] == ("block", 1)


def test_system_prompt_and_too_many_general_rows_are_warned_of():
    rows = SFT.compute(inputs())
    general = [{**rows[0], "item_id": f"g{n}", "source": "general",
                "messages": [{"role": "user", "content": f"问{n}"}, {"role": "assistant", "content": f"答{n}"}]}
               for n in range(2)]  # fmt: skip
    rows[0]["messages"].insert(0, {"role": "system", "content": "你是品牌文案。"})
    found = checks("sft", rows + general)
    assert (found["system_prompt"], found["general_share"]) == (("warn", 1), ("warn", 2))
    assert "general_share" not in checks("sft", [*rows, general[0]])


def test_findings_are_plain_json_and_blocking_ones_come_first():
    rows = [text_row(0, 1, "好"), text_row(1, 1, "好"), text_row(2, 1, "\ufffd")]
    found = text_findings("reward_rows", rows)
    assert [one.severity for one in found] == ["block", "block", "warn"]
    assert json.loads(json.dumps([as_dict(one) for one in found]))[0]["examples"] == ["r2"]
    assert found[0].sentence.startswith("1 of 3 rows hold U+FFFD")


def test_table_without_rows_has_no_finding():
    assert text_findings("kto", []) == []
