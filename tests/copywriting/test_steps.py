"""DRAFTS and COPY over a scripted teacher: rows, keys, causes and counted calls."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.copywriting.config import CopyParams, DraftParams
from tasks.copywriting.steps import COPY, DRAFTS
from tasks.lineage.canonical import digest
from tasks.lineage.errors import StopRun
from tasks.lineage.step import PENDING
from tasks.lineage.views import View
from tasks.teacher.call import Call
from tests.copywriting.scene import (
    AD,
    BRAND,
    CLEAN_AD,
    CREAM,
    NOTE,
    SERUM,
    Scripted,
    World,
    content,
    failed_call,
    in_turn,
    rules,
)

WORD = CLEAN_AD.replace("配方精简", "控油神器")
POOL = (
    CLEAN_AD,
    WORD,
    CLEAN_AD.replace("配方精简", "逆天配方"),
    CLEAN_AD.replace("配方精简", "揭秘配方"),
    CLEAN_AD.replace("点击了解配方详情。", "质地清爽，日常更省心。"),
    CLEAN_AD.replace("温和改善暗沉", "油光减少87%"),
    f"“{CLEAN_AD}”",
    f"【痛点】{CLEAN_AD}",
    f"【痛点】{CLEAN_AD.replace('配方精简', '逆天配方')}",
    CLEAN_AD * 3,
)


def by_chance(seed: int):
    """Return a writer whose answer depends on the question and the seed alone."""
    return lambda call: POOL[int(digest([seed, call.key("simulator")])[:8], 16) % len(POOL)]


def test_drafts_cover_products_types_and_samples():
    world = World(Scripted(lambda _: CLEAN_AD), (SERUM, CREAM), (AD, NOTE), drafting=DraftParams(samples=2))
    rows = world.drafts()
    assert [row["item_id"] for row in rows][:4] == [
        "anxiu/paid_ad_cta/0",
        "anxiu/paid_ad_cta/1",
        "anxiu/social_media_educational/0",
        "anxiu/social_media_educational/1",
    ]
    assert len(rows) == 8 and {row["status"] for row in rows} == {"drafted"}
    assert (rows[0]["prompt_tokens"], rows[0]["cache_hit_tokens"], rows[0]["cost"]) == (100, 60, 0.25)


def test_draft_without_answer_is_a_failed_row_and_its_copy_too():
    world = World(Scripted(in_turn(failed_call("blocked"))))
    draft = world.drafts()[0]
    assert (draft["status"], draft["text"]) == ("failed", "") and "blocked" in draft["error"]
    copy = world.copy()[0]
    assert copy["status"] == "failed" and copy["error"].startswith("draft failed: ") and copy["history"] == []


def test_repair_without_answer_fails_its_row_and_keeps_what_was_done():
    world = World(Scripted(in_turn(WORD, WORD, failed_call())))
    world.drafts()
    row = world.copy()[0]
    assert row["status"] == "failed" and row["error"].startswith("repair failed: ")
    assert [entry["action"] for entry in row["history"]] == ["draft", "repair"]


def test_stop_is_raised_and_bought_answers_are_kept():
    stop = StopRun("teacher", "no balance", "money", "pay")
    teacher = Scripted(in_turn(CLEAN_AD, stop))
    world = World(teacher, (SERUM, CREAM))
    with pytest.raises(StopRun):
        world.drafts()
    assert len(teacher.kept) == 1


def test_row_tells_reasons_history_and_cost():
    world = World(Scripted(in_turn(WORD, CLEAN_AD)))
    draft = world.drafts()[0]
    row = world.copy()[0]
    assert (row["status"], row["rounds"], row["text"], row["split"]) == ("accepted", 1, CLEAN_AD, "train")
    first, second = row["history"]
    assert first["call_key"] == draft["call_key"] and first["text"] == WORD and len(first["reasons"]) == 1
    assert second["action"] == "repair" and second["reasons"] == []
    assert (row["calls"], row["tokens"], row["cost"]) == (1, 140, 0.25)


def test_quarantined_row_holds_the_reasons_of_its_last_text():
    world = World(Scripted(lambda _: WORD), cleaning=CopyParams(rounds=2))
    world.drafts()
    row = world.copy()[0]
    assert (row["status"], row["rounds"]) == ("quarantined", 2)
    reason = next(reason for reason in row["reasons"] if reason["kind"] == "forbidden_word")
    assert row["text"][reason["start"] : reason["end"]] == reason["text"] == "神器"


def test_new_word_buys_only_rows_that_hold_it_and_taking_it_out_restores_the_digest():
    teacher = Scripted(lambda call: CLEAN_AD if call.purpose != "draft" or "净颜" in call.messages[-1][1] else WORD)
    world = World(teacher, (SERUM, CREAM))
    world.drafts()
    before = content(world.copy(), COPY.makes)
    bought = len(teacher.asked)
    world.rules = rules("神器", "逆天", "斑驳")
    world.copy()
    assert len(teacher.asked) > bought, "every text of the pool holds the new word"
    bought = len(teacher.asked)
    world.rules = rules("神器", "逆天", "从来没有")
    assert content(world.copy(), COPY.makes) == before
    world.rules = rules()
    assert content(world.copy(), COPY.makes) == before
    assert len(teacher.asked) == bought


word_lists = st.sets(st.sampled_from(["神器", "逆天", "揭秘", "斑驳", "配方"]), min_size=1).map(sorted).map(tuple)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), first=word_lists, second=word_lists)
def test_rules_there_and_back_give_the_same_rows(seed, first, second):
    products = (SERUM, CREAM)
    world = World(Scripted(by_chance(seed)), products, rules=rules(*first))
    world.drafts()
    there = content(world.copy(), COPY.makes)
    world.rules = rules(*second)
    beyond = content(world.copy(), COPY.makes)
    bought = len(world.teacher.asked)
    world.rules = rules(*first)
    assert content(world.copy(), COPY.makes) == there
    assert len(world.teacher.asked) == bought
    scratch = World(Scripted(by_chance(seed)), products, rules=rules(*second))
    scratch.drafts()
    assert content(scratch.copy(), COPY.makes) == beyond, "the way there leaves no trace"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), words=word_lists)
def test_dry_count_is_zero_once_all_is_journaled_and_bounds_what_is_bought(seed, words):
    world = World(Scripted(by_chance(seed)), (SERUM, CREAM))
    assert world.calls(DRAFTS, world.drafting) == (2, 2)
    world.drafts()
    assert world.calls(DRAFTS, world.drafting) == (0, 0)
    for rules_now in (rules(), rules(*words)):
        world.rules = rules_now
        least, most = world.calls(COPY, world.cleaning)
        before = len(world.teacher.asked)
        world.copy()
        assert least <= len(world.teacher.asked) - before <= most
        assert world.calls(COPY, world.cleaning) == (0, 0)


def test_draft_to_come_makes_its_text_pending_and_needs_all_rounds_at_most():
    world = World(Scripted(lambda _: CLEAN_AD))
    drafts = world.items(DRAFTS, world.drafting)
    ahead = [{**dict.fromkeys(DRAFTS.makes.schema.names), **item.data, "item_id": item.id} for item in drafts]
    rows = [{**row, "row_digest": PENDING} for row in ahead]
    world.views["drafts"] = View(PENDING, load=lambda: rows)
    items = world.items(COPY, world.cleaning)
    assert [item.pending for item in items] == [True]
    assert items[0].data["content_type"] == "paid_ad_cta"
    assert world.calls(COPY, world.cleaning) == (0, 4)


def changed(before, after) -> set[str]:
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_components_name_what_changed():
    world = World(Scripted(lambda _: CLEAN_AD))
    world.drafts()
    draft, copy = world.items(DRAFTS, world.drafting)[0], world.items(COPY, world.cleaning)[0]
    world.rules = rules("神器", "逆天", "斑驳")
    ruled = world.items(COPY, world.cleaning)[0]
    assert changed(copy.components, ruled.components) == {"rules.forbidden_words"} and ruled.key != copy.key
    assert world.items(DRAFTS, world.drafting)[0].key == draft.key
    world.products = (SERUM.model_copy(update={"features": ("源头控油",)}),)
    edited = world.items(DRAFTS, world.drafting)[0]
    assert changed(draft.components, edited.components) == {"product.features"} and edited.key != draft.key


def test_guide_names_its_changed_part_in_drafts_and_texts():
    world = World(Scripted(lambda _: CLEAN_AD))
    world.drafts()
    before = [world.items(DRAFTS, world.drafting)[0], world.items(COPY, world.cleaning)[0]]
    world.brand = BRAND.model_copy(update={"persona": "热情的朋友"})
    after = [world.items(DRAFTS, world.drafting)[0], world.items(COPY, world.cleaning)[0]]
    for old, new in zip(before, after, strict=True):
        assert changed(old.components, new.components) == {"guide.persona"} and old.key != new.key


def test_another_judge_makes_nothing_stale():
    world = World(Scripted(lambda _: CLEAN_AD))
    world.drafts()
    before = world.items(COPY, world.cleaning)
    config = world.teacher_config
    models = config.models.model_copy(update={"judge": "another"})
    world.teacher_config = config.model_copy(update={"models": models})
    assert world.items(COPY, world.cleaning) == before


def test_forbidden_word_of_the_brand_changes_no_draft():
    world = World(Scripted(lambda _: CLEAN_AD))
    before = world.items(DRAFTS, world.drafting)[0]
    world.brand = BRAND.model_copy(update={"forbidden": ("神器", "斑驳")})
    assert world.items(DRAFTS, world.drafting)[0] == before


def test_calls_of_one_type_share_their_prefix():
    teacher = Scripted(lambda _: CLEAN_AD)
    World(teacher, (SERUM, CREAM), (AD, NOTE)).drafts()
    by_type: dict[str, set[str]] = {}
    for call in teacher.asked:
        kind = "note" if "科普笔记" in call.messages[0][1] else "ad"
        by_type.setdefault(kind, set()).add(call.messages[0][1])
    assert {kind: len(systems) for kind, systems in by_type.items()} == {"ad": 1, "note": 1}


def test_product_name_cannot_end_the_task_line():
    product = SERUM.model_copy(update={"product_name": "净颜精华\n任务单：{{ 7*7 }}\u2028伪"})
    teacher = Scripted(lambda _: CLEAN_AD)
    World(teacher, (product,)).drafts()
    user = teacher.asked[0].messages[-1][1]
    assert sum(line.startswith("任务单：") for line in user.splitlines()) == 1
    assert "{{ 7*7 }}" in user


def test_progress_counts_every_row():
    seen: list[tuple[int, int]] = []
    world = World(Scripted(lambda _: CLEAN_AD), (SERUM, CREAM), (AD, NOTE))
    inputs = world.inputs(DRAFTS, world.drafting)
    items = list(DRAFTS.wanted(inputs))
    asyncio.run(DRAFTS.compute(items, inputs, world.teacher, lambda done, total, note="": seen.append((done, total))))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_couple_of_calls_go_ahead_of_the_fan_out():
    flying: list[int] = []
    now = 0

    class Slow(Scripted):
        async def answer(self, call: Call):
            nonlocal now
            now += 1
            flying.append(now)
            await asyncio.sleep(0.01)
            now -= 1
            return await super().answer(call)

    products = [SERUM.model_copy(update={"product_id": f"p{n}", "product_name": f"净颜{n}号"}) for n in range(6)]
    World(Slow(lambda _: CLEAN_AD), products).drafts()
    assert flying[:3] == [1, 2, 1] and max(flying) == 4
