"""What calibration takes out of the variance: the residuals of a weighted variable on the calibration columns.

A calibrated total varies as the total of its residuals does (Deville & Saerndal 1992,
doi:10.1080/01621459.1992.10475217). Every rule here is linear and of one form: with ``e = z / w``, the
residual of a weighted value is ``w (e - x' L sum_i q_i x_i e_i)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from survey_sem.linalg import Array
from survey_sem.sampling.adjustment import LinearAdjustment
from survey_sem.sampling.calibration import column_sizes, independent_columns
from survey_sem.sampling.columns import Columns
from survey_sem.sampling.raking import Margin, gather_cells

PASSES = 10
"""Passes over the margins in which the R package survey 4.1 takes class means out after raking."""


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """One calibration, as the variance sees it: an `Adjustment`.

    Parameters
    ----------
    columns : Columns (n, k)
        Calibration columns x.
    weights : array (n,)
        Calibrated weights w.
    shares : array (n,)
        Weights q of the rows in the regression.
    solver : array (k, k)
        L, from weighted sums of ``x e`` to coefficients.
    """

    columns: Columns
    weights: Array
    shares: Array
    solver: Array

    def residuals(self, values: Array) -> Array:
        """Weighted residuals of weighted variables, both (width, n); a row without weight stays 0."""
        coefficients = self.columns.totals(values * self._taken) @ self.solver.T
        return np.asarray(values - self.weights * self.columns.score(coefficients))

    @property
    def _taken(self) -> Array:
        inverse = np.divide(1.0, self.weights, out=np.zeros_like(self.weights), where=self.weights != 0)
        return np.asarray(self.shares * inverse)

    def linear(self) -> LinearAdjustment:
        """The rule with its columns written out by row."""
        columns = self.columns.score(np.eye(self.columns.n_columns))
        return LinearAdjustment(columns * self.weights, columns * self._taken, self.solver)


def regression_residuals(columns: Columns, base: Array, weights: Array) -> Residuals:
    """Residuals of the regression on the calibration columns, with the base weights.

    Parameters
    ----------
    columns : Columns (n, k)
        Calibration columns; those that depend on others are left out.
    base, weights : array (n,)
        Weights before and after.
    """
    scaled = columns.scaled(column_sizes(base, columns))
    gram = scaled.products(base)
    kept, _ = independent_columns(gram, np.zeros(len(gram)))
    inverse = scipy.linalg.cho_solve(scipy.linalg.cho_factor(gram[np.ix_(kept, kept)]), np.eye(len(kept)))
    return Residuals(scaled.only(kept), weights, base, inverse)


def class_mean_residuals(margins: Sequence[Margin], weights: Array, passes: int = PASSES) -> Residuals:
    """Residuals after raking as the R package survey takes them.

    In every pass the plain mean of ``z / w`` in each class is subtracted, margin after margin. With margins that hang
    together closely this is far from the regression's residual; published standard errors after raking are mostly made
    of it.

    Parameters
    ----------
    margins : sequence of Margin
        The margins, in the order in which they were raked.
    weights : array (n,)
        Raked weights.
    passes : int
        Passes over all margins.
    """
    there = (weights != 0).astype(float)
    sizes = [margin.n_classes for margin in margins]
    cells = gather_cells([margin.codes for margin in margins], sizes, there)
    columns = cells.indicators(sizes)
    shared = (columns * cells.weight[:, None]).T @ columns
    count = np.maximum(np.diag(shared), 1.0)
    sums, solver = np.eye(len(count)), np.zeros((len(count), len(count)))
    ends = np.cumsum([0, *sizes])
    for _ in range(passes):
        for at in range(len(sizes)):
            own = slice(ends[at], ends[at + 1])
            means = sums[own] / count[own, None]
            solver[own] += means
            sums = sums - shared[:, own] @ means
    return Residuals(Columns(columns, cells.of_row, np.zeros((len(weights), 0))), weights, there, solver)
