"""A text as an editor sees it: lines of sentences, with its title, topic tags and call to action told apart.

Editing never touches a product's name: it is masked by one private character while a text is worked on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_SENTENCE = re.compile(r"[^。！？!?；;]*[。！？!?；;]+[」”’）)]*|[^。！？!?；;]+")
_CLAUSE = re.compile(r"[^，,、：:]*[，,、：:]?")
_TAGS = re.compile(r"^\s*(?:#[^\s#]+[\s#]*)+$")
TAG = re.compile(r"#([^\s#]+)")
CALL = re.compile(
    r"点击|点这里|立即|即刻|马上|现在就|选购|下单|抢购|购买|入手|了解|体验|试试|查看|详情|领取|加入购物车"
)
CALL_WITHIN = 30  # characters at the end in which a call to action must stand
MASK = "\ue000"
_FINAL = "。！？!?；;」”’）)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands: its line and its number in the line."""

    line: int
    at: int


@dataclass
class Prose:
    """A text under the editor's pen. body: lines of sentences. tags: topic tags of the last line, without #."""

    body: list[list[str]]
    tags: list[str]

    @classmethod
    def of(cls, text: str) -> Prose:
        lines = text.strip().split("\n")
        tags: list[str] = []
        while lines and (not lines[-1].strip() or _TAGS.match(lines[-1])):
            tags = TAG.findall(lines.pop()) + tags
        return cls([_SENTENCE.findall(line) for line in lines], tags)

    def render(self) -> str:
        body = re.sub(r"\n{3,}", "\n\n", "\n".join("".join(line) for line in self.body)).strip()
        return f"{body}\n\n{' '.join('#' + tag for tag in self.tags)}" if self.tags else body

    def __len__(self) -> int:
        return len(self.render())

    @property
    def places(self) -> list[Place]:
        return [Place(n, at) for n, line in enumerate(self.body) for at in range(len(line))]

    def sentence(self, place: Place) -> str:
        return self.body[place.line][place.at]

    def replace(self, place: Place, sentence: str) -> None:
        self.body[place.line][place.at] = sentence

    def drop(self, place: Place) -> None:
        del self.body[place.line][place.at]

    @property
    def title(self) -> Place | None:
        """The first line of a text of several, where it is one sentence."""
        return Place(0, 0) if len(self.body) > 1 and len(self.body[0]) == 1 else None

    @property
    def last(self) -> Place | None:
        places = self.places
        return places[-1] if places else None

    def spare(self) -> list[Place]:
        """Return the sentences that can go: no title, not the first, not the last, none with the product's name, and no
        call to action near the end (a label may stand behind it)."""
        kept = {self.title, self.last, *self.places[:1], *self.calls()}
        return [place for place in self.places if place not in kept and MASK not in self.sentence(place)]

    def calls(self) -> list[Place]:
        """Return the sentences at the end that call to action."""
        return [place for place in self.places[-2:] if CALL.search(self.sentence(place))]

    def append(self, sentence: str) -> None:
        """Put a sentence at the end of the body."""
        if not self.body:
            self.body.append([])
        self._close_last()
        self.body[-1].append(sentence)

    def insert(self, sentence: str) -> None:
        """Put a sentence before the last one, and before the call to action."""
        end = next(iter(self.calls()), self.last)
        if end is None:
            self.append(sentence)
        else:
            self.body[end.line].insert(end.at, sentence)

    def _close_last(self) -> None:
        last = self.last
        if last and last != self.title and not re.search(r"[。！？!?；;」”’）)…~～]$", self.sentence(last)):
            self.replace(last, self.sentence(last).rstrip("，,、：: ") + "。")


def clauses(sentence: str) -> list[str]:
    """Return a sentence's clauses, each with the comma after it, without the sentence's final mark."""
    return [clause for clause in _CLAUSE.findall(sentence.rstrip(_FINAL)) if clause]


def without_clause(sentence: str, unwanted: Callable[[str], bool]) -> str:
    """Return a sentence without the clauses that are unwanted, its final mark kept; empty where nothing is left."""
    mark = sentence[len(sentence.rstrip(_FINAL)) :]
    kept = "".join(clause for clause in clauses(sentence) if not unwanted(clause))
    return kept.rstrip("，,、：:") + mark if kept else ""


def has_call(text: str) -> bool:
    """Return whether a call to action stands at the end of the text, topic tags apart."""
    prose = Prose.of(text)
    prose.tags = []
    return bool(CALL.search(prose.render()[-CALL_WITHIN:]))


def flexible(span: str) -> re.Pattern[str]:
    """Return a pattern that finds a span whatever blank space stands in it (a reason tells spans on one line)."""
    return re.compile(r"\s*".join(re.escape(part) for part in span.split()) or r"(?!)")
