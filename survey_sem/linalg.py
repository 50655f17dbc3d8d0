"""Linear algebra that several rooms share: half-vectorisation, null spaces, checked factorisations.

Arrays only. Symmetric p x p matrices have p* = p(p+1)/2 distinct elements; ``vech`` lists them row by row of the
lower triangle: (0,0), (1,0), (1,1), (2,0), ...
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


@cache
def _blas_controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """A context in which linear algebra runs on one thread.

    Matrices of models are small: handing them to several threads costs more than it saves, much more on a busy
    machine, and the order of summation then depends on the number of threads.
    """
    manager: AbstractContextManager[Any] = _blas_controller().limit(limits=1, user_api="blas")
    return manager


Array = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]


def vech_indices(size: int) -> tuple[Indices, Indices]:
    """Row and column positions of the distinct elements of a symmetric matrix, in the order of `vech`."""
    return np.tril_indices(size)


def vech(matrix: Array) -> Array:
    """Distinct elements of a symmetric matrix (..., p, p) as (..., p*)."""
    rows, columns = vech_indices(matrix.shape[-1])
    return matrix[..., rows, columns]


def null_space(matrix: Array, tolerance: float = 1e-10) -> Array:
    """Orthonormal basis K (columns) of the directions that `matrix` (r, q) sends to zero: ``matrix @ K = 0``.

    Rank is decided relative to the largest singular value.
    """
    n_columns = matrix.shape[1]
    if matrix.shape[0] == 0:
        return np.eye(n_columns)
    _, singular, right = np.linalg.svd(matrix, full_matrices=True)
    rank = int(np.sum(singular > tolerance * max(singular[0], 1e-300)))
    return right[rank:].T.copy()


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Directions K (q, r) that linear constraints leave free: ``matrix @ K = 0``.

    Parameters that are equal move as one, so that K itself, (q, r), is never made: a row of it is the row of `basis`
    that `place` names. Its columns are not orthonormal.

    Parameters
    ----------
    place : array of int (q,)
        For every parameter its tie, from 0 to m - 1; a parameter that equals no other one is a tie of its own.
    n_ties : int
        m.
    basis : array (m, r) or None
        Orthonormal directions of the ties that the other constraints leave free; None where there are no others.
    """

    place: Indices
    n_ties: int
    basis: Array | None = None

    @property
    def size(self) -> int:
        """r, the number of directions."""
        return self.n_ties if self.basis is None else self.basis.shape[1]

    def of_vector(self, vector: Array) -> Array:
        """K' v, for a vector (q,)."""
        tied = as_array(np.bincount(self.place, weights=vector, minlength=self.n_ties))
        return tied if self.basis is None else self.basis.T @ tied

    def of_matrix(self, matrix: Array) -> Array:
        """K' A K, for a symmetric matrix (q, q)."""
        return self.of_blocks([(np.arange(len(self.place)), matrix)])

    def of_blocks(self, blocks: Iterable[tuple[Indices, Array]]) -> Array:
        """K' A K, for the sum A of symmetric blocks (k, k), each with its positions (k,) in the parameter vector."""
        total = np.zeros((self.n_ties, self.n_ties))
        for at, block in blocks:
            to, summed = _without_repeats(self.place[at], block)
            total[np.ix_(to, to)] += summed
        return total if self.basis is None else self.basis.T @ total @ self.basis

    def along(self, steps: Array) -> Array:
        """K x, for steps (r,) or several of them as columns (r, ...)."""
        tied = steps if self.basis is None else self.basis @ steps
        return np.asarray(tied[self.place])

    def around(self, matrix: Array) -> Array:
        """K M K', for a matrix (r, r)."""
        tied = matrix if self.basis is None else self.basis @ matrix @ self.basis.T
        return np.asarray(tied[np.ix_(self.place, self.place)])

    def dense(self) -> Array:
        """K (q, r)."""
        return self.along(np.eye(self.size))

    def levelled(self, vector: Array) -> Array:
        """The vector (q,) with the mean of its tie in every place."""
        return np.asarray((np.bincount(self.place, weights=vector) / np.bincount(self.place))[self.place])


