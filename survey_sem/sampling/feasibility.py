"""Why targets cannot be met: the weights within bounds that come nearest to them, by linear programming."""

from __future__ import annotations

import numpy as np
import scipy.optimize
import scipy.sparse

from survey_sem.linalg import Array, Indices
from survey_sem.sampling.columns import sums_of

_MISSED = 1e-7
"""A total that the nearest weights miss by more than this share of its size cannot be met."""


def nearest_totals(base: Array, columns: Array, totals: Array, lower: float, upper: float) -> Array | None:
    """Totals (k,) of the weights within bounds that miss the wanted ones by the least sum of relative errors.

    Parameters
    ----------
    base : array (n,)
        Base weights.
    columns : array (n, k)
        Auxiliary variables.
    totals : array (k,)
        Wanted totals.
    lower, upper : float
        Bounds of the ratio of a weight to its base weight; infinite: none.

    Returns
    -------
    array or None
        None where the search itself fails.
    """
    distinct, mass, _ = _merged(base, columns)
    n_columns = len(totals)
    size = np.maximum(np.abs(totals), np.abs(columns).T @ base * 1e-6)
    size[size == 0] = 1.0
    scaled = distinct / size
    slack = scipy.sparse.identity(n_columns, format="csr")
    equal = scipy.sparse.hstack([scipy.sparse.csr_matrix(scaled.T * mass), slack, -slack], format="csr")
    cost = np.concatenate([np.zeros(len(mass)), np.ones(2 * n_columns)])
    limits = [(None if np.isinf(lower) else lower, None if np.isinf(upper) else upper)] * len(mass)
    found = scipy.optimize.linprog(
        cost, A_eq=equal, b_eq=totals / size, bounds=[*limits, *[(0, None)] * (2 * n_columns)], method="highs"
    )
    if found.x is None:
        return None
    reached = (mass * found.x[: len(mass)]) @ distinct
    missed = np.abs(reached - totals) > _MISSED * size
    return np.asarray(np.where(missed, reached, totals))


def emptied_rows(base: Array, columns: Array, totals: Array) -> Indices:
    """Rows to which every choice of weights that meets the totals gives none.

    Parameters
    ----------
    base : array (n,)
        Base weights.
    columns : array (n, k)
        Auxiliary variables.
    totals : array (k,)
        Wanted totals, which some weights meet.
    """
    distinct, mass, place = _merged(base, columns)
    size, n = np.where(totals == 0, 1.0, np.abs(totals)), len(mass)
    ratios = scipy.sparse.csr_matrix((distinct / size).T * mass)
    equal = scipy.sparse.hstack([ratios, scipy.sparse.csr_matrix((len(totals), n))], format="csr")
    some = scipy.sparse.hstack([-scipy.sparse.identity(n), scipy.sparse.identity(n)], format="csr")
    found = scipy.optimize.linprog(
        np.concatenate([np.zeros(n), -np.ones(n)]),
        A_ub=some,
        b_ub=np.zeros(n),
        A_eq=equal,
        b_eq=totals / size,
        bounds=[*[(0, None)] * n, *[(0, 1e-3)] * n],
        method="highs",
    )
    if found.x is None:
        return np.zeros(0, dtype=np.intp)
    empty = found.x[n:] < 1e-9
    return np.asarray(np.flatnonzero(base > 0)[empty[place]])


def _merged(base: Array, columns: Array) -> tuple[Array, Array, Indices]:
    """Distinct rows, the sum of their base weights, and the place of every row with weight among them."""
    there = base > 0
    distinct, place = np.unique(columns[there], axis=0, return_inverse=True)
    return distinct, sums_of(place.ravel(), base[there], len(distinct)), place.ravel()
