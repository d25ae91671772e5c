"""The brand, content types, teacher and planted faults of the made-up home (tests/judging/world.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tasks.brief.model import Brand, ContentType
from tasks.teacher.config import TeacherConfig

PROMPTS = Path(__file__).parents[2] / "prompts"
BRAND = Brand(
    id="elemental_equation",
    name="原素方程",
    philosophy="精简有效，回归肌肤本源。",
    persona="冷静、专业的科研人员。",
    points=("专业严谨", "冷静客观", "透明真诚"),
    encouraged=("屏障", "修护", "科学", "精简"),
    forbidden=("神器", "逆天", "奇迹"),
)
TEACHER = TeacherConfig(
    provider="simulator",
    models={"writer": "deepseek-v4-pro", "weak": "deepseek-flash", "judge": "deepseek-v4-pro"},
    base_url="http://127.0.0.1:8765",
    bills=False,
)


def content_type(name: str, family: str, title: str, title_en: str, most: int, **more: Any) -> ContentType:
    said = {"title": title, "title_en": title_en, "structure": ("一句话。",)}
    return ContentType(id=name, family=family, min_chars=20, max_chars=most, **said, **more)


AD = {"call_to_action": True}
SOCIAL = {"hashtags": (3, 5)}
TYPES = {
    kind.id: kind
    for kind in (
        content_type("paid_ad_bab", "paid_ad", "前后对比广告", "Before–after–bridge ad", 100, **AD),
        content_type("paid_ad_cta", "paid_ad", "行动号召广告", "Call-to-action ad", 100, **AD),
        content_type("paid_ad_fab", "paid_ad", "特性利益广告", "Feature–benefit ad", 120, **AD),
        content_type("paid_ad_pas", "paid_ad", "痛点方案广告", "Problem–solution ad", 120, **AD),
        content_type("ecommerce_long_form", "ecommerce", "电商长文案", "E-commerce long form", 1200),
        content_type("social_media_review", "social", "测评笔记", "Review note", 800, **SOCIAL),
        content_type("social_media_storytelling", "social", "故事笔记", "Storytelling note", 800, **SOCIAL),
    )
}
ADS = tuple(sorted(name for name in TYPES if name.startswith("paid_ad")))
NAMES = (
    "绿茶抗氧",
    "神经酰胺",
    "玻色因",
    "积雪草",
    "烟酰胺",
    "角鲨烷",
    "依克多因",
    "泛醇",
    "麦角硫因",
    "白池花籽",
    "虾青素",
)
FORMS = (("精华液", "精华"), ("面霜", "面霜"), ("面膜", "面膜"), ("洁面乳", "洁面"), ("修护乳", "乳液"))
OPENINGS = ("换季时脸颊发紧？", "熬夜后肤色显得疲惫？", "妆前总有细小的干纹？", "空调房里越坐越干？")
ACTIONS = ("点击了解完整配方。", "现在查看成分说明。", "立即进店了解。")
# kind -> (rule, planted text, message, message_en, basis, suggestion)
FAULTS = {
    "forbidden_word": (
        "brand_forbidden",
        "堪称护肤神器",
        "品牌禁用词“神器”",
        "the brand forbids this word",
        "品牌规则",
        "删去该词",
    ),
    "framework_label": (
        "label_bracketed",
        "【痛点】",
        "框架标签出现在正文",
        "a framework label stands in the text",
        "品牌规则",
        "删去标签",
    ),
    "unsupported_number": (
        "number_percentage",
        "水润度提升87%",
        "商品表中没有的数字",
        "this number is not on the product sheet",
        "《广告法》第十一条",
        "删去该数字或补充依据",
    ),
    "absolute_claim": (
        "claim_superlative",
        "市面上最好的选择",
        "绝对化用语",
        "absolute wording",
        "《广告法》第九条第（三）项",
        "改为客观描述",
    ),
    "medical_claim": (
        "claim_medical",
        "有效治疗敏感肌",
        "医疗用语",
        "medical wording",
        "《化妆品标签管理办法》第十九条",
        "改为“舒缓”等表述",
    ),
}
RATES = {  # share of each system's texts that carries a fault
    "base": {
        "forbidden_word": 0.5,
        "framework_label": 0.4,
        "unsupported_number": 0.3,
        "absolute_claim": 0.3,
        "eos": 1.0,
        "call_to_action": 0.7,
        "length": 0.6,
        "name": 0.9,
    },
    "sft": {
        "forbidden_word": 0.06,
        "framework_label": 0.01,
        "unsupported_number": 0.2,
        "absolute_claim": 0.05,
        "eos": 0.01,
        "call_to_action": 0.03,
        "length": 0.05,
        "name": 0.7,
    },
    "grpo": {
        "forbidden_word": 0.02,
        "unsupported_number": 0.14,
        "absolute_claim": 0.03,
        "call_to_action": 0.01,
        "length": 0.02,
        "name": 0.72,
    },
    "reference": {},
}