def all_directions(size: int) -> Directions:
    """Every direction of a space of this size."""
    return Directions(np.arange(size), size)


def free_directions(matrix: Array) -> Directions:
    """The directions that constraints with these derivatives (r, q) leave free."""
    n_rows, size = matrix.shape
    if not n_rows:
        return all_directions(size)
    used = matrix != 0.0
    count = used.sum(axis=1)
    first, last = used.argmax(axis=1), size - 1 - used[:, ::-1].argmax(axis=1)
    rows = np.arange(n_rows)
    is_tie = (count == 2) & (matrix[rows, first] == -matrix[rows, last])
    ties = Ties(size)
    for one, other in zip(first[is_tie].tolist(), last[is_tie].tolist(), strict=True):
        ties.join(one, other)
    place = ties.places()
    n_ties = int(place.max(initial=-1)) + 1
    rest = matrix[~is_tie & (count > 0)]
    if not len(rest):
        return Directions(place, n_ties)
    return Directions(place, n_ties, null_space(over_ties(rest, place, n_ties)))


class Ties:
    """Which of so many things are one; at first none."""

    def __init__(self, size: int) -> None:
        self._leader = list(range(size))

    def leader(self, at: int) -> int:
        """The first of those that are one with it."""
        leader = self._leader
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    def join(self, one: int, other: int) -> bool:
        """Make them one; whether they were not yet."""
        first, second = sorted((self.leader(one), self.leader(other)))
        self._leader[second] = first
        return first != second

    def places(self) -> Indices:
        """For everything the number of its tie, from 0, in the order of their first members."""
        leaders = [self.leader(at) for at in range(len(self._leader))]
        return np.unique(np.array(leaders, dtype=np.intp), return_inverse=True)[1].astype(np.intp)


def over_ties(rows: Array, place: Indices, n_ties: int) -> Array:
    """Rows (r, q) with the columns of every tie summed (r, m)."""
    total = np.zeros((n_ties, len(rows)))
    np.add.at(total, place, rows.T)
    return total.T


def _without_repeats(at: Indices, block: Array) -> tuple[Indices, Array]:
    """Positions, each once, and a symmetric block with the rows and columns of one position summed."""
    order = np.argsort(at, kind="stable")
    ordered = at[order]
    is_first = np.ones(len(at), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    if is_first.all():
        return at, block
    first = np.flatnonzero(is_first)
    summed = np.add.reduceat(np.add.reduceat(block[np.ix_(order, order)], first, axis=0), first, axis=1)
    return ordered[first], summed


def log_determinant(factor: Array) -> float:
    """Log-determinant of a matrix from its lower Cholesky factor."""
    return 2.0 * float(np.sum(np.log(np.diag(factor))))


def cholesky_or_none(matrix: Array) -> Array | None:
    """Lower Cholesky factor, or None where the matrix is not positive definite (or not finite)."""
    if not np.isfinite(matrix).all():
        return None
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None


def inverse_from_cholesky(factor: Array) -> Array:
    """Inverse of a positive definite matrix from its lower Cholesky factor, exactly symmetric."""
    half = np.linalg.inv(factor)
    return half.T @ half


def symmetric_root(matrix: Array) -> Array:
    """The symmetric root R of a positive semi-definite matrix: R R = M."""
    values, vectors = np.linalg.eigh(matrix)
    return as_array((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def correlation(cov: Array) -> Array:
    """Correlation matrix of a covariance matrix with positive diagonal."""
    sd = np.sqrt(np.diag(cov))
    return np.asarray(cov / np.outer(sd, sd))


def scaled_to_unit_diagonal(matrix: Array) -> Array:
    """A positive semi-definite matrix scaled to unit diagonal; zero rows stay zero."""
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    scale[scale == 0.0] = 1.0
    return np.asarray(matrix / np.outer(scale, scale))


def symmetric(matrix: Array) -> Array:
    """The symmetric part of a square matrix: (M + M') / 2."""
    return (matrix + matrix.T) / 2.0


def as_array(values: Any) -> Array:
    """Values as a float64 array."""
    return np.asarray(values, dtype=np.float64)
