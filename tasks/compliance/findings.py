"""The case that every gate is given, one finding of a gate, and how a finding becomes a Reason."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.brief.model import ContentType, Product
from tasks.compliance.formula import Formula, formula_of
from tasks.compliance.index import Found
from tasks.compliance.ingredient_names import Mention, ingredient_lexicon
from tasks.compliance.normal import View
from tasks.compliance.numerals import numeral_tails
from tasks.compliance.reader import Sentence, held, read
from tasks.compliance.reader_fit import reader
from tasks.compliance.rules import CompiledRule, Rules
from tasks.compliance.sheet import Sheet, sheet_of
from tasks.compliance.verdict import Reason, Severity
from tasks.compliance.words import SENTENCE, sentence_marks

_TOKEN = re.compile(r"\{([a-z_]+)\}")
_NOWHERE = (0, 0)
# #话题 and #话题#; a closing mark is one that no word follows, so that #甲#乙 is two; the keycap #️⃣ is none
_TAG = r"[^\s#＃。，！？；：、,!?;:()（）【】…]"
_HASHTAG = re.compile(rf"[#＃](?!\ufe0f?\u20e3){_TAG}+(?:[#＃](?=[\s#＃]|$))?", re.M)


class Case:
    """One text and what it is judged by. The sheet and the hashtags are worked out where a gate asks for them.

    runs: what may be product names, as the gates of names share it.
    """

    __slots__ = (
        "_absent",
        "_formula",
        "_found",
        "_hashtags",
        "_holding",
        "_known",
        "_marks",
        "_mentions",
        "_names",
        "_sentences",
        "_sheet",
        "_staged",
        "_tails",
        "content_type",
        "product",
        "rules",
        "runs",
        "told",
        "view",
    )

    def __init__(self, view: View, product: Product, content_type: ContentType, rules: Rules) -> None:
        self.view, self.product, self.content_type, self.rules = view, product, content_type, rules
        self._tails: str | None = None
        self._sheet: Sheet | None = None
        self._hashtags: list[tuple[int, int]] | None = None
        self._names: list[tuple[int, int]] | None = None
        self._formula: Formula | None = None
        self._mentions: list[Mention] | None = None
        self._absent: dict[str, list[Mention]] | None = None
        self._marks: dict[str, list[int]] = {}
        self._staged: dict[tuple[int, int], bool] = {}
        self._holding: dict[tuple[str, int], bool] = {}
        self._found: Found | None = None
        self._sentences: list[Sentence] | None = None
        self._known: str | None = None
        self.runs: tuple[Any, ...] | None = None
        self.told: set[str] = set()  # what a gate tells once a text, however often the text says it

    @property
    def found(self) -> Found:
        """What one pass over the text finds of all words, names and regexes."""
        if self._found is None:
            self._found = self.rules.index.find(self.view)
        return self._found

    @property
    def sheet(self) -> Sheet:
        if self._sheet is None:
            self._sheet = sheet_of(self.product)
        return self._sheet

    @property
    def formula(self) -> Formula:
        """What the sheet says of the product's ingredients."""
        if self._formula is None:
            self._formula = formula_of(self.product)
        return self._formula

    @property
    def mentions(self) -> list[Mention]:
        """The ingredients that the text names, by their places in the dense view."""
        if self._mentions is None:
            lexicon, dense = ingredient_lexicon(), self.view.dense
            self._mentions = lexicon.mentions_at(self.found.named["ingredients"], dense)
        return self._mentions

    @property
    def absent(self) -> dict[str, list[Mention]]:
        """The mentions that the sheet does not support, whatever the text says of them, by kind.

        A kind of its own is `member`: named, where the sheet names the family alone.
        """
        if self._absent is None:
            self._absent, dense, formula = {}, self.view.dense, self.formula
            for mention in self.mentions:
                if not formula.supports(mention.id, dense[mention.start : mention.end]):
                    member = mention.kind == "named" and formula.general(mention.id)
                    self._absent.setdefault("member" if member else mention.kind, []).append(mention)
        return self._absent

    @property
    def absent_spans(self) -> list[tuple[int, int]]:
        """Where in the dense view an ingredient is named that the sheet lacks, in order."""
        return sorted((mention.start, mention.end) for mentions in self.absent.values() for mention in mentions)

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences of the text as the second reader judges them."""
        if self._sentences is None:
            self._sentences = read(self.view.dense, self.known, reader(), self.absent_spans)
        return self._sentences

    @property
    def known(self) -> str:
        """What the second reader does not see of a text: what the sheet holds, and the brand's names."""
        if self._known is None:  # asked for each head and each sentence
            self._known = held(self.sheet.text, self.rules.brand_names)
        return self._known

    def marks(self, view: str) -> list[int]:
        """Return where the sentences of a view end."""
        if view not in self._marks:
            self._marks[view] = sentence_marks(getattr(self.view, view))
        return self._marks[view]

    def staged(self, compiled: CompiledRule, place: int) -> bool:
        """Return whether the sentence at a place of the dense view may hold a finding of a rule that asks so."""
        marks = self.marks("dense")
        number = bisect_right(marks, place)
        known = self._staged.get((compiled.order, number))
        if known is None:
            first = marks[number - 1] if number else 0
            last = marks[number] if number < len(marks) else len(self.view.dense)
            known = all(self._holds(pattern, number, first, last) for pattern in compiled.sentence)
            if known and (unwanted := compiled.unless_sentence):
                known = last - first > SENTENCE or not unwanted.search(self.view.dense[first:last])
            self._staged[compiled.order, number] = known
        return known

    def _holds(self, condition: re.Pattern[str], number: int, first: int, last: int) -> bool:
        """Return whether a rule's condition matches in a sentence: the dense view from `first` to `last`."""
        known = self._holding.get((condition.pattern, number))
        if known is None:
            known = self.rules.index.matches(condition, self.found, self.view.dense, first, last)
            self._holding[condition.pattern, number] = known
        return known

    @property
    def names(self) -> list[tuple[int, int]]:
        """Spans of the product's own name in the dense view."""
        if self._names is None:
            name, dense = self.sheet.name, self.view.dense
            self._names = []
            start = dense.find(name) if name else -1
            while start >= 0:
                self._names.append((start, start + len(name)))
                start = dense.find(name, start + 1)
        return self._names

    def in_hashtag(self, start: int, end: int) -> bool:
        """Return whether source[start:end] stands in a hashtag."""
        return any(first <= start and end <= last for first, last in self.hashtags)

    def in_name(self, start: int, end: int) -> bool:
        """Return whether dense[start:end] is a piece of the product's own name where it stands."""
        # All spans are of one name, so the last that starts no later reaches furthest.
        last = bisect_right(self.names, start, key=lambda span: span[0]) - 1
        return last >= 0 and end <= self.names[last][1]

    @property
    def numeral_tails(self) -> str:
        """What stands right after the numerals of the text."""
        if self._tails is None:
            self._tails = numeral_tails(self.view.dense)
        return self._tails

    @property
    def hashtags(self) -> list[tuple[int, int]]:
        """Spans of the hashtags in the source."""
        if self._hashtags is None:
            found = _HASHTAG.finditer(self.view.source) if "#" in self.view.plain else ()
            self._hashtags = [match.span() for match in found]
        return self._hashtags


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken at source[start:end], or by the whole text (0, 0). values: what the rule's message may name.

    weight: the severity where the sheet gives cause for another than the rule's.
    """

    compiled: CompiledRule
    start: int = 0
    end: int = 0
    values: Mapping[str, object] = field(default_factory=dict)
    weight: Severity | None = None

    @property
    def severity(self) -> Severity:
        return self.weight or self.compiled.rule.severity

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


def reason_of(finding: Finding, source: str, kind: str | None = None) -> Reason:
    """Return the finding as a Reason; a kind other than the rule's own is given for words of the product's name."""
    rule = finding.compiled.rule
    text = source[finding.start : finding.end]
    values = {"text": text, **finding.values}
    return Reason(
        rule=rule.id,
        kind=kind or rule.kind,
        severity=finding.severity,
        start=finding.start,
        end=finding.end,
        text=text,
        message=filled(rule.message, values),
        message_en=filled(rule.message_en, values),
        basis=rule.basis,
        suggestion=filled(rule.suggestion, values),
    )


def filled(template: str, values: Mapping[str, object]) -> str:
    """Return the template with its {names} replaced; text that comes in is never read as a template itself."""
    return _TOKEN.sub(lambda match: str(values.get(match[1], match[0])), template)


def without_nested(findings: list[Finding]) -> list[Finding]:
    """Drop a finding that lies inside another of its kind which weighs at least as much; the outer one tells it all."""
    if len(findings) < 2:
        return findings
    kept: list[Finding] = []
    reach: dict[tuple[str, str], int] = {}  # kind and severity -> the furthest end so far (starts only grow)
    for finding in sorted(findings, key=_outer_first):
        kind, severity = finding.compiled.rule.kind, finding.severity
        outer = max(reach.get((kind, "block"), -1), reach.get((kind, severity), -1))
        if finding.span == _NOWHERE or finding.end > outer:
            kept.append(finding)
            reach[kind, severity] = max(reach.get((kind, severity), -1), finding.end)
    return sorted(kept, key=lambda f: (f.compiled.order, f.start, f.end))


def _outer_first(finding: Finding) -> tuple[int, int, bool, int]:
    return finding.start, -finding.end, finding.severity == "warn", finding.compiled.order
