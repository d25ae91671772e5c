"""Free repairs touch what surrounds a text and nothing inside it."""

import pytest

from tasks.copywriting.tidying import tidy


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        (" 甲。\n", "甲。"),
        ("“甲。”", "甲。"),
        ("「甲。」", "甲。"),
        ('"甲。"', "甲。"),
        ("```text\n甲。\n乙。\n```", "甲。\n乙。"),
        ("“甲”和“乙”", "“甲”和“乙”"),
        ('"甲"和"乙"', '"甲"和"乙"'),
        ("“甲”是好的", "“甲”是好的"),
        ("甲 ```乙```", "甲 ```乙```"),
        ("", ""),
        ("“”", "“”"),
    ],
)
def test_surroundings_are_removed_and_text_kept(text, tidied):
    assert tidy(text) == tidied
    assert tidy(tidied) == tidied
