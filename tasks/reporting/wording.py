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
FAULT: Mapping[str, Pair] = {  # what is wrong with a text that does not pass the gate
    "words": ("forbidden word", "品牌禁用词"),
    "labels": ("framework label", "框架标签"),
    "length": ("length", "长度不符"),
    "call_to_action": ("no call to action", "缺少行动号召"),
    "eos": ("does not stop", "不会收尾"),
    "facts": ("unsupported fact", "事实无依据"),
    "law": ("absolute or medical word", "绝对化或医疗用语"),
    "form": ("hashtags or format", "话题标签或格式"),
    "name": ("product not named", "未写商品名"),
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
CRITERION: Mapping[str, Pair] = {
    "authenticity_story": ("authenticity and story", "真实感与故事"),
    "value_engagement": ("value and engagement", "价值与互动"),
    "brand_fit": ("brand fit", "品牌契合"),
    "instruction_following": ("instruction following", "遵循要求"),
    "professionalism_persuasion": ("professionalism and persuasion", "专业与说服力"),
    "clarity": ("clarity", "清晰"),
    "trust": ("trust", "可信"),
    "brevity": ("brevity", "简洁"),
    "click_appeal": ("click appeal", "点击吸引力"),
    "call_to_action": ("call to action", "行动号召"),
}
LEVEL: Mapping[str, Pair] = {
    "trusted": ("trusted", "可信"),
    "provisional": ("provisional", "暂定"),
    "refused": ("refused", "拒绝"),
    "too_few": ("too few", "数量不足"),
    "untried": ("not tried", "未试验"),
}
SIGN: Mapping[str, str] = {"trusted": "✓", "provisional": "◐", "refused": "✗", "too_few": "…", "untried": "–"}
WINNER: Mapping[str, Pair] = {
    "original": ("original wins", "原文胜"),
    "plant": ("plant wins", "植入文胜"),
    "tie": ("tie", "平局"),
    "split": ("orders disagree", "次序不一致"),
}
UNIDENTIFIED: Mapping[str, Pair] = {  # why there is no figure
    "no_duels": ("nothing was judged in both orders", "没有两种次序均评判的对决"),
    "no_fit": ("no fit", "无法拟合"),
    "one_product": ("one product alone", "只有一个商品"),
    "one_sided": ("not identifiable: nearly all texts of one side are longer", "无法识别：几乎总是同一方更长"),
    "separated": ("not identifiable: one side wins every point", "无法识别：一方全胜"),
    "not_connected": ("two groups of systems never met", "两组系统从未交手"),
    "not_converged": ("the fit did not converge", "拟合未收敛"),
    "resamples_separated": ("no interval: resamples are won by one side alone", "无区间：部分重抽样一方全胜"),
    "no_overlap": ("no pair has two raters", "没有两人都标注的组"),
    "no_variation": ("everybody said the same", "所有人标注相同"),
}
SHOWN_CASES = 15  # rows of the to-do and of the worst answers on the page; the files beside it hold all
MODEL: Mapping[str, Pair] = {
    "base": ("Base model", "基座模型"),
    "sft_model": ("SFT model", "SFT 模型"),
    "reward_model": ("Reward model", "奖励模型"),
    "grpo_model": ("GRPO model", "GRPO 模型"),
}


def pair(names: Mapping[str, Pair], key: str) -> Pair:
    """Return the name of a key in both languages; a key that nobody named shows as it is."""
    return names.get(key, (key, key))
