"""The writing prompts: neutral of any brand, ending in the task sheet, and the same bytes for the same values."""

from __future__ import annotations

import json

import pytest

from tasks.copywriting.desk import Desk, target_chars, task_sheet
from tasks.copywriting.drafting import draft_call
from tasks.lineage.errors import UserError
from tasks.teacher.prompt import load_prompt, render_messages
from tests.copywriting.scene import AD, BRAND, CREAM, NOTE, PROMPTS, SERUM, teacher_config

WRITING = ("draft", "repair", "redraft", "weak", "exaggerated", "fake")
FOUND = [{"rule": "r", "kind": "length", "span": "甲", "message": "太长", "suggestion": "删短", "insist": ""}]
ROOM = {"chars": 130, "over": 30, "under": 0, "cuts": [{"sentence": "这一句可以不要。", "chars": 8}], "rest": 22}


def desk(**prompts: str) -> Desk:
    loaded = {name: load_prompt(PROMPTS / f"{name}.j2") for name in WRITING}
    loaded |= {name: load_prompt(text, name=f"{name}.j2") for name, text in prompts.items()}
    return Desk(teacher_config(), BRAND.guide(), loaded)


def last_turn(name: str, content_type=AD, **values) -> str:
    given = {
        "sheet": task_sheet(name, SERUM, content_type),
        "content_type": content_type,
        "reasons": FOUND,
        "target": 80,
        "warnings": [],
        "facts": [],
        "room": ROOM,
        "chars": 130,
        "least": 70,
        "most": 90,
        **values,
    }
    return desk().user(name, **given)[-1][1]


@pytest.mark.parametrize("name", WRITING)
def test_prompt_names_no_brand(name):
    source = (PROMPTS / f"{name}.j2").read_text(encoding="utf-8")
    assert BRAND.name not in source and not any(word in source for word in BRAND.points)


@pytest.mark.parametrize("content_type", [AD, NOTE], ids=["ad", "note"])
@pytest.mark.parametrize("name", WRITING)
def test_user_message_ends_in_the_task_sheet(name, content_type):
    line = last_turn(name, content_type).splitlines()[-1]
    sheet = json.loads(line.removeprefix("任务单："))
    assert line.startswith("任务单：") and sheet["task"] == name
    assert sheet["product"] == SERUM.sheet()


@pytest.mark.parametrize("name", ["repair", "redraft", "weak", "exaggerated", "fake"])
def test_reasons_are_told_one_a_line(name):
    assert any(line.startswith("1. 太长") for line in last_turn(name).splitlines())


def test_repair_says_how_much_to_cut():
    said = last_turn("repair")
    assert "上一稿共 130 字" in said and "至少要删去 30 字" in said
    assert "可以整句删去：“这一句可以不要。”（8 字）；再从其他句子里精简 22 字。" in said
    assert "至少要" not in last_turn("repair", room={**ROOM, "over": 0, "cuts": [], "rest": 0})


@pytest.mark.parametrize("name", ["repair", "redraft"])
def test_allowed_facts_are_listed(name):
    facts = [{"name": "成分", "values": ["泛醇", "角鲨烷"]}, {"name": "数字", "values": []}]
    said = last_turn(name, facts=facts)
    assert "- 成分：泛醇、角鲨烷\n- 数字：资料里没有，请不要写" in said
    assert "别的一律不写" not in last_turn(name)


def test_fake_asks_for_json_with_an_example():
    assert desk().prompts["fake"].json and '"changes"' in last_turn("fake") and "json" in last_turn("fake")


def test_system_message_orders_what_changes_least_first():
    (_, system), (_, user) = draft_call(desk(), SERUM, AD, 0).messages
    places = [system.index(part) for part in ("# 品牌指南", BRAND.name, "# 事实与法规", "# 本类文案")]
    assert places == sorted(places)
    assert SERUM.product_name not in system and str(target_chars(AD)) in system
    other = draft_call(desk(), CREAM, NOTE, 3).messages
    shared = system[: system.index("# 本类文案")]
    assert other[0][1].startswith(shared)
    assert user.splitlines()[-1].endswith('"variant":0}')


def test_same_values_give_the_same_bytes():
    assert draft_call(desk(), SERUM, AD, 0) == draft_call(desk(), SERUM, AD, 0)


def test_draft_prompt_without_its_sections_is_one_clear_error():
    text = "---\nversion: 1\ntemperature: 1\nmax_tokens: 9\njson: false\nmodel: writer\n---\n写 {{ sheet | json }}\n"
    with pytest.raises(UserError, match=r"draft\.j2: other sections; expected \[system\], then \[user\]"):
        draft_call(desk(draft=text), SERUM, AD, 0)


def test_every_writing_prompt_is_strict_about_its_values():
    for name in WRITING:
        with pytest.raises(UserError, match="cannot be filled in"):
            render_messages(load_prompt(PROMPTS / f"{name}.j2"))
