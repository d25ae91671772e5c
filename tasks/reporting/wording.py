"""Names that the report shows to people, in English and Chinese. Pairs are (English, Chinese)."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

SYSTEM: Mapping[str, Pair] = {
    "reference": ("Reference", "参考文案"),
    "base": ("Base", "基座"),
    "sft": ("SFT", "SFT"),
    "grpo": ("GRPO", "GRPO"),
}
KIND: Mapping[str, Pair] = {
    "forbidden_word": ("forbidden word", "品牌禁用词"),
    "framework_label": ("framework label", "框架标签"),
    "length": ("length", "长度"),
    "call_to_action": ("call to action", "行动号召"),
    "hashtags": ("hashtags", "话题标签"),
    "format": ("format", "格式"),
    "unsupported_number": ("unsupported number", "无依据的数字"),
    "unsupported_ingredient": ("unsupported ingredient", "无依据的成分"),
    "unsupported_claim": ("unsupported claim", "无依据的宣称"),
    "unsupported_function": ("unsupported function", "超范围的功效"),
    "unsupported_audience": ("unsupported audience", "无依据的人群"),
    "wrong_name": ("wrong product name", "产品名有误"),
    "invented_experience": ("invented experience", "虚构的体验"),
    "entailment": ("not entailed by the sheet", "资料推不出的说法"),
    "tone": ("tone", "语气"),
    "absolute_claim": ("absolute claim", "绝对化用语"),
    "medical_claim": ("medical claim", "医疗用语"),
    "sheet": ("in the product's own name", "商品名自身"),
}
GATE: Mapping[str, Pair] = {  # as short as a column of the heat map
    "words": ("words", "用词"),
    "labels": ("labels", "标签"),
    "length": ("length", "长度"),
    "call_to_action": ("CTA", "号召"),
    "eos": ("stops", "收尾"),
    "facts": ("facts", "事实"),
    "law": ("law", "法规"),
    "form": ("form", "格式"),
    "name": ("name", "品名"),
    "judged": ("judged", "评判"),
    "all": ("every rule", "全部"),
}
STATE: Mapping[str, Pair] = {
    **KIND,
    "accepted": ("accepted", "合格"),
    "quarantined": ("quarantined", "隔离"),
    "failed": ("failed", "失败"),
    "other": ("other faults", "其他问题"),
}
ACTION: Mapping[str, Pair] = {
    "draft": ("draft", "初稿"),
    "repair": ("paid repair", "付费修订"),
    "redraft": ("written anew", "重写"),
    "mend": ("free repair", "免费修补"),
}
METHOD: Mapping[str, Pair] = {
    "weak": ("weak", "削弱"),
    "exaggerated": ("exaggerated", "夸张"),
    "fake": ("false fact", "虚假信息"),
}
STEP: Mapping[str, Pair] = {
    "drafts": ("Drafts", "初稿"),
    "copy": ("Repairs", "修订"),
    "judge_trial": ("Trial of the judge of weak pairs", "削弱类评审的试验"),
    "negatives": ("Rejected texts of pairs, with the judge's proof", "偏好对的负样本及评审证明"),
    "trials": ("Trials of the judge", "评审的试验"),
    "scores": ("Judge: scores", "评审：打分"),
    "duels": ("Judge: duels", "评审：对决"),
}
MODEL: Mapping[str, Pair] = {
    "base": ("Base model", "基座模型"),
    "sft_model": ("SFT model", "SFT 模型"),
    "reward_model": ("Reward model", "奖励模型"),
    "grpo_model": ("GRPO model", "GRPO 模型"),
}


def pair(names: Mapping[str, Pair], key: str) -> Pair:
    """Return the name of a key in both languages; a key that nobody named shows as it is."""
    return names.get(key, (key, key))
