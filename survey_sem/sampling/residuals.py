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

from survey_sem.linalg import Array, Indices
from survey_sem.sampling.calibration import independent_columns
from survey_sem.sampling.raking import Margin, gather_cells, sums_of

PASSES = 10
"""Passes over the margins in which the R package survey 4.1 takes class means out after raking."""


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """One calibration, as the variance sees it: an `Adjustment`.

    Parameters
    ----------
    columns : array (n_cells, k)
        Calibration columns x of every cell.
    cell : array of int (n,), or None
        Cell of each row; None: every row is one.
    weights : array (n,)
        Calibrated weights w.
    shares : array (n,)
        Weights q of the rows in the regression.
    solver : array (k, k)
        L, from weighted sums of ``x e`` to coefficients.
    """

    columns: Array
    cell: Indices | None
    weights: Array
    shares: Array
    solver: Array

    def residuals(self, values: Array) -> Array:
        """Weighted residuals of weighted variables, both (width, n); a row without weight stays 0."""
        inverse = np.divide(1.0, self.weights, out=np.zeros_like(self.weights), where=self.weights != 0)
        pulled = values * (self.shares * inverse)
        if self.cell is not None:
            pulled = np.stack([sums_of(self.cell, row, len(self.columns)) for row in pulled])
        coefficients = pulled @ self.columns @ self.solver.T
        fitted = coefficients @ self.columns.T
        return np.asarray(values - self.weights * (fitted if self.cell is None else fitted[:, self.cell]))


def regression_residuals(columns: Array, cell: Indices | None, base: Array, weights: Array) -> Residuals:
    """Residuals of the regression on the calibration columns, with the base weights.

    Parameters
    ----------
    columns : array (n_cells, k)
        Calibration columns of every cell; those that depend on others are left out.
    cell : array of int (n,), or None
        Cell of each row; None: every row is one.
    base, weights : array (n,)
        Weights before and after.
    """
    mass = base if cell is None else sums_of(cell, base, len(columns))
    size = np.sqrt(mass @ columns**2 / mass.sum())
    size[size == 0] = 1.0
    scaled = columns / size
    kept, _ = independent_columns(mass, scaled, np.zeros(columns.shape[1]))
    used = scaled[:, kept]
    gram = (used * mass[:, None]).T @ used
    inverse = scipy.linalg.cho_solve(scipy.linalg.cho_factor(gram), np.eye(len(kept)))
    return Residuals(used, cell, weights, base, inverse)


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
    return Residuals(columns, cells.of_row, weights, there, solver)
