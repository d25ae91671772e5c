"""What calls cost, in USD, at the price of the day and the hour; pure arithmetic over dated data.

An unknown price gives None, never zero: a plan or a report then says that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pydantic import Field

from tasks.lineage.params import Params, Run

if TYPE_CHECKING:
    from tasks.teacher.config import TeacherConfig
    from tasks.teacher.journal_tables import Usage

BEIJING = timezone(timedelta(hours=8), "Beijing")
MILLION = 1_000_000


class Peak(Params):
    """Hours that cost more: Beijing hours [from, to) on Monday to Friday, holidays (first, last) excluded."""

    multiplier: Run[float] = Field(ge=1)
    windows: Run[tuple[tuple[int, int], ...]]
    holidays: Run[tuple[tuple[date, date], ...]] = ()

    def covers(self, at: datetime) -> bool:
        """Return whether a moment (aware) lies in a peak window."""
        beijing = at.astimezone(BEIJING)
        if beijing.weekday() >= 5 or any(first <= beijing.date() <= last for first, last in self.holidays):
            return False
        return any(start <= beijing.hour < end for start, end in self.windows)


class Price(Params):
    """The price of one model from a date on: USD per million tokens of prompt (cache hit, miss) and of output."""

    model: Run[str]
    since: Run[date]
    hit: Run[float] = Field(ge=0)
    miss: Run[float] = Field(ge=0)
    output: Run[float] = Field(ge=0)
    peak: Run[Peak | None] = None

    def factor(self, at: datetime) -> float:
        """Return what the price is multiplied by at a moment."""
        return self.peak.multiplier if self.peak is not None and self.peak.covers(at) else 1.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one or many calls took. `prompt` counts cache hits and misses together."""

    prompt: int
    cache_hit: int
    completion: int

    @property
    def cache_miss(self) -> int:
        return max(self.prompt - self.cache_hit, 0)


@dataclass(frozen=True, slots=True)
class Expected:
    """Calls to come of one purpose and model, with the tokens of an average one."""

    purpose: str
    model: str
    calls: int
    prompt_tokens: float
    cache_hit_tokens: float
    completion_tokens: float

    def tokens(self) -> Tokens:
        """Return the tokens of all the calls."""
        averages = (self.prompt_tokens, self.cache_hit_tokens, self.completion_tokens)
        return Tokens(*(round(self.calls * average) for average in averages))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What calls to come are expected to take: tokens, and USD if made now and if made off-peak (None: unknown)."""

    calls: int
    prompt_tokens: int
    cache_hit_tokens: int
    completion_tokens: int
    now: float | None
    off_peak: float | None


# Tokens of an average call (prompt, of these cache hits, completion) before this home has measured its own: from the
# 612 drafts of the data README and prompts of the default brand's size. Unknown purposes count as a draft.
TYPICAL_TOKENS: Mapping[str, tuple[float, float, float]] = {
    "draft": (1100, 800, 260),
    "repair": (1700, 1300, 220),
    "redraft": (1300, 800, 260),
    "weak": (500, 200, 160),
    "exaggerated": (800, 400, 220),
    "fake": (900, 400, 280),
    "score": (900, 500, 200),
    "duel": (1100, 500, 120),
    "gate_entailment": (1400, 800, 350),
    "gate_tone": (1700, 1300, 250),
}


def price_of(model: str, at: datetime, prices: Sequence[Price]) -> Price | None:
    """Return the newest price of a model in force since or before the (Beijing) day of `at`, or None."""
    day = at.astimezone(BEIJING).date()
    in_force = [price for price in prices if price.model == model and price.since <= day]
    return max(in_force, key=lambda price: price.since, default=None)


def cost_of(tokens: Tokens, model: str, at: datetime, config: TeacherConfig) -> float | None:
    """Return USD for tokens of one model at a moment (aware), or None where the price is unknown."""
    price = price_of(model, at, config.prices)
    return None if price is None else _base_cost(tokens, price) * price.factor(at)


def expect(calls: Mapping[tuple[str, str], int], measured: Iterable[Usage] = ()) -> list[Expected]:
    """Return calls to come with average tokens: those of the journal where it has any, else `TYPICAL_TOKENS`.

    Args:
        calls: (purpose, model) -> number of calls.
        measured: `Journal.usage()` of the home.
    """
    averages = {(usage.purpose, usage.model): usage.average() for usage in measured if usage.calls}
    found = []
    for (purpose, model), count in calls.items():
        prompt, hit, completion = averages.get((purpose, model)) or TYPICAL_TOKENS.get(purpose, TYPICAL_TOKENS["draft"])
        found.append(Expected(purpose, model, count, prompt, hit, completion))
    return found


def estimate(expected: Iterable[Expected], config: TeacherConfig, at: datetime) -> Estimate:
    """Return tokens and money of calls to come, at the price of this moment (aware) and at the off-peak one."""
    parts = [(part, part.tokens()) for part in expected if part.calls]
    prices = [price_of(part.model, at, config.prices) for part, _ in parts]
    known = [(tokens, price) for (_, tokens), price in zip(parts, prices, strict=True) if price is not None]
    complete = len(known) == len(parts)
    return Estimate(
        calls=sum(part.calls for part, _ in parts),
        prompt_tokens=sum(tokens.prompt for _, tokens in parts),
        cache_hit_tokens=sum(tokens.cache_hit for _, tokens in parts),
        completion_tokens=sum(tokens.completion for _, tokens in parts),
        now=sum(_base_cost(tokens, price) * price.factor(at) for tokens, price in known) if complete else None,
        off_peak=sum(_base_cost(tokens, price) for tokens, price in known) if complete else None,
    )


def _base_cost(tokens: Tokens, price: Price) -> float:
    hit, miss = tokens.cache_hit * price.hit, tokens.cache_miss * price.miss
    return (hit + miss + tokens.completion * price.output) / MILLION
