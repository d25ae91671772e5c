"""The one rule: what every output would be made from now, held against what its record says it was made from.

`plan_step` is pure over its arguments and is all that `plan`, `why` and `run` know: `run` calls it with the outputs of
the steps above as they were made, `plan` with outputs that may still be pending. The difference to be done is always
missing, failed or stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tasks.lineage.canonical import digest
from tasks.lineage.params import Params
from tasks.lineage.records import Components, LedgerRow, Record
from tasks.lineage.step import PENDING, FolderStep, Item, ItemStep, Step, TableStep
from tasks.lineage.store import Store
from tasks.lineage.tables import ROW_DIGEST, read_parts, table_digest, with_digests
from tasks.lineage.views import Source, StepInputs, View

Action = Literal["fresh", "tolerated", "run"]


@dataclass(frozen=True)
class World:
    """All that decides what every step would be made from now."""

    store: Store
    params: Mapping[str, Params]
    sources: Mapping[str, Source]
    prompts: Mapping[str, str]
    force: frozenset[str] = frozenset()
    train: bool = False


@dataclass
class StepPlan:
    """What is to be done for one step, and why.

    causes: of the step as a whole. todo: items to make; item_causes: item id -> what changed, `missing` or `failed`.
    at_most: the difference rests on outputs that are not known yet.
    """

    step: Step
    action: Action
    components: Components
    causes: list[str] = field(default_factory=list)
    todo: list[Item] = field(default_factory=list)
    item_causes: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, LedgerRow] = field(default_factory=dict)
    wanted: dict[str, Item] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    at_most: bool = False
    drift: tuple[int, int] = (0, 0)
    record: Record | None = None

    @property
    def fingerprint(self) -> str:
        return self.components.fingerprint()

    @property
    def does_nothing(self) -> bool:
        return self.action != "run"


def inputs_of(step: Step, world: World, views: Mapping[str, View]) -> StepInputs:
    """Return the step's inputs: outputs above and sources, only those that it declared."""
    return StepInputs(
        world.params[step.name],
        {path: world.prompts[path] for path in step.prompts},
        {name: views[name] for name in step.reads if name in views},
        {name: world.sources[name] for name in step.reads if name not in views},
    )


def components_of(step: Step, inputs: StepInputs) -> Components:
    return Components(
        version=step.version,
        params=inputs.params.identity(),
        prompts={path: digest(text) for path, text in inputs.prompts.items()},
        inputs={name: inputs.digest(name) for name in step.reads},
    )


def plan_step(step: Step, world: World, views: Mapping[str, View]) -> StepPlan:
    """Return what has to be done for `step` given the outputs above it."""
    inputs = inputs_of(step, world, views)
    plan = StepPlan(step, "run", components_of(step, inputs), at_most=bool(inputs.unknown()))
    exact = None if plan.at_most else world.store.record(step.name, plan.fingerprint)
    if exact and not world.store.intact(exact):
        plan.causes, exact = ["files missing or damaged"], None
    if exact and exact.complete and step.name not in world.force:
        plan.action, plan.record = "fresh", exact
        return plan
    plan.record = exact or usable(world.store, step.name)
    plan.causes += why_step(plan, world)
    if isinstance(step, ItemStep):
        difference(step, inputs, plan, world)
    elif isinstance(step, FolderStep):
        tolerate(step, inputs, plan, world)
    return plan


def usable(store: Store, step: str) -> Record | None:
    """Return the record that the last run stood on, if its files are whole: the base of the difference."""
    record = store.current_record(step)
    return record if record and store.intact(record) else None


def why_step(plan: StepPlan, world: World) -> list[str]:
    causes = ["forced"] if plan.step.name in world.force else []
    if plan.record is None:
        return [*causes, "missing"]
    for name in plan.components.changes_since(plan.record.components):
        causes += named_parts(name, plan.record, world)
    if not plan.record.complete:
        causes.append(f"{plan.record.failed} failed")
    return causes


def named_parts(name: str, record: Record, world: World) -> list[str]:
    """Return `inputs.rules` as the parts of it that changed (`rules.forbidden_words`), where the record knows them."""
    source = world.sources.get(name.removeprefix("inputs."))
    before = record.source_parts.get(source.name, {}) if source else {}
    if not source or not before:
        return [name.removeprefix("inputs.")]
    changed = [key for key in sorted(before.keys() | source.parts.keys()) if before.get(key) != source.parts.get(key)]
    return [f"{source.name}.{key}" for key in changed] or [source.name]


# -- items ------------------------------------------------------------------------------------------------------------


def difference(step: ItemStep, inputs: StepInputs, plan: StepPlan, world: World) -> None:
    """Fill in the items to make: missing, failed or stale against the ledger of the record."""
    unknown = any(not view.known_rows for view in inputs.views.values())
    items = [] if unknown else list(step.wanted(inputs))
    ledger = world.store.ledger(plan.record) if plan.record else {}
    baseline = {} if step.name in world.force else ledger
    for item in (keyed(item, step) for item in items):
        plan.wanted[item.id] = item
        before = baseline.get(item.id)
        if before and before.key == item.key and before.status != "failed":
            plan.kept[item.id] = before
        else:
            plan.todo.append(item)
            plan.item_causes[item.id] = why_item(item, ledger.get(item.id), step.name in world.force)
    plan.removed = [] if unknown else sorted(ledger.keys() - plan.wanted.keys())
    # An item step whose inputs are pending can be wholly unaffected: then there is nothing to do and nothing unknown.
    plan.at_most = unknown or any(item.pending for item in plan.todo)


