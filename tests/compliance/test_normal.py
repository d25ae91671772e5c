"""Normalisation: disguises are seen through, and every span leads back into the source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.compliance import normal, padding
from tasks.compliance.normal import View, dense_of, fold, fold_regex
from tasks.compliance.padding import squeeze

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
        ("薬用効果の図", "药用效果の图"),
        ("⼈⾼⼀⺠⻋", "人高一民车"),
        ("芸香余烬", "芸香余烬"),
        ("ҮYDS ЕGF ΝΟ", "yyds egf no"),
        ("β-葡聚糖", "β-葡聚糖"),
        ("🅨ⓨ🅴ʏ𝒴", "yyeyy"),
        ("㊣㊙🈯", "正秘指"),
        ("❼➆⑺⒎㊼", "7 7 7 7 47 "),
        ("½", "1/2"),
        ("国\u3164家丶级", "国家·级"),
    ],
)
def test_disguised_text_folds_to_plain(written, plain):
    assert fold(written) == plain


@pytest.mark.parametrize(
    "written",
    [
        "国 家 级",
        "国·家·级",
        "国-家-级",
        "国，家，级",
        "国.家.级",
        "国“家”级",
        "国_家_级",
        "国✨家✨级",
        "国 . 家级",
        "国【家】级",
        "国#家#级",
        "（国）家级",
        "国 （家） 级",
        "国\n家\n级",
    ],
)
def test_padding_inside_a_word_is_dropped(written):
    assert dense_of(written) == "国家级"


@pytest.mark.parametrize("written", ["y.y.d.s", "Y Y D S", "ｙ－ｙ－ｄ－ｓ", "y*y*d*s", "y♥y♥d♥s", "y/y/d/s"])
def test_padding_between_letters_is_dropped(written):
    assert dense_of(written) == "yyds"


@pytest.mark.parametrize(
    "written",
    [
        "很好。最近",
        "第一，再说",
        "0.2%视黄醇",
        "SPF 50",
        "好…生活",
        "#护肤 #精华",
        "（一）清洁",
        "护肤（上）",
        "3️⃣ 三重",
        "七-十天",
        "第三 7天",
        "A/B/C",
        "好\n国家",
    ],
)
def test_ordinary_punctuation_stays(written):
    assert dense_of(written) == fold(written)


@pytest.mark.parametrize(
    ("written", "dense"),
    [
        ("9 9 %", "99%"),
        ("2 8 天", "28天"),
        ("⑨⑨%", "99%"),
        ("5️⃣倍", "5倍"),
        ("7✨天", "7天"),
        ("含 30 % 玻色因", "含30%玻色因"),
        ("①3天", "1 3天"),
        ("百分之 30", "百分之30"),
    ],
)
def test_numeral_stands_beside_its_unit(written, dense):
    assert dense_of(written) == dense


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
def test_squeezed_is_plain_with_characters_left_out(source):
    view = View(source)
    rest = iter(view.plain)
    assert all(char in rest for char in view.squeezed)


@given(st.one_of(ANY_TEXT, st.text("最好，。！？：（）…～＃ABab09%·✨🌿\ufe0f\u200d\r\t藥", max_size=60)))
def test_quick_fold_is_the_table(source):
    assert fold(source) == source.translate(normal._FOLDING)


def test_characters_that_need_no_fold_fold_to_themselves():
    unusual = normal._unusual()
    stay = [chr(code) for code in range(0x20000) if unusual.match(chr(code)) is None and not 65 <= code <= 90]
    assert [char for char in stay if fold(char) != char] == []
    assert len(stay) > 15_000


@given(ANY_TEXT)
def test_dense_is_that_of_the_view(source):
    assert dense_of(source) == View(source).dense


@given(ANY_TEXT)
def test_folding_twice_changes_nothing_more(source):
    once = fold(source)
    assert fold(once).replace(" ", "") == once.replace(" ", "")


def test_regex_literals_are_folded_like_the_text():
    assert fold_regex("[，。]國家（級") == r"[,。]国家\(级"


@given(st.one_of(ANY_TEXT, st.text("最好，。！？…～AB国家级 ·✨9天", max_size=60)))
def test_way_back_is_that_of_the_tables(source):
    view = View(source)
    origin = [place for place, char in enumerate(source) for _ in normal._FOLDING[ord(char)]]
    assert [view.source_span("plain", i, i + 1) for i in range(len(view.plain))] == [(at, at + 1) for at in origin]


@given(st.text("国家级神器，。,.·✨（）【】\n 9%天aby*/-_最", max_size=30))
def test_squeezing_leaves_nothing_to_squeeze_in_the_steps_that_were_skipped(text):
    plain = fold(text)
    if padding._CUT.search(plain) is None and padding._PADDING.search(plain) is None:
        steps = (padding._BRACKETED, padding._DIGITS, padding._SINGLES, padding._LETTERS)
        assert [step.pattern for step in steps if step.search(plain)] == []
        assert squeeze(plain) is plain
