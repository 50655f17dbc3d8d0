"""Linear algebra that several rooms share: half-vectorisation, null spaces, checked factorisations.

Arrays only. Symmetric p x p matrices have p* = p(p+1)/2 distinct elements; ``vech`` lists them row by row of the
lower triangle: (0,0), (1,0), (1,1), (2,0), ...
"""

from __future__ import annotations

from contextlib import AbstractContextManager
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
