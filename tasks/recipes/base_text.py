"""The text that a recipe's base model is pre-trained on, made of the train side alone.

Prompts with texts, some of them rated bad, some with another input's values exchanged in prompt and text alike; and
drills that copy input values. As for a brand's base: no chat marker and no end of an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tasks.lineage.errors import UserError
from tasks.lineage.step import Inputs, Row
from tasks.recipes.gates import values_of
from tasks.recipes.model import Recipe
from tasks.training.config import BaseParams
from tasks.training.pretraining_text import Document, disclosure, drill, stream
from tasks.training.transplanting import exchanged


def recipe_text(inputs: Inputs) -> tuple[list[str], dict[str, object]]:
    """Return the training strings, and what the base's card says of them.

    Raises:
        UserError: no text of the train side is good.
    """
    rows = [row for row in inputs.rows("examples") if row["split"] == "train"]
    made = documents(inputs.source("recipe"), rows, inputs.params)
    counts = {"inputs": len({row["subject"] for row in rows}), "texts": len(rows)}
    return stream(made), {**disclosure(made), **counts}


def documents(recipe: Recipe, rows: Sequence[Row], params: BaseParams) -> list[Document]:
    """Return the documents in training order; a function of the rows, the shares and the seed alone."""
    random = Random(params.seed)
    good, bad = [row for row in rows if row["label"] != 0], [row for row in rows if row["label"] == 0]
    if not good:
        raise UserError("table examples", "no good text on the train side", "one at least", "look at the data's labels")
    lines = sorted({value for row in rows for value in values_of(row).values()})
    return [
        drill(lines, random)
        if random.random() < params.drill_share
        else document("bad", recipe, bad, params, random)
        if bad and random.random() < params.bad_share
        else document("good", recipe, good, params, random)
        for _ in range(params.documents)
    ]


def document(kind: str, recipe: Recipe, rows: Sequence[Row], params: BaseParams, random: Random) -> Document:
    """Return a prompt with its text, some with another row's values: then reading the prompt pays."""
    row = random.choice(rows)
    values, text = values_of(row), row["text"]
    if random.random() < params.transplant_share:
        other = values_of(random.choice(rows))
        stands = {name for name, value in values.items() if value in text}
        text = exchanged(text, [(values[name], other[name]) for name in values if name in stands])
        values = {name: other[name] if name in stands else value for name, value in values.items()}
    return Document(kind, f"{recipe.prompt(row['task'], values)}\n{text}")
