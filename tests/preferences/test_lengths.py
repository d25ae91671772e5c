"""Rejected texts lie on both sides of the chosen length, within the band and the content type's limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.preferences.lengths import Limits, limits_of
from tests.copywriting.scene import AD


@pytest.mark.parametrize(
    ("chosen", "longer", "last", "limits"),
    [
        (80, True, False, Limits(81, 86, 92)),
        (80, False, False, Limits(68, 73, 79)),
        (80, True, True, Limits(68, 86, 92)),
        (100, True, False, Limits(85, 92, 99)),
        (30, False, False, Limits(31, 32, 34)),
    ],
    ids=["longer", "shorter", "last attempt", "no room above", "no room below"],
)
def test_window_lies_on_the_side_that_has_room(chosen, longer, last, limits):
    assert limits_of(chosen, AD, 0.15, longer=longer, last=last) == limits


@given(st.integers(30, 100), st.floats(0.01, 1), st.booleans(), st.booleans())
def test_limits_are_never_empty_and_keep_band_and_type(chosen, band, longer, last):
    limits = limits_of(chosen, AD, band, longer=longer, last=last)
    assert limits.least <= limits.wanted <= limits.most
    assert AD.min_chars <= limits.least and limits.most <= AD.max_chars
    assert chosen * (1 - band) <= limits.least and limits.most <= chosen * (1 + band)
