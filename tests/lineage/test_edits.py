"""Any sequence of edits does only the work the edits call for, and ends where a run from scratch would."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lineage.toy import DraftParams, Journal, ModelParams, contents, plans, run, world_of

names = st.sampled_from([f"p{n}" for n in range(6)])
edits = st.lists(
    st.one_of(
        st.tuples(st.just("sheet"), names, st.sampled_from(["a", "b", "c"])),
        st.tuples(st.just("drop"), names, st.just("")),
        st.tuples(st.just("rules"), st.just(""), st.sampled_from(["", "x", "a", "ab", "1f"])),
        st.tuples(st.just("style"), st.just(""), st.sampled_from(["plain", "rich"])),
    ),
    max_size=7,
)


def apply(state, edit):
    kind, name, value = edit
    sheets, rules, style = dict(state[0]), state[1], state[2]
    if kind == "sheet":
        sheets[name] = value
    elif kind == "drop" and len(sheets) > 1:
        sheets.pop(name, None)
    elif kind == "rules":
        rules = frozenset(value)
    elif kind == "style":
        style = value
    return sheets, rules, style


def world(home: Path, state):
    sheets, rules, style = state
    # A tolerance of nothing: the model, too, must end where a run from scratch ends.
    return world_of(home, sheets, rules, {"drafts": DraftParams(style=style), "model": ModelParams(retrain_after=0)})


@given(edits)
@settings(max_examples=40, deadline=None)
def test_edits_end_where_a_run_from_scratch_ends(sequence):
    with tempfile.TemporaryDirectory() as folder:
        state = ({"p0": "a", "p1": "b"}, frozenset("x"), "plain")
        journal = Journal()
        done = run(world(Path(folder) / "edited", state), journal)
        for edit in sequence:
            state = apply(state, edit)
            here = world(Path(folder) / "edited", state)
            planned = plans(here)
            bought = len(journal.asked)
            done = run(here, journal)
            for name, (plan, _) in done.items():
                ahead = {item.id for item in planned[name].todo}
                assert {item.id for item in plan.todo} <= ahead, "a run never does more than its plan said"
                if not planned[name].at_most:
                    assert {item.id for item in plan.todo} == ahead
            if all(plan.does_nothing for plan in planned.values()):
                assert len(journal.asked) == bought
        journal.asked.clear()
        scratch = run(world(Path(folder) / "scratch", state), journal)
        assert journal.asked == [], "everything that a run from scratch asks is in the journal already"
        assert contents(scratch) == contents(done)


@given(edits)
@settings(max_examples=25, deadline=None)
def test_rows_outside_an_edit_are_kept(sequence):
    with tempfile.TemporaryDirectory() as folder:
        state = ({f"p{n}": "a" for n in range(5)}, frozenset("x"), "plain")
        run(world(Path(folder), state), journal := Journal())
        for edit in sequence:
            before, state = state, apply(state, edit)
            done = run(world(Path(folder), state), journal)
            plan = done["drafts"][0]
            if plan.does_nothing:
                continue
            if before[2] == state[2]:
                changed = {name for name, sheet in state[0].items() if before[0].get(name) != sheet}
                assert {item.id for item in plan.todo} <= changed
