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
LONG = CLEAN_AD.replace(
    "点击", "质地清爽不黏腻，日常护理简单省心。早晚洁面后取适量，轻轻按压。忙碌的日子里，护理也可以少一步。点击"
)
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


def test_quotes_around_an_answer_are_mended_for_free_and_recorded():
    state = drafted(f"  “{CLEAN_AD}”\n")
    assert state.outcome == "accepted" and state.last.text == CLEAN_AD
    assert [(entry.number, entry.action) for entry in state.history] == [(0, "draft"), (0, "mend")]
    assert state.calls_left == 4


def test_labels_cost_no_call_and_both_texts_are_kept():
    labelled = "【痛点】" + CLEAN_AD
    state = drafted(labelled)
    assert state.outcome == "accepted" and state.next_call() is None
    assert [(entry.action, entry.text) for entry in state.history] == [("draft", labelled), ("mend", CLEAN_AD)]
    assert [{reason.kind for reason in entry.blocking} for entry in state.history] == [{"framework_label"}, set()]


def test_paid_repair_is_asked_about_the_mended_text():
    state = drafted("【痛点】" + WORD)
    call = state.next_call()
    assert call.messages[-2] == ("assistant", WORD), "spans and length that are told are those of this text"
    assert sheet_of(state)["chars"] == len(WORD)
    assert [found["kind"] for found in sheet_of(state)["reasons"]] == ["forbidden_word"]
    assert state.history[0].call_key == state.history[1].call_key


def turn(state: Cleaning) -> str:
    return state.next_call().messages[-1][1]


def test_first_repair_warns_of_nothing():
    assert "上一轮" not in turn(drafted(WORD))
    assert "前两轮" not in turn(drafted(WORD))


def test_rule_broken_by_the_repair_of_another_is_told_with_it():
    state = answered(drafted(NO_CTA), LONG)
    assert kinds(state) == {"length"}
    said = turn(state)
    assert "结尾没有行动号召" in said and f"共 {len(LONG)} 字" in said
    assert "请同时满足这几条" in said and "又一次" not in said


def test_rule_that_comes_back_is_told_with_the_one_whose_repair_broke_it():
    state = answered(drafted(NO_CTA), LONG, NO_CTA)
    assert kinds(state) == {"call_to_action"}
    said = turn(state)
    assert f"为改好【共 {len(LONG)} 字" in said and "又一次违反了【结尾没有行动号召】" in said


def test_number_in_place_of_a_number_is_told_with_both():
    state = answered(drafted(NUMBER), NUMBER.replace("87%", "62%"))
    said = turn(state)
    assert "换成了另一个同样有问题的写法" in said and "“87%”" in said and "“62%”" in said
    assert "- 数字：10%烟酰胺\n" in said


def test_fault_that_two_rounds_left_is_to_go_with_its_sentence():
    once, twice = answered(drafted(WORD), WORD), answered(drafted(WORD), WORD, WORD)
    assert "整句删去" not in turn(once)
    assert "前两轮都没有改好，这一次请把含有“神器”的整句删去" in turn(twice)


def test_calls_hang_on_the_rounds_alone():
    def rounds() -> Cleaning:
        return answered(drafted(NO_CTA), LONG, NO_CTA)

    assert rounds().next_call() == rounds().next_call()
    assert rounds().next_call() != answered(drafted(NO_CTA), NO_CTA, NO_CTA).next_call()


def test_variant_and_resample_ask_again():
    at = bench()
    assert draft_call(at.desk, SERUM, AD, 0).key("p") != draft_call(at.desk, SERUM, AD, 1).key("p")
    again = Bench(at.desk, at.rules, CopyParams(resample=1))
    first, second = drafted(WORD, at).next_call(), drafted(WORD, again).next_call()
    assert first.key("p") != second.key("p")
