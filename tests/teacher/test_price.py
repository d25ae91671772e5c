"""Prices: dated, peak and off-peak by Beijing time, unknown as unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.teacher.config import load_provider
from tasks.teacher.journal import Usage
from tasks.teacher.price import BEIJING, Expected, Price, Tokens, cost_of, estimate, expect, price_of

CONFIG = load_provider("deepseek")
MILLION_OF_EACH = Tokens(prompt=2_000_000, cache_hit=1_000_000, completion=1_000_000)


def beijing(*when: int) -> datetime:
    return datetime(*when, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("at", "factor"),
    [
        (beijing(2026, 11, 20, 9), 2),  # Friday
        (beijing(2026, 11, 20, 8, 59), 1),
        (beijing(2026, 11, 20, 11, 59), 2),
        (beijing(2026, 11, 20, 12), 1),
        (beijing(2026, 11, 20, 14), 2),
        (beijing(2026, 11, 20, 18), 1),
        (beijing(2026, 11, 21, 10), 1),  # Saturday
        (beijing(2026, 10, 1, 10), 1),  # a Thursday, National Day
        (datetime(2026, 11, 20, 1, 30, tzinfo=UTC), 2),  # 9:30 in Beijing
    ],
)
def test_peak_hours_double_the_price(at, factor):
    assert cost_of(MILLION_OF_EACH, "deepseek-flash", at, CONFIG) == pytest.approx(0.753 * factor)


def test_cache_hits_misses_and_output_have_their_own_price():
    at = beijing(2026, 11, 21, 10)
    assert cost_of(Tokens(1_000_000, 1_000_000, 0), "deepseek-v4-pro", at, CONFIG) == pytest.approx(0.022)
    assert cost_of(Tokens(1_000_000, 0, 0), "deepseek-v4-pro", at, CONFIG) == pytest.approx(0.66)
    assert cost_of(Tokens(0, 0, 1_000_000), "deepseek-v4-pro", at, CONFIG) == pytest.approx(1.98)


def test_unknown_model_or_day_before_the_first_price_costs_none_and_not_zero():
    assert cost_of(MILLION_OF_EACH, "gpt-none", beijing(2026, 11, 21), CONFIG) is None
    assert cost_of(MILLION_OF_EACH, "deepseek-flash", beijing(2026, 7, 23, 23), CONFIG) is None


def test_call_costs_what_was_asked_on_its_day():
    prices = tuple(Price(model="m", since=date(2026, day, 1), hit=0, miss=day, output=0) for day in (3, 9, 6))
    found = {month: price_of("m", beijing(2026, month, 1), prices) for month in (2, 3, 5, 6, 12)}
    assert {month: price and price.miss for month, price in found.items()} == {2: None, 3: 3, 5: 3, 6: 6, 12: 9}
    assert price_of("m", datetime(2026, 5, 31, 17, tzinfo=UTC), prices).miss == 6  # already June in Beijing


def test_plan_uses_measured_averages_where_the_home_has_any():
    measured = [Usage("draft", "deepseek-flash", 10, 2, 5000, 1000, 2000, 0.1)]
    draft, score = expect({("draft", "deepseek-flash"): 3, ("score", "deepseek-v4-pro"): 2}, measured)
    assert (draft.calls, draft.prompt_tokens, draft.cache_hit_tokens, draft.completion_tokens) == (3, 500, 100, 200)
    assert (score.calls, score.prompt_tokens) == (2, 900)


def test_plan_shows_money_now_and_off_peak():
    calls = [Expected("draft", "deepseek-flash", 1000, 1000, 500, 500)]
    plan = estimate(calls, CONFIG, beijing(2026, 11, 20, 10))
    assert (plan.calls, plan.prompt_tokens, plan.cache_hit_tokens, plan.completion_tokens) == (
        1000,
        1_000_000,
        500_000,
        500_000,
    )
    assert plan.off_peak == pytest.approx(0.0015 + 0.075 + 0.3)
    assert plan.now == pytest.approx(2 * plan.off_peak)


def test_plan_with_an_unpriced_model_has_no_sum_and_an_empty_one_costs_nothing():
    at = beijing(2026, 11, 21, 10)
    calls = [Expected("draft", "deepseek-flash", 1, 10, 0, 10), Expected("draft", "gpt-none", 1, 10, 0, 10)]
    assert (estimate(calls, CONFIG, at).now, estimate(calls, CONFIG, at).off_peak) == (None, None)
    assert estimate(calls, CONFIG, at).calls == 2
    nothing = estimate([Expected("draft", "gpt-none", 0, 10, 0, 10)], CONFIG, at)
    assert (nothing.calls, nothing.now, nothing.off_peak) == (0, 0, 0)


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 400 * 24),
    st.sampled_from(["deepseek-flash", "deepseek-v4-pro"]),
)
def test_cost_is_never_below_off_peak_nor_above_twice_it(miss, hit, completion, hours, model):
    at = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(hours=hours)
    tokens = Tokens(miss + hit, hit, completion)
    price = price_of(model, at, CONFIG.prices)
    base = (hit * price.hit + miss * price.miss + completion * price.output) / 1e6
    assert base * (1 - 1e-9) <= cost_of(tokens, model, at, CONFIG) <= 2 * base * (1 + 1e-9)
