"""The report's figures, counted from rows with known content."""

from __future__ import annotations

import csv
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.reporting.charts import HEIGHT, WIDTH, line
from tasks.reporting.copy_figures import copy_figures
from tasks.reporting.data_figures import split_figures
from tasks.reporting.figures import report_figures
from tasks.reporting.judging_figures import judging_figures
from tasks.reporting.model_figures import POINTS, model_figures
from tasks.reporting.spend import CALLS, spend_figures
from tasks.reporting.steps import write_report
from tasks.reporting.viewer import viewer_data
from tests.judging.answering import silent
from tests.judging.brandbook import ADS, TYPES
from tests.judging.labelling import labels_of
from tests.judging.world import world
from tests.reporting.homes import report_inputs

KINDS = {"label_bracketed": "framework_label", "ad_length": "length"}


def text_row(status: str, *rounds: list[str], kind: str = "paid_ad_cta") -> dict:
    history = [
        {"round": n, "action": "draft" if not n else "repair", "text": "t", "reasons": r, "call_key": ""}
        for n, r in enumerate(rounds)
    ]
    return {"item_id": "p/c/0", "product_name": "n", "content_type": kind, "text": "t", "status": status,
            "rounds": len(rounds) - 1, "history": history, "reasons": []}  # fmt: skip


def test_texts_are_followed_round_by_round():
    rows = [
        text_row("accepted", []),
        text_row("accepted", ["label_bracketed"], []),
        text_row("accepted", ["label_bracketed", "ad_length"], ["ad_length"], []),
        text_row("quarantined", ["ad_length"], ["label_bracketed"], ["ad_length"]),
    ]
    found = copy_figures([{"status": "drafted"}] * 4, rows, KINDS)
    assert (found["accepted"], found["quarantined"], found["accepted_share"]) == (3, 1, 0.75)
    assert (found["first_draft_accepted"], found["paid_rounds"]) == (1, 5)
    assert found["repairs_that_broke_another_rule"] == 2
    flow = [(r["checked"], r["accepted"], r["sent_on"], r["quarantined"]) for r in found["rounds"]]
    assert flow == [(4, 1, 3, 0), (3, 1, 2, 0), (2, 1, 0, 1)]
    by_kind = {row["kind"]: row["counts"] for row in found["reasons_by_round"]["rows"]}
    assert by_kind == {"framework_label": [2, 1, 0], "length": [2, 1, 1]}
    assert found["reasons_by_round"]["checked"] == [4, 3, 2]


def test_free_repairs_are_counted_apart_and_a_round_once():
    mended = text_row("accepted", ["label_bracketed"], [])
    mended["history"][1] |= {"round": 0, "action": "mend"}
    twice = text_row("accepted", ["label_bracketed", "ad_length"], ["ad_length"], [])
    twice["history"][1] |= {"round": 0, "action": "mend"}
    twice["history"][2] |= {"round": 1}
    tidied = text_row("accepted", [], [])
    tidied["history"][1] |= {"round": 0, "action": "mend"}
    found = copy_figures([], [mended, twice, tidied], KINDS)
    assert (found["mended_for_free"], found["rounds_saved"]) == (2, 1)
    assert [(r["checked"], r["accepted"]) for r in found["rounds"]] == [(3, 2), (1, 1)]
    assert {row["kind"]: row["counts"] for row in found["reasons_by_round"]["rows"]} == {
        "framework_label": [2, 0],
        "length": [1, 0],
    }
    assert found["repairs_that_broke_another_rule"] == 0


def asked(gate: str, outcome: str, unquoted: int = 0) -> dict:
    return {"gate": gate, "call_key": "k", "outcome": outcome, "fault": "", "unquoted": unquoted}


def test_model_gates_are_counted_by_text_with_their_cost():
    repaired = text_row("accepted", ["ad_length"], ["model_entailment", "model_tone_calm"], [])
    repaired["history"][1]["gates"] = [asked("entailment", "refused", 1), asked("tone", "refused")]
    repaired["history"][2]["gates"] = [
        asked("entailment", "unread"),
        asked("entailment", "passed"),
        asked("tone", "passed"),
    ]
    repaired["gates"] = [
        {"gate": "entailment", "calls": 3, "tokens": 30, "cost": 0.3},
        {"gate": "tone", "calls": 2, "tokens": 20, "cost": None},
    ]
    found = copy_figures([], [repaired, text_row("quarantined", ["ad_length"])], KINDS)
    assert found["model_gates"] == [
        {
            "gate": "entailment",
            "texts": 1,
            "refused": 1,
            "unread": 1,
            "unquoted": 1,
            "calls": 3,
            "tokens": 30,
            "cost": 0.3,
        },
        {"gate": "tone", "texts": 1, "refused": 1, "unread": 0, "unquoted": 0, "calls": 2, "tokens": 20, "cost": None},
    ]
    assert found["repairs_that_broke_another_rule"] == 0, "nobody had asked before"
    assert copy_figures([], [text_row("accepted", [])], KINDS)["model_gates"] == []


