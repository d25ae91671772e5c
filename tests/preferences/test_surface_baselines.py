"""Rankers without understanding: what they can see, and that no product is ranked by a model that saw its words."""

from __future__ import annotations

from tasks.preferences.surface_baselines import (
    FOLDS,
    by_method,
    cross_validated,
    folds,
    length_accuracy,
    longer_is_better,
    ngram_accuracy,
)


def test_accuracy_is_a_mean_over_samples() -> None:
    figures = by_method(["weak", "fake", "weak"], {"reward_model": [1.0, 0.0, 0.5]})
    assert figures["weak"] == {"pairs": 2, "reward_model": 0.75}
    assert figures["all"] == {"pairs": 3, "reward_model": 0.5}


def test_length_baseline_learns_its_direction_from_train_pairs() -> None:
    held_out = [("长一些的文案", "短文"), ("短文", "长一些的文案"), ("同长", "同长")]
    assert length_accuracy([("很长很长", "短")], held_out) == [1.0, 0.0, 0.5]
    assert length_accuracy([("短", "很长很长")], held_out) == [0.0, 1.0, 0.5]


def test_ngram_baseline_sees_words_and_not_what_it_has_never_seen() -> None:
    train = [(f"第{n}款配方温和克制。", f"第{n}款神器秒杀一切！") for n in range(12)]
    assert ngram_accuracy(train, [("新品温和克制。", "新品神器秒杀！"), ("甲乙", "丙丁")]) == [1.0, 0.5]


def test_longer_text_is_guessed_and_equal_lengths_are_half_right() -> None:
    assert longer_is_better([("长一些", "短"), ("短", "长一些"), ("同长", "等长")]) == [1.0, 0.0, 0.5]


def test_folds_hold_whole_products_and_differ_by_one() -> None:
    found = folds([f"p{n}" for n in range(13)] * 2)
    sizes = [list(found.values()).count(fold) for fold in range(FOLDS)]
    assert len(found) == 13
    assert max(sizes) - min(sizes) == 1
    assert folds(["p7", "p3"]) == folds(["p3", "p7", "p7"])


def test_cross_validation_learns_words_that_all_products_share() -> None:
    pairs = [(f"配方{n}温和克制。", f"神器{n}秒杀一切！") for n in range(20)]
    found = cross_validated(pairs, [f"p{n}" for n in range(20)], ["ad"] * 20)
    assert found["character_ngrams"] == [1.0] * 20


def test_cross_validation_cannot_use_what_only_one_product_says() -> None:
    """Each product has its own alphabet: a model that saw the product knows it all, one that did not knows nothing."""
    alphabets = [chr(0x4E00 + 40 * n) for n in range(10)]
    pairs = [(letter * 4, chr(ord(letter) + 1) * 4) for letter in alphabets for _ in range(3)]
    products = [f"p{n // 3}" for n in range(30)]
    found = cross_validated(pairs, products, ["ad"] * 30)
    assert set(found["character_ngrams"]) == {0.5}
    assert set(ngram_accuracy(pairs, pairs)) == {1.0}


def test_length_is_learnt_for_each_content_type() -> None:
    pairs = [("长一些的文案", "短"), ("短", "长一些的文案")] * 10
    products = [f"p{n // 2}" for n in range(20)]
    found = cross_validated(pairs, products, ["ad", "note"] * 10)
    assert found["length_by_type"] == [1.0] * 20
    assert sum(longer_is_better(pairs)) == 10


def test_one_product_alone_is_not_cross_validated() -> None:
    assert cross_validated([("甲", "乙")] * 3, ["p"] * 3, ["ad"] * 3) == {}
