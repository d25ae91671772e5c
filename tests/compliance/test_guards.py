"""Guards of regexes: the same matches, and none where nothing can be guarded."""

from __future__ import annotations

import random
import re

import pytest

from tasks.compliance.guards import guarded
from tests.compliance.scene import DATA, rules

_FILES = (DATA / "benign.txt", DATA / "planted.tsv")
_LINES = [row.split("\t")[-1] for path in _FILES for row in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    "written",
    [
        "(?:痘印|痘痘|闭口)[^,]{0,4}(?:淡|没)了",
        "(?:没有)?痘",
        r"[3-9]\d?岁",
        "(?<!不)(?:美白|亮白)|白一[度圈]",
        "(?:很|更){0,2}[白亮]",
        "(?P<head>油|干)皮",
        r"[\s\d]天|周",
    ],
)
def test_guarded_regex_finds_the_same(written):
    plain = re.compile(written)
    guard = guarded(plain)
    assert guard.pattern != written
    texts = [*_LINES, "痘印淡了，没有痘", "7岁 3天", "更白一度，不美白", "油皮干皮很亮"]
    for text in texts:
        assert [m.span() for m in guard.finditer(text)] == [m.span() for m in plain.finditer(text)]


@pytest.mark.parametrize("written", [r"\A白", "[^,]白", ".白", "(?:很)?", "(?i)spf", r"(?:\D|白)天"])
def test_what_may_begin_with_anything_is_left_as_it_is(written):
    plain = re.compile(written)
    assert guarded(plain) is plain


def test_guard_keeps_the_groups_and_what_stands_before():
    regex = guarded(re.compile("(?<=不)(?P<colour>白|黑)了"))
    match = regex.search("我不白了")
    assert match is not None
    assert (match["colour"], match.span()) == ("白", (2, 4))


def test_guards_of_all_rules_change_nothing():
    draw = random.Random(7)
    texts = ["，".join(draw.sample(_LINES, 3)) for _ in range(15)]
    for compiled in rules().compiled:
        for regex in compiled.regex:
            guard = guarded(regex)
            for text in texts:
                assert [m.span() for m in guard.finditer(text)] == [m.span() for m in regex.finditer(text)]
