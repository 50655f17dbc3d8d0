"""Quantile regression: the exact optimum of a linear programme, and the density of the residuals around it.

Sources: Koenker & Bassett (1978), doi:10.2307/1913643; Powell (1991) for the kernel; Hall & Sheather (1988),
doi:10.1111/j.2517-6161.1988.tb01735.x, for its width.
"""

from __future__ import annotations

import numpy as np

from survey_sem.errors import DataError, ModelError
from survey_sem.linalg import Array

_TOLERANCES = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def solve_quantile(x: Array, y: Array, weights: Array, quantile: float) -> tuple[Array, Array]:
    """Coefficients (k,) that minimise the weighted sum of |residual|, times q above 0 and 1 - q below, and a.

    The dual programme has a bounded variable for each row and an equation for each column: maximise y'a where x'a = 0
    and w (q - 1) <= a <= w q (n,). Rows strictly between their bounds lie on the plane, and settle it to rounding.
    Casewise scores are x a: w (q - 1[residual < 0]) where a residual is not 0, and their sum is 0.

    Raises
    ------
    ModelError
        The programme was not solved.
    """
    from scipy.optimize import linprog

    length = np.sqrt((x**2).sum(axis=0))
    spread = float(np.abs(y).mean()) or 1.0
    scaled, share = x / length, weights / weights.mean()
    lower, upper = share * (quantile - 1.0), share * quantile
    found = linprog(
        -y / spread, A_eq=scaled.T, b_eq=np.zeros(x.shape[1]), bounds=np.column_stack([lower, upper]),
        method="highs-ipm", options=_TOLERANCES,
    )  # fmt: skip
    if found.status != 0:
        raise ModelError("not-converged", "the quantile regression did not converge", got=str(found.message))
    theta = -found.eqlin.marginals * spread / length
    room = 1e-9 * share
    on_plane = (found.x > lower + room) & (found.x < upper - room)
    if int(on_plane.sum()) == x.shape[1] and np.linalg.cond(scaled[on_plane]) < 1e12:
        theta = np.linalg.solve(x[on_plane], y[on_plane])
    return np.asarray(theta), np.asarray(found.x * weights.mean())


def density(residual: Array, width: float) -> Array:
    """Each row's part of the density of the residuals at 0, by a normal kernel."""
    return np.asarray(np.exp(-0.5 * (residual / width) ** 2) / (np.sqrt(2.0 * np.pi) * width))


def bandwidth(residual: Array, quantile: float) -> float:
    """Width of the kernel after Hall and Sheather, for 95% intervals, on the scale of the residuals.

    Raises
    ------
    DataError
        Half of the residuals are equal.
    """
    from scipy.special import ndtri

    at = ndtri(quantile)
    height = np.exp(-0.5 * at * at) / np.sqrt(2.0 * np.pi)
    share = len(residual) ** (-1 / 3) * ndtri(0.975) ** (2 / 3) * (1.5 * height**2 / (2.0 * at * at + 1.0)) ** (1 / 3)
    while share >= min(quantile, 1.0 - quantile):
        share /= 2.0
    lower, upper = np.quantile(residual, [0.25, 0.75])
    spread = min(float(residual.std(ddof=1)), float(upper - lower) / 1.34)
    if spread <= 0:
        raise DataError(
            "no-spread",
            "half of the residuals are 0: the response has too few values for a quantile regression",
            hint="an ordinal or a two-part regression fits such a response",
        )
    return float(spread * (ndtri(quantile + share) - ndtri(quantile - share)))
