"""The phrase files: no clean line says what clean copy must not say, and every symbol can be filled for any product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest

from tasks.teacher.simulator.phrasebook import load, symbols
from tasks.teacher.simulator.product_words import avoided, themes
from tasks.teacher.simulator.task_sheet import Guide, Order
from tasks.teacher.simulator.writer import plans, voice_for

NAIVE = re.compile(
    r"最|第一|100|百分|绝对|治|炎|菌|药(?!香)|医|毒|极致|顶级|唯一|国家级|[0-9０-９]|[一二两三四五六七八九十几\d]+[天周月年倍成]"
    r"|[【】*#`！!]|神器|逆天|奇迹|秒杀|绝绝子|yyds|家人们"
)


def clean_lines() -> Iterator[tuple[str, str]]:
    for file in ("ads", "social", "ecommerce"):
        for name, phrases in symbols(load(file)["symbols"]).items():
            yield from ((f"{file}.{name}", "{}".join(phrase.pieces)) for phrase in phrases)
    for theme, value in themes().items():
        for name, phrases in value.phrases.items():
            yield from ((f"{theme}.{name}", phrase.pieces[0]) for phrase in phrases)
    for part in ("notes", "suffix"):
        for name, phrases in symbols(load("ingredients")[part]).items():
            yield from ((f"ingredients.{name}", "{}".join(phrase.pieces)) for phrase in phrases)
    for category in load("categories"):
        yield from ((category["kind"], line) for line in category["apply"].splitlines())
    for name, phrases in symbols(load("weak")["symbols"]).items():
        yield from ((f"weak.{name}", "{}".join(phrase.pieces)) for phrase in phrases)
    for name, phrases in symbols({name: load("mending")[name] for name in ("cta", "tags")}).items():
        yield from ((f"mending.{name}", phrase.pieces[0]) for phrase in phrases)


def test_clean_line_holds_no_number_and_no_forbidden_word():
    allowed = re.compile(r"没药")  # myrrh, not a medicine
    bad = [
        (place, line) for place, line in clean_lines() if NAIVE.search(allowed.sub("", line)) or avoided().search(line)
    ]
    assert bad == []


def test_clean_line_has_no_slot_mark_left_open():
    assert [line for _, line in clean_lines() if line.count("{") != line.count("}")] == []


@pytest.mark.parametrize("content_type", sorted(plans()))
def test_every_symbol_can_be_filled_for_a_bare_product(content_type):
    product = {"product_name": "无名"}
    order = Order("draft", content_type, "social", product, Guide(), 40, 800, (3, 5), True)
    voice = voice_for(order, Random(1))
    needed = [symbol for parts in plans()[content_type].paragraphs for symbol in parts if symbol[-1] != "?"]
    assert all(voice.draw(symbol) for symbol in needed)


def test_every_theme_pairs_its_myths_with_corrections():
    for name, theme in themes().items():
        assert len(theme.phrases["truth"]) >= len(theme.phrases["myth"]) >= 3, name
