"""A long step finds its own unfinished work again after a kill, never another's, and leaves none of it behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tasks.lineage.planner import plan_step, recorded_view
from tasks.lineage.steps import fill_folder
from tests.lineage.toy import MODEL, STEPS, Journal, ModelParams, run, world_of

SHEETS = {"a": "mild", "b": "rich"}


class Killed(Exception):
    pass


def ready(home: Path, **params) -> tuple:
    """Return (a world whose model is still to be made, its views, the model's plan)."""
    world = world_of(home, SHEETS, frozenset(), params)
    done = run(world, Journal(), STEPS[:-1])
    views = {name: recorded_view(plan.step, record, world.store) for name, (plan, record) in done.items()}
    return world, views, plan_step(MODEL, world, views)


def trained(home: Path, compute, **params):
    """Make the model by `compute`; return the store that then holds it."""
    world, views, plan = ready(home, **params)
    plan.step = replace(MODEL, compute=compute)
    out = world.store.scratch("model")
    out.mkdir(parents=True, exist_ok=True)
    given = SimpleNamespace(world=world, views=views, id="r1")
    fill_folder(given, plan, out, lambda done, total, note="": None)
    return world.store


def killed_half_way(inputs, out, report) -> None:
    inputs.checkpoints.mkdir(parents=True)
    (inputs.checkpoints / "half").write_text("7")
    raise Killed


def test_same_inputs_find_their_checkpoints_and_the_commit_removes_them(tmp_path: Path) -> None:
    def going_on(inputs, out, report) -> None:
        (out / "weights.txt").write_text((inputs.checkpoints / "half").read_text())

    with pytest.raises(Killed):
        trained(tmp_path, killed_half_way)
    store = trained(tmp_path, going_on)
    assert (store.files_folder(store.current_record("model")) / "weights.txt").read_text() == "7"
    assert not store.checkpoints("model").exists()


def test_changed_parameter_finds_no_checkpoint_of_another(tmp_path: Path) -> None:
    def looking(inputs, out, report) -> None:
        assert not inputs.checkpoints.exists()
        (out / "weights.txt").write_text("from the beginning")

    with pytest.raises(Killed):
        trained(tmp_path, killed_half_way)
    store = trained(tmp_path, looking, model=ModelParams(retrain_after=0.5))
    assert not store.checkpoints("model").exists(), "those of the old parameters go with the commit"


def test_checkpoints_and_events_lie_in_the_home_and_outside_the_finished_steps(tmp_path: Path) -> None:
    seen = []

    def looking(inputs, out, report) -> None:
        seen.extend([inputs.checkpoints, inputs.events])
        (out / "weights.txt").write_text("1")

    store = trained(tmp_path, looking)
    assert all(path.is_relative_to(store.root) for path in seen)
    assert not any(path.is_relative_to(store.root / "steps") or path.is_relative_to(store.pool) for path in seen)
