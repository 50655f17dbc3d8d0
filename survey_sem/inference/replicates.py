"""Standard errors from replicate weights: the model fitted again under each replicate's weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey_sem.estimation.refit import refit
from survey_sem.inference.bootstrap import CHUNK, resampled_model
from survey_sem.inference.sandwich import own_mean, rows_of
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array
from survey_sem.sampling import Replicates
from survey_sem.statistics import Moments
from survey_sem.statistics.resampling import GivenDraws, resampled_moments


def with_replicates(solution: Solution) -> Solution:
    """The solution with the sampling covariance of its replicates, where its rules ask for it.

    Raises
    ------
    DataError
        A replicate could not be fitted.
    """
    scatter = rows_of(solution.moments[0]).scatter if solution.rules.se == "replicate" else None
    if scatter is None or solution.inverse is None or not solution.estimates.optimum.converged:
        return solution
    assert isinstance(scatter, Replicates)
    theta = np.concatenate(
        [
            _refitted(solution, scatter, slice(start, min(start + CHUNK, scatter.n_replicates)))
            for start in range(0, scatter.n_replicates, CHUNK)
        ]
    )
    return replace(solution, vcov=scatter.covariance(theta, solution.estimates.theta))


def _refitted(solution: Solution, replicates: Replicates, chosen: slice) -> Array:
    """Estimates of some replicates (r, q), NaN where there are none."""
    drawn = [
        resampled_moments(
            replace(rows_of(own), clusters=replicates.unit), own_mean(own), _factors(own, replicates, chosen)
        )
        for own in solution.moments
    ]
    return refit(solution.estimates, resampled_model(solution, drawn)).theta


def _factors(own: Moments, replicates: Replicates, chosen: slice) -> GivenDraws:
    """What multiplies the weights of one group's units, or of its rows, in these replicates."""
    rows = rows_of(own)
    at = np.arange(replicates.n_rows) if rows.keep is None else rows.keep
    if replicates.unit is not None:
        return GivenDraws(replicates.factors[np.unique(replicates.unit[at]), chosen].T)
    factors = replicates.factors[at, chosen]
    if replicates.base is not None:
        base = replicates.base[at, None]
        factors = np.divide(factors, base, out=np.zeros_like(factors), where=base != 0.0)
    return GivenDraws(factors.T)
