"""Admission: no minute over its limit, AIMD, Retry-After, breaker, order; with a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.teacher.admission import Admission, Breaker, Bucket, FlightLimit
from tasks.teacher.call import ErrorKind


def admission(fake_time, rpm=None, tpm=None, most=1000) -> Admission:
    return Admission(rpm, tpm, most, fake_time.clock, fake_time.sleep)


def most_in_a_minute(taken: list[tuple[float, float]]) -> float:
    return max(sum(amount for at, amount in taken if start <= at < start + 60 - 1e-6) for start, _ in taken)


@given(
    per_minute=st.integers(1, 5000),
    burst_s=st.sampled_from([1, 6]),
    pauses=st.lists(st.floats(0, 90), min_size=1, max_size=60),
)
def test_no_minute_gives_more_than_its_limit(per_minute, burst_s, pauses):
    bucket, now, taken = Bucket(per_minute, burst_s, now=0.0), 0.0, []
    for pause in pauses:
        now += pause
        amount = max(1, int(bucket.capacity / 2))
        now += bucket.delay(amount, now)
        bucket.take(amount, now)
        taken.append((now, amount))
    assert most_in_a_minute(taken) <= per_minute


@given(per_minute=st.integers(1, 3000), number=st.integers(1, 200))
def test_steady_demand_gets_nearly_the_whole_limit(per_minute, number):
    bucket, now = Bucket(per_minute, 1, now=0.0), 0.0
    for _ in range(number):
        now += bucket.delay(1, now)
        bucket.take(1, now)
    assert now <= max(0, number - 1) * 60 / per_minute * 1.02 + 1e-6


@given(st.lists(st.tuples(st.floats(0.01, 400), st.floats(0, 500)), min_size=1, max_size=40))
def test_level_never_passes_capacity_and_every_debt_ends(steps):
    bucket, now = Bucket(600, 6, now=0.0), 0.0
    for amount, used in steps:
        now += bucket.delay(amount, now)
        assert bucket.delay(amount, now) == 0
        bucket.take(amount, now)
        bucket.give_back(amount - used)
        assert bucket._level <= bucket.capacity
    assert bucket.delay(bucket.capacity, now + 60 * len(steps)) == 0


async def test_requests_a_minute_are_kept(fake_time):
    door, taken = admission(fake_time, rpm=60), []
    for _ in range(150):
        slot = await door.acquire(10)
        taken.append((fake_time.seconds, 1.0))
        door.settle(slot, None, None)
    assert most_in_a_minute(taken) <= 60
    assert 145 <= fake_time.seconds - 1000 <= 160


async def test_tokens_a_minute_are_settled_with_what_was_really_used(fake_time):
    door = admission(fake_time, tpm=6000)
    for _ in range(100):
        door.settle(await door.acquire(500), 50, None)
    assert fake_time.seconds - 1000 <= 60  # 5,000 tokens used, not the 50,000 that were feared


async def test_request_larger_than_the_bucket_goes_out_and_is_waited_for_afterwards(fake_time):
    door = admission(fake_time, tpm=600)
    await asyncio.wait_for(door.acquire(3000), 1)
    await door.acquire(10)
    assert fake_time.seconds - 1000 > 250


async def test_no_more_in_flight_than_allowed_and_first_come_first_served(fake_time):
    door, order = admission(fake_time, most=2), []

    async def pass_through(number: int) -> None:
        slot = await door.acquire(1)
        order.append(number)
        assert door.in_flight <= 2
        await asyncio.sleep(0)
        door.settle(slot, 1, None)

    await asyncio.gather(*[pass_through(number) for number in range(20)])
    assert order == sorted(order)
    assert door.in_flight == 0


async def test_retry_after_holds_everybody_back(fake_time):
    door = admission(fake_time)
    door.settle(await door.acquire(1), None, ErrorKind.RATE, retry_after=12.0)
    await door.acquire(1)
    assert fake_time.seconds == pytest.approx(1012)


async def test_cancelled_waiter_takes_no_slot(fake_time):
    door = admission(fake_time, most=1)
    slot = await door.acquire(1)
    waiter, behind = asyncio.create_task(door.acquire(1)), asyncio.create_task(door.acquire(1))
    await asyncio.sleep(0)
    waiter.cancel()
    door.settle(slot, 1, None)
    assert await asyncio.wait_for(behind, 1)
    assert door.in_flight == 1


async def test_waiter_cancelled_in_the_moment_of_leave_gives_it_back(fake_time):
    door = admission(fake_time, most=1)
    slot = await door.acquire(1)
    waiter = asyncio.create_task(door.acquire(1))
    await asyncio.sleep(0)
    door.settle(slot, 1, None)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    assert door.in_flight == 0


def test_limit_is_cut_once_a_wave_and_grows_by_one_per_25_successes():
    flights = FlightLimit(64)
    for _ in range(64):  # all of one wave
        flights.refused(started=1.0, now=2.0)
    assert flights.limit == 48
    for _ in range(50):
        flights.succeeded()
    assert flights.limit == 50


@given(st.lists(st.booleans(), max_size=2000), st.integers(1, 300))
def test_limit_stays_between_one_and_most(outcomes, most):
    flights = FlightLimit(most)
    for now, good in enumerate(outcomes):
        if good:
            flights.succeeded()
        else:
            flights.refused(now, now)
        assert 1 <= flights.limit <= most


def test_breaker_opens_after_ten_failures_and_lets_one_probe_through():
    breaker = Breaker()
    for _ in range(9):
        breaker.failed(probe=False, now=0.0)
    assert breaker.delay(0.0) == 0
    breaker.failed(probe=False, now=0.0)
    assert breaker.delay(0.0) == 1.0
    assert breaker.delay(1.0) == 0
    assert breaker.started()
    assert breaker.delay(1.0) == math.inf  # the probe is out
    breaker.failed(probe=False, now=1.0)  # a straggler from before: nothing new
    assert breaker.delay(1.0) == math.inf
    breaker.failed(probe=True, now=1.0)
    assert breaker.delay(1.0) == 2.0  # each failed probe doubles the rest
    breaker.started()
    breaker.succeeded()
    assert (breaker.delay(3.0), breaker.rests, breaker.started()) == (0, 0, False)


def test_breaker_lets_the_next_probe_when_the_first_was_abandoned():
    breaker = Breaker()
    for _ in range(10):
        breaker.failed(probe=False, now=0.0)
    assert breaker.started()
    breaker.abandoned(probe=False)
    assert breaker.delay(5.0) == math.inf
    breaker.abandoned(probe=True)
    assert breaker.delay(5.0) == 0


async def test_answers_of_any_kind_keep_the_breaker_closed(fake_time):
    door = admission(fake_time)
    for kind in [ErrorKind.TRANSIENT] * 9 + [ErrorKind.BLANK] + [ErrorKind.TRANSIENT] * 9:
        door.settle(await door.acquire(1), None, kind)
    assert door.breaker.rests == 0
