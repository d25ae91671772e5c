"""Bad answers: rules before opinions, the training rows near to them, and the to-do that comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.judging.bad_cases import bad_cases, training_rows
from tasks.judging.quality import Mark, wording_of
from tasks.judging.todo import bad_case_figures

KIND = "paid_ad_cta"
GOOD = "泛醇精华，修护屏障，点击了解。"
ODD = "用了三天皮肤就换了一张脸，姐妹们冲。"


def product(name: str, category: str, split: str) -> dict[str, Any]:
    return {"product_id": name, "product_name": name, "category": category, "split": split}


def copy(item: str, text: str, *rules: str, redrafted: bool = False) -> dict[str, Any]:
    return {
        "item_id": item, "product_id": item.split("/")[0], "product_name": item.split("/")[0], "content_type": KIND,
        "text": text, "status": "accepted", "reasons": [{"rule": rule, "severity": "warn"} for rule in rules],
        "history": [{"action": "redraft" if redrafted else "draft"}],
    }  # fmt: skip


def answer(system: str, item: str, text: str = GOOD) -> dict[str, Any]:
    return {
        "answer_id": f"{system}/{item}/{KIND}", "system": system, "product_id": item, "product_name": item,
        "content_type": KIND, "text": text, "status": "made",
    }  # fmt: skip


def verdict(row: dict[str, Any], *gates: str) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("answer_id", "system", "product_id", "content_type")},
        "accepted": not gates, "gates": list(gates), "ended_by_eos": True, "names_product": True,
        "wants_call_to_action": True,
    }  # fmt: skip


def duel(item: str, left: str, right: str, *winners: str) -> list[dict[str, Any]]:
    return [
        {"product_id": item, "content_type": KIND, "left": left, "right": right, "order": order, "winner": winner,
         "status": "judged"}
        for order, winner in zip(("left_first", "right_first"), winners, strict=True)
    ]  # fmt: skip


def score(row: dict[str, Any], value: float) -> dict[str, Any]:
    criteria = [{"name": "brevity", "score": value + 1}, {"name": "click_appeal", "score": value - 1}]
    return {"answer_id": row["answer_id"], "system": row["system"], "score": value, "criteria": criteria,
            "status": "judged"}  # fmt: skip


@pytest.fixture
def tables():
    items = [f"v{number}" for number in range(12)]
    answers = [answer(system, item) for item in items for system in ("reference", "sft")]
    return {
        "products": [product("t1", "精华", "train"), product("t2", "面霜", "train"),
                     *(product(item, "精华" if item < "v2" else "面霜", "val") for item in items)],
        "copy": [copy("t1/ad/0", GOOD), copy("t2/ad/0", ODD, "experience_change"), copy("t2/ad/1", "角鲨烷面霜。")],
        "sft": [{"item_id": f"{name}/ad/{n}", "product_id": name, "content_type": KIND, "source": "brand",
                 "messages": [{"role": "user", "content": "写"}, {"role": "assistant", "content": text}]}
                for name, n, text in (("t1", 0, GOOD), ("t2", 0, ODD), ("t2", 1, "角鲨烷面霜。"))],
        "answers": answers,
        "verdicts": [verdict(row) for row in answers],
        "scores": [score(row, 4 + int(row["product_id"][1:]) / 100) for row in answers],
        "duels": [],
    }  # fmt: skip


def failing(tables, item: str, *gates: str, text: str = GOOD) -> None:
    name = f"sft/{item}/{KIND}"
    tables["answers"] = [{**row, "text": text} if row["answer_id"] == name else row for row in tables["answers"]]
    tables["verdicts"] = [verdict(row, *gates) if row["answer_id"] == name else row for row in tables["verdicts"]]


def found(tables, marks=()):
    return bad_cases(tables, training_rows(tables, marks))


def test_failed_gates_come_before_lost_duels_and_these_before_low_scores(tables):
    failing(tables, "v3", "forbidden_word")
    failing(tables, "v4", "forbidden_word", "length")
    tables["duels"] = duel("v3", "sft", "base", "right", "right") + duel("v5", "sft", "base", "right", "right")
    assert [(case.product_id, case.kind, case.reasons) for case in found(tables)] == [
        ("v4", "gate", ("words", "length")),
        ("v3", "gate", ("words",)),
        ("v5", "duel", ("base",)),
        ("v0", "score", ("click_appeal",)),
    ]


@pytest.mark.parametrize(
    ("duels", "why"),
    [
        (duel("v5", "sft", "base", "right", "left"), "orders that disagree are a tie"),
        (duel("v5", "reference", "sft", "left", "left"), "to lose to the reference is no news"),
        (duel("v5", "sft", "base", "left", "left"), "a win"),
        (duel("v5", "sft", "base", "right", "right")[:1], "one order alone"),
    ],
)
def test_what_is_no_lost_duel(tables, duels, why):
    tables["duels"] = duels
    assert [case.kind for case in found(tables)] == ["score"], why


def test_item_without_accepted_reference_and_untrained_systems_are_left_out(tables):
    failing(tables, "v3", "forbidden_word")
    tables["verdicts"] = [row for row in tables["verdicts"] if row["answer_id"] != f"reference/v3/{KIND}"]
    base = answer("base", "v6", "神器")
    tables["answers"].append(base)
    tables["verdicts"].append(verdict(base, "forbidden_word"))
    assert [case.kind for case in found(tables)] == ["score"]


def test_bad_answer_is_beside_the_training_rows_that_it_is_like(tables):
    failing(tables, "v3", "unsupported_number", text="用了三天皮肤就换了一张脸，姐妹们都说好。")
    near = found(tables)[0].nearest
    assert [(row.item_id, row.suspicious) for row in near] == [("t2/ad/0", ("experience_change",))]
    assert 0.5 < near[0].overlap < 1


def test_training_row_is_suspicious_by_warning_redraft_or_a_persons_mark(tables):
    tables["copy"][0] = copy("t1/ad/0", GOOD, redrafted=True)
    marks = [Mark("t2/ad/1", KIND, wording_of("角鲨烷面霜。"), False), Mark("t2/ad/0", KIND, wording_of(ODD), True)]
    assert {row.item_id: row.suspicious for row in training_rows(tables, marks)} == {
        "t1/ad/0": ("redrafted",),
        "t2/ad/0": ("experience_change",),
        "t2/ad/1": ("marked_bad",),
    }


def test_general_rows_are_no_training_rows_of_the_brand(tables):
    general = {"item_id": "general/1", "product_id": "general/1", "content_type": "general", "source": "general",
               "messages": [{"role": "user", "content": "你好"}, {"role": "assistant", "content": GOOD}]}  # fmt: skip
    tables["sft"].append(general)
    assert len(training_rows(tables)) == 3


def test_todo_counts_cases_by_type_category_and_reason_with_the_rows_to_read(tables):
    failing(tables, "v3", "forbidden_word", "length", text=ODD)
    failing(tables, "v4", "forbidden_word", text=ODD + "角鲨烷面霜")
    figures = bad_case_figures(tables)
    words, length, *_ = figures["todo"]
    assert (words["content_type"], words["category"], words["kind"], words["reason"]) == (KIND, "面霜", "gate", "words")
    assert (words["cases"], words["answers"], length["reason"], length["cases"]) == (2, 8, "length", 1)
    assert (words["near"], words["near_suspicious"], words["near_suspicious_share"]) == (2, 1, 0.5)
    assert words["rows"] == ("t2/ad/0", "t2/ad/1"), "the suspicious one first"
    assert (words["own"], words["own_suspicious"]) == (2, 1)
    assert words["examples"] == (f"sft/v3/{KIND}", f"sft/v4/{KIND}")


def test_figures_say_how_many_of_how_many(tables):
    failing(tables, "v3", "forbidden_word")
    figures = bad_case_figures(tables)
    assert (figures["answers"], figures["total"], len(figures["cases"])) == (12, 2, 2)
    assert figures["by_kind"] == {"gate": 1, "duel": 0, "score": 1}
    assert figures["training"] == {"rows": 3, "suspicious": 1}
    assert figures["by_suspicion"] == {"experience_change": 1}


def test_nothing_judged_is_nothing_bad(tables):
    for name in ("answers", "verdicts", "scores", "duels", "sft"):
        tables[name] = []
    figures = bad_case_figures(tables)
    assert (figures["answers"], figures["total"], figures["todo"]) == (0, 0, [])
