"""The one task prompt that the trained model sees: content type, limit, product sheet.

SFT, reward model, GRPO and answers all render it here, so that what was learnt is what is asked. Whoever changes its
wording bumps the version of the steps that hold it: pairs, sft, preference, kto, grpo, base and answers.
"""

from __future__ import annotations

from tasks.brief.model import ContentType, Product


def task_prompt(product: Product, content_type: ContentType) -> str:
    """Return the task as plain text of 5 to 8 short lines (110–150 characters for a usual sheet).

    The registration is named only where it is 特殊, since it allows claims; the filing number never: no text needs it.
    Values are single lines (tasks/brief/cells.py), so that a product cannot add a line of its own.
    """
    sheet = {
        "产品": product.product_name,
        "品类": product.category,
        "成分": "、".join(product.core_ingredients),
        "特点": "、".join(product.features),
        "人群": product.target_audience,
        "注册": "特殊化妆品" if product.registration == "特殊" else "",
        "依据": "；".join(product.evidence),
    }
    lines = [f"{name}：{value}" for name, value in sheet.items() if value]
    return "\n".join([f"写一篇{content_type.title}，{demands(content_type)}。", *lines])


def demands(content_type: ContentType) -> str:
    """Return the limits of a content type in a few words."""
    said = f"{content_type.min_chars}到{content_type.max_chars}字"
    if content_type.call_to_action:
        said += "，结尾号召行动"
    least, most = content_type.hashtags
    return f"{said}，末尾{least}到{most}个话题" if most else said
