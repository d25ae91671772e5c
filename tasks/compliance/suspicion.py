"""What the second reader adds to the rules' findings, and what it takes from them.

It adds a warning where a sentence reads like a violation that no rule has told. It takes a warning where the sentence
is plainly harmless. What blocks it takes where the sentence is surely so, the rule yields (pack.Rule.yields), and a
word of denial stands beside the finding or the finding is a word of many senses (第一, 三天). It never takes what
stands whatever is said around it (the brand's words, labels), nor a medical word, a name or an audience that blocks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from tasks.compliance.findings import Case, Finding
from tasks.compliance.reader import HELD, Sentence, masked, signed
from tasks.compliance.reader_fit import reader
from tasks.compliance.rules import CompiledRule
from tasks.compliance.yields import yields_of

HARMLESS = -2.5  # log-odds below which a warning is taken back
SURELY_HARMLESS = -3.0  # and below which a finding that blocks is
_DENIAL = re.compile(  # 不适, 不错 and the like deny nothing
    "别|勿|没|无法|非|莫|拒绝|未|不(?!适|同|仅|止|断|错|妨|只|但|安|均|够|良|舒|佳|足|少|论|管|光|单|愧|得了|一般|凡|可|锈|紧|泛|刺"
    "|黏|油|干|起|再)|[?？]|何|哪|谁|请(?:找|换|看|问|先)|先(?:问|停|放|别)"
)
_CONTRAST = re.compile("而是|才是|才能|但|却是|反而|[少缺错]不了|离不开|不可或缺|不[可能]少|不[只止光]")
# log-odds more for e times as many sentences, set on drafts of a language model: to tell a sentence, to take one back
_GROWTH, _GROWTH_BACK = 3.0, 1.5
_OWN = 3  # characters of a sentence that the sheet does not hold; one with fewer says what the sheet says
_SHORT = 3  # characters of what blocks in one sense and is harmless in another (最, 第一, 三年); a phrase has one sense
_NEAR = 10  # characters on either side of a finding in which its denial stands
_NOWHERE = (0, 0)
Placed = Sequence[tuple[Sentence, int, int]]  # a sentence, and where it stands in the source


def reconsidered(
    case: Case, findings: Sequence[Finding], taken: Sequence[Finding], settled: Collection[int]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings after the second reader, and those that it has taken back; the rules in force ask for it
    (gate `second_reader`), or they stay as they are.

    taken: findings that a stance of their sentence has withdrawn. settled: numbers of the index's regexes to which the
    product's sheet is the answer: the audience, the functions that it names. What they match is no suspicion.
    """
    readers = case.rules.readers
    if not readers:
        return list(findings), []
    doubtful = [
        (sentence, compiled)
        for sentence, compiled in _doubtful(case, readers)
        if not (_named(case, sentence, compiled) or _answered(case, sentence, compiled, settled))
    ]
    if not findings and not doubtful:
        return [], []
    placed = [(s, *case.view.source_span("dense", s.start, s.end)) for s in case.sentences] if findings else []
    kept: list[Finding] = []
    back: list[Finding] = []
    for finding in findings:
        (back if _taken_back(finding, placed, case.view.source) else kept).append(finding)
    told = (Finding(compiled, *case.view.source_span("dense", s.start, s.end)) for s, compiled in doubtful)
    return [*kept, *(suspicion for suspicion in told if not _known(suspicion, kept, taken))], back


def _doubtful(case: Case, readers: Mapping[str, CompiledRule]) -> Iterator[tuple[Sentence, CompiledRule]]:
    """Yield the sentences that read like a violation, and the rule that tells it.

    The more sentences a text has, the surer the reader must be, so that a long text is told fewer false alarms than so
    many short ones.
    """
    least = _least(case)
    for sentence in case.sentences:
        speaks = sentence.score > least and _says_something(sentence.masked)
        compiled = readers.get(reader().kind(sentence.masked)) if speaks else None
        if compiled is None or sentence.score <= compiled.rule.score + least:
            continue
        spared = compiled.unless_sentence
        if compiled.applies(case.content_type.family) and not (
            spared and spared.search(case.view.dense, sentence.start, sentence.end)
        ):
            yield sentence, compiled


def _least(case: Case) -> float:
    return _GROWTH * math.log(max(1, len(case.sentences)))


def _says_something(masked_sentence: str) -> bool:
    return sum(map(str.isalnum, masked_sentence)) >= _OWN


def _named(case: Case, sentence: Sentence, compiled: CompiledRule) -> bool:
    """Return whether a sentence that reads like another product's name holds this one's: what grows on to it the rules
    of names tell."""
    return compiled.rule.kind == "wrong_name" and any(
        start < sentence.end and sentence.start < end for start, end in case.names
    )


def _answered(case: Case, sentence: Sentence, compiled: CompiledRule, settled: Collection[int]) -> bool:
    """Return whether a sentence is no suspicion without what the sheet answers in it: what a regex of the kind matches
    that the sheet has settled."""
    rules, dense = case.rules, case.view.dense
    regexes = (rules.index.ruled[number] for number in settled)
    spans = [
        match.span()
        for order, view, regex in regexes
        if view == "dense" and rules.rules[order].kind == compiled.rule.kind
        for match in regex.finditer(dense, sentence.start, sentence.end)
    ]
    if not spans:
        return False
    left = masked(signed(dense, (sentence.start, sentence.end), sorted(spans), HELD), case.known)
    return not _says_something(left) or reader().scores([left])[0] <= compiled.rule.score + _least(case)


def _known(suspicion: Finding, kept: Sequence[Finding], taken: Sequence[Finding]) -> bool:
    """Return whether a rule has told the sentence already, so that it blocks or as of this kind, or has told it as of
    this kind and a stance has withdrawn it."""
    kind = suspicion.compiled.rule.kind
    same = any(f.compiled.rule.kind == kind and _touch(f, suspicion) for f in (*kept, *taken))
    return same or any(f.severity == "block" and _touch(f, suspicion) for f in kept)


def _touch(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end


def _taken_back(finding: Finding, placed: Placed, source: str) -> bool:
    """Return whether a finding yields to what the sentences that it touches say. placed: all sentences of the text."""
    yields = "never" if finding.span == _NOWHERE else yields_of(finding.compiled.rule, finding.severity)
    if yields == "never":
        return False
    touched = [sentence for sentence, start, end in placed if start < finding.end and finding.start < end]
    least = SURELY_HARMLESS if finding.severity == "block" else HARMLESS
    if not touched or max(sentence.score for sentence in touched) >= least - _GROWTH_BACK * math.log(len(placed)):
        return False
    around = source[max(0, finding.start - _NEAR) : finding.end + _NEAR]
    if _DENIAL.search(around) and not _CONTRAST.search(around):
        return True
    return yields == "harmless" and (finding.severity == "warn" or finding.end - finding.start <= _SHORT)
