"""Everything about the simulator that can be turned, as one frozen value; the defaults are a day on which all is well.

Invariant: no knob but `seed` changes the words of a text that it does not speak of (each knob has dice of its own).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.lineage.errors import UserError

Rate = Annotated[float, Field(ge=0.0, le=1.0)]


class Dials(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DefectRates(Dials):
    """Share of first drafts of one family that hold each kind of defect, as kinds of tasks.compliance's reasons."""

    forbidden_word: Rate = 0.0
    unsupported_number: Rate = 0.0
    length: Rate = 0.0
    call_to_action: Rate = 0.0
    framework_label: Rate = 0.0
    absolute_claim: Rate = 0.0
    medical_claim: Rate = 0.0
    hashtags: Rate = 0.0
    format: Rate = 0.0
    unsupported_ingredient: Rate = 0.0
    unsupported_audience: Rate = 0.0
    unsupported_function: Rate = 0.0
    unsupported_claim: Rate = 0.0
    invented_experience: Rate = 0.0
    entailment: Rate = 0.0
    tone: Rate = 0.0


class Defects(Dials):
    """Defects of first drafts, by family, as measured on 612 drafts that DeepSeek-V3 wrote (docs/decisions.md).

    The rates from `unsupported_ingredient` on are an assumption of our own: a quarter or less of what the checker finds
    in those drafts, where its findings of these kinds were not all read, and many stand in sentences with a made-up
    figure, which bring them along here too. `entailment` (a made-up fact without number, ingredient or certificate) and
    `tone` (a pressing sentence) are zero: only the optional model gates could find them, and those are off by default.
    careful: share of drafts that are spared all of them (defects keep company); the rates hold over all drafts.
    scale: multiplies every rate; 0 makes a writer that never errs. redraft: multiplies the rates of a redraft.
    """

    paid_ad: DefectRates = DefectRates(
        forbidden_word=0.03,
        unsupported_number=0.36,
        length=0.47,
        call_to_action=0.22,
        framework_label=0.40,
        absolute_claim=0.02,
        medical_claim=0.02,
        format=0.02,
        unsupported_ingredient=0.01,
        unsupported_audience=0.01,
        unsupported_function=0.01,
        unsupported_claim=0.03,
    )
    social: DefectRates = DefectRates(
        forbidden_word=0.065,
        unsupported_number=0.48,
        length=0.01,
        absolute_claim=0.12,
        medical_claim=0.10,
        hashtags=0.06,
        format=0.12,
        unsupported_ingredient=0.03,
        unsupported_audience=0.02,
        unsupported_function=0.02,
        unsupported_claim=0.05,
        invented_experience=0.08,
    )
    ecommerce: DefectRates = DefectRates(
        forbidden_word=0.045,
        unsupported_number=0.75,
        length=0.02,
        framework_label=0.05,
        absolute_claim=0.13,
        medical_claim=0.12,
        format=0.12,
        unsupported_ingredient=0.08,
        unsupported_audience=0.04,
        unsupported_function=0.02,
        unsupported_claim=0.08,
    )
    careful: Rate = 0.1
    scale: float = Field(default=1.0, ge=0.0)
    redraft: float = Field(default=0.5, ge=0.0)


class Faults(Dials):
    """Shares of requests that go wrong, drawn for each request and attempt, none after `faulty_attempts`.

    rate_limit: 429. server_error: 500. unavailable: 503. blank: nothing in it, finish_reason stop. exhausted:
    finish_reason insufficient_system_resource. truncated: cut off, finish_reason length. filtered: finish_reason
    content_filter. broken_json: JSON answers cut in the middle. hang: blank lines for ever. cut: the connection breaks
    in the middle of the body.

    The following are not drawn. retry_after: seconds named in a 429, None names none. storm_after, storm: after that
    many requests, this many 429s in a row. max_in_flight: more requests at once get 429 (0: no limit). balance: paid
    answers until 402 (None: endless). key: the one bearer token that is accepted (None: any). unauthorized: always 401.
    """

    rate_limit: Rate = 0.01
    server_error: Rate = 0.005
    unavailable: Rate = 0.005
    blank: Rate = 0.005
    exhausted: Rate = 0.002
    truncated: Rate = 0.0
    filtered: Rate = 0.0
    broken_json: Rate = 0.0
    hang: Rate = 0.0
    cut: Rate = 0.0
    faulty_attempts: int = Field(default=2, ge=0)
    retry_after: float | None = Field(default=None, ge=0.0)
    storm_after: int = Field(default=0, ge=0)
    storm: int = Field(default=0, ge=0)
    max_in_flight: int = Field(default=0, ge=0)
    balance: int | None = Field(default=None, ge=0)
    key: str | None = None
    unauthorized: bool = False


