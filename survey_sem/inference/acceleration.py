"""Acceleration of estimates, for BCa intervals: the skewness of their casewise influence.

The influence of a row stands for what leaving it out would change (the infinitesimal jackknife).
Source: Efron (1987), doi:10.1080/01621459.1987.10478410, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from survey_sem.estimation.model import Point
from survey_sem.inference.sandwich import rows_of
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array
from survey_sem.statistics import Moments


def accelerations(solution: Solution, slopes: Array) -> Array:
    """a = sum l^3 / (6 (sum l^2)^1.5) of functions with derivatives `slopes` (k, q); 0 where nothing varies.

    Influences are centred within groups, and added up within clusters where rows have them.
    """
    assert solution.inverse is not None
    squares, cubes = np.zeros(len(slopes)), np.zeros(len(slopes))
    known = np.nan_to_num(slopes)
    for point, own in zip(solution.estimates.points, solution.moments, strict=True):
        turn = known @ solution.inverse[:, point.jacobian.theta]
        n, sums = 0, [np.zeros(len(slopes)) for _ in range(3)]
        for influence in _by_unit(own, (turn @ block for block in _scores(point, own)), len(slopes)):
            n += influence.shape[1]
            power = influence.copy()
            for total in sums:
                total += power.sum(axis=1)
                power *= influence
        mean = sums[0] / n
        squares += sums[1] - n * mean**2
        cubes += sums[2] - 3.0 * mean * sums[1] + 2.0 * n * mean**3
    with np.errstate(all="ignore"):
        found = cubes / (6.0 * squares**1.5)
    return np.where(np.isfinite(found), found, 0.0)


def _scores(point: Point, own: Moments) -> Iterator[Array]:
    """Casewise derivatives of one group's fit function, turned round and up to a constant, (k, rows) by block."""
    j, inverse = point.jacobian, point.discrepancy.inverse
    is_unweighted = inverse is None
    weight = np.eye(j.u.shape[1]) if inverse is None else inverse
    u, v, w = j.u @ weight, j.v @ weight, j.w @ weight
    rows = rows_of(own)
    constant = np.sum((u @ own.cov) * v, axis=1)[:, None] if rows.weights is not None else 0.0
    for block, at in rows.placed_blocks(own.mean):
        found = (u @ block) * (v @ block) + w @ block
        if is_unweighted:
            found += (u * v) @ block**2  # variances count once, as covariances do
        yield found if rows.weights is None else (found - constant) * rows.weights[at]


def _by_unit(own: Moments, influences: Iterator[Array], size: int) -> Iterator[Array]:
    """Influences of rows, or of whole clusters."""
    rows = rows_of(own)
    codes = rows.cluster_codes()
    if codes is None:
        yield from influences
        return
    totals, start = np.zeros((rows.n_units, size)), 0
    for block in influences:
        np.add.at(totals, codes[start : start + block.shape[1]], block.T)
        start += block.shape[1]
    yield totals.T
