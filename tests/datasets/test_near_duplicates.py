"""Near-duplicates by character 3-grams."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.datasets.near_duplicates import character_grams, near_duplicates, overlap, repeats_of

LONG = "这款精华以烟酰胺和泛醇为核心成分，帮助油性肌调理油脂，质地清爽不黏，早晚洁面后取适量涂抹于面部即可。"
OTHER = "换季时皮肤容易干燥紧绷，面霜里的神经酰胺与角鲨烷可以减少水分流失，让屏障保持稳定，适合干性肌日常使用。"


def test_changed_word_is_a_near_duplicate_and_another_text_is_not():
    found = near_duplicates({"a": LONG, "b": LONG.replace("早晚", "每晚"), "c": OTHER})
    assert [(one.id, one.of) for one in found] == [("b", "a")]
    assert 0.8 <= found[0].overlap < 1


def test_marks_spaces_and_width_do_not_hide_a_repetition():
    (found,) = near_duplicates({"a": LONG, "b": LONG.replace("，", " , ").replace("。", "！\n")})
    assert (found.id, found.overlap) == ("b", 1.0)


def test_many_copies_all_point_to_the_first():
    found = near_duplicates({f"t{number:03}": LONG for number in range(50)})
    assert len(found) == 49 and {one.of for one in found} == {"t000"}


def test_repeats_of_compares_across_two_sets_alone():
    assert [one.id for one in repeats_of({"a": LONG, "b": OTHER}, {"x": LONG + "谢谢"})] == ["a"]
    assert repeats_of({"a": LONG, "b": LONG}, {}) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("烟酰胺泛醇角鲨", min_size=1, max_size=12), max_size=25), st.randoms(use_true_random=False))
def test_kept_texts_do_not_repeat_each_other_whatever_the_order(texts, random: Random):
    named = {f"t{place:02}": text for place, text in enumerate(texts)}
    shuffled = dict(random.sample(list(named.items()), len(named)))
    found = near_duplicates(named)
    assert near_duplicates(shuffled) == found
    for one in found:
        assert overlap(character_grams(named[one.id]), character_grams(named[one.of])) >= 0.8
    kept = set(named) - {one.id for one in found}
    assert {one.of for one in found} <= kept
