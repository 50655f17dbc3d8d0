"""Weighted least squares of many rows: normal equations where the columns are far from collinear, else the singular
value decomposition, which takes ten times as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from survey_sem.linalg import Array, cholesky_or_none

WELL_APART = 1e-3
"""Smallest diagonal of the scaled triangle (what a column adds to those before it, its length being 1) for which
normal equations with one step of refinement keep twelve digits."""


@dataclass(frozen=True, slots=True)
class NormalEquations:
    """The weighted cross-products of a matrix, made once for coefficients and information.

    Parameters
    ----------
    x, weights : arrays (n, k), (n,)
        Weights 0 or more.
    gram : array (k, k)
        Of the columns of x at length 1.
    triangle : array (k, k) or None
        Lower Cholesky factor of `gram`; None where there is none.
    length : array (k,)
        Weighted lengths of the columns.
    """

    x: Array
    weights: Array
    gram: Array
    triangle: Array | None
    length: Array

    @classmethod
    def of(cls, x: Array, weights: Array) -> NormalEquations:
        """One pass over the rows."""
        rooted = x * np.sqrt(weights)[:, None]
        gram = rooted.T @ rooted
        length = np.sqrt(np.diag(gram))
        length[length == 0] = 1.0
        gram /= np.outer(length, length)
        return cls(x, weights, gram, cholesky_or_none(gram), length)

    @property
    def are_well_apart(self) -> bool:
        """Whether no column is nearly made of those before it."""
        return self.triangle is not None and bool(np.diag(self.triangle).min() > WELL_APART)

    def solve(self, y: Array) -> Array:
        """Coefficients (k,) that minimise the weighted sum of squares of y - x b."""
        if self.triangle is None or not self.are_well_apart:
            root = np.sqrt(self.weights)
            return np.asarray(np.linalg.lstsq(self.x * root[:, None], y * root, rcond=None)[0])
        theta = np.zeros(self.x.shape[1])
        for _ in range(2):  # the second step takes out the rounding of the first
            slope = (self.weights * (y - self.x @ theta)) @ self.x / self.length
            theta = theta + scipy.linalg.cho_solve((self.triangle, True), slope) / self.length
        return theta

    def inverse(self) -> Array:
        """Inverse (k, k) of the weighted cross-products."""
        return np.asarray(np.linalg.inv(self.gram) / np.outer(self.length, self.length))
