"""The nearest texts: exact overlaps, in order, and the same whatever the order of what is handed in."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.datasets import nearest
from tasks.datasets.near_duplicates import character_grams, overlap
from tasks.datasets.nearest import nearest_texts

TEXTS = st.dictionaries(st.text("abcd", min_size=1, max_size=2), st.text("甲乙丙丁，", max_size=12), max_size=8)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS, st.integers(1, 4))
def test_nearest_are_those_that_comparing_all_finds(texts, others, count):
    found = nearest_texts(texts, others, count)
    assert found.keys() == texts.keys()
    for name, near in found.items():
        grams = character_grams(texts[name])
        all_of_them = sorted(
            (-round(overlap(grams, character_grams(text)), 4), other)
            for other, text in others.items()
            if overlap(grams, character_grams(text))
        )
        assert [(-each.overlap, each.of) for each in near] == all_of_them[:count]
        assert all(each.id == name for each in near)


def test_texts_beyond_one_block_are_compared_too(monkeypatch):
    texts = {f"t{n}": f"第{n}条文案写得好" for n in range(7)}
    whole = nearest_texts(texts, texts, 2)
    monkeypatch.setattr(nearest, "AT_ONCE", 3)
    assert nearest_texts(texts, texts, 2) == whole
    assert all(near[0].of == name and near[0].overlap == 1 for name, near in whole.items())


def test_text_that_shares_nothing_has_no_neighbour():
    assert nearest_texts({"a": "春天的花"}, {"b": "冬日取暖"}, 3) == {"a": []}
    assert nearest_texts({"a": "春天的花"}, {}, 3) == {"a": []}
