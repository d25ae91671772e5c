"""Follow one thing both ways: back to the CSV row, the prompt, the brand's lines, the repairs, the calls and their
cost; forward to what uses it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from flows.steps import RECIPE, users_of
from flows.trace_inputs import input_trees
from flows.trace_lines import Home, add_calls, answer_tree, made_of, row_line, shortened, step_back
from tasks.brief.brand import brand_lines
from tasks.lineage.errors import UserError
from tasks.lineage.records import Record
from tasks.lineage.step import FolderStep, Row

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
