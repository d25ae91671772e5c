"""Follow a recipe's input, example or answer both ways."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from flows.steps import users_of
from flows.trace_lines import Home, answer_tree, made_of, row_line, shortened
from tasks.lineage.errors import UserError
from tasks.lineage.step import FolderStep, Row


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
