"""Words spelled by sound or look: found with the span of the spelling, and no harmless sentence mistaken for one."""

import re

import pytest

from tasks.compliance import spelling
from tasks.compliance.lexicon import LEXICON, read_lexicon
from tasks.compliance.normal import View, dense_of, fold
from tasks.compliance.spelling import Sounds, Speller, Spellings, by_sound, disguises, drawn_like
from tasks.lineage.errors import UserError
from tests.compliance.scene import DATA, found, verdict

SHEET = {"product_name": "测试精华", "core_ingredients": ("泛醇",)}


def rows(name):
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("row", rows("disguised.tsv"))
def test_disguised_violation_is_found_where_it_stands(row):
    kind, piece, text = row.split("\t")
    start = text.index(piece)
    reasons = [reason for reason in verdict(text, **SHEET).blocking if reason.kind == kind]
    assert any(reason.start < start + len(piece) and start < reason.end for reason in reasons)


@pytest.mark.parametrize("text", rows("lookalikes.txt"))
def test_harmless_sentence_that_looks_like_a_disguise_is_accepted(text):
    reasons = verdict(text, **SHEET).blocking
    assert [(reason.rule, reason.text) for reason in reasons if reason.kind != "format"] == []


def test_corpora_are_large_enough_to_say_something():
    assert len(rows("disguised.tsv")) >= 150
    assert len(rows("lookalikes.txt")) >= 150


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("泛醇，zui有效的修护。", ("absolute_most", "zui")),
        ("换季治liao泛红。", ("medical_treatment", "治liao")),
        ("护肤Shen 器。", ("brand_forbidden_word", "Shen 器")),
        ("它绝绝\n子。", ("brand_forbidden_word", "绝绝\n子")),
        ("修护精华销量第①。", ("absolute_rank", "销量第①")),
        ("九成九的用户回购。", ("number_percent", "九成九")),
    ],
)
def test_span_is_that_of_the_spelling_in_the_source(text, reason):
    assert reason in found(text, **SHEET)


def test_every_character_of_a_spelling_leads_to_all_of_it():
    view = View("用一天半就好")
    assert view.dense == "用一点五天就好"
    assert [view.source_span("dense", i, i + 1) for i in range(len(view.dense))] == [
        (0, 1), (1, 4), (1, 4), (1, 4), (1, 4), (4, 5), (5, 6),
    ]  # fmt: skip


def test_a_word_has_spellings_by_sound_but_names_are_left_alone():
    assert set(by_sound("药妆")) == {"yao妆", "药zhuang", "yaozhuang"}
    assert set(by_sound("消炎")) == {"xiao炎", "消yan"}
    assert set(by_sound("第一")) >= {"第yi", "di一"}
    assert list(by_sound("EGF")) == list(by_sound("最")) == []


def test_long_word_is_found_across_a_line_end_where_its_pieces_are_no_words():
    ways = disguises("国家级")
    assert {"国\n家级", "国家\n级", "国,家级"} <= ways
    assert "全球\n首" not in disguises("全球首")
    assert not any("\n" in way for way in disguises("神器"))


def test_latin_word_is_found_stretched_cut_and_in_signs():
    assert {"yyyds", "yyddss", "yy-ds", "y yds", "yyd$"} <= disguises("yyds")
    assert disguises("egf") == set()


def test_sounds_are_those_of_the_dictionary():
    sounds = spelling._sounds()
    readings = {"最": "zui", "药": "yao", "妆": "zhuang", "阿": "a", "座": "zuo", "祛": "qu", "级": "ji", "绿": "lv"}
    assert {char: sounds[char][0] for char in readings} == readings
    assert set(sounds["行"]) == {"xing", "hang"}
    assert len(read_lexicon(LEXICON / "sounds.yaml", Sounds).first.split()) == 396


def test_data_is_written_as_the_dense_view_reads():
    data = spelling._spellings()
    for meant, written in data.words.items():
        for word in written.split():
            assert fold(word) == word, word
            assert word != meant
            assert dense_of(word) == meant, word
    for char, meant in drawn_like().items():
        assert len(char) == 1
        assert fold(meant) == meant, char


def test_each_pattern_reads_what_it_is_for():
    texts = [dense_of(row.split("\t")[-1]) for row in rows("disguised.tsv")]
    squeezed = [View(row.split("\t")[-1]).squeezed for row in rows("disguised.tsv")]
    assert sum(before != after for before, after in zip(squeezed, texts, strict=True)) > 50
    for pattern in spelling._spellings().patterns:
        assert re.compile(pattern.read).groups <= 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"patterns": ({"read": "(", "meant": "x"},)}, "Python regex"),
        ({"patterns": ({"read": ".", "meant": "x"},)}, "needs no literal"),
        ({"words": {"治疗": 3}}, "words"),
        ({"tails": ""}, "tails"),
    ],
)
def test_bad_spellings_give_one_error(tmp_path, change, says):
    import yaml

    data = {"words": {}, "by_sound": (), "altogether": (), "patterns": (), "tails": "级"} | change
    path = tmp_path / "spellings.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True).replace("!!python/tuple", ""), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        Speller(read_lexicon(path, Spellings))
    assert says in str(caught.value)
    assert "spellings.yaml" in str(caught.value)
