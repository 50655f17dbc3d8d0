"""Directions that linear constraints leave free: ties as one parameter, everything else as before."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import survey_sem as ss
from survey_sem.errors import ModelError
from survey_sem.linalg import free_directions, null_space

TIES = [(0, 2), (2, 5), (7, 1)]


def rows(ties, size=9):
    made = np.zeros((len(ties), size))
    for at, (one, other) in enumerate(ties):
        made[at, one], made[at, other] = 1.0, -1.0
    return made


GENERAL = np.array([[0.0, 1, 0, 2, 0, 0, 0, 0, 0], [1.0, 0, 1, 0, 1, 1, 0, 0, 0]])
MATRICES = {
    "nothing": rows([]),
    "ties": rows(TIES),
    "a tie said twice": rows([*TIES, (0, 5)]),
    "others": GENERAL,
    "both": np.vstack([GENERAL, rows(TIES)]),
    "a row of zeros": np.vstack([rows(TIES), np.zeros((1, 9))]),
    "scaled ties": 3.0 * rows(TIES),
}


@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES.keys())
def test_directions_span_the_null_space(matrix):
    free, exact = free_directions(matrix), null_space(matrix)
    directions = free.dense()
    assert directions.shape == exact.shape
    assert_allclose(matrix @ directions, 0.0, atol=1e-14)
    assert np.linalg.matrix_rank(np.hstack([directions, exact])) == free.size


@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES.keys())
def test_products_are_those_of_the_dense_matrix(matrix):
    rng = np.random.default_rng(3)
    free = free_directions(matrix)
    k = free.dense()
    square, vector, small = rng.normal(size=(9, 9)), rng.normal(size=9), rng.normal(size=(free.size, free.size))
    square, small = square + square.T, small + small.T
    assert_allclose(free.of_matrix(square), k.T @ square @ k, atol=1e-13)
    assert_allclose(free.of_vector(vector), k.T @ vector, atol=1e-13)
    assert_allclose(free.along(small[0]), k @ small[0], atol=1e-13)
    assert_allclose(free.around(small), k @ small @ k.T, atol=1e-13)


def test_blocks_with_a_parameter_twice_are_summed():
    """Two parameters of one group that are equal: both rows and both columns of the block count."""
    rng = np.random.default_rng(4)
    free = free_directions(rows(TIES))
    whole, blocks = np.zeros((9, 9)), []
    for at in (np.array([5, 0, 3]), np.array([2, 1, 7, 8])):
        block = rng.normal(size=(len(at), len(at)))
        block = block + block.T
        whole[np.ix_(at, at)] += block
        blocks.append((at, block))
    k = free.dense()
    assert_allclose(free.of_blocks(blocks), k.T @ whole @ k, atol=1e-13)


MODEL = "f =~ x1 + a*x2 + b*x3 + c*x4 + d*x5\n"


def data():
    rng = np.random.default_rng(9)
    f = rng.normal(size=(300, 1))
    import pandas as pd

    return pd.DataFrame(0.7 * f + 0.7 * rng.normal(size=(300, 5)), columns=[f"x{k}" for k in range(1, 6)])


@pytest.mark.parametrize(
    ("constraints", "df", "redundant"),
    [
        ("a == b\nb == c\na == c", 7, ["a == c"]),
        ("a + b == 2*c\na == c\nb == c", 7, ["a+b==2*c"]),
        ("a + b == 2*c\na + 2*b + d == 3*c + d", 7, []),
        ("2*a + 2*b == 4*c\na + b == 2*c", 6, ["a+b==2*c"]),
        ("a == b + 0.1\nb == c", 7, []),
    ],
)
def test_constraints_that_follow_are_named(constraints, df, redundant):
    fit = ss.cfa(MODEL + constraints, data())
    assert fit.measures["df"] == df
    told = [warning.what for warning in fit.warnings if warning.code == "constraint-redundant"]
    assert len(told) == len(redundant)
    assert all(text.replace(" ", "") in what.replace(" ", "") for text, what in zip(redundant, told, strict=True))


@pytest.mark.parametrize(
    "constraints", ["a == b\na == b + 0.1", "a == b\nb == c\na == c + 1", "a + b == 2\na + b == 3"]
)
def test_constraints_that_contradict_are_refused(constraints):
    with pytest.raises(ModelError, match="cannot hold together"):
        ss.cfa(MODEL + constraints, data())