def test_failed_text_counts_as_neither_accepted_nor_quarantined():
    found = copy_figures([], [text_row("accepted", []), {**text_row("failed"), "rounds": 0}], {})
    assert (found["accepted_share"], found["failed"]) == (1.0, 1)


def test_rule_no_longer_in_force_is_shown_under_its_own_id():
    found = copy_figures([], [text_row("accepted", ["old_rule"], [])], {})
    assert found["reasons_by_round"]["rows"] == [{"kind": "old_rule", "rules": ["old_rule"], "counts": [1, 0]}]


def test_split_is_counted_by_category_and_side():
    sides = [("面霜", "train"), ("面霜", "val"), ("面膜", "train"), ("面霜", "train")]
    rows = [{"category": category, "split": side} for category, side in sides]
    found = split_figures(rows)
    assert (found["train"], found["val"]) == (3, 1)
    assert [(c["category"], c["train"], c["val"]) for c in found["categories"]] == [("面霜", 2, 1), ("面膜", 1, 0)]


def empty_spend(**tables):
    return spend_figures({name: tables.get(name, []) for name in CALLS})


def test_unknown_price_makes_the_total_unknown_and_not_zero():
    draft = {"status": "drafted", "prompt_tokens": 100, "cache_hit_tokens": 50, "completion_tokens": 10}
    found = empty_spend(drafts=[{**draft, "cost": 0.5}, {**draft, "cost": None}])
    assert found["cost"] is None
    assert (found["calls"], found["tokens"], found["lines"][0]["cached_share"]) == (2, 220, 0.5)


def test_answer_shared_by_two_rows_is_counted_once():
    row = {"call_keys": ["k"], "prompt_tokens": 10, "cache_hit_tokens": 0, "completion_tokens": 5, "cost": 1.0}
    unpaid = {**row, "call_keys": [], "cost": 0.0}
    found = empty_spend(scores=[row, dict(row), {**row, "call_keys": ["other"]}], duels=[unpaid])
    assert (found["calls"], found["cost"]) == (2, 2.0)


def test_model_folder_without_card_or_metrics_is_shown_empty(tmp_path):
    assert model_figures(tmp_path) == {"card": {}, "facts": [], "curves": []}


def test_curves_are_finite_thinned_and_the_telling_ones_first(tmp_path):
    rows = [{"step": n, "name": name, "value": float(n)} for name in ("zeta", "kl", "loss") for n in range(500)]
    rows += [{"step": 1, "name": "loss", "value": math.nan}, {"step": 3, "name": "once", "value": 1.0}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "metrics.parquet")
    (tmp_path / "card.json").write_text(json.dumps({"steps": 500, "text": {"bad": 0.25, "kinds": []}, "ok": True}))
    found = model_figures(tmp_path)
    assert [(c["name"], c["telling"]) for c in found["curves"]] == [("kl", True), ("loss", True), ("zeta", False)]
    assert all(len(curve["points"]) <= POINTS + 1 and curve["points"][-1] == (499, 499.0) for curve in found["curves"])
    assert found["facts"] == [("steps", "500"), ("text.bad", "0.25"), ("text.kinds", "none"), ("ok", "yes")]


def test_line_stays_in_its_box_and_a_flat_one_in_the_middle():
    drawn = line([(n, (n % 7) - 3.0) for n in range(60)])
    numbers = [float(part) for part in drawn.path.replace("M", " ").replace("L", " ").split()]
    assert all(0 <= x <= WIDTH for x in numbers[::2])
    assert all(0 <= y <= HEIGHT for y in numbers[1::2])
    assert line([(0, 2.0), (1, 2.0)]).end[1] == HEIGHT / 2


def test_viewer_lists_each_reason_once_and_points_to_it():
    rows = world(20)
    titles = {name: [kind.title_en, kind.title] for name, kind in TYPES.items()}
    data = viewer_data(rows, titles)
    assert len({tuple(reason) for reason in data["reasons"]}) == len(data["reasons"])
    verdicts = {row["answer_id"]: row for row in rows["verdicts"]}
    for item in data["items"]:
        for system, text, _, accepted, _, spans, _ in item["texts"]:
            verdict = verdicts[f"{system}/{item['product']}/{item['type']}"]
            assert accepted == verdict["accepted"]
            assert [text[start:end] for _, start, end in spans] == [reason["text"] for reason in verdict["reasons"]]


def test_viewer_holds_both_orders_of_each_duel_and_what_was_not_judged():
    rows = world(20)
    first = next(row for row in rows["duels"] if row["order"] == "left_first")
    first.update(status="failed", winner=None)
    data = viewer_data(rows, {kind: ["", ""] for kind in TYPES})
    shown = {
        (i["product"], i["type"], left, right): winners for i in data["items"] for left, right, *winners in i["duels"]
    }
    assert shown.pop((first["product_id"], first["content_type"], first["left"], first["right"]))[0] is None
    said = {row["duel_id"]: row["winner"] for row in rows["duels"]}
    for (product, kind, left, right), winners in shown.items():
        assert winners == [said[f"{left}-{right}/{product}/{kind}/{order}"] for order in ("left_first", "right_first")]


