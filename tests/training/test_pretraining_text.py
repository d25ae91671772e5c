"""The base model's text: train products alone, the disclosed share is bad, nothing in it teaches to stop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasks.brief.model import Product
from tasks.lineage.errors import UserError
from tasks.training.chat import SPECIAL_TOKENS
from tasks.training.config import BaseParams
from tasks.training.pretraining_text import Document, brand_text, documents, material, stream
from tasks.training.transplanting import transplanted
from tests.training.tables import World

PARAMS = BaseParams(documents=400)


@pytest.fixture(scope="module")
def made(tables: World) -> list[Document]:
    return documents(material(tables.inputs(PARAMS)), PARAMS)


def test_val_products_are_not_in_the_text(tables: World, made: list[Document]) -> None:
    text = "\n".join(document.text for document in made)
    names = {row["product_name"]: row["split"] for row in tables.tables["products"]}
    assert [name for name, split in names.items() if split == "val" and name in text] == []
    assert all(name in text for name, split in names.items() if split == "train")


def test_no_chat_marker_and_no_end_token_stands_in_the_text(made: list[Document]) -> None:
    assert not [text for text in stream(made) if any(token in text for token in SPECIAL_TOKENS)]


def test_shares_are_those_of_the_params_and_disclosed(tables: World, made: list[Document]) -> None:
    card = brand_text(tables.inputs(PARAMS))[1]
    texts = [document for document in made if document.kind != "drill"]
    assert card["bad_on_purpose"] == pytest.approx(sum(document.bad for document in texts) / len(texts), abs=1e-4)
    assert card["bad_on_purpose"] == pytest.approx(PARAMS.bad_share, abs=0.1)
    assert card["drills"] == pytest.approx(PARAMS.drill_share, abs=0.08)
    assert sum(card["documents"].values()) == len(made) == PARAMS.documents
    assert card["faults"].keys() == {"no_call", "hype", "labels", "too_long", "running_on"}


def test_drill_is_a_line_twice(made: list[Document]) -> None:
    drills = [document.text.split("\n") for document in made if document.kind == "drill"]
    assert drills
    assert all(len(lines) == 2 and lines[0] == lines[1] for lines in drills)


def test_same_seed_gives_the_same_documents_and_another_seed_others(tables: World, made: list[Document]) -> None:
    found = material(tables.inputs(PARAMS))
    assert documents(found, PARAMS) == made
    assert documents(found, PARAMS.model_copy(update={"seed": 18})) != made


def test_quarantined_text_is_no_good_text(tables: World) -> None:
    rows = [row | {"status": "quarantined"} if index % 2 else row for index, row in enumerate(tables.tables["copy"])]
    found = material(replace(tables, tables=tables.tables | {"copy": rows}).inputs(PARAMS))
    train = {row["product_id"] for row in tables.tables["products"] if row["split"] == "train"}
    assert len(found.good) == len([row for row in rows if row["status"] == "accepted" and row["product_id"] in train])


def test_nothing_accepted_is_one_sentence(tables: World) -> None:
    rows = [row | {"status": "quarantined"} for row in tables.tables["copy"]]
    with pytest.raises(UserError, match=r"copy \(accepted\)"):
        material(replace(tables, tables=tables.tables | {"copy": rows}).inputs(PARAMS))


def test_transplant_replaces_in_one_pass_with_and_without_strength() -> None:
    one = Product(
        product_id="1", product_name="甲霜", category="霜", core_ingredients=("5%泛醇", "烟酰胺", "角鲨烷"),
        features=("保湿",), target_audience="干性肌",
    )  # fmt: skip
    other = one.model_copy(update={"product_name": "乙霜", "core_ingredients": ("烟酰胺", "2%泛醇")})
    text = "甲霜含5%泛醇与烟酰胺，泛醇保湿，角鲨烷润泽。"
    assert transplanted(text, one, other) == "乙霜含烟酰胺与2%泛醇，烟酰胺保湿，烟酰胺润泽。"
