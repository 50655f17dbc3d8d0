"""Resampled moments are those of the rows that were drawn."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from survey_sem.statistics import RowBlocks
from survey_sem.statistics.resampling import UNIT_BLOCK, ListedDraws, UniformDraws, resampled_moments


def stream(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_moments_of_listed_rows(whole, shift):
    rng = np.random.default_rng(3)
    values = rng.integers(1, 8, (3, 500)).astype(float) if whole else rng.normal(size=(3, 500))
    values += shift
    drawn = rng.integers(0, 500, (4, 500))
    found = resampled_moments(RowBlocks(tuple(values)), values.mean(axis=1), ListedDraws(drawn, 500))
    for at, rows in enumerate(drawn):
        np.testing.assert_allclose(found.mean[at], values[:, rows].mean(axis=1), rtol=1e-13)
        np.testing.assert_allclose(found.cov[at], np.cov(values[:, rows], bias=True), rtol=1e-9, atol=1e-9)
    assert (found.n_obs == 500).all()


def test_rows_that_do_not_belong_are_never_drawn():
    values = np.arange(20.0)
    rows = RowBlocks((values, values**2), np.array([2, 3, 5]))
    found = resampled_moments(rows, np.array([3.0, 12.0]), UniformDraws(stream(), 50, 3))
    assert (found.mean[:, 0] >= 2).all()
    assert (found.mean[:, 0] <= 5).all()


def test_counts_are_multinomial():
    n = 3 * UNIT_BLOCK // 2
    draws = UniformDraws(stream(), 400, n)
    counts = np.hstack([draws.counts(0, UNIT_BLOCK), draws.counts(UNIT_BLOCK, n)])
    assert (counts.sum(axis=1) == n).all()
    assert counts.mean() == 1.0
    assert counts.var() == pytest.approx(1.0 - 1.0 / n, abs=0.01)
    halves = counts[:, : n // 2].sum(axis=1)
    assert halves.var() == pytest.approx(n / 4, rel=0.25)


def test_the_mean_over_draws_is_the_sample():
    values = np.random.default_rng(5).integers(1, 6, (2, 700)).astype(np.int8)
    found = resampled_moments(RowBlocks(tuple(values)), values.mean(axis=1), UniformDraws(stream(), 2000, 700))
    own = np.cov(values, bias=True)
    np.testing.assert_allclose(found.cov.mean(axis=0), own * 699 / 700, atol=0.01)
    np.testing.assert_allclose(found.mean.std(axis=0), np.sqrt(np.diag(own) / 700), rtol=0.06)


def test_whole_clusters_are_drawn():
    codes = np.repeat([7, 3, 9, 4], [2, 3, 1, 4])
    values = np.arange(10.0)
    rows = RowBlocks((values,), None, None, codes)
    assert rows.n_units == 4
    drawn = np.array([[0, 0, 1, 3]])  # clusters in the order of their codes: 3, 4, 7, 9
    found = resampled_moments(rows, np.array([4.5]), ListedDraws(drawn, 4))
    taken = np.concatenate([values[codes == 3], values[codes == 3], values[codes == 4], values[codes == 9]])
    assert found.n_obs[0] == len(taken)
    assert found.mean[0, 0] == pytest.approx(taken.mean())
    assert found.cov[0, 0, 0] == pytest.approx(taken.var())


def test_memory_does_not_grow_with_the_rows():
    values = np.random.default_rng(1).integers(1, 8, (8, 100_000)).astype(np.int8)
    rows = RowBlocks(tuple(values))
    tracemalloc.start()
    resampled_moments(rows, values.mean(axis=1), UniformDraws(stream(), 64, 100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6  # 100,000 rows of counts alone would be 26 MB


def test_many_variables_are_squared_a_few_rows_at_a_time():
    values = np.random.default_rng(2).normal(size=(60, 3000))
    drawn = np.random.default_rng(3).integers(0, 3000, (3, 3000))
    tracemalloc.start()
    found = resampled_moments(RowBlocks(tuple(values)), values.mean(axis=1), ListedDraws(drawn, 3000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    for at, rows in enumerate(drawn):
        np.testing.assert_allclose(found.cov[at], np.cov(values[:, rows], bias=True), atol=1e-12)
    assert peak < 20e6  # all products of 2,048 rows would be 31 MB
