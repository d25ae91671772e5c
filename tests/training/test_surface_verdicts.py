"""What judges single texts by their surface: length, and character n-grams."""

from __future__ import annotations

import numpy as np

from tasks.training.surface_verdicts import length_verdicts, ngram_verdicts


def test_length_finds_the_threshold_and_the_side() -> None:
    train = [("一" * size, size >= 5) for size in range(1, 10)]
    assert length_verdicts(train, ["一" * 4, "一" * 5]).tolist() == [False, True]
    turned = [(text, not good) for text, good in train]
    assert length_verdicts(turned, ["一" * 4, "一" * 5]).tolist() == [True, False]


def test_length_says_the_larger_class_where_it_knows_nothing() -> None:
    train = [("一二三", True), ("四五六", True), ("七八九", False)]
    assert length_verdicts(train, ["一", "一二三", "一二三四五"]).tolist().count(True) >= 2


def test_ngrams_learn_words_and_the_larger_class() -> None:
    train = [(f"第{number}天哈哈大笑", True) for number in range(40)] + [
        (f"第{number}天下雨", False) for number in range(20)
    ]
    assert ngram_verdicts(train, ["他哈哈大笑", "又下雨了"]).tolist() == [True, False]
    assert ngram_verdicts(train, ["完全无关"]).tolist() == [True]


def test_ngrams_are_the_same_every_time() -> None:
    train = [("好笑的话", True), ("不好笑的话", False), ("好笑", True)]
    first, second = ngram_verdicts(train, ["好笑的", "不"]), ngram_verdicts(train, ["好笑的", "不"])
    assert np.array_equal(first, second)
