"""The one task prompt, pinned: a changed wording makes every trained model stale, so it must be meant."""

from tasks.datasets.task_prompt import task_prompt
from tests.datasets.scene import CREAM, SERUM, TYPES, product


def test_task_prompt_of_an_ad_is_pinned():
    assert task_prompt(SERUM, TYPES["paid_ad_cta"]) == (
        "写一篇付费广告（行动号召型），40到100字，结尾号召行动。\n"
        "产品：净屿精华\n"
        "品类：精华\n"
        "成分：5%烟酰胺、泛醇\n"
        "特点：控油、清爽\n"
        "人群：油性肌 混合肌\n"
        "依据：人体测试（33人，4周）：控油"
    )


def test_task_prompt_of_a_note_names_its_hashtags_and_a_special_registration():
    prompt = task_prompt(CREAM, TYPES["social_media_review"])
    assert prompt.startswith("写一篇社交媒体使用测评笔记，150到800字，末尾3到5个话题。\n产品：晨光面霜\n")
    assert "注册：特殊化妆品" in prompt
    assert CREAM.filing_number not in prompt


def test_task_prompt_never_reads_a_product_as_a_template():
    hostile = product("p_9", "{{ 7*7 }}{name}%s")
    assert "产品：{{ 7*7 }}{name}%s\n" in task_prompt(hostile, TYPES["paid_ad_cta"])
