"""Where copy is published, and the marks that it bears there: the AI label and the word 广告.

Invariants: a mark stands on a line of its own and changes nothing of the text; marks are no part of the copy, so no
limit counts them. The channels are those of `brands/channels.yaml`, over which the brand's own `channels.yaml` lies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from tasks.brief.brand import ID, raise_all, stripped
from tasks.brief.model import Family, Frozen
from tasks.brief.yaml_file import fault, read_yaml, validated
from tasks.lineage.errors import InputErrors, UserError

CHANNELS_FILE = "channels.yaml"
DEFAULT_CHANNELS = Path(__file__).resolve().parents[2] / "brands" / CHANNELS_FILE
Place = Literal["start", "end"]
Need = Literal["always", "purchase_link", "never"]

# GB 45438—2025 as commentary tells it: the words name AI, and say that it generated or synthesised the content.
_NAMES_AI = re.compile(r"人工智能|AI", re.I)
_SAYS_MADE = re.compile(r"生成|合成")
# Hashtags that close a text, on a line of their own or at the end of the last one: a label goes above them.
_CLOSING_TAGS = re.compile(r"(?<=[\s。！？!?…])(?:[#＃][^\s#＃]*\s*)+\Z")


class AiLabel(Frozen):
    """The explicit label of AI-made text."""

    text: str = Field(min_length=1)
    place: Place
    basis: str = Field(min_length=1)


class AdMark(Frozen):
    """The word 广告, and for which families of content it is needed."""

    text: str = Field(min_length=1)
    place: Place
    needed: dict[Family, Need]
    basis: str = Field(min_length=1)


class Channel(Frozen):
    """A place of publication. Without `ai_label` or `ad_mark` the text leaves without it."""

    id: str
    title: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    ai_label: AiLabel | None = None
    ad_mark: AdMark | None = None


@dataclass(frozen=True)
class Mark:
    """One mark that a text bears. kind: ai_label or ad_mark."""

    kind: Literal["ai_label", "ad_mark"]
    text: str
    place: Place
    basis: str


def marks_of(channel: Channel, family: Family, purchase_link: bool) -> tuple[Mark, ...]:
    """Return the marks that a text of this family bears on the channel, 广告 before the AI label."""
    marks = []
    ad, ai = channel.ad_mark, channel.ai_label
    need = ad.needed.get(family, "always") if ad else "never"
    if ad and (need == "always" or (need == "purchase_link" and purchase_link)):
        marks.append(Mark("ad_mark", ad.text, ad.place, ad.basis))
    if ai:
        marks.append(Mark("ai_label", ai.text, ai.place, ai.basis))
    return tuple(marks)


def with_marks(text: str, marks: tuple[Mark, ...]) -> str:
    """Return the text as it is published: marks above it, and below it but above hashtags that close it."""
    tags = _CLOSING_TAGS.search(text)
    body = text[: tags.start()].rstrip() if tags else text
    closing = text[len(body) :]  # with the white space before it
    if closing and "\n" not in closing[: len(closing) - len(closing.lstrip())]:
        closing = "\n" + closing.lstrip()
    above = [mark.text for mark in marks if mark.place == "start"]
    below = [mark.text for mark in marks if mark.place == "end"]
    return "\n".join([*above, body, *below]) + closing if below else "\n".join([*above, text])


def load_channels(folder: Path, default: Path = DEFAULT_CHANNELS) -> dict[str, Channel]:
    """Return id -> channel: the default file's in its order, then those that the brand's own file adds.

    Raises:
        UserError: a file is not YAML, a field is missing, unknown or of the wrong kind, or a mark does not say what
            the law wants it to say. InputErrors: several such faults.
    """
    channels = _channels_of(default, {})
    own = folder / CHANNELS_FILE
    return _channels_of(own, channels) if own.exists() else channels


def channel_named(channels: dict[str, Channel], name: str) -> Channel:
    """Return a channel by its id.

    Raises:
        UserError: there is none; the message lists them.
    """
    if name not in channels:
        raise UserError(f"--channel {name}", "no such channel", f"one of {', '.join(channels)}", "name one of these")
    return channels[name]


def _channels_of(path: Path, known: dict[str, Channel]) -> dict[str, Channel]:
    values, lines = read_yaml(path)
    channels, faults = dict(known), list[UserError]()
    for name, fields in values.items():
        try:
            channels[name] = _channel_of(path, name, fields, lines, known.get(name))
        except InputErrors as error:
            faults += error.faults
        except UserError as error:
            faults.append(error)
    raise_all(path, faults)
    return channels


def _channel_of(path: Path, name: object, fields: object, lines: dict[str, int], known: Channel | None) -> Channel:
    line = lines[str(name)]
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise fault(path, line, f"the id {name}", "lower-case letters, digits and _", "rename the channel")
    if not isinstance(fields, dict) or "id" in fields:
        raise fault(path, line, f"`{name}` has no fields, or a field `id`", "a mapping of fields", "mend it")
    base = known.model_dump() if known else {}
    channel = validated(path, Channel, {**base, **stripped(fields), "id": name}, lines, f"{name}.")
    raise_all(path, list(_faults(path, channel, line)))
    return channel


def _faults(path: Path, channel: Channel, line: int) -> list[UserError]:
    """Return marks that do not say what they are there to say."""
    faults = []
    ai, ad = channel.ai_label, channel.ad_mark
    if ai and not (_NAMES_AI.search(ai.text) and _SAYS_MADE.search(ai.text)):
        faults.append(fault(path, line, f"`{channel.id}`: AI label {ai.text}", "人工智能 or AI, and 生成 or 合成"))
    if ad and "广告" not in ad.text:
        faults.append(fault(path, line, f"`{channel.id}`: ad mark {ad.text}", "the word 广告"))
    return faults
