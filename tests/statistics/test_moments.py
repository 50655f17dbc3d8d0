"""Moments from rows and from print."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import survey_sem as ss
from survey_sem.errors import DataError, OptionError
from survey_sem.statistics import RowBlocks, sample_moments


@given(st.integers(2, 9000), st.integers(1, 4), st.floats(-1e6, 1e6), st.integers(0, 99))
def test_blocked_pass_equals_the_textbook_formula(n_rows, n_columns, centre, seed):
    values = np.random.default_rng(seed).normal(size=(n_rows, n_columns)) + centre
    found = sample_moments(RowBlocks(tuple(values.T)), [f"x{i}" for i in range(n_columns)])
    np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.cov, np.cov(values.T, bias=True).reshape(n_columns, -1), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint8", "float32", "float64", "bool"])
def test_any_numeric_storage_gives_the_same_moments(dtype):
    values = np.random.default_rng(5).integers(0, 2, size=(5000, 3))
    found = sample_moments(RowBlocks(tuple(values.astype(dtype).T)), ["a", "b", "c"])
    np.testing.assert_allclose(found.cov, np.cov(values.T, bias=True), atol=1e-12)


def test_rows_that_do_not_count_are_left_out():
    values = np.random.default_rng(5).normal(size=(100, 2))
    keep = np.arange(0, 100, 3)
    found = sample_moments(RowBlocks(tuple(values.T), keep), ["a", "b"])
    assert found.n_obs == len(keep)
    np.testing.assert_allclose(found.cov, np.cov(values[keep].T, bias=True))


LOWER = [[4.0, 0, 0], [1.2, 9.0, 0], [0.5, -0.8, 1.0]]
NAMES = ["a", "b", "c"]


def test_full_matrix_lower_triangle_and_correlations_are_one():
    full = np.tril(LOWER) + np.tril(LOWER, -1).T
    gaps = np.where(np.triu(np.ones((3, 3)), 1) > 0, np.nan, LOWER)
    sd = np.sqrt(np.diag(full))
    frame = pd.DataFrame(full, index=NAMES, columns=NAMES)
    same = [
        ss.moments(cov=LOWER, n_obs=50, names=NAMES),
        ss.moments(cov=gaps, n_obs=50, names=NAMES),
        ss.moments(cov=frame, n_obs=50),
        ss.moments(cov=frame.loc[["c", "a", "b"]], n_obs=50),
        ss.moments(cov=full / np.outer(sd, sd), sd=dict(zip(NAMES, sd, strict=True)), n_obs=50, names=NAMES),
        ss.moments(cov=full / np.outer(sd, sd), sd=pd.Series(sd, index=NAMES), n_obs=50.0, names=NAMES),
    ]
    for one in same:
        assert one.names == tuple(NAMES)
        np.testing.assert_allclose(one.cov, full)


def test_selection_and_divisors():
    one = ss.moments(cov=LOWER, n_obs=50, names=NAMES, mean=[1, 2, 3])
    picked = one.select(["c", "a"])
    np.testing.assert_allclose(picked.cov, [[1.0, 0.5], [0.5, 4.0]])
    np.testing.assert_allclose(picked.mean, [3, 1])
    np.testing.assert_allclose(one.rescaled("n").cov, one.cov * 49 / 50)
    np.testing.assert_allclose(one.rescaled("n").rescaled("n-1").cov, one.cov)


@pytest.mark.parametrize(
    ("cov", "more", "code"),
    [
        ([[1, 2, 3], [1, 2, 3]], {}, "matrix-not-square"),
        ([[1, 0.5], [0.4, 1]], {}, "matrix-not-symmetric"),
        ([[1, 0], [np.nan, 1]], {}, "matrix-missing"),
        ([[1, 0], [0.5, -1]], {}, "constant-variable"),
        ([["a", 0], [0.5, 1]], {}, "matrix-not-numeric"),
        ([[1, 0], [1.5, 1]], {"sd": [1, 1]}, "correlation-out-of-range"),
        ([[2, 0], [0.5, 1]], {"sd": [1, 1]}, "matrix-not-correlations"),
        ([[1, 0], [0.5, 1]], {"sd": [1, 0]}, "constant-variable"),
        ([[1, 0], [0.5, 1]], {"sd": [1, 2, 3]}, "matrix-names"),
        ([[1, 0], [0.5, 1]], {"mean": {"a": 1}}, "matrix-names"),
        ([[1, 0], [0.5, 1]], {"names": ["a", "a"]}, "matrix-names"),
        ([[1, 0], [0.5, 1]], {"names": ["a"]}, "matrix-names"),
    ],
)
def test_what_is_wrong_with_a_printed_matrix_is_said(cov, more, code):
    with pytest.raises(DataError) as caught:
        ss.moments(cov=cov, n_obs=10, **{"names": ["a", "b"], **more})
    assert caught.value.code == code


@pytest.mark.parametrize("n_obs", [0, 1, 2.5, "many", True])
def test_the_number_of_observations_is_a_whole_number(n_obs):
    with pytest.raises(OptionError):
        ss.moments(cov=[[1, 0], [0.5, 1]], n_obs=n_obs, names=["a", "b"])
