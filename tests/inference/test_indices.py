"""Indices and distributions against textbook lines and definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_sem.inference import distributions, indices
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.linalg import all_directions, free_directions


def test_rmsea_by_hand():
    # chi-square 85.306 on 24 df, N = 301: sqrt(61.306 / (24 * 301))
    assert indices.rmsea(85.306, 24, 301) == pytest.approx(np.sqrt(61.306 / 7224))
    assert indices.rmsea(10, 24, 301) == 0


def test_comparative_indices_by_hand():
    assert indices.cfi(85.306, 24, 918.852, 36) == pytest.approx(1 - 61.306 / 882.852)
    assert indices.tli(85.306, 24, 918.852, 36) == pytest.approx((918.852 / 36 - 85.306 / 24) / (918.852 / 36 - 1))
    assert indices.nfi(85.306, 918.852) == pytest.approx(833.546 / 918.852)
    assert indices.rfi(85.306, 24, 918.852, 36) == pytest.approx(1 - (85.306 / 24) / (918.852 / 36))
    assert indices.cfi(5, 10, 8, 12) == 1
    assert indices.tli(0, 0, 8, 12) == 1


def test_information_criteria_come_from_the_likelihood():
    assert indices.aic(-3737.745, 21) == pytest.approx(7517.49)
    assert indices.bic(-3737.745, 21, 301) == pytest.approx(7475.49 + 21 * np.log(301))
    assert indices.bic_adjusted(-3737.745, 21, 301) == pytest.approx(7475.49 + 21 * np.log(303 / 24))


@given(st.floats(0.1, 400), st.integers(1, 80))
def test_chi_square_tail_and_quantile(statistic, df):
    assert distributions.chi_square_tail(statistic, df) == pytest.approx(stats.chi2.sf(statistic, df), abs=1e-12)
    level = stats.chi2.cdf(statistic, df)
    if 1e-6 < level < 1 - 1e-6:
        assert distributions.chi_square_quantile(level, df) == pytest.approx(statistic, rel=1e-6)


@given(st.floats(1, 500), st.integers(1, 60), st.sampled_from([0.95, 0.05]))
def test_noncentrality_inverts_the_distribution(statistic, df, probability):
    found = distributions.noncentrality_for(statistic, df, probability)
    if found == 0:
        assert stats.chi2.cdf(statistic, df) <= probability + 1e-9
    else:
        assert stats.ncx2.cdf(statistic, df, found) == pytest.approx(probability, abs=1e-8)


@pytest.mark.parametrize("noncentrality", [1e3, 1e5, 1e7])
def test_the_noncentral_distribution_is_exact_where_samples_are_huge(noncentrality):
    for shift in (-3, 0, 2):
        statistic = noncentrality + 30 + shift * np.sqrt(4 * noncentrality)
        found = distributions.noncentral_chi_square_below(statistic, 30, noncentrality)
        # scipy before 1.17 is itself 3e-8 off at the largest one
        assert found == pytest.approx(stats.ncx2.cdf(statistic, 30, noncentrality), rel=1e-7)


def test_bounds_of_rmsea_hold_their_definition():
    lower, upper = (indices.rmsea_bound(85.306, 24, 301, p) for p in (0.95, 0.05))
    assert lower < indices.rmsea(85.306, 24, 301) < upper
    assert stats.ncx2.cdf(85.306, 24, lower**2 * 24 * 301) == pytest.approx(0.95)
    assert stats.ncx2.cdf(85.306, 24, upper**2 * 24 * 301) == pytest.approx(0.05)


def test_constrained_inverse_is_the_inverse_on_the_null_space():
    rng = np.random.default_rng(4)
    root = rng.normal(size=(5, 5))
    information = root @ root.T
    np.testing.assert_allclose(
        constrained_inverse(information, all_directions(5)), np.linalg.inv(information), atol=1e-8
    )
    constraint = np.array([[1.0, -1.0, 0, 0, 0]])
    found = constrained_inverse(information, free_directions(constraint))
    np.testing.assert_allclose(constraint @ found, 0, atol=1e-10)
    merged = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    np.testing.assert_allclose(found, merged @ np.linalg.inv(merged.T @ information @ merged) @ merged.T, atol=1e-8)


def test_a_singular_information_has_no_inverse():
    assert constrained_inverse(np.ones((2, 2)), all_directions(2)) is None
    assert constrained_inverse(np.diag([1.0, 0.0]), all_directions(2)) is None
    assert constrained_inverse(np.ones((2, 2)), free_directions(np.array([[1.0, -1.0]]))) is not None
