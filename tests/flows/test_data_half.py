"""The data half of the main job over a real Prefect API and the real simulator: only the difference is done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from tests.flows.conftest import PRODUCTS, Mill, first_rows, write_products

TYPES = 9


def forbid(mill, word: str) -> None:
    path = mill.brand / "brand.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("forbidden:", f"forbidden:\n  - {word}", 1), encoding="utf-8"
    )


def allow(mill, word: str) -> None:
    path = mill.brand / "brand.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(f"\n  - {word}", "", 1), encoding="utf-8")


def test_first_run_makes_every_item(mill):
    assert len(mill.rows("drafts")) == PRODUCTS * TYPES
    copy = mill.rows("copy")
    assert len(copy) == PRODUCTS * TYPES
    assert {row["status"] for row in copy} <= {"accepted", "quarantined"}
    accepted = [row for row in copy if row["status"] == "accepted"]
    assert len(accepted) >= 0.9 * len(copy)
    assert all(not [r for r in row["reasons"] if r["severity"] == "block"] for row in accepted)
    assert any(len(row["history"]) > 1 for row in copy)


def test_second_run_buys_nothing_and_writes_nothing(mill):
    before = mill.made_files()
    summary = mill.run()
    assert summary["calls"] == 0
    assert set(summary["steps"].values()) == {"fresh"}
    assert summary["contents"] == mill.summary["contents"]
    assert mill.made_files() == before


def test_changed_ingredients_cost_that_products_items(mill):
    rows = first_rows(PRODUCTS)
    rows[2][2] += "|神经酰胺"
    write_products(mill.products, rows)
    planned = mill.plan()
    assert len(planned["drafts"]["to_make"]) == TYPES
    assert set(planned["drafts"]["item_causes"].values().__iter__().__next__()) == {"product.core_ingredients"}
    products = {item.split("/")[0] for item in planned["copy"]["to_make"]}
    assert len(products) == 1 and len(planned["copy"]["to_make"]) == TYPES
    drafts = {row["item_id"]: row["text"] for row in mill.rows("drafts")}
    mill.run()
    changed = {row["item_id"] for row in mill.rows("drafts") if drafts[row["item_id"]] != row["text"]}
    assert {item.split("/")[0] for item in changed} == products


def test_new_word_rechecks_all_and_taken_back_costs_nothing(mill):
    word = "日常"
    hit = [row for row in mill.rows("copy") if any(word in entry["text"] for entry in row["history"])]
    assert hit, "the word must stand in some round's text for this test to say anything"
    forbid(mill, word)
    planned = mill.plan()
    assert planned["drafts"]["action"] == "fresh"
    assert len(planned["copy"]["to_make"]) == PRODUCTS * TYPES
    asked = mill.requests()
    summary = mill.run()
    assert summary["calls"] > 0
    assert mill.requests() > asked
    after = {row["item_id"]: row for row in mill.rows("copy")}
    untouched = {row["item_id"] for row in after.values()} - {row["item_id"] for row in hit}
    assert all(word not in row["text"] for row in after.values() if row["status"] == "accepted")
    assert untouched
    allow(mill, word)
    asked = mill.requests()
    back = mill.run()
    assert back["calls"] == 0 and mill.requests() == asked
    assert back["contents"] == mill.summary["contents"]


def test_added_products_are_drafted_alone_and_the_split_stands(mill):
    sides = {row["product_id"]: row["split"] for row in mill.rows("products")}
    old = {row["item_id"]: row["text"] for row in mill.rows("copy")}
    write_products(mill.products, first_rows(PRODUCTS + 3))
    planned = mill.plan()
    assert len(planned["drafts"]["to_make"]) == 3 * TYPES
    mill.run()
    now = {row["product_id"]: row["split"] for row in mill.rows("products")}
    assert {name: now[name] for name in sides} == sides
    assert {item: text for item, text in ((r["item_id"], r["text"]) for r in mill.rows("copy")) if item in old} == old


def test_run_without_money_stops_and_resumes_where_it_was(tmp_path, made_mill, prefect_server, monkeypatch):
    from tasks.lineage.errors import StopRun
    from tasks.teacher.simulator.process import SimulatorProcess

    shutil.copytree(made_mill.folder, tmp_path / "mill", ignore=shutil.ignore_patterns("home"))
    poor = Mill(tmp_path / "mill")
    with SimulatorProcess(log_path=tmp_path / "log.jsonl") as simulator:
        monkeypatch.setenv("COPYMILL_BASE_URL", simulator.base_url)
        simulator.control(faults={"balance": 60})
        with pytest.raises(StopRun, match=r"402|balance"):
            poor.run()
        simulator.control(faults={"balance": None})
        summary = poor.run()
    assert summary["contents"] == made_mill.summary["contents"]
    assert summary["calls"] < made_mill.summary["calls"]


def test_warm_command_never_imports_torch(mill):
    program = textwrap.dedent("""
        import sys
        from flows.cli import main
        try:
            main()
        finally:
            print("torch" in sys.modules, "transformers" in sys.modules)
    """)
    job = mill.job()
    arguments = ["run", "--home", job.home, "--brand", job.brand, "--products", job.products, "--only", "pairs"]
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, env=os.environ, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "0 answers bought" in ended.stdout
    assert ended.stdout.strip().endswith("False False")
