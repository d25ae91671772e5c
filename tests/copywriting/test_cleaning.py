"""The fold as a pure state machine: what it asks for next and how it ends, by scripted answers."""

from __future__ import annotations

import json

import pytest

from tasks.copywriting.cleaning import Bench, Cleaning, Job, started
from tasks.copywriting.config import CopyParams
from tasks.copywriting.desk import Desk
from tasks.copywriting.drafting import draft_call
from tasks.teacher.prompt import load_prompt
from tests.copywriting.scene import AD, BRAND, CLEAN_AD, PROMPTS, SERUM, rules, teacher_config

WORD = CLEAN_AD.replace("配方精简", "控油神器")
LONG = CLEAN_AD.replace("配方精简", "配方精简" + "，质地清爽不黏腻，日常护理简单省心" * 3)
NO_CTA = CLEAN_AD.replace("点击了解配方详情。", "质地清爽，日常护理更省心。")
NUMBER = CLEAN_AD.replace("温和改善暗沉", "油光减少87%")


def bench(rounds: int = 4, forbidden: tuple[str, ...] = ()) -> Bench:
    prompts = {name: load_prompt(PROMPTS / f"{name}.j2") for name in ("draft", "repair", "redraft")}
    return Bench(Desk(teacher_config(), BRAND.guide(), prompts), rules(*forbidden), CopyParams(rounds=rounds))


def drafted(text: str, at: Bench | None = None, product=SERUM) -> Cleaning:
    at = at or bench()
    return started(at, Job(product, AD, draft_call(at.desk, product, AD, 0), 0), text)


def answered(state: Cleaning, *texts: str) -> Cleaning:
    for text in texts:
        call = state.next_call()
        assert call is not None, "settled before this answer"
        state = state.answered(call, text)
    return state


def sheet_of(state: Cleaning) -> dict:
    call = state.next_call()
    assert call is not None
    line = call.messages[-1][1].splitlines()[-1]
    return json.loads(line.removeprefix("任务单："))


def kinds(state: Cleaning) -> set[str]:
    return {reason.kind for reason in state.last.blocking}


def test_compliant_draft_is_accepted_without_a_call():
    state = drafted(CLEAN_AD)
    assert state.outcome == "accepted" and state.next_call() is None
    assert [(entry.number, entry.action) for entry in state.history] == [(0, "draft")]


def test_repair_names_rule_span_and_limits():
    sheet = sheet_of(drafted(WORD))
    assert [(found["kind"], found["span"]) for found in sheet["reasons"]] == [("forbidden_word", "神器")]
    assert (sheet["task"], sheet["round"], sheet["chars"]) == ("repair", 1, len(WORD))
    assert (sheet["min_chars"], sheet["max_chars"]) == (30, 100)
    assert sheet["product"]["core_ingredients"] == ["10%烟酰胺", "锌PCA", "红没药醇"]


def test_repair_continues_the_conversation():
    state = drafted(WORD)
    first = state.next_call()
    assert first.messages[:2] == state.job.draft.messages
    assert first.messages[2] == ("assistant", WORD)
    second = answered(state, LONG).next_call()
    assert second.messages[:-2] == first.messages
    assert second.messages[-2] == ("assistant", LONG)


def test_no_call_holds_the_forbidden_word_list():
    state = drafted(LONG)
    said = "".join(text for _, text in state.next_call().messages)
    assert "逆天" not in said and "神器" not in said


def test_repair_that_breaks_another_rule_is_seen():
    state = answered(drafted(WORD), NO_CTA)
    assert kinds(state) == {"call_to_action"} and state.outcome is None
    assert [found["kind"] for found in sheet_of(state)["reasons"]] == ["call_to_action"]
    assert answered(state, CLEAN_AD).outcome == "accepted"


def test_last_round_is_a_fresh_draft_with_all_reasons():
    state = answered(drafted(WORD), LONG, NO_CTA, NUMBER)
    sheet = sheet_of(state)
    assert sheet["task"] == "redraft"
    assert {found["kind"] for found in sheet["reasons"]} >= {"forbidden_word", "length", "call_to_action"}
    call = state.next_call()
    assert [role for role, _ in call.messages] == ["system", "user"]
    assert call.messages[0] == state.job.draft.messages[0], "the prefix of the draft, byte for byte"
    assert answered(state, CLEAN_AD).outcome == "accepted"


def test_text_that_never_complies_is_quarantined_with_its_history():
    state = answered(drafted(WORD), WORD, WORD, WORD, NUMBER)
    assert state.outcome == "quarantined" and state.next_call() is None
    assert [entry.action for entry in state.history] == ["draft", "repair", "repair", "repair", "redraft"]
    assert state.last.text == NUMBER and kinds(state) == {"unsupported_number"}


def test_oscillation_ends_after_all_rounds():
    state = answered(drafted(WORD), LONG, WORD, LONG, WORD)
    assert state.outcome == "quarantined"
    keys = [entry.call_key for entry in state.history]
    assert len(set(keys)) == len(keys), "each round is another question, though its text came before"


@pytest.mark.parametrize(("rounds", "actions"), [(0, []), (1, ["repair"]), (2, ["repair", "redraft"])])
def test_number_of_rounds_decides_the_actions(rounds, actions):
    state = answered(drafted(WORD, bench(rounds)), *[WORD] * rounds)
    assert [entry.action for entry in state.history[1:]] == actions
    assert state.outcome == "quarantined"


def test_offending_product_name_is_quarantined_without_a_call():
    product = SERUM.model_copy(update={"product_name": "奇迹净颜精华"})
    at = bench(forbidden=("奇迹",))
    state = drafted(CLEAN_AD.replace("净颜精华", "奇迹净颜精华"), at, product)
    assert kinds(state) == {"sheet"}
    assert state.outcome == "quarantined" and state.next_call() is None
    assert drafted(CLEAN_AD.replace("净颜精华", "这款精华"), at, product).outcome == "accepted"


def test_quotes_around_an_answer_are_tidied_for_free_and_recorded():
    state = drafted(f"  “{CLEAN_AD}”\n")
    assert state.outcome == "accepted" and state.last.text == CLEAN_AD
    assert [(entry.number, entry.action) for entry in state.history] == [(0, "draft"), (0, "tidy")]
    assert state.calls_left == 4


def test_variant_and_resample_ask_again():
    at = bench()
    assert draft_call(at.desk, SERUM, AD, 0).key("p") != draft_call(at.desk, SERUM, AD, 1).key("p")
    again = Bench(at.desk, at.rules, CopyParams(resample=1))
    first, second = drafted(WORD, at).next_call(), drafted(WORD, again).next_call()
    assert first.key("p") != second.key("p")
