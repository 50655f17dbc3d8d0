"""Small summaries of a solution: explained variance, implied moments, covariances of latent variables."""

from __future__ import annotations

import numpy as np

from survey_sem.inference.solution import Solution
from survey_sem.inference.standardise import spreads
from survey_sem.linalg import Array


def r_squared(solution: Solution, group: int = 0) -> dict[str, float]:
    """Explained variance of every endogenous variable: 1 - residual / total, on the unstandardised scale.

    NaN where a residual variance is negative or larger than the total (as in non-recursive models).
    """
    table = solution.estimates.table
    spread = spreads(solution)[group]
    block = group + 1
    dependent = [row.rhs for row in table.parameters if row.block == block and row.op == "=~"]
    dependent += [row.lhs for row in table.parameters if row.block == block and row.op == "~"]
    order = [*table.names("ov", block), *table.names("lv", block)]
    found = {}
    for name in order:
        if name in dependent:
            total, residual = spread.total[name].value, spread.residual[name].value
            value = 1.0 - residual / total if total > 0 else float("nan")
            found[name] = value if 0.0 <= value <= 1.0 else float("nan")
    return found


def latent_covariance(solution: Solution, group: int = 0) -> tuple[tuple[str, ...], Array]:
    """Names and model-implied covariance matrix of the latent variables."""
    estimates = solution.estimates
    names = estimates.table.names("lv", group + 1)
    rep = estimates.model.groups[group]
    at = [rep.latent.index(name) for name in names]
    return names, estimates.points[group].moments.cov_eta[np.ix_(at, at)]


def latent_correlation(cov: Array) -> Array:
    """Correlations of latent variables; NaN with those whose variance is not positive, as in improper solutions."""
    variance = np.diag(cov)
    sd = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return np.asarray(cov / np.outer(sd, sd))
