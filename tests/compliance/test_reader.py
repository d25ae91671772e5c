"""The second reader: what it masks, learns, tells and takes back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.compliance import check, load_rules
from tasks.compliance import reader_fit as fitting
from tasks.compliance.heads import heads
from tasks.compliance.normal import View
from tasks.compliance.reader import ABSENT, FIGURE, HELD, SENTENCE, held, masked, ngrams, read, signed
from tasks.compliance.reader_fit import fit, label_reader, labelled, reader, sentence_files
from tasks.compliance.rules import READER_GATES
from tests.compliance.scene import brand, kind, product, rules, verdict

KNOWN = held("泛醇修护精华\n舒缓泛红\n25岁以上敏感肌", ["原素方程"])


def some(every: int) -> tuple[list[str], list[str]]:
    labels, sentences = labelled(sentence_files())
    return labels[::every], sentences[::every]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, few sentences to learn from, and a reader that has not been learnt."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    few = some(40)
    monkeypatch.setattr(fitting, "labelled", lambda paths: few)
    fitting.reader.cache_clear()
    yield tmp_path / "copymill"
    fitting.reader.cache_clear()


def rows(text: str) -> list[tuple[str, str]]:
    return [(reason.rule, reason.text) for reason in verdict(text).reasons]


# -- reading -----------------------------------------------------------------------------------------------------------


def test_longest_pieces_of_the_sheet_and_the_brand_are_masked():
    assert masked("原素方程泛醇修护精华,舒缓泛红的脸。", KNOWN) == f"{HELD}{HELD},{HELD}的脸。"
    assert masked("泛醇修护霜", KNOWN) == f"{HELD}霜"
    assert masked("今天风大", KNOWN) == "今天风大"
    assert masked("泛", KNOWN) == "泛"


def test_pieces_of_two_values_of_a_sheet_are_no_piece():
    assert masked("精华舒缓", KNOWN) == HELD * 2
    assert masked("华舒", KNOWN) == "华舒"


def test_figures_and_ingredients_that_the_sheet_lacks_are_one_sign_each():
    assert masked("3.5%的量,再看12次", KNOWN) == f"{FIGURE}%的量,再看{FIGURE}次"
    dense = "烟酰胺和泛醇都在,烟酰胺多一点。"
    assert signed(dense, (0, len(dense)), [(0, 3), (9, 12)], ABSENT) == f"{ABSENT}和泛醇都在,{ABSENT}多一点。"
    assert signed(dense, (4, 8), [(0, 3), (9, 12)], ABSENT) == "泛醇都在"


def test_ngrams_stay_inside_their_sentence():
    together, owner = ngrams(["甲乙丙", "丁"])
    apart = [set(ngrams([one])[0]) for one in ("甲乙丙", "丁")]
    assert [set(together[owner == number]) for number in (0, 1)] == apart
    assert len(ngrams([])[0]) == 0


def test_sentences_lie_where_they_stand():
    dense = "泛醇修护精华来了,质地很轻。好。\n#话题#别的\n睡前再薄薄涂上一层?"
    sentences = read(dense, KNOWN, reader())
    assert [dense[s.start : s.end] for s in sentences] == ["泛醇修护精华来了,质地很轻。", "睡前再薄薄涂上一层?"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_and_every_span_lies_in_it(text):
    result = check(text, product(), kind(), rules())
    assert all(0 <= reason.start <= reason.end <= len(text) for reason in result.reasons)


# -- learning ----------------------------------------------------------------------------------------------------------


def test_learning_twice_gives_the_same_reader():
    labels, sentences = some(60)
    one, other = fit(labels, sentences), fit(labels, sentences)
    assert one.bias == other.bias
    assert np.array_equal(one.weight, other.weight)
    assert np.array_equal(one.kinds, other.kinds)


def test_what_it_has_learnt_carries_over():
    labels, sentences = labelled(sentence_files())
    kept = np.arange(len(labels)) % 8 != 0
    learnt = fit([k for k, use in zip(labels, kept, strict=True) if use],
                 [s for s, use in zip(sentences, kept, strict=True) if use])  # fmt: skip
    unseen = [(k, s) for k, s, use in zip(labels, sentences, kept, strict=True) if not use and len(s) > 7]
    told = learnt.scores([s for _, s in unseen]) > 0
    wrong = np.array([bool(k) for k, _ in unseen])
    assert told[wrong].mean() > 0.8
    assert told[~wrong].mean() < 0.2
    right = [learnt.kind(s) == k for k, s in unseen if k]
    assert np.mean(right) > 0.8


def test_labelled_sentences_are_masked_and_of_known_kinds():
    labels, sentences = labelled(sentence_files())
    assert set(labels) <= {"", *reader().names}
    assert len(sentences) > 20_000
    assert min(labels.count(""), len(labels) - labels.count("")) > 10_000
    assert all(len(SENTENCE.findall(sentence)) <= 1 for sentence in sentences[::50])


def test_reader_is_kept_and_read_again(cache):
    learnt = reader()
    (kept,) = cache.glob("sentences-*.npz")
    fitting.reader.cache_clear()
    again = reader()
    assert again.names == learnt.names
    assert again.bias == learnt.bias
    assert np.array_equal(again.weight, learnt.weight)
    assert np.array_equal(again.kinds, learnt.kinds)
    assert list(cache.iterdir()) == [kept]


def test_spoilt_cache_is_learnt_again(cache):
    learnt = reader()
    (kept,) = cache.glob("sentences-*.npz")
    kept.write_bytes(b"PK no longer")
    fitting.reader.cache_clear()
    assert np.array_equal(reader().weight, learnt.weight)


def test_folder_that_cannot_be_written_costs_nothing_but_time(cache, tmp_path):
    (tmp_path / "copymill").write_text("a file where the folder should be")
    assert reader().names


# -- telling -----------------------------------------------------------------------------------------------------------

UNTOLD = "精华的数据来自第三方实验室,透明可查。"  # no rule knows this wording


def test_sentence_that_no_rule_tells_is_told_as_a_warning():
    (reason,) = verdict(UNTOLD).reasons
    assert (reason.rule, reason.severity, reason.text) == ("reads_like_claim", "warn", UNTOLD)
    assert reason.kind == "unsupported_claim"


def test_brand_that_switches_the_reader_off_is_told_nothing_by_it():
    silent = replace(rules(), rules=tuple(rule for rule in rules().rules if rule.gate != "second_reader"))
    assert check(UNTOLD, product(), kind(), silent).reasons == ()


def test_what_a_rule_has_told_is_not_told_again():
    assert [rule for rule, _ in rows("它是全国第一的修护精华,没有对手。") if rule.startswith("reads_like")] == []


def test_long_text_needs_a_surer_reader():
    plain = "周末把抽屉理了理,旧的票根都收进盒子里。"
    score = next(s.score for s in read(UNTOLD, KNOWN, reader()))
    assert 1 < score < 1 + np.log(400)
    assert ("reads_like_claim", UNTOLD) in rows(UNTOLD)
    assert "reads_like_claim" not in {rule for rule, _ in rows(plain * 400 + UNTOLD)}


def test_denial_that_no_rule_knows_takes_a_finding_back():
    silent = replace(rules(), rules=tuple(rule for rule in rules().rules if rule.gate != "second_reader"))
    text = "别人问哪瓶最值得买,我只会反问你是什么肤质。"
    assert check(text, product(), kind(), silent).reasons
    assert rows(text) == []


@pytest.mark.parametrize("text", ["谁说没有神器?别信。", "没有人会说它逆天,我们不这样写。"])
def test_brands_words_are_told_whatever_is_said_around_them(text):
    assert "forbidden_word" in {reason.kind for reason in verdict(text).reasons}


def test_changed_sentences_change_the_digest_of_the_rules(tmp_path, monkeypatch):
    from tasks.compliance import lexicon

    before = lexicon.lexicon_digest()
    (tmp_path / "sentences").mkdir()
    (tmp_path / "sentences" / "own.tsv").write_text("\t今天风大。\n", encoding="utf-8")
    lexicon.lexicon_digest.cache_clear()
    monkeypatch.setattr(lexicon, "LEXICON", tmp_path)
    assert lexicon.lexicon_digest() != before
    lexicon.lexicon_digest.cache_clear()
    monkeypatch.undo()
    assert load_rules(brand()).digest == rules().digest


@pytest.mark.parametrize("text", ["有助于治疗换季不适。", "别担心,治疗不适就靠它。"])
def test_medical_word_that_blocks_is_never_taken_back(text):
    assert "medical_claim" in {reason.kind for reason in verdict(text).blocking}


@pytest.mark.parametrize("text", ["治疗换季泛红,别的面霜解决不了。", "杀菌就用它,别的牌子我们不敢说。"])
def test_what_is_said_of_others_in_the_same_sentence_withdraws_nothing(text):
    assert "medical_claim" in {reason.kind for reason in verdict(text).blocking}


# -- what a rule yields ------------------------------------------------------------------------------------------------


def without_reader(text: str) -> set[str]:
    silent = replace(rules(), rules=tuple(rule for rule in rules().rules if rule.gate not in READER_GATES))
    return {reason.rule for reason in check(text, product(), kind(), silent).reasons}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("一张面膜救不了三年的熬夜，它只管这一会儿的水润。", "number_effect_time"),
        ("深夜一点，城市第二安静的时刻，第一安静是四点。", "absolute_rank"),
        ("我喜欢它滑得像一段绸带，其余的等时间说，皮肤不会变。", "experience_framed"),
    ],
)
def test_word_of_many_senses_yields_where_its_sentence_is_harmless(text, rule):
    assert rule in without_reader(text)
    assert rule not in {reason.rule for reason in verdict(text).reasons}


@pytest.mark.parametrize("text", ["“用完就是行业第一”，会员这样写。", "眼周紧致之后永不反弹，这是我们写给你的承诺。"])
def test_phrase_of_one_sense_blocks_however_harmless_its_sentence_reads(text):
    assert "absolute_claim" in {reason.kind for reason in verdict(text).blocking}


def test_what_was_taken_back_is_kept_with_its_span():
    text = "深夜一点，城市第二安静的时刻，第一安静是四点。"
    (back,) = verdict(text).taken_back
    assert (back.rule, text[back.start : back.end]) == ("absolute_rank", "第一")


def test_rule_that_never_yields_is_told_in_a_harmless_sentence():
    text = "一张面膜救不了三年的熬夜，它只管这一会儿的水润。"
    strict = replace(rules(), rules=tuple(rule.model_copy(update={"yields": "never"}) for rule in rules().rules))
    assert "number_effect_time" in {reason.rule for reason in check(text, product(), kind(), strict).reasons}


# -- heads -------------------------------------------------------------------------------------------------------------


def pieces(text: str) -> list[str]:
    plain = View(text).plain
    return [plain[start:end] for start, end in heads(plain)]


def test_heads_end_at_marks_and_spaces_and_brackets_stand_anywhere():
    assert pieces("C-冲突-想睡") == ["c-", "c-冲突-"]
    assert pieces("今天很冷。Step 2 引子：出门") == ["step", "step 2", "step 2 引子:"]
    assert pieces("出门前【提示】带伞") == ["出门前【", "出门前【提示】", "【提示】"]
    assert pieces("今天很冷，风大。") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("紧迫感营造：春天快到了，先把行李理好。", "紧迫感营造："),
        ("今天很冷。制造渴望→出门前先想想热汤。", "制造渴望→"),
    ],
)
def test_label_that_no_list_knows_is_told_where_it_is_set_off(text, said):
    found = {reason.text for reason in verdict(text).reasons if reason.rule == "reads_like_set_off_label"}
    assert said in found


@pytest.mark.parametrize(
    "text", ["小贴士：盖子拧紧，放在阴凉处。", "问：早上能用吗？答：早晚都可以。", "用法：取一粒黄豆大小。"]
)
def test_honest_heading_is_no_label(text):
    assert "framework_label" not in {reason.kind for reason in verdict(text).reasons}


def test_label_reader_is_kept_beside_the_reader(cache):
    fitting.label_reader.cache_clear()
    learnt = label_reader()
    (kept,) = cache.glob("heads-*.npz")
    fitting.label_reader.cache_clear()
    assert np.array_equal(label_reader().weight, learnt.weight)
    assert list(cache.iterdir()) == [kept]
    fitting.label_reader.cache_clear()
