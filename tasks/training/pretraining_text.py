"""The text that the tiny base model is pre-trained on, made of train products alone.

Task prompts with ad texts: good ones, drafts that broke gates, and texts spoilt on purpose; and drills that copy a
line. No chat markers and no end-of-answer token stand in it: the base writes ads and has not learnt to stop. The
tokenizer is trained on the same documents, so neither has seen a val product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tasks.brief.model import ContentType, Product
from tasks.brief.steps import product_of
from tasks.datasets.task_prompt import task_prompt
from tasks.lineage.step import Inputs, Row
from tasks.training.config import BaseParams
from tasks.training.rows import wanted
from tasks.training.spoiling import Faults, sentences_gone, spoilt
from tasks.training.transplanting import transplanted

Written = tuple[str, str, str]  # product id, content type, text
SEPARATOR = "\n\n"
# Of the bad texts: drafts that broke a gate as they came, the worse halves of `exaggerated` pairs, and spoilt here.
BAD_SHARES = {"draft": 0.2, "exaggerated": 0.35, "spoilt": 0.45}


@dataclass(frozen=True)
class Document:
    """kind: `drill`; of a brand `ad`, `draft` (broke a gate), `exaggerated`, `spoilt`; of a recipe `good`, `bad`.

    faults: what was put in on purpose.
    """

    kind: str
    text: str
    faults: tuple[str, ...] = ()

    @property
    def bad(self) -> bool:
        return self.kind in ("draft", "exaggerated", "spoilt", "bad")


@dataclass(frozen=True)
class Material:
    """What documents are made of: train products by id, and items good, broken and exaggerated."""

    products: Mapping[str, Product]
    types: Mapping[str, ContentType]
    good: tuple[Written, ...]
    broken: tuple[Written, ...]
    exaggerated: tuple[Written, ...]
    faults: Faults


def brand_text(inputs: Inputs) -> tuple[list[str], dict[str, object]]:
    """Return the training strings of a brand's base, and what its card says of them."""
    found = material(inputs)
    made = documents(found, inputs.params)
    return stream(made), {**disclosure(made), **stock(found)}


def material(inputs: Inputs) -> Material:
    """Return what the base may see, from products, copy and pairs: rows of train products and wanted types only."""
    products = {row["product_id"]: product_of(row) for row in inputs.rows("products") if row["split"] == "train"}
    types: dict[str, ContentType] = inputs.source("content_types")
    mine = [row for row in inputs.rows("copy") if row["product_id"] in products]
    copy = wanted(mine, inputs.params.content_types, "copy")
    accepted = [row for row in copy if row["status"] == "accepted"]
    good = wanted(accepted, (), "copy (accepted)")
    over = exaggerated_pairs(inputs, products.keys(), {row["content_type"] for row in copy})
    hype = [(row["rejected"], row["chosen"]) for row in over]
    repaired = [(turn["text"], row["text"]) for row in good for turn in broken_rounds(row)]
    return Material(
        products,
        types,
        tuple(written(row, row["text"]) for row in good),
        tuple(written(row, turn["text"]) for row in copy for turn in broken_rounds(row)),
        tuple(written(row, row["rejected"]) for row in over),
        Faults(sentences_gone(hype or repaired), tuple(row["text"] for row in good)),
    )


def written(row: Row, text: str) -> Written:
    return row["product_id"], row["content_type"], text


def exaggerated_pairs(inputs: Inputs, products: Collection[str], types: Collection[str]) -> list[Row]:
    """Return the `exaggerated` pairs of these products and content types."""
    return [
        row
        for row in inputs.rows("pairs")
        if row["method"] == "exaggerated"
        and row["status"] == "made"
        and row["product_id"] in products
        and row["content_type"] in types
    ]


def broken_rounds(row: Row) -> list[Row]:
    """Return the rounds of a text's history that broke a gate."""
    return [turn for turn in row["history"] or [] if turn["reasons"] and turn["text"]]


def documents(found: Material, params: BaseParams) -> list[Document]:
    """Return the documents in training order; a function of the material, the shares and the seed alone."""
    random = Random(params.seed)
    lines = drill_lines(found)
    return [
        drill(lines, random)
        if random.random() < params.drill_share
        else bad_document(found, params, random)
        if random.random() < params.bad_share
        else good_document(found, params, random)
        for _ in range(params.documents)
    ]


def good_document(found: Material, params: BaseParams, random: Random) -> Document:
    product, kind, text = subject(found, random.choice(found.good), params, random)
    return Document("ad", with_prompt(product, kind, text))


def bad_document(found: Material, params: BaseParams, random: Random) -> Document:
    """Return a draft that broke a gate, an exaggerated text, or a good text spoilt on purpose."""
    kind_of_bad = random.choices(list(BAD_SHARES), list(BAD_SHARES.values()))[0]
    if texts := {"draft": found.broken, "exaggerated": found.exaggerated}.get(kind_of_bad):
        return Document(kind_of_bad, with_prompt(*subject(found, random.choice(texts), params, random)))
    product, kind, text = subject(found, random.choice(found.good), params, random)
    text, faults = spoilt(text, kind, found.faults, random)
    return Document("spoilt", with_prompt(product, kind, text), tuple(faults))


def with_prompt(product: Product, kind: ContentType, text: str) -> str:
    return f"{task_prompt(product, kind)}\n{text}"


def subject(found: Material, item: Written, params: BaseParams, random: Random) -> tuple[Product, ContentType, str]:
    """Return the item's product, content type and text, mostly with another train product's facts in both."""
    product, kind, text = found.products[item[0]], found.types[item[1]], item[2]
    if random.random() >= params.transplant_share:
        return product, kind, text
    other = found.products[random.choice(sorted(found.products))]
    return other, kind, transplanted(text, product, other)


def drill_lines(found: Material) -> list[str]:
    """Return what drills copy: the facts of train products."""
    facts = [
        fact
        for product in found.products.values()
        for fact in (product.product_name, product.target_audience, *product.core_ingredients, *product.features)
    ]
    return sorted({fact for fact in facts if fact})


def drill(lines: Sequence[str], random: Random) -> Document:
    """Return a line of facts and the same line again."""
    line = "，".join(random.sample(lines, min(len(lines), random.choice((1, 1, 2, 3)))))
    return Document("drill", f"{line}\n{line}")


def stock(found: Material) -> dict[str, object]:
    """Return how much there was to make documents of."""
    return {
        "products": len(found.products),
        "accepted_texts": len(found.good),
        "broken_drafts": len(found.broken),
        "exaggerated_texts": len(found.exaggerated),
    }


def disclosure(made: Sequence[Document]) -> dict[str, object]:
    """Return what the card says of the text: documents by kind, the share bad on purpose, the faults put in."""
    kinds = Counter(document.kind for document in made)
    texts = len(made) - kinds["drill"]
    return {
        "documents": dict(sorted(kinds.items())),
        "characters": sum(len(document.text) for document in made),
        "bad_on_purpose": round(sum(document.bad for document in made) / texts, 4) if texts else 0.0,
        "drills": round(kinds["drill"] / len(made), 4),
        "faults": dict(sorted(Counter(fault for document in made for fault in document.faults).items())),
    }


def stream(made: Sequence[Document]) -> list[str]:
    """Return the documents as training strings, each closed by a blank line and by nothing that ends an answer."""
    return [document.text + SEPARATOR for document in made]
