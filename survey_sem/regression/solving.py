"""Weighted least squares of many rows: normal equations where the columns are far from collinear, else the singular
value decomposition, which takes ten times as long.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg

from survey_sem.linalg import Array, cholesky_or_none

WELL_APART = 1e-3
"""Smallest diagonal of the scaled triangle (what a column adds to those before it, its length being 1) for which
normal equations with one step of refinement keep twelve digits."""


def scaled_triangle(x: Array, weights: Array) -> tuple[Array | None, Array]:
    """Lower triangle of the weighted cross-products of columns of length 1 (None where there is none), and lengths."""
    weighted = x * weights[:, None]
    gram = weighted.T @ x
    length = np.sqrt(np.maximum(np.diag(gram), 0.0))
    length[length == 0] = 1.0
    return cholesky_or_none(gram / np.outer(length, length)), length


def are_well_apart(triangle: Array | None) -> bool:
    """Whether no column is nearly made of those before it."""
    return triangle is not None and bool(np.diag(triangle).min() > WELL_APART)


def least_squares(x: Array, y: Array, weights: Array) -> Array:
    """Coefficients (k,) that minimise the weighted sum of squares of y - x b.

    Parameters
    ----------
    x, y, weights : arrays (n, k), (n,), (n,)
        Weights 0 or more.
    """
    triangle, length = scaled_triangle(x, weights)
    if triangle is None or not are_well_apart(triangle):
        root = np.sqrt(weights)
        return np.asarray(np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0])
    theta = np.zeros(x.shape[1])
    for _ in range(2):  # the second step takes out the rounding of the first
        theta = theta + scipy.linalg.cho_solve((triangle, True), (weights * (y - x @ theta)) @ x / length) / length
    return theta
