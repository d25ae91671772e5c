"""Normalisation: disguises are seen through, and every span leads back into the source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.compliance.normal import View, dense_of, fold, fold_regex

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Ｎｏ．１", "no.1"),
        ("國家級醫學護膚", "国家级医学护肤"),
        ("国\u200b家\ufeff级", "国家级"),
        ("３０％", "30%"),
        ("①3天", "1 3天"),
        ("1️⃣3天", "1 3天"),
        ("𝟗𝟗%", "99%"),
        ("٣٠", "30"),
        ("naïve", "naive"),
        ("好\r\n的", "好\n\n的"),
        ("坏\ud800字", "坏\ufffd字"),
    ],
)
def test_disguised_text_folds_to_plain(written, plain):
    assert fold(written) == plain


@pytest.mark.parametrize(
    "written", ["国 家 级", "国·家·级", "国-家-级", "国，家，级", "国.家.级", "国“家”级", "国_家_级", "国✨家✨级"]
)
def test_padding_inside_a_word_is_dropped(written):
    assert dense_of(written) == "国家级"


@pytest.mark.parametrize("written", ["y.y.d.s", "Y Y D S", "ｙ－ｙ－ｄ－ｓ", "y*y*d*s"])
def test_padding_between_letters_is_dropped(written):
    assert dense_of(written) == "yyds"


@pytest.mark.parametrize("written", ["很好。最近", "第一，再说", "0.2%视黄醇", "30 天", "好…生活", "#护肤 #精华"])
def test_ordinary_punctuation_stays(written):
    assert dense_of(written) == fold(written)


def test_span_of_dense_points_into_the_source():
    source = "这是国 \u200b家·級的。"
    view = View(source)
    start = view.dense.index("国家级")
    begin, end = view.source_span("dense", start, start + 3)
    assert source[begin:end] == "国 \u200b家·級"


@given(ANY_TEXT)
def test_every_span_lies_inside_the_source(source):
    view = View(source)
    for name in ("plain", "dense"):
        text = getattr(view, name)
        spans = [view.source_span(name, i, i + 1) for i in range(len(text))]
        assert all(0 <= start < end <= len(source) for start, end in spans)
        assert spans == sorted(spans)


@given(ANY_TEXT)
def test_dense_is_plain_with_characters_left_out(source):
    view = View(source)
    rest = iter(view.plain)
    assert all(char in rest for char in view.dense)


@given(ANY_TEXT)
def test_folding_twice_changes_nothing_more(source):
    once = fold(source)
    assert fold(once).replace(" ", "") == once.replace(" ", "")


def test_regex_literals_are_folded_like_the_text():
    assert fold_regex("[，。]國家（級") == r"[,。]国家\(级"
