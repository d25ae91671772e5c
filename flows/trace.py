"""Follow one thing both ways: back to the CSV row, the prompt, the brand's lines, the repairs, the calls and their
cost; forward to what uses it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from flows.services import journal_url
from flows.steps import RECIPE, steps_of_home, users_of
from tasks.brief.brand import brand_lines
from tasks.lineage.errors import UserError
from tasks.lineage.records import Record
from tasks.lineage.step import FolderStep, Row
from tasks.lineage.store import Store
from tasks.teacher.journal import Journal

SHOWN = 60  # characters of a text in one line
# The steps whose rows hang on one item, in the order in which they use it.
ROWS_OF_ITEM = (
    "negatives",
    "pairs",
    "sft",
    "preference",
    "kto",
    "grpo",
    "reward_rows",
    "answers",
    "verdicts",
    "scores",
    "duels",
)


@dataclass
class Home:
    """The current tables of a home, read when they are first asked for."""

    path: Path

    def __post_init__(self) -> None:
        self.store, self.steps = Store(self.path), steps_of_home(self.path)
        self._rows: dict[str, list[Row]] = {}

    def record(self, step: str) -> Record | None:
        return self.store.current_record(step)

    def rows(self, name: str) -> list[Row]:
        if name not in self._rows:
            record, step = self.record(name), next(step for step in self.steps if step.name == name)
            self._rows[name] = self.store.rows(record, step.makes) if record else []  # type: ignore[attr-defined]
        return self._rows[name]

    def find(self, table: str, **wanted: object) -> list[Row]:
        return [row for row in self.rows(table) if all(row.get(key) == value for key, value in wanted.items())]


def show_trace(home: Path, subject: str, brand_dir: Path, console: Console) -> None:
    """Print the trace of a step, a product, an item or an answer.

    Raises:
        UserError: nothing of that name is in this home.
    """
    place = Home(home)
    for tree in trees(place, subject, brand_dir):
        console.print(tree)


def trees(home: Home, subject: str, brand_dir: Path) -> list[Tree]:
    if subject in {step.name for step in home.steps} and home.record(subject):
        return [step_back(home, subject), step_forward(home, subject)]
    if home.steps is RECIPE:
        return input_trees(home, subject)
    products = [row for row in home.rows("products") if subject in (row["product_id"], row["product_name"])]
    if products:
        return [product_tree(home, row) for row in products]
    answer = next(iter(home.find("answers", answer_id=subject)), None)
    item = answer["item_id"] if answer else subject
    if home.find("drafts", item_id=item):
        return ([answer_tree(home, answer)] if answer else []) + [
            item_back(home, item, brand_dir),
            item_forward(home, item),
        ]
    raise UserError(
        f"trace {subject!r}",
        f"nothing of that name in {home.path}",
        "an item id (p_…/paid_ad_cta/0), an answer id, a product id or name, or a step name",
        "see `copymill export copy` for the ids",
    )


# -- back -------------------------------------------------------------------------------------------------------------


def item_back(home: Home, item: str, brand_dir: Path) -> Tree:
    """Return a text's way back: product row, prompt, brand lines, rounds with reasons, calls with their cost."""
    tree = Tree(Text(f"{item}: back", style="bold"))
    draft = home.find("drafts", item_id=item)[0]
    copy = next(iter(home.find("copy", item_id=item)), None)
    add_product(tree, home.find("products", product_id=draft["product_id"])[0])
    add_prompt(tree, home.record("drafts"))
    add_brand(tree, brand_dir)
    history = (copy or {}).get("history") or []
    keys = [draft["call_key"], *(key for entry in history for key in round_keys(entry))]
    rounds = tree.add("rounds")
    for entry in history:
        reasons = ", ".join(entry["reasons"]) or "every gate passed"
        rounds.add(Text(f"{entry['round']} {entry['action']}: {reasons} — {shortened(entry['text'])}"))
    if copy:
        found = ", ".join(sorted({reason["rule"] for reason in copy["reasons"]}))
        tree.add(Text(f"{copy['status']} after {copy['rounds']} paid rounds{': ' + found if found else ''}"))
    add_calls(tree, home, keys)
    return tree


