"""Discrepancies: how far implied moments are from sample moments, with derivatives in moment space.

A discrepancy never sees parameters, names or groups. Values are on the scale of half the usual fit function, so that
N times the value is half the chi-square and the Hessian is the information of one observation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array, cholesky_or_none, inverse_from_cholesky, log_determinant


@dataclass(frozen=True, slots=True, eq=False)
class SampleMoments:
    """One group's moments as an estimator wants them.

    `cov` (p, p) is on the divisor that the likelihood asks for; `mean` (p,) is None without a mean structure;
    `log_det` is the log-determinant of `cov`.
    """

    cov: Array
    mean: Array | None
    log_det: float


@dataclass(frozen=True, slots=True, eq=False)
class Discrepancy:
    """Value and derivatives of a discrepancy at implied moments.

    Parameters
    ----------
    value : float
        F / 2.
    precision : array (p, p)
        Sigma^-1.
    weighted : array (p, p)
        Sigma^-1 T Sigma^-1 with T = S + d d', d = mean - mu.
    by_sigma : array (p, p)
        M with dF/2 = tr(M dSigma) / 2 - by_mu' dmu.
    by_mu : array (p,)
        Sigma^-1 d.
    """

    value: float
    precision: Array
    weighted: Array
    by_sigma: Array
    by_mu: Array


def maximum_likelihood(sample: SampleMoments, sigma: Array, mu: Array) -> Discrepancy | None:
    """Normal-theory maximum likelihood: F = log|Sigma| + tr(T Sigma^-1) - log|S| - p.

    Returns None where Sigma is not positive definite. Source: Joreskog (1967), doi:10.1007/BF02289658.
    """
    factor = cholesky_or_none(sigma)
    if factor is None:
        return None
    precision = inverse_from_cholesky(factor)
    distance = np.zeros(len(sigma)) if sample.mean is None else sample.mean - mu
    by_mu = precision @ distance
    weighted = precision @ sample.cov @ precision + np.outer(by_mu, by_mu)
    trace = float(np.sum(precision * sample.cov)) + float(distance @ by_mu)
    value = 0.5 * (log_determinant(factor) + trace - sample.log_det - len(sigma))
    return Discrepancy(value, precision, weighted, precision - weighted, by_mu)
