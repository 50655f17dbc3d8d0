"""Sampling covariance of the estimates from an information matrix and the constraints."""

from __future__ import annotations

import numpy as np

from survey_sem.linalg import Array, Directions, cholesky_or_none, inverse_from_cholesky, symmetric


def constrained_inverse(information: Array, free: Directions) -> Array | None:
    """K (K' A K)^-1 K' with K the directions that are free; None where K' A K is not positive definite.

    Parameters
    ----------
    information : array (q, q)
        Information of one observation.
    free : Directions
        Those that the constraints leave free at the estimates.
    """
    reduced = symmetric(free.of_matrix(information))
    scale = np.sqrt(np.maximum(np.diag(reduced), 0.0))
    if not reduced.size:
        return np.zeros_like(information)
    if (scale == 0.0).any():
        return None
    factor = cholesky_or_none(reduced / np.outer(scale, scale))
    if factor is None or np.diag(factor).min() < 1e-8:
        return None
    return free.around(inverse_from_cholesky(factor) / np.outer(scale, scale))