def keyed(item: Item, step: ItemStep) -> Item:
    """Return the item with the step's version in its key: a new version makes every row stale."""
    key = PENDING if item.pending else digest([item.key, step.version])[:32]
    components = {**{name: value[:16] for name, value in item.components.items()}, "version": str(step.version)}
    return Item(item.id, key, components, item.data, item.group)


def why_item(item: Item, before: LedgerRow | None, forced: bool) -> list[str]:
    if before is None:
        return ["missing"]
    if before.status == "failed":
        return ["failed"]
    names = sorted(before.components.keys() | item.components.keys())
    changed = [name for name in names if before.components.get(name) != item.components.get(name)]
    return (["forced"] if forced else []) + (changed or ["rendered call"])


# -- models -----------------------------------------------------------------------------------------------------------


def tolerate(step: FolderStep, inputs: StepInputs, plan: StepPlan, world: World) -> None:
    """Keep a model whose training rows changed by no more than its declared share and nothing else did."""
    if not step.trains_on or plan.record is None or world.train or step.name in world.force:
        return
    changed = plan.components.changes_since(plan.record.components)
    allowed = {f"inputs.{name}" for name in (*step.trains_on, *step.tolerates)}
    if not set(changed) <= allowed:
        return
    pairs = [row_drift(name, inputs, plan.record, world) for name in step.trains_on if f"inputs.{name}" in changed]
    plan.drift = max(pairs, key=lambda pair: pair[0] / max(pair[1], 1), default=(0, 0))
    if plan.drift[0] <= inputs.params.retrain_after * plan.drift[1]:  # type: ignore[attr-defined]
        plan.action = "tolerated"


def row_drift(name: str, inputs: StepInputs, record: Record, world: World) -> tuple[int, int]:
    """Return (rows added, removed or changed since the model was trained, rows it was trained on)."""
    trained_on = world.store.record_of_content(name, record.components.inputs[name])
    if trained_on is None:
        return 1, 0
    view = inputs.views[name]
    if view.pending:
        return view.drift, trained_on.rows
    before = row_set(world.store, trained_on)
    now = {row[ROW_DIGEST] for row in view.rows()}
    return max(len(before - now), len(now - before)), len(before)


def row_set(store: Store, record: Record) -> set[str]:
    return {row[ROW_DIGEST] for row in read_parts(record.parts, store.pool, ROW_DIGEST)}


# -- the view that a plan hands down -----------------------------------------------------------------------------------


def recorded_view(step: Step, record: Record, store: Store) -> View:
    """Return the output of a record."""
    if isinstance(step, FolderStep):
        return View(record.content, path=store.files_folder(record), folder=True)
    table = step.makes  # type: ignore[attr-defined]
    return View(record.content, load=lambda: store.rows(record, table))


def planned_view(plan: StepPlan, world: World, views: Mapping[str, View]) -> View:
    """Return what steps below may know of this step's output before it is made."""
    step = plan.step
    if plan.does_nothing and plan.record:
        return recorded_view(step, plan.record, world.store)
    if isinstance(step, ItemStep):
        return items_ahead(step, plan, world)
    inputs = inputs_of(step, world, views)
    if isinstance(step, TableStep) and step.free and not inputs.unknown():
        rows = with_digests(step.compute(inputs), step.makes)
        return View(table_digest(rows, step.makes), load=lambda: rows)
    return View(PENDING, drift=sum(view.drift for view in inputs.views.values()), folder=isinstance(step, FolderStep))


def items_ahead(step: ItemStep, plan: StepPlan, world: World) -> View:
    """Return kept rows as they are and the rows to make with `row_digest` pending."""
    if plan.at_most and not plan.wanted:
        return View(PENDING, drift=0)
    recorded = world.store.rows(plan.record, step.makes) if plan.record else []
    kept = [row for row in recorded if row[step.makes.id] in plan.kept]
    blank = dict.fromkeys(step.makes.schema.names)
    ahead = [{**blank, **item.data, step.makes.id: item.id, ROW_DIGEST: PENDING} for item in plan.todo]
    rows = sorted([*kept, *ahead], key=lambda row: row[step.makes.id])
    known = table_digest(rows, step.makes) if not plan.todo else PENDING
    return View(known, load=lambda: rows, drift=len(plan.todo) + len(plan.removed))


def plan_all(steps: list[Step], world: World) -> list[StepPlan]:
    """Return the plan of every step in order, each seeing what is known of the outputs above."""
    views: dict[str, View] = {}
    plans = []
    for step in steps:
        plan = plan_step(step, world, views)
        views[step.name] = planned_view(plan, world, views)
        plans.append(plan)
    return plans