class Delays(Dials):
    """Seconds before an answer: `latency` plus, for a share `slow_tail` of the requests, `slow_seconds`."""

    latency: float = Field(default=0.0, ge=0.0)
    slow_tail: Rate = 0.0
    slow_seconds: float = Field(default=5.0, ge=0.0)


class Judge(Dials):
    """How the simulated judge strays from a text's qualities.

    noise: standard deviation of a score, in points of 1-5; of a duel too, less the more alike its texts are.
    position_bias: points that the first text of a duel gets for being first. names_first: share of duels in which the
    first text wins whatever it is (a judge sees no system: to like the first one is to like a place). verbosity_bias:
    points for being as long as the type allows. tie_margin: points below which a duel is a tie. random: 1 forgets the
    qualities altogether. obeys_injection: does what a judged text tells it to. broken_json: share of answers that are
    cut in the middle, the same however often it is asked.
    """

    noise: float = Field(default=0.35, ge=0.0)
    position_bias: float = 0.0
    names_first: Rate = 0.0
    verbosity_bias: float = 0.0
    tie_margin: float = Field(default=0.12, ge=0.0)
    random: Rate = 0.0
    obeys_injection: bool = False
    broken_json: Rate = 0.0


class Gates(Dials):
    """How the simulated model gates (entailment, tone) stray from what they see.

    miss: share of real faults passed over. false_alarm: share of texts in which a good passage, or a good criterion, is
    called a fault. unquoted: share of claims whose quote is not word for word. malformed: share of answers that are
    JSON of another shape.
    """

    miss: Rate = 0.1
    false_alarm: Rate = 0.02
    unquoted: Rate = 0.02
    malformed: Rate = 0.01


class Knobs(Dials):
    """All knobs.

    repair_p: chance that a repair mends a named reason, and that a redraft avoids a named kind. new_defect_p: share of
    repairs that add a defect. fake_slip: share of fake negatives that also change a word they do not own up to.
    """

    seed: int = 0
    repair_p: Rate = 0.7
    new_defect_p: Rate = 0.1
    fake_slip: Rate = 0.02
    defects: Defects = Defects()
    faults: Faults = Faults()
    delays: Delays = Delays()
    judge: Judge = Judge()
    gates: Gates = Gates()

    def turned(self, changes: Mapping[str, Any]) -> Knobs:
        """Return these knobs with nested changes merged in: {"faults": {"storm": 5}}.

        Raises:
            UserError: unknown knob, or a value that it does not take.
        """
        return _validated(_merged(self.model_dump(), changes))


def load_knobs(file: Path | None = None, settings: Iterable[str] = ()) -> Knobs:
    """Return the defaults, changed by a YAML or JSON file, then by settings such as `faults.storm=20`.

    Raises:
        UserError: the file or a setting cannot be read, or names an unknown knob.
    """
    knobs = Knobs() if file is None else Knobs().turned(_file_changes(file))
    for setting in settings:
        knobs = knobs.turned(_setting_changes(setting))
    return knobs


def _file_changes(file: Path) -> dict[str, Any]:
    try:
        changes = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(str(file), f"cannot be read ({type(error).__name__})", "YAML", "mend the file") from None
    if not isinstance(changes, dict):
        raise UserError(str(file), "no mapping", "knob names with values", "see `Knobs` in simulator/knobs.py")
    return changes


def _setting_changes(setting: str) -> dict[str, Any]:
    name, equals, value = setting.partition("=")
    if not equals or not name:
        raise UserError(f"knob {setting!r}", "no '='", "name=value", "write for example faults.storm=20")
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = value
    for part in reversed(name.split(".")):
        parsed = {part: parsed}
    return parsed


def _merged(into: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in changes.items():
        inner = into.get(name)
        into[name] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, Mapping) else value
    return into


def _validated(values: dict[str, Any]) -> Knobs:
    try:
        return Knobs.model_validate(values)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        todo = "see `copymill simulate --help` and simulator/knobs.py"
        raise UserError(f"simulator knob {place}", fault["msg"], "a value it takes", todo) from None
