"""Intervals from bootstrap draws: lavaan's numbers, and what holds for any draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import FOLDER

from survey_sem.inference.intervals import INTERVALS, bootstrap_intervals, interpolated_quantile


def test_standard_errors_and_intervals_are_lavaans():
    draws = pd.read_csv(FOLDER / "bootstrap" / "own_draws.csv").to_numpy()
    stored = pd.read_csv(FOLDER / "bootstrap" / "own_intervals.csv")
    for kind, rows in stored.groupby("kind"):
        found = bootstrap_intervals(draws, rows["est"].to_numpy(), kind, 0.95)
        n_draws = len(draws)  # lavaan divides the variance of free parameters by R, that of definitions by R - 1
        se = found.se * np.sqrt((n_draws - 1) / n_draws)
        np.testing.assert_allclose(se, rows["se"], rtol=1e-9)
        if kind == "normal":  # its width is a multiple of the standard error
            shift = 1.959963984540054 * (found.se - se)
            found_lower, found_upper = found.lower + shift, found.upper - shift
        else:
            found_lower, found_upper = found.lower, found.upper
        np.testing.assert_allclose(found_lower, rows["lower"], rtol=1e-7)
        np.testing.assert_allclose(found_upper, rows["upper"], rtol=1e-7)


numbers = st.lists(st.floats(-50, 50, allow_subnormal=False), min_size=5, max_size=60)


@settings(max_examples=60, deadline=None)
@given(numbers, st.floats(-60, 60), st.floats(-0.3, 0.3), st.floats(0.5, 0.99))
def test_intervals_are_ordered_and_lie_among_the_draws(draws, value, speed, level):
    column = np.array(draws)[:, None]
    for kind in INTERVALS:
        found = bootstrap_intervals(column, np.array([value]), kind, level, np.array([speed]))
        assert found.lower[0] <= found.upper[0]
        if kind != "normal":
            assert column.min() <= found.lower[0]
            assert found.upper[0] <= column.max()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 50), min_size=3, max_size=60), st.floats(0.5, 0.99))
def test_with_symmetric_draws_bc_and_bca_are_percentile(half, level):
    draws = np.concatenate([np.negative(half), half])[:, None] + 3.0
    percentile, bc, bca = (
        bootstrap_intervals(draws, np.array([3.0]), kind, level, np.zeros(1)) for kind in ("percentile", "bc", "bca")
    )
    for other in (bc, bca):
        np.testing.assert_allclose([other.lower, other.upper], [percentile.lower, percentile.upper], atol=1e-9)


def test_quantiles_are_the_order_statistics_where_these_have_the_level():
    ordered = np.arange(1.0, 100.0)
    assert [interpolated_quantile(ordered, k / 100) for k in (1, 5, 50, 99)] == [1.0, 5.0, 50.0, 99.0]
    assert interpolated_quantile(ordered, 0.001) == 1.0
    assert 5.0 < interpolated_quantile(ordered, 0.055) < 6.0


def test_what_does_not_vary_and_what_is_not_finite():
    draws = np.array([[1.0, np.nan], [1.0, 2.0], [1.0, 4.0]])
    found = bootstrap_intervals(draws, np.array([1.0, 3.0]), "bc", 0.95)
    assert (found.se[0], found.lower[0], found.upper[0]) == (0.0, 1.0, 1.0)
    assert found.se[1] == pytest.approx(np.sqrt(2.0))
    undefined = bootstrap_intervals(draws, np.array([np.nan, np.nan]), "percentile", 0.95)
    assert np.isnan(undefined.lower).all()


def test_ends_beyond_the_draws_are_said():
    few = np.linspace(0.0, 1.0, 20)[:, None]
    many = np.linspace(0.0, 1.0, 999)[:, None]
    assert bootstrap_intervals(few, np.array([0.5]), "percentile", 0.95).is_extreme[0]
    assert not bootstrap_intervals(many, np.array([0.5]), "percentile", 0.95).is_extreme[0]