def round_keys(entry: Row) -> list[str]:
    """Return the calls of a round: the one that wrote its text, then those of model gates about it."""
    gates = [asked["call_key"] for asked in entry.get("gates") or ()]
    return [*([entry["call_key"]] if entry["call_key"] else []), *gates]


def add_product(tree: Tree, row: Row) -> None:
    branch = tree.add(Text(f"product {row['product_name']} ({row['product_id']}, {row['split']})"))
    branch.add(Text(f"product list row {row['source_row']}: {row['source_text']}"))


def add_prompt(tree: Tree, record: Record | None) -> None:
    if record:
        for path, sha in record.components.prompts.items():
            tree.add(Text(f"prompt prompts/{path} (sha256 {sha[:12]})"))


def add_brand(tree: Tree, brand_dir: Path) -> None:
    branch = tree.add(Text(f"brand guide {brand_dir.name}/brand.yaml"))
    lines = (brand_dir / "brand.yaml").read_text(encoding="utf-8").splitlines()
    for field, number in brand_lines(brand_dir).items():
        if not field.startswith("forbidden"):  # word lists feed the rules and stand in no prompt
            branch.add(Text(f"line {number}: {shortened(lines[number - 1].strip())}"))


def add_calls(tree: Tree, home: Home, keys: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(keys))
    with Journal(journal_url(home.path)) as journal:
        entries = journal.calls_of(wanted)
    known = [entry.cost for entry in entries.values()]
    cost = "unknown" if None in known else f"USD {sum(filter(None, known)):.6f}"
    branch = tree.add(Text(f"{len(entries)} calls, {cost}"))
    for key in wanted:
        if key in entries:
            branch.add(Text(call_line(key, entries[key])))


def call_line(key: str, entry: Any) -> str:
    tokens = f"{entry.prompt_tokens:,} + {entry.completion_tokens:,} tokens"
    cost = "unknown" if entry.cost is None else f"USD {entry.cost:.6f}"
    return f"{entry.purpose} {key[:12]}: {entry.model}, {tokens}, {cost}, run {entry.run_id}"


def answer_tree(home: Home, answer: Row) -> Tree:
    """Return an answer's way back to the model that gave it."""
    system = answer["system"]
    tree = Tree(Text(f"{answer['answer_id']}: answered by {system}", style="bold"))
    tree.add(Text(shortened(answer["text"])))
    step = {"base": "base", "sft": "sft_model", "grpo": "grpo_model"}.get(system, "copy")
    tree.add(step_back(home, step))
    return tree


def step_back(home: Home, name: str, depth: int = 0) -> Tree:
    """Return what a step's current output was made from, down to the sources."""
    record = home.record(name)
    step = next(step for step in home.steps if step.name == name)
    tree = Tree(Text(f"{name}: {made_of(record)}", style="bold" if depth == 0 else ""))
    if record is None:
        return tree
    for path, sha in record.components.prompts.items():
        tree.add(Text(f"prompts/{path} (sha256 {sha[:12]})"))
    for read in step.reads:
        if any(other.name == read for other in home.steps):
            tree.add(step_back(home, read, depth + 1))
        else:
            tree.add(Text(f"{read} {record.components.inputs[read][:12]}"))
    return tree


def made_of(record: Record | None) -> str:
    if record is None:
        return "not made"
    size = f"{record.rows:,} rows" if record.parts else f"{len(record.files)} files"
    git = str(record.notes.get("git", "unknown"))[:12]
    names = f"content {record.content[:12]}, record {record.fingerprint[:12]}"
    return f"{size}, {names}, code {git}, run {record.notes.get('run')}"


# -- forward ----------------------------------------------------------------------------------------------------------


