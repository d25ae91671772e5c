"""The one rule: a run does the difference between wanted and recorded, and no more."""

from __future__ import annotations

import shutil

from tests.lineage.toy import (
    DraftParams,
    Journal,
    ModelParams,
    NoParams,
    contents,
    plans,
    run,
    world_of,
)

SHEETS = {f"p{n}": f"sheet {n}" for n in range(8)}
RULES = frozenset("x")


def test_second_run_does_nothing(tmp_path):
    journal = Journal()
    first = run(world_of(tmp_path, SHEETS, RULES), journal)
    journal.asked.clear()
    again = run(world_of(tmp_path, SHEETS, RULES), journal)
    assert [plan.action for plan, _ in again.values()] == ["fresh"] * 5
    assert journal.asked == []
    assert contents(again) == contents(first)


def test_changed_product_makes_its_own_rows(tmp_path):
    journal = Journal()
    run(world_of(tmp_path, SHEETS, RULES), journal)
    world = world_of(tmp_path, {**SHEETS, "p3": "another sheet"}, RULES)
    planned = plans(world)
    assert [item.id for item in planned["drafts"].todo] == ["p3"]
    assert planned["drafts"].item_causes == {"p3": ["product.sheet"]}
    assert [item.id for item in planned["copy"].todo] == ["p3"]
    assert planned["copy"].at_most
    assert planned["model"].action == "tolerated"
    assert planned["model"].drift == (1, 8)
    done = run(world, journal)
    assert [item.id for item in done["copy"][0].todo] == ["p3"]
    assert done["model"][0].action == "tolerated"


def test_model_above_its_tolerance_is_trained_again(tmp_path):
    journal = Journal()
    run(world_of(tmp_path, SHEETS, RULES), journal)
    done = run(world_of(tmp_path, {**SHEETS, "p1": "a", "p2": "b", "p3": "c"}, RULES), journal)
    assert done["model"][0].action == "run"
    assert done["model"][0].drift == (3, 8)


def test_tolerated_model_is_trained_when_told(tmp_path):
    run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    done = run(world_of(tmp_path, {**SHEETS, "p1": "a"}, RULES, train=True), journal)
    assert done["model"][0].action == "run"


def test_removed_product_drops_its_rows(tmp_path):
    run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    fewer = {name: sheet for name, sheet in SHEETS.items() if name != "p0"}
    planned = plans(world_of(tmp_path, fewer, RULES))
    assert planned["drafts"].removed == ["p0"]
    done = run(world_of(tmp_path, fewer, RULES), journal)
    assert done["copy"][1].rows == 7


def test_changed_rule_rechecks_all_and_buys_only_repairs(tmp_path):
    run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    before = dict(journal.answers)
    journal.asked.clear()
    done = run(world_of(tmp_path, SHEETS, frozenset("xa")), journal)
    assert len(done["copy"][0].todo) == len(SHEETS)
    assert done["copy"][0].item_causes["p0"] == ["rules"]
    assert done["drafts"][0].action == "fresh"
    assert all(prompt.startswith("mend") for prompt in journal.asked)
    broken = {text for text in before.values() if "a" in text}
    assert {prompt.split()[1] for prompt in journal.asked} >= broken & {p.split()[1] for p in journal.asked}


def test_rule_taken_back_brings_back_the_old_digests_for_nothing(tmp_path):
    first = run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    run(world_of(tmp_path, SHEETS, frozenset("xab")), journal)
    journal.asked.clear()
    back = run(world_of(tmp_path, SHEETS, RULES), journal)
    assert journal.asked == []
    assert contents(back) == contents(first)
    assert back["copy"][0].action == "fresh"


def test_step_that_rebuilds_the_same_rows_stops_the_wave(tmp_path):
    run(world_of(tmp_path, SHEETS, frozenset()), journal := Journal())
    done = run(world_of(tmp_path, SHEETS, frozenset("♥")), journal)  # no text holds it
    assert done["copy"][0].action == "run"
    assert done["set"][0].action == "fresh"
    assert done["model"][0].action == "fresh"


def test_failed_item_is_the_only_one_done_again(tmp_path):
    journal = Journal(fails={"p5"})
    broken = run(world_of(tmp_path, SHEETS, RULES), journal)
    assert broken["drafts"][1].failed == 1
    journal.fails.clear()
    done = run(world_of(tmp_path, SHEETS, RULES), journal)
    assert [item.id for item in done["drafts"][0].todo] == ["p5"]
    assert done["drafts"][0].item_causes == {"p5": ["failed"]}
    assert done["drafts"][1].failed == 0


def test_runtime_param_changes_nothing(tmp_path):
    run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    world = world_of(tmp_path, SHEETS, RULES, {"drafts": DraftParams(workers=99), "copy": NoParams(speed=7)})
    assert [plan.action for plan in plans(world).values()] == ["fresh"] * 5
    assert journal.fails == set()


def test_identity_param_names_itself_as_cause(tmp_path):
    run(world_of(tmp_path, SHEETS, RULES), Journal())
    world = world_of(tmp_path, {**SHEETS, "p2": "new"}, RULES, {"drafts": DraftParams(style="rich")})
    planned = plans(world)
    assert planned["drafts"].causes == ["params.style", "products"]
    assert planned["drafts"].item_causes["p2"] == ["params.style", "product.sheet"]
    assert planned["drafts"].item_causes["p1"] == ["params.style"]


def test_damaged_part_is_made_again(tmp_path):
    first = run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    store = world_of(tmp_path, SHEETS, RULES).store
    part = next(iter(first["copy"][1].parts))
    path = store.pool / part.digest[:2] / f"{part.digest}.parquet"
    path.write_bytes(b"broken")
    done = run(world_of(tmp_path, SHEETS, RULES), journal)
    assert done["copy"][0].causes[0] == "files missing or damaged"
    assert contents(done) == contents(first)


def test_lost_model_file_is_trained_again(tmp_path):
    first = run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    store = world_of(tmp_path, SHEETS, RULES).store
    shutil.rmtree(store.files_folder(first["model"][1]))
    done = run(world_of(tmp_path, SHEETS, RULES), journal)
    assert done["model"][0].action == "run"
    assert contents(done) == contents(first)


def test_forced_step_computes_from_the_journal(tmp_path):
    first = run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    journal.asked.clear()
    done = run(world_of(tmp_path, SHEETS, RULES, force=frozenset({"copy"})), journal)
    assert len(done["copy"][0].todo) == 8
    assert journal.asked == []
    assert contents(done) == contents(first)


def test_plan_on_an_empty_home_counts_at_most(tmp_path):
    planned = plans(world_of(tmp_path, SHEETS, RULES))
    assert len(planned["drafts"].todo) == 8 and not planned["drafts"].at_most
    assert len(planned["copy"].todo) == 8 and planned["copy"].at_most
    assert planned["model"].action == "run"
    assert not (tmp_path / "artifacts").exists()


def test_model_params_change_retrains_however_small(tmp_path):
    run(world_of(tmp_path, SHEETS, RULES), journal := Journal())
    done = run(world_of(tmp_path, SHEETS, RULES, {"model": ModelParams(retrain_after=0.5)}), journal)
    assert done["model"][0].causes == ["params.retrain_after"]
    assert done["model"][0].action == "run"
