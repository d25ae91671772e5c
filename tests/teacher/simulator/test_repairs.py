"""Repairs: each named fault is mended with the knob's probability, and nothing else is harmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tasks.teacher.simulator.answers import answer_to
from tasks.teacher.simulator.knobs import Knobs
from tasks.teacher.simulator.unwrapping import unwrapped
from tests.teacher.simulator.asking import answer, draft_body, products, repair_body, told, types, verdict

SURE = Knobs(repair_p=1.0, new_defect_p=0.0)


def repairs(knobs: Knobs, some: int = 40) -> Iterator[tuple[object, str, str, list[dict], str, list[str]]]:
    """Yield (product, type, text before, reasons, text after, notes) of first repairs of faulty drafts."""
    for product in products()[:some]:
        for kind in types():
            draft = draft_body(product, kind)
            before = answer(draft)
            reasons = told(verdict(before, product, kind).blocking)
            if reasons:
                got = answer_to(repair_body(draft, before, product, kind, reasons), "0", knobs)
                yield product, kind, before, reasons, got.text, got.notes


def test_sure_repair_mends_everything_and_breaks_nothing():
    left = [
        (kind, reason.rule, reason.text)
        for product, kind, _, _, after, _ in repairs(SURE, some=88)
        for reason in verdict(after, product, kind).blocking
    ]
    assert left == []


def test_named_reasons_are_mended_at_the_rate_of_the_knob():
    noted = [notes for *_, notes in repairs(Knobs(), some=88)]
    done = Counter(note.split()[0] for notes in noted for note in notes)
    assert abs(done["mended"] / (done["mended"] + done["left"]) - 0.7) < 0.035
    assert abs(done["added"] / len(noted) - 0.1) < 0.04


def test_what_a_repair_says_it_mended_is_gone():
    still = []
    for product, kind, _, reasons, after, notes in repairs(Knobs(new_defect_p=0)):
        found = {(reason.rule, " ".join(reason.text.split())) for reason in verdict(after, product, kind).blocking}
        for reason, note in zip(reasons, notes, strict=False):
            if note.startswith("mended") and (reason["rule"], reason["span"]) in found:
                still.append((kind, reason["rule"], reason["span"]))
    assert still == []


def test_repair_that_mends_nothing_leaves_the_text_alone():
    never = Knobs(repair_p=0.0, new_defect_p=0.0)
    assert all(after == before for _, _, before, _, after, _ in repairs(never, some=6))


def test_repair_breaks_no_rule_that_was_kept_before():
    harmed = []
    for product, kind, before, _, after, _ in repairs(Knobs(new_defect_p=0)):
        kept = {reason.kind for reason in verdict(before, product, kind).blocking}
        harmed += [(kind, r.rule, r.text) for r in verdict(after, product, kind).blocking if r.kind not in kept]
    assert harmed == []


def test_new_defect_is_seen_by_the_checker_and_owned_up_to():
    always = Knobs(repair_p=1.0, new_defect_p=1.0)
    seen = Counter()
    for product, kind, _, _, after, notes in repairs(always, some=15):
        added = notes[-1].removeprefix("added ")
        found = {reason.kind for reason in verdict(after, product, kind).blocking}
        seen["nothing" if added == "nothing" else "seen" if added in found else "unseen"] += 1
    assert seen["seen"] >= 0.9 * seen.total()


def test_most_texts_are_accepted_after_four_rounds():
    accepted = total = 0
    for product in products()[:30]:
        for kind in types():
            request = draft_body(product, kind)
            text = answer(request)
            for _ in range(4):
                reasons = told(verdict(text, product, kind).blocking)
                if not reasons:
                    break
                request = repair_body(request, text, product, kind, reasons)
                text = answer(request)
            total += 1
            accepted += verdict(text, product, kind).accepted
    assert accepted / total > 0.9


def mended(text: str, content_type: str, **reason: str) -> str:
    product = products()[0]
    reasons = [{"rule": "r", "message": "", "suggestion": "", **reason}]
    return answer(repair_body(draft_body(product, content_type), text, product, content_type, reasons), SURE)


NAME = products()[0].product_name
CALL = "点击了解配方思路。"


@pytest.mark.parametrize(
    ("kind", "span", "faulty", "gone", "kept"),
    [
        ("forbidden_word", "神器", f"出油让人烦。{NAME}是控油神器。", "神器", NAME),
        ("unsupported_number", "47%", f"出油让人烦。{NAME}让油光减少47%。", "47", NAME),
        ("framework_label", "【痛点】", f"【痛点】出油让人烦。{NAME}配方精简。", "痛点", "出油"),
        ("framework_label", "痛点：", f"痛点：出油让人烦。{NAME}配方精简。", "痛点", "出油"),
        ("framework_label", "（痛点）", f"出油让人烦。（痛点）{NAME}配方精简。", "痛点", "出油"),
        ("absolute_claim", "最好", f"出油让人烦。{NAME}是最好的选择。", "最", NAME),
        ("medical_claim", "治疗", f"出油让人烦。{NAME}可以治疗出油。", "治疗", NAME),
        ("format", "**", f"出油让人烦。**{NAME}**配方精简。", "*", NAME),
        ("unsupported_ingredient", "虾青素", f"出油让人烦。{NAME}含锌PCA、虾青素和泛醇。", "虾青素", "锌PCA"),
        ("unsupported_ingredient", "虾青素", f"出油让人烦。另外复配了虾青素。{NAME}配方精简。", "虾青素", NAME),
        ("unsupported_audience", "孕妇", f"出油让人烦。{NAME}适合油皮，孕妇也能用。", "孕妇", "适合油皮"),
        ("unsupported_function", "防晒", f"出油让人烦。{NAME}配方精简，还能防晒。", "防晒", "配方精简"),
        ("unsupported_claim", "通过斑贴测试", f"出油让人烦。产品通过斑贴测试。{NAME}配方精简。", "测试", NAME),
        ("invented_experience", "痘印没了", f"出油让人烦。我的痘印没了。{NAME}配方精简。", "痘印", NAME),
        ("wrong_name", "净颜美白精华", "出油让人烦。净颜美白精华配方精简。", "净颜美白精华", NAME),
    ],
)
def test_fault_at_a_span_is_edited_out_of_any_text(kind, span, faulty, gone, kept):
    after = mended(faulty + CALL, "paid_ad_pas", kind=kind, span=span)
    assert gone not in after and kept in after and after.endswith(CALL)


@pytest.mark.parametrize(
    "kind", ["unsupported_ingredient", "unsupported_audience", "unsupported_function", "unsupported_claim"]
)
def test_what_the_sheet_lacks_is_mended_in_any_draft(kind):
    knobs = Knobs().turned({"defects": {family: {kind: 1.0} for family in ("paid_ad", "social", "ecommerce")}})
    seen = 0
    for product in products()[::6]:
        for name in ("paid_ad_fab", "social_media_review", "ecommerce_long_form"):
            draft = draft_body(product, name)
            before = answer(draft, knobs)
            reasons = told(verdict(before, product, name).reasons)
            after = answer(repair_body(draft, before, product, name, reasons), SURE)
            seen += kind in {reason["kind"] for reason in reasons}
            assert kind not in {reason.kind for reason in verdict(after, product, name).reasons}
    assert seen >= 30


def test_span_told_on_one_line_is_found_across_lines():
    text = f"标题\n\n{NAME}是控油\n神器。" + "护肤要慢慢来。" * 30
    assert "神器" not in mended(text, "ecommerce_long_form", kind="forbidden_word", span="控油 神器")


def test_product_name_survives_a_repair_of_a_word_in_it():
    text = f"出油让人烦。{NAME}精华配方，{NAME[:2]}神器。点击了解配方思路。"
    assert NAME in mended(text, "paid_ad_pas", kind="forbidden_word", span=NAME[:2])


def test_text_over_its_limit_keeps_name_and_call():
    text = "开头一句话说明问题。" + "这一句话没有多少内容可说。" * 12 + f"{NAME}配方精简。点击了解配方思路。"
    after = mended(text, "paid_ad_cta", kind="length", span="")
    assert len(after) <= 100 and NAME in after and after.endswith("点击了解配方思路。")


def test_idle_sentence_goes_before_one_that_says_something():
    idle = "不堆砌、不复杂，把该做的事情一件件做好，皮肤自然会慢慢回应你。"
    text = f"油光来得快，怎么办？一味清洁只会更油，问题在于方向不对。{idle}"
    text += f"{NAME}配方精简，以5%烟酰胺为核心，步骤简单，温和照顾油性肌。{CALL}"
    after = mended(text, "paid_ad_cta", kind="length", span="")
    assert after == text.replace(idle, "")


def test_text_that_cannot_be_cut_to_size_is_written_anew():
    after = mended("没有标点的一长串文字" * 40, "paid_ad_cta", kind="length", span="")
    assert 40 <= len(after) <= 100 and NAME in after


def test_text_that_is_too_short_is_padded_with_clean_sentences():
    after = mended(f"{NAME}配方精简。\n\n护肤要慢慢来。", "ecommerce_long_form", kind="length", span="")
    assert len(after) >= 250
    assert verdict(after, products()[0], "ecommerce_long_form").accepted


def test_missing_call_is_added_within_the_limit():
    text = "开头一句话说明问题。" + "这一句话没有多少内容可说。" * 5 + f"{NAME}配方精简。"
    after = mended(text, "paid_ad_cta", kind="call_to_action", span="")
    assert "点击" in after[-20:] or "立即" in after[-20:]
    assert len(after) <= 100


@pytest.mark.parametrize("tags", ["", "#甲", "#甲 #乙 #丙 #丁 #戊 #己 #庚"])
def test_number_of_topic_tags_is_put_right(tags):
    text = f"标题\n\n{NAME}配方精简。" + "护肤要慢慢来。" * 30 + f"\n\n{tags}"
    assert 3 <= mended(text, "social_media_review", kind="hashtags", span="").count("#") <= 5


@pytest.mark.parametrize(
    ("wrapped", "plain"),
    [
        ('{"title": "标题", "content": "正文。\\n\\n#甲 #乙"}', "标题\n\n正文。\n\n#甲 #乙"),
        ('{"title": "标题", "content": "正文。"\n"tags": "#甲"}', "标题\n\n正文。\n\n#甲"),
        ("```json\n正文。\n```", "正文。"),
        ("好的，以下是为您撰写的文案：\n\n正文。", "正文。"),
        ("## 标题\n\n- **正文**一。\n- 正文二。", "标题。\n\n正文一。\n正文二。"),
        ("甲乙丙丁戊己庚辛壬癸。下一句没有写", "甲乙丙丁戊己庚辛壬癸。"),
        ("正文。\n\n#甲 #乙", "正文。\n\n#甲 #乙"),
    ],
)
def test_wrapping_is_taken_off(wrapped, plain):
    assert unwrapped(wrapped).replace("标题。", "标题") == plain.replace("标题。", "标题")
