"""A made-up home's rows for the judging and reporting tests: products, copy, answers, verdicts, scores, duels.

Everything is a function of the seed. Faults are planted with known spans, so that the tests know what must be found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from tasks.judging.config import DEFAULT_PAIRS
from tasks.lineage.canonical import digest
from tasks.lineage.params import Params
from tasks.teacher.duel import ORDERS
from tasks.teacher.rubric import RUBRICS, parse_rubric
from tests.judging.brandbook import ACTIONS, ADS, BRAND, FAULTS, FORMS, NAMES, OPENINGS, PROMPTS, RATES, TEACHER, TYPES


@dataclass
class FakeInputs:
    """The Inputs of one step over rows, folders and sources held in memory."""

    tables: dict[str, list[dict[str, Any]]]
    params: Params | None = None
    folders: dict[str, Path] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [dict(row, row_digest=row.get("row_digest", digest(row)[:32])) for row in self.tables[name]]

    def folder(self, name: str) -> Path:
        return self.folders[name]

    def source(self, name: str) -> Any:
        return self.sources[name]

    def digest(self, name: str) -> str:
        return self.digests.get(name, digest(name))

    def parts(self, name: str) -> dict[str, str]:
        return {"forbidden_words": digest("words"), "checker": digest("1")} if name == "rules" else {}


def judge_prompts() -> dict[str, str]:
    names = ("judge_score.j2", "judge_duel.j2", *RUBRICS.values())
    return {name: (PROMPTS / name).read_text(encoding="utf-8") for name in names}


def sources() -> dict[str, Any]:
    rules = SimpleNamespace(rules=[SimpleNamespace(id=fault[0], kind=kind) for kind, fault in FAULTS.items()])
    return {"guide": BRAND, "content_types": TYPES, "teacher": TEACHER, "rules": rules}


def product_rows(count: int, seed: int = 7) -> list[dict[str, Any]]:
    draw = Random(seed)
    rows = []
    for number in range(count):
        name, (form, category) = NAMES[number % len(NAMES)], FORMS[(number // len(NAMES)) % len(FORMS)]
        rows.append(
            {
                "product_id": f"p{number:03d}",
                "product_name": f"{name}{form}",
                "category": category,
                "core_ingredients": [f"{draw.choice((2, 5, 10))}%{name}", "泛醇", "角鲨烷"],
                "features": ["强韧屏障", "舒缓泛红", "精简配方"],
                "target_audience": draw.choice(("干性敏感肌", "所有肤质", "熟龄肌")),
                "registration": "普通",
                "filing_number": "",
                "claims": ["保湿", "舒缓"],
                "evidence": [],
                "split": "val" if number % 5 == 2 else "train",
                "source_row": number + 2,
                "source_text": "",
            }
        )
    return rows


def sentence(product: dict[str, Any], kind: str, draw: Random, named: bool = True) -> str:
    name = product["product_name"] if named else "这款产品"
    ingredient, feature = product["core_ingredients"][0], product["features"][0]
    body = f"{draw.choice(OPENINGS)}原素方程{name}，以{ingredient}搭配泛醇，{feature}，温和不添负担。"
    if not kind.startswith("paid_ad"):
        usage = "，早晚洁面后取适量轻按至吸收。" * draw.choice((1, 2))
        body += f"配方精简，每一种成分都有来处；适合{product['target_audience']}{usage}"
    return body + (draw.choice(ACTIONS) if kind.startswith("paid_ad") else "")


def planted(text: str, kind: str, draw: Random) -> tuple[str, dict[str, Any]]:
    """Return the text with one fault put in, and the reason that a checker must give."""
    rule, words, message, message_en, basis, suggestion = FAULTS[kind]
    at = 0 if kind == "framework_label" else text.index("。", draw.randrange(len(text) // 2)) + 1
    reason = {
        "rule": rule,
        "kind": kind,
        "severity": "block",
        "start": at,
        "end": at + len(words),
        "text": words,
        "message": message,
        "message_en": message_en,
        "basis": basis,
        "suggestion": suggestion,
    }
    return text[:at] + words + text[at:], reason


def whole_text_reason(kind: str, message: str, message_en: str) -> dict[str, Any]:
    return {
        "rule": kind,
        "kind": kind,
        "severity": "block",
        "start": 0,
        "end": 0,
        "text": "",
        "message": message,
        "message_en": message_en,
        "basis": "品牌规则",
        "suggestion": "按要求修改",
    }


def shifted(reasons: list[dict[str, Any]], at: int, by: int) -> list[dict[str, Any]]:
    return [
        {**r, "start": r["start"] + by, "end": r["end"] + by} if r["end"] and r["start"] >= at else r for r in reasons
    ]


def answer_and_verdict(product: dict[str, Any], kind: str, system: str, draw: Random) -> tuple[Any, Any]:
    rates = RATES[system]
    named = draw.random() >= rates.get("name", 0.0)
    text = sentence(product, kind, draw, named)
    reasons: list[dict[str, Any]] = []
    for fault in FAULTS:
        if draw.random() < rates.get(fault, 0.0):
            text, reason = planted(text, fault, draw)
            reasons = [*shifted(reasons, reason["start"], reason["end"] - reason["start"]), reason]
    if draw.random() < rates.get("call_to_action", 0.0):
        reasons.append(whole_text_reason("call_to_action", "结尾没有行动号召", "no call to action near the end"))
    if draw.random() < rates.get("length", 0.0):
        text += "配方温和，质地轻薄，吸收很快，妆前也能安心使用。" * 4
        reasons.append(whole_text_reason("length", f"{len(text)} 字，上限 120", f"{len(text)} characters, at most 120"))
    ended = draw.random() >= rates.get("eos", 0.0)
    answer_id = f"{system}/{product['product_id']}/{kind}"
    data = {"answer_id": answer_id, "system": system, "product_id": product["product_id"], "content_type": kind}
    answer = {
        **data,
        "item_id": f"{product['product_id']}/{kind}/0",
        "product_name": product["product_name"],
        "text": text,
        "ended_by_eos": ended,
        "tokens": len(text),
        "status": "made",
        "error": "",
    }
    verdict = {
        **data,
        "accepted": not reasons,
        "gates": sorted({r["kind"] for r in reasons}),
        "reasons": reasons,
        "chars": len(text),
        "ended_by_eos": ended,
        "names_product": named,
        "wants_call_to_action": TYPES[kind].call_to_action,
    }
    return answer, verdict


def score_row(answer: dict[str, Any], draw: Random) -> dict[str, Any]:
    rubric = parse_rubric("r", (PROMPTS / RUBRICS[TYPES[answer["content_type"]].family]).read_text(encoding="utf-8"))
    middle = {"reference": 4.4, "grpo": 3.6, "sft": 3.4, "base": 2.1}[answer["system"]]
    criteria = [
        {
            "name": c.name,
            "score": float(min(5, max(1, round(draw.gauss(middle, 0.7))))),
            "evidence": answer["text"][:12],
            "quoted": draw.random() > 0.02,
        }
        for c in rubric.criteria
    ]
    data = {name: answer[name] for name in ("answer_id", "system", "product_id", "content_type")}
    mean = sum(c["score"] for c in criteria) / len(criteria)
    return {
        **data,
        "criteria": criteria,
        "score": mean,
        "scored_by": "answer",
        "status": "judged",
        "error": "",
        **bill(draw),
    }


def bill(draw: Random) -> dict[str, Any]:
    return {
        "call_keys": [f"{draw.getrandbits(64):016x}"],
        "prompt_tokens": 1400,
        "cache_hit_tokens": 1100,
        "completion_tokens": 120,
        "cost": 0.00046,
        "unusable": int(draw.random() < 0.01),
    }


def duel_rows(answers: list[dict[str, Any]], draw: Random) -> list[dict[str, Any]]:
    strength = {"reference": 3, "grpo": 1.6, "sft": 1.3, "base": 0}
    items = {(a["product_id"], a["content_type"]) for a in answers if a["system"] == "reference"}
    rows = []
    for product_id, kind in sorted(items):
        for left, right in DEFAULT_PAIRS:
            for order in ORDERS:
                lead = strength[left] - strength[right] + draw.gauss(0.15 if order == ORDERS[0] else -0.15, 1)
                winner = "tie" if abs(lead) < 0.25 else "left" if lead > 0 else "right"
                rows.append(
                    {
                        "duel_id": f"{left}-{right}/{product_id}/{kind}/{order}",
                        "product_id": product_id,
                        "content_type": kind,
                        "left": left,
                        "right": right,
                        "order": order,
                        "winner": winner,
                        "reason": "语气更克制",
                        "status": "judged",
                        "error": "",
                        **bill(draw),
                    }
                )
    return rows


def copy_row(product: dict[str, Any], kind: str, draw: Random) -> dict[str, Any]:
    item_id, history, status = f"{product['product_id']}/{kind}/0", [], "accepted"
    open_faults = [fault for fault in FAULTS if draw.random() < 0.22]
    final: list[dict[str, Any]] = []
    for number in range(5):
        text, final = sentence(product, kind, draw), []
        for fault in open_faults:
            text, reason = planted(text, fault, draw)
            final = [*shifted(final, reason["start"], reason["end"] - reason["start"]), reason]
        action = "draft" if not number else "redraft" if number == 4 else "repair"
        rules = [FAULTS[fault][0] for fault in open_faults]
        key = f"{draw.getrandbits(64):016x}"
        history.append({"round": number, "action": action, "text": text, "reasons": rules, "call_key": key})
        if not open_faults:
            break
        open_faults = [fault for fault in open_faults if draw.random() < 0.38]
        open_faults += [fault for fault in ("absolute_claim",) if not open_faults and draw.random() < 0.12]
    else:
        status = "quarantined" if final else "accepted"
    paid = len(history) - 1
    return {
        "item_id": item_id,
        "product_id": product["product_id"],
        "product_name": product["product_name"],
        "content_type": kind,
        "text": history[-1]["text"],
        "status": status,
        "error": "",
        "rounds": paid,
        "reasons": final,
        "history": history,
        "split": product["split"],
        "cost": 0.0011 * paid,
        "tokens": 1500 * paid,
        "calls": paid,
    }


def draft_row(product: dict[str, Any], kind: str, draw: Random) -> dict[str, Any]:
    return {
        "item_id": f"{product['product_id']}/{kind}/0",
        "product_id": product["product_id"],
        "content_type": kind,
        "sample": 0,
        "text": sentence(product, kind, draw),
        "status": "drafted",
        "error": "",
        "call_key": "k",
        "prompt_tokens": 1300,
        "cache_hit_tokens": 1000,
        "completion_tokens": 210,
        "cost": 0.0008,
    }


def pair_row(copy: dict[str, Any], draw: Random) -> dict[str, Any]:
    at = draw.random()
    method = "weak" if at < 0.52 else "exaggerated" if at < 0.81 else "fake"
    made = draw.random() < 0.96
    return {
        "item_id": f"{copy['item_id']}/{method}",
        "product_id": copy["product_id"],
        "product_name": copy["product_name"],
        "content_type": copy["content_type"],
        "split": copy["split"],
        "prompt": "写一条文案",
        "chosen": copy["text"],
        "rejected": copy["text"][:-4],
        "method": method,
        "evidence": [],
        "proof": "",
        "proven": made,
        "length_ratio": draw.gauss(1, 0.07),
        "selected": made and draw.random() < 0.93,
        "status": "made" if made else "dropped",
        "error": "",
        "cost": 0.0004,
    }


def world(count: int = 20, seed: int = 7, kinds: tuple[str, ...] = tuple(TYPES), judged: tuple[str, ...] = ADS) -> Any:
    """Return table name -> rows of a whole home."""
    draw, products = Random(seed), product_rows(count, seed)
    copy = [copy_row(product, kind, draw) for product in products for kind in kinds]
    accepted = {(row["product_id"], row["content_type"]) for row in copy if row["status"] == "accepted"}
    both = [
        answer_and_verdict(product, kind, system, draw)
        for product in products
        if product["split"] == "val"
        for kind in judged
        for system in RATES
        if system != "reference" or (product["product_id"], kind) in accepted
    ]
    answers, verdicts = [answer for answer, _ in both], [verdict for _, verdict in both]
    referenced = {(a["product_id"], a["content_type"]) for a in answers if a["system"] == "reference"}
    scored = [a for a in answers if (a["product_id"], a["content_type"]) in referenced]
    return {
        "products": products,
        "drafts": [draft_row(product, kind, draw) for product in products for kind in kinds],
        "copy": copy,
        "negatives": [
            {"status": "made", "calls": 1, "tokens": 900, "cost": 0.0004} for row in copy if row["status"] == "accepted"
        ],
        "pairs": [pair_row(row, draw) for row in copy if row["status"] == "accepted"],
        "answers": sorted(answers, key=lambda row: row["answer_id"]),
        "verdicts": sorted(verdicts, key=lambda row: row["answer_id"]),
        "scores": [score_row(answer, draw) for answer in scored],
        "duels": duel_rows(answers, draw),
    }
