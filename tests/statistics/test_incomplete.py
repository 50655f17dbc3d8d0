"""Incomplete rows: the likelihood and its derivatives against sums over rows and differences."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from survey_sem.linalg import vech, vech_indices
from survey_sem.statistics import RowBlocks
from survey_sem.statistics.incomplete import (
    expected_information,
    likelihood,
    moment_information,
    moment_scores,
)
from survey_sem.statistics.patterns import find_patterns
from survey_sem.statistics.saturated import saturated_moments


def rows_with_gaps(seed, n, p, share):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) + 5.0 * rng.normal(size=p)
    values[rng.random((n, p)) < share] = np.nan
    return values


# few and many gaps: both sides of the covariance matrix, small and large patterns, rows without anything
DATA = [(1, 60, 4, 0.2), (2, 300, 5, 0.6), (3, 400, 4, 0.5), (4, 2000, 3, 0.3), (5, 90, 6, 0.85)]


@pytest.fixture(params=DATA, ids=str)
def values(request):
    return rows_with_gaps(*request.param)


def moments(p):
    rng = np.random.default_rng(p)
    return 2.0 * np.eye(p) + 0.3, rng.normal(size=p)


def packed(cov, mean):
    return np.concatenate([mean, vech(cov)])


def unpacked(point, p):
    cov = np.zeros((p, p))
    rows, columns = vech_indices(p)
    cov[rows, columns] = cov[columns, rows] = point[p:]
    return cov, point[:p]


def gradient(found):
    rows, columns = vech_indices(len(found.by_mu))
    return np.concatenate([-found.by_mu, vech(found.by_sigma) * np.where(rows == columns, 0.5, 1.0)])


def numeric(function, point, step=1e-5):
    return np.stack(
        [(function(point + step * e) - function(point - step * e)) / (2 * step) for e in np.eye(len(point))], axis=-1
    )


def row_value(row, sigma, mu):
    has = ~np.isnan(row)
    off, block = row[has] - mu[has], sigma[np.ix_(has, has)]
    return 0.5 * (np.linalg.slogdet(block)[1] + off @ np.linalg.solve(block, off))


def test_the_likelihood_is_the_sum_over_rows(values):
    patterns = find_patterns(RowBlocks(tuple(values.T)))
    sigma, mu = moments(values.shape[1])
    used = values[~np.isnan(values).all(axis=1)]
    assert patterns.n_obs == len(used)
    assert patterns.n_cells == np.isfinite(values).sum()
    expected = np.mean([row_value(row, sigma, mu) for row in used])
    assert likelihood(patterns, sigma, mu).value == pytest.approx(expected, rel=1e-12)


def test_derivatives(values):
    p = values.shape[1]
    patterns = find_patterns(RowBlocks(tuple(values.T)))
    sigma, mu = moments(p)
    found, point = likelihood(patterns, sigma, mu), packed(sigma, mu)
    slope = numeric(lambda at: likelihood(patterns, *unpacked(at, p)).value, point)
    assert_allclose(gradient(found), slope, atol=1e-8)
    curve = numeric(lambda at: gradient(likelihood(patterns, *unpacked(at, p))), point)
    information = moment_information(patterns, sigma, mu, found.precision)
    assert_allclose(information.observed, curve, atol=1e-7)
    assert_allclose(expected_information(patterns, sigma, found.precision), information.expected, atol=1e-12)


def test_casewise_scores_are_the_derivatives_of_each_row(values):
    p = values.shape[1]
    rows = RowBlocks(tuple(values.T))
    patterns = find_patterns(rows)
    sigma, mu = moments(p)
    point = packed(sigma, mu)
    scores = np.array(
        [
            numeric(lambda at, row=row: row_value(row, *unpacked(at, p)), point)
            for row in values[:60]
            if np.isfinite(row).any()
        ]
    )
    few = RowBlocks(tuple(values[:60].T))
    found = sum(block @ block.T for block, _ in moment_scores(find_patterns(few), few, sigma, mu)) / len(scores)
    assert_allclose(found, scores.T @ scores / len(scores), rtol=1e-5, atol=1e-6)
    assert patterns.n_obs >= len(scores)


def test_saturated_moments_have_no_gradient(values):
    patterns = find_patterns(RowBlocks(tuple(values.T)))
    found = saturated_moments(patterns)
    if found.converged:
        sd = np.sqrt(np.diag(found.cov))
        scale = packed(np.outer(sd, sd), sd)
        assert np.abs(gradient(likelihood(patterns, found.cov, found.mean)) * scale).max() < 1e-7


def test_without_gaps_they_are_the_sample_moments():
    values = rows_with_gaps(7, 80, 4, 0.0)
    found = saturated_moments(find_patterns(RowBlocks(tuple(values.T))))
    assert_allclose(found.cov, np.cov(values.T, ddof=0), rtol=1e-12)
    assert_allclose(found.mean, values.mean(axis=0), rtol=1e-12)


def test_patterns_need_no_order():
    values = rows_with_gaps(8, 200, 5, 0.3)
    sigma, mu = moments(5)
    one = likelihood(find_patterns(RowBlocks(tuple(values.T))), sigma, mu)
    shuffled = values[np.random.default_rng(1).permutation(len(values))]
    other = likelihood(find_patterns(RowBlocks(tuple(shuffled.T))), sigma, mu)
    assert one.value == pytest.approx(other.value, rel=1e-13)
    assert_allclose(one.by_sigma, other.by_sigma, atol=1e-13)


def test_more_variables_than_one_word_of_bits():
    """Patterns of 70 variables, told apart by the last one too."""
    values = np.random.default_rng(3).normal(size=(300, 70))
    values[::2, 69] = np.nan
    values[::3, 0] = np.nan
    patterns = find_patterns(RowBlocks(tuple(values.T)))
    assert sorted(patterns.counts.tolist()) == [50, 50, 100, 100]


def test_coverage():
    values = np.array([[1.0, 2.0], [2.0, np.nan], [np.nan, np.nan], [3.0, 1.0]])
    patterns = find_patterns(RowBlocks(tuple(values.T)))
    assert_allclose(patterns.coverage(), np.array([[1.0, 2 / 3], [2 / 3, 2 / 3]]))
