"""Any text at all: the checker comes to an end, says the same twice, points into the text, and works in proportion.

Hypothesis draws texts from all of Unicode, and real sentences that are disguised, cut and padded at random. Work is
counted in calls, not in seconds, so that a busy machine changes nothing; `bench/compliance_growth.py` takes the time.
"""

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.compliance import check
from tasks.compliance.normal import View
from tasks.compliance.numerals import NUMERAL, UNITS, number, quantities, quantity
from tests.compliance.regex_growth import growing
from tests.compliance.scene import DATA, kind, product, rules

FILES = ("benign.txt", "lookalikes.txt", "planted.tsv", "disguised.tsv")
LINES = [line.split("\t")[-1] for name in FILES for line in (DATA / name).read_text("utf-8").splitlines()]
SENTENCES = [line.replace("\\n", "\n") for line in LINES if not line.startswith("#")]
BLOCKS = [
    st.characters(exclude_categories=()),  # surrogates, private use, unassigned: everything
    st.characters(categories=["Mn", "Me", "Cf", "Cc", "Co", "Cs", "Zs", "Zl", "Zp"]),
    st.characters(categories=["No", "Nl", "Nd", "Lm", "So", "Sk"]),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x202A, max_codepoint=0x2069),  # directions of writing
    st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
    st.sampled_from(["👩‍⚕️", "👨‍👩‍👧‍👦", "🇨🇳", "1️⃣", "🏳️‍🌈", "👍🏽", "e\u0301\u0302\u0303"]),
    st.sampled_from(["ﷺ", "㍿", "ǆ", "ß", "İ", "ﬃ", "𒐫", "ⅫⅬ", "⁹⁹", "　", "\n\n"]),
    st.sampled_from(["9" * 60, "一" * 60, "," * 9, "1,000,000,000.5e9", "百分之", "又", "点", "分之", "％"]),
    st.sampled_from(["#", "【", "】", "```", "|", "{{", "}}", "\\n", '"text":', "<br>", "[CTA]", "**", "](", "---"]),
]
ANY_TEXT = st.lists(st.one_of(BLOCKS), max_size=60).map("".join)
PADDING = st.sampled_from([*"\u200b·，\n✨\ufe0f\u0301_/（）.\u3164丶\u202e", " ", "  "])
NUMERALS = st.sampled_from(["９９％", "二十八天", "❼天", "5️⃣倍", "第①", "三又二分之一", "零点五", "10,000人", "⅔"])
FAMILY_NAMES = ("social", "ecommerce", "paid_ad")
FAMILIES = st.sampled_from(FAMILY_NAMES)


@st.composite
def disguised(draw):
    """Return a real sentence, or two, with characters padded, doubled, dropped, enlarged or replaced."""
    text = "".join(draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, len(text)))
        start, rest = text[:place], text[place:]
        text = draw(
            st.sampled_from([
                start + draw(PADDING) + rest,
                start + draw(NUMERALS) + rest,
                start + rest[:1] * 3 + rest,
                start + rest[1:],
                start + "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in rest),
                draw(PADDING).join(start) + rest,
            ])
        )  # fmt: skip
    return text


def judged(text, family="social"):
    """Return the reasons against a text, each held against the text it speaks of."""
    verdict = check(text, product(), kind(family, min_chars=5, max_chars=300, call_to_action=True), rules())
    for reason in verdict.reasons:
        assert 0 <= reason.start <= reason.end <= len(text)
        assert (reason.start, reason.end) == (0, 0) or reason.start < reason.end
        assert reason.text == text[reason.start : reason.end]
        assert reason.message
        assert reason.severity in {"block", "warn"}
    return verdict


@settings(deadline=None)
@given(ANY_TEXT, FAMILIES)
def test_any_text_is_judged_and_judged_the_same_again(text, family):
    assert judged(text, family) == judged(text, family)


@settings(deadline=None)
@given(disguised(), FAMILIES)
def test_disguised_sentence_is_judged_and_judged_the_same_again(text, family):
    assert judged(text, family) == judged(text, family)


def spans_of_views(text):
    """Hold the way back from every character of the folded views against the text."""
    view = View(text)
    for name in ("plain", "dense"):
        seen = getattr(view, name)
        spans = [view.source_span(name, place, place + 1) for place in range(len(seen))]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert [start for start, _ in spans] == sorted(start for start, _ in spans)
        if seen:
            assert view.source_span(name, 0, len(seen)) == (spans[0][0], spans[-1][1])


@settings(deadline=None)
@given(st.one_of(ANY_TEXT, disguised()))
def test_every_span_of_every_view_leads_into_the_source(text):
    spans_of_views(text)


@settings(deadline=None)
@given(st.text("零一二三五八十百千万亿半几两点又分之0123456789.,wk ", max_size=20))
def test_any_numeral_has_a_value_or_none(text):
    for match in re.finditer(NUMERAL, text):
        value = number(match[0])
        assert value is None or value >= 0
        for unit in UNITS:
            assert quantity(match[0], unit)[1]
    assert quantities(text) == quantities(text)


WORDS = (
    '9 9, 十 百分之 十又 9点 好 好, 好· （好） 【好】 a a- # 最 最不 第一 zui好 治liao 醉好 ✨ 9✨ | ** ` {" [a]( 注: '
    "全文9 泛醇 泛醇修护精华 提升9% 28天见效 神器 更白 5%泛醇、 不含 ——"
)
REPEATED = [*WORDS.split(), " ", "\n", "9 ", "好\n", "好 ", "a ", "#好 ", "| ", "字数 ", "\u200b", "\u0301"]


def work(text):
    """Return how many calls, of Python and of C functions, it takes to judge a text."""
    count = 0

    def tally(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        check(text, product(), kind(), rules())
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", REPEATED)
def test_twice_the_text_takes_about_twice_the_work(unit):
    count = 1500 // len(unit)
    work(unit * (2 * count + 1))  # what is worked out once for all texts is not counted
    short, long = unit * count, unit * (2 * count)
    assert work(long) <= 2.6 * work(short) + 200


def test_no_regex_of_the_packs_can_take_more_than_linear_time():
    told = {(c.rule.id, p.pattern[:80]): growing(p.pattern) for c in rules().compiled for p in c.regex}
    assert {rule: sentences for rule, sentences in told.items() if sentences} == {}


@pytest.mark.parametrize(
    ("pattern", "grows"),
    [
        ("a*b", True),
        (r"^\s*x", True),
        (r"x\s*:?\s*y", True),
        ("(?:a+)+b", True),
        (r"a[^\n]*b", True),
        (r"\Ax*y", False),
        ("ab*", False),
        (r"\d{0,9}x", False),
        (r"^[ \t]*x", False),
        (r"#\s*x", False),
    ],
)
def test_growth_of_a_regex_is_told(pattern, grows):
    assert bool(growing(pattern)) is grows