def test_judging_counts_what_is_left_out_and_what_could_not_be_used():
    rows = world(60)
    found = judging_figures(rows["answers"], rows["verdicts"], rows["scores"], rows["duels"])
    referenced = sum(row["system"] == "reference" for row in rows["answers"])
    asked = sum(row["system"] == "sft" for row in rows["answers"])
    assert (found["judged_items"], found["excluded"]) == (referenced, asked - referenced)
    assert found["excluded"] > 0
    assert found["types"] == list(ADS)
    missing = sum(not c["quoted"] for row in rows["scores"] for c in row["criteria"])
    assert found["unusable"]["quotes_missing"] == missing > 0


def test_claims_by_type_and_duels_stand_with_what_they_rest_on():
    rows = world(60)
    found = judging_figures(rows["answers"], rows["verdicts"], rows["scores"], rows["duels"])
    main = found["conclusions"][0]
    assert main["influence"]["low"] <= main["change"]["value"] <= main["influence"]["high"]
    assert (main["p"] < 0.05) == (main["outcome"] == "better")
    assert {row["content_type"] for row in found["by_type"]} == set(found["types"])
    assert {(row["left"], row["right"]) for row in found["by_type"]} == {
        ("sft", "base"), ("grpo", "sft"), ("grpo", "base")}  # fmt: skip
    assert all(row["p"] <= row["p_holm"] <= 1 for row in found["by_type"])
    for pair in found["duels"]:
        rates = pair["rates"]
        assert rates["raw"] == pair["rate"], "the world has a verdict for every text"
        assert rates["both_pass_items"] + rates["one_fails"] + rates["both_fail"] == rates["raw"]["rows"]
        assert (pair["length"]["rate"] is None) == (pair["length"]["reason"] != "")
    base = next(pair for pair in found["duels"] if (pair["left"], pair["right"]) == ("sft", "base"))
    assert base["rates"]["gate_aware"]["value"] > 0.8
    assert [row["system"] for row in found["ranking"]["strengths"]] == ["reference", "grpo", "sft", "base"]
    assert found["score_differences"][0]["overall"]["estimate"]["value"] > 0.5


def test_items_without_an_accepted_reference_are_in_no_score_and_no_duel():
    rows = world(60)
    out = next(row for row in rows["verdicts"] if row["system"] == "reference")
    out |= {"accepted": False, "gates": ["length"]}
    before, after = (
        judging_figures(rows["answers"], verdicts, rows["scores"], rows["duels"])
        for verdicts in ([row for row in rows["verdicts"] if row is not out] + [out | {"accepted": True}],
                         rows["verdicts"])
    )  # fmt: skip
    assert [pair["rate"]["rows"] for pair in after["duels"]] == [p["rate"]["rows"] - 1 for p in before["duels"]]
    assert after["ranking"]["duels"] == before["ranking"]["duels"] - 5
    whole = [next(s for s in found["scores"] if s["content_type"] == "all") for found in (before, after)]
    assert whole[0]["score"]["rows"] - whole[1]["score"]["rows"] == 1


def test_nothing_judged_gives_figures_without_claims():
    found = judging_figures([], [], [], [])
    assert (found["by_type"], found["duels"], found["score_differences"]) == ([], [], [])
    assert found["ranking"]["reason"] == "no_duels"
    assert (found["conclusions"][0]["p"], found["conclusions"][0]["influence"]) == (None, None)


def test_figures_are_plain_json(tmp_path):
    figures = report_figures(report_inputs(tmp_path))
    assert json.loads(json.dumps(figures, allow_nan=False))["judging"]["conclusions"][0]["left"] == "sft"
    assert figures["teacher"]["simulated"]
    assert figures["teacher"]["same_family"]


def test_labels_and_bad_cases_stand_with_the_judging_and_the_todo_beside_the_report(tmp_path):
    tables = world()
    inputs = report_inputs(tmp_path / "models", labels=labels_of(tables, 55, {"x": 0.1, "y": 0.1}))
    write_report(inputs, tmp_path, silent)
    judging = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["judging"]
    assert (judging["preference_of"], judging["people"]["shared"]) == ("people", 55)
    lines = (tmp_path / "bad_cases.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == judging["bad_cases"]["cases"]
    assert len(lines) == judging["bad_cases"]["total"] > 0
    with (tmp_path / "todo.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["cases"]) for row in rows] == [row["cases"] for row in judging["bad_cases"]["todo"]]
    assert json.loads(rows[0]["rows"]) == judging["bad_cases"]["todo"][0]["rows"]
