"""Weights near the base weights whose totals are those of the population.

Minimises ``sum_i d_i P(x_i' lambda) - T' lambda`` by Newton's method with a line search, where P is the integral of the
distance's ratio: the dual of the calibration problem of Deville & Saerndal (1992, doi:10.1080/01621459.1992.10475217).
The problem is convex, so that what is found is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices
from survey_sem.sampling.columns import Columns
from survey_sem.sampling.distances import Distance

TOLERANCE = 1e-10
"""Greatest error of a total that is met, relative to the sum of the sizes that make it up."""
MOST_ITERATIONS = 100
DEPENDENT = 1e-10
"""A column whose part that the columns before it do not explain is below this share of its squares depends on them."""
CONTRADICTION = 1e-6
"""A total of a dependent column contradicts the others where it is off by more than this share of its size."""
_MOST_HALVINGS = 30
_SUFFICIENT = 1e-4
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """Ratios of calibrated to base weights.

    Parameters
    ----------
    ratio : array (n,)
        Weight over base weight.
    multipliers : array (k,)
        One per column; 0 for a column that depends on those before it.
    error : array (k,)
        What is missing to each total, relative to the sum of the sizes that make it up.
    iterations : int
        Newton steps.
    converged : bool
        Whether every total is met.
    contradicting : tuple of int
        Columns whose total contradicts those of the columns that they depend on.
    """

    ratio: Array
    multipliers: Array
    error: Array
    iterations: int
    converged: bool
    contradicting: tuple[int, ...] = ()


def calibrate_weights(
    base: Array,
    columns: Columns,
    totals: Array,
    distance: Distance,
    *,
    start: Array | None = None,
    tolerance: float = TOLERANCE,
    most_iterations: int = MOST_ITERATIONS,
) -> Calibrated:
    """Ratios g with ``sum_i d_i g_i x_i = T``, as near 1 as the distance asks.

    Parameters
    ----------
    base : array (n,)
        Base weights d, not negative.
    columns : Columns (n, k)
        Auxiliary variables x.
    totals : array (k,)
        Their population totals T.
    distance : Distance
        Of n rows, with bounds.
    start : array (k,), optional
        Multipliers to begin with.
    tolerance : float
        See `TOLERANCE`.
    most_iterations : int
        Newton steps after which there is no answer.
    """
    size = column_sizes(base, columns)
    scaled, wanted = columns.scaled(size), totals / size
    kept, contradicting = independent_columns(scaled.products(base), wanted)
    search = _Dual(base, scaled.only(kept), wanted[kept], distance)
    begin = np.zeros(len(kept)) if start is None else (start * size)[kept]
    found, iterations = search.minimum(begin, tolerance, most_iterations)
    ratio = distance.ratio(search.columns.score(found))
    multipliers = np.zeros(columns.n_columns)
    multipliers[kept] = found / size[kept]
    error = _relative_error(base * ratio, scaled, wanted)
    converged = not contradicting and bool((np.abs(error[kept]) <= tolerance).all())
    return Calibrated(ratio, multipliers, error, iterations, converged, contradicting)


def column_sizes(base: Array, columns: Columns) -> Array:
    """Root mean square of every column (k,), 1 for a column of zeros."""
    size = np.sqrt(columns.squares(base) / max(base.sum(), np.finfo(float).tiny))
    return np.where(size == 0, 1.0, size)


def independent_columns(gram: Array, totals: Array) -> tuple[Indices, tuple[int, ...]]:
    """Columns that do not depend on those before them, and dependent ones whose totals contradict theirs.

    Parameters
    ----------
    gram : array (k, k)
        Weighted cross-products of the columns, which are all of about the same size.
    totals : array (k,)
        Their totals.
    """
    kept: list[int] = []
    contradicting = []
    for at in range(len(gram)):
        among = gram[np.ix_(kept, kept)]
        weights = scipy.linalg.lstsq(among, gram[kept, at])[0] if kept else np.zeros(0)
        rest = gram[at, at] - gram[kept, at] @ weights
        if rest > DEPENDENT * gram[at, at]:
            kept.append(at)
            continue
        follows = float(totals[kept] @ weights)
        magnitude = float(np.abs(totals[kept]) @ np.abs(weights)) + abs(float(totals[at]))
        if abs(follows - totals[at]) > CONTRADICTION * magnitude:
            contradicting.append(at)
    return np.asarray(kept, dtype=np.intp), tuple(contradicting)


def _relative_error(weights: Array, columns: Columns, totals: Array) -> Array:
    size = np.maximum(columns.sizes(weights), np.maximum(np.abs(totals), np.finfo(float).tiny))
    return np.asarray((columns.totals(weights) - totals) / size)


@dataclass(frozen=True, slots=True, eq=False)
class _Dual:
    """The convex function of the multipliers, in scaled columns."""

    base: Array
    columns: Columns
    totals: Array
    distance: Distance

    def minimum(self, start: Array, tolerance: float, most_iterations: int) -> tuple[Array, int]:
        """The multipliers where every total is met, or the last ones tried, and the steps taken."""
        at, met = start, False
        for iteration in range(most_iterations):
            score = self.columns.score(at)
            weights = self.base * self.distance.ratio(score)
            error = np.abs(_relative_error(weights, self.columns, self.totals))
            if met or not error.size:
                return at, iteration
            met = bool((error <= tolerance).all())  # one more step: Newton doubles the digits
            moved = self._step(at, score, weights)
            if moved is None:
                return at, iteration
            at = moved
        return at, most_iterations

    def _step(self, at: Array, score: Array, weights: Array) -> Array | None:
        """The next multipliers; None where no step lowers the function."""
        curvature = self.columns.products(self.base * self.distance.slope(score))
        gradient = self.columns.totals(weights) - self.totals
        value, scale = self._value(at, score)
        size = float(self.base.sum())  # of a diagonal element: columns are scaled
        for damping in (0.0, 1e-8, 1e-4, 1e-2, 1.0):
            direction = _solved(curvature, gradient, damping * size)
            if direction is None:
                continue
            for halving in range(_MOST_HALVINGS):
                step = direction * 0.5**halving
                tried = at - step
                new_value, new_scale = self._value(tried, self.columns.score(tried))
                slack = _ROUNDING * max(scale, new_scale)
                if new_value <= value - _SUFFICIENT * float(gradient @ step) + slack:
                    return tried
        return None

    def _value(self, multipliers: Array, score: Array) -> tuple[float, float]:
        """The function, and the size of the terms that it sums."""
        with np.errstate(over="ignore", invalid="ignore"):
            terms = self.base * self.distance.integral(score)
            linear = self.totals * multipliers
            value = float(terms.sum() - linear.sum())
        if not np.isfinite(value):
            return np.inf, 0.0
        return value, float(np.abs(terms).sum() + np.abs(linear).sum())


def _solved(curvature: Array, gradient: Array, ridge: float) -> Array | None:
    """A Newton direction; None where the curvature is singular at this damping."""
    damped = curvature + ridge * np.eye(len(curvature))
    try:
        factor = scipy.linalg.cho_factor(damped)
    except np.linalg.LinAlgError:
        return None
    diagonal: NDArray[np.float64] = np.abs(np.diag(factor[0]))
    if diagonal.min() <= 1e-8 * diagonal.max():
        return None
    return np.asarray(scipy.linalg.cho_solve(factor, gradient))
