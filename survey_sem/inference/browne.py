"""Browne's residual-based tests: the residual moments, weighted by what varies of them once the model is fitted.

N e' (W - W J (J' W J)^-1 J' W) e, with W the inverse of Gamma: of the data's own (ADF; ``.model`` is another name for
it), or under normal theory (NT) at the sample moments or, ``.model``, at the implied ones. They hold for estimates of
any consistent fit function. Source: Browne (1984, eq. 2.20),
doi:10.1111/j.2044-8317.1984.tb00789.x.
"""

from __future__ import annotations

import numpy as np

from survey_sem.errors import DataError
from survey_sem.estimation.build import FIXED_BELOW
from survey_sem.estimation.conditional import moment_jacobian, residual_moments
from survey_sem.estimation.estimate import Estimates
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.sandwich import normal_sample_gamma, whole_gammas
from survey_sem.linalg import Array, cholesky_or_none
from survey_sem.statistics import Moments

TESTS = ("browne.residual.adf", "browne.residual.nt", "browne.residual.adf.model", "browne.residual.nt.model")


def browne_statistic(estimates: Estimates, moments: tuple[Moments, ...], name: str, n_scale: float) -> float:
    """The statistic `name`, one of `TESTS`; NaN where the information has no inverse.

    Raises
    ------
    DataError
        Gamma has no inverse (too few rows).
    """
    model = estimates.model
    q = model.n_free
    information, score, squares = np.zeros((q, q)), np.zeros(q), 0.0
    for block, (point, sample, share) in enumerate(zip(estimates.points, model.samples, model.shares, strict=True)):
        implied = point.moments
        if name.startswith("browne.residual.adf"):
            gamma = whole_gammas(moments[block : block + 1], (sample,)).own[0]
        elif name.endswith(".model"):
            gamma = normal_sample_gamma(sample, implied.sigma, implied.mu)
        else:
            gamma = normal_sample_gamma(sample, sample.cov, sample.mean)
        residual = residual_moments(sample, implied.sigma, implied.mu)
        dense = np.zeros((len(residual), q))
        dense[:, point.jacobian.theta] = moment_jacobian(sample, point.jacobian, implied.sigma, implied.mu)
        half = _half_inverse(gamma, moments[block])
        turned, weighted = half @ dense, half @ residual
        information += share * turned.T @ turned
        score += share * turned.T @ weighted
        squares += share * float(weighted @ weighted)
    inverse = constrained_inverse(information, estimates.equality_directions())
    if inverse is None:
        return float("nan")
    return n_scale * max(squares - float(score @ inverse @ score), 0.0)


def _half_inverse(gamma: Array, moments: Moments) -> Array:
    """L^-1 with Gamma = L L'; zero for moments that do not vary, those of fixed exogenous variables."""
    variance = np.diag(gamma)
    varies = np.flatnonzero(variance > FIXED_BELOW * variance.max(initial=0.0))
    factor = cholesky_or_none(gamma[np.ix_(varies, varies)])
    if factor is None:
        raise DataError(
            "gamma-singular",
            f"Browne's residual test needs the inverse of Gamma: {moments.n_obs} rows for {len(gamma)} moments",
            where=f"group {moments.label}" if moments.label else None,
            hint="leave this test out, or use test='satorra_bentler'",
        )
    found = np.zeros_like(gamma)
    found[np.ix_(varies, varies)] = np.linalg.inv(factor)
    return found