def item_forward(home: Home, item: str) -> Tree:
    """Return every row and model that uses a text."""
    tree = Tree(Text(f"{item}: forward", style="bold"))
    tables = {step.name for step in home.steps if not isinstance(step, FolderStep)}
    used = []
    for name in ROWS_OF_ITEM:
        rows = (
            [row for row in home.rows(name) if item in (row.get("item_id"), row.get("copy_id"))]
            if name in tables
            else []
        )
        for row in rows:
            used.append(name)
            tree.add(Text(f"{name}: {row_line(row)}"))
    models = {user.name for name in used for user in users_of(name, home.steps) if isinstance(user, FolderStep)}
    for step in home.steps:
        if step.name in models:
            tree.add(Text(f"{step.name}: {made_of(home.record(step.name))}"))
    if not used:
        tree.add("used by nothing")
    return tree


def row_line(row: Row) -> str:
    said = [
        f"{key} {row[key]}"
        for key in ("method", "system", "selected", "status", "accepted")
        if row.get(key) is not None
    ]
    text = next((row[key] for key in ("rejected", "text", "prompt") if row.get(key)), "")
    return ", ".join([*said, shortened(text)]) if text else ", ".join(said) or "one row"


def step_forward(home: Home, name: str) -> Tree:
    tree = Tree(Text(f"{name}: forward", style="bold"))
    for step in users_of(name, home.steps):
        tree.add(Text(f"{step.name}: {made_of(home.record(step.name))}"))
    return tree


def product_tree(home: Home, row: Row) -> Tree:
    tree = Tree(Text(f"product {row['product_name']}", style="bold"))
    tree.add(Text(f"product list row {row['source_row']}: {row['source_text']}"))
    for copy in home.find("copy", product_id=row["product_id"]):
        tree.add(Text(f"{copy['item_id']}: {copy['status']}, {copy['rounds']} rounds — {shortened(copy['text'])}"))
    return tree


# -- recipes ----------------------------------------------------------------------------------------------------------


def input_trees(home: Home, subject: str) -> list[Tree]:
    """Return a recipe's input, example or answer both ways: its rows in the data, and the rows and models that use it.

    Raises:
        UserError: nothing of that name is in this home.
    """
    rows = [row for row in home.rows("examples") if subject in (row["subject"], row["example_id"])]
    answer = next(iter(home.find("answers", answer_id=subject)), None)
    rows = rows or (home.find("examples", subject=answer["subject"]) if answer else [])
    if not rows:
        expected = "an input (i_…), an example id, an answer id or a step name"
        todo = "see `copymill export examples` for the ids"
        raise UserError(f"trace {subject!r}", f"nothing of that name in {home.path}", expected, todo)
    trees = [answer_tree(home, answer)] if answer else []
    return [*trees, input_back(rows), input_forward(home, rows[0]["subject"])]


def input_back(rows: list[Row]) -> Tree:
    tree = Tree(Text(f"{rows[0]['subject']} ({rows[0]['split']}): back", style="bold"))
    for entry in rows[0]["inputs"]:
        tree.add(Text(f"{entry['name']}: {entry['value']}"))
    for row in rows:
        label = "" if row["label"] is None else f", label {row['label']}"
        tree.add(Text(f"{row['source']} row {row['source_row']}{label}: {shortened(row['text'])}"))
    return tree


def input_forward(home: Home, subject: str) -> Tree:
    """Return every row of an input below `examples`, and the models that learnt from its tables."""
    tree = Tree(Text(f"{subject}: forward", style="bold"))
    used = []
    for name in ("sft", "reward_rows", "grpo", "answers", "verdicts", "scores"):
        for row in home.find(name, subject=subject):
            used.append(name)
            tree.add(Text(f"{name}: {row_line(row)}"))
    models = {user.name for name in used for user in users_of(name, home.steps) if isinstance(user, FolderStep)}
    for step in (step for step in home.steps if step.name in models):
        tree.add(Text(f"{step.name}: {made_of(home.record(step.name))}"))
    return tree


def shortened(text: str) -> str:
    flat = " ".join(str(text).split())
    return flat if len(flat) <= SHOWN else flat[:SHOWN] + "…"
