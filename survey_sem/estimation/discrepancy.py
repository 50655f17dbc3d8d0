"""Discrepancies: how far implied moments are from sample moments, with derivatives in moment space.

A discrepancy never sees parameters, names or groups. Values are on the scale of half the usual fit function, so that
N times the value is half the chi-square and the Hessian is the information of one observation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.linalg import Array, cholesky_or_none, inverse_from_cholesky, log_determinant


class Discrepancy(Protocol):
    """Value and derivatives of a discrepancy at implied moments.

    ``dF/2 = tr(by_sigma dSigma) / 2 - by_mu' dmu``; `value` is F / 2, `precision` (p, p) is Sigma^-1.
    """

    @property
    def value(self) -> float:
        """F / 2."""

    @property
    def by_sigma(self) -> Array:
        """Derivative with respect to Sigma (p, p)."""

    @property
    def by_mu(self) -> Array:
        """Derivative with respect to mu, turned round (p,)."""

    @property
    def precision(self) -> Array:
        """Sigma^-1 (p, p)."""

    @property
    def inverse(self) -> Array | None:
        """P where the weight of the moments is the normal-theory one of P^-1; None where it is a general one."""

    def metric(self, jacobian: RankOneJacobian) -> Array:
        """Information of one observation where the model holds (k, k)."""

    def second(self, jacobian: RankOneJacobian) -> Array:
        """Second derivatives of F / 2 that do not come from the curvature of the implied moments (k, k)."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleMoments:
    """One group's moments as maximum likelihood wants them; other estimators' samples extend it.

    `cov` (p, p) is on the divisor that the likelihood asks for; `mean` (p,) is None without a mean structure;
    `log_det` is the log-determinant of `cov`. `exogenous` are the positions of the variables whose moments are fixed at
    those of the sample; where it is `conditional`, moments given them are compared.
    """

    cov: Array
    mean: Array | None
    log_det: float
    exogenous: tuple[int, ...] = field(default=(), kw_only=True)
    conditional: bool = field(default=False, kw_only=True)

    def discrepancy(self, sigma: Array, mu: Array) -> Discrepancy | None:
        """The discrepancy of implied moments from these; None where there is none."""
        return maximum_likelihood(self, sigma, mu)

    @property
    def given(self) -> tuple[int, ...]:
        """Positions of the variables given which moments are compared; empty where all moments are."""
        return self.exogenous if self.conditional else ()

    @property
    def size(self) -> float:
        """Size of the terms that the discrepancy is a difference of: log-determinants, and a trace near p."""
        return max(float(len(self.cov)), abs(self.log_det))

    def distance(self, mu: Array) -> Array:
        """Sample less implied means (p,); zero without a mean structure."""
        return np.zeros(len(self.cov)) if self.mean is None else self.mean - mu


@dataclass(frozen=True, slots=True, eq=False)
class NormalDiscrepancy:
    """Normal-theory maximum likelihood at implied moments.

    Parameters
    ----------
    value : float
        F / 2.
    precision : array (p, p)
        Sigma^-1.
    weighted : array (p, p)
        Sigma^-1 T Sigma^-1 with T = S + d d', d = mean - mu.
    by_sigma : array (p, p)
        Sigma^-1 - `weighted`.
    by_mu : array (p,)
        Sigma^-1 d.
    """

    value: float
    precision: Array
    weighted: Array
    by_sigma: Array
    by_mu: Array

    @property
    def inverse(self) -> Array:
        """Sigma^-1."""
        return self.precision

    def metric(self, jacobian: RankOneJacobian) -> Array:
        """Fisher information (k, k)."""
        return fisher(jacobian, self.precision)

    def second(self, jacobian: RankOneJacobian) -> Array:
        """Second derivatives for constant second derivatives of the moments, from the rank-one factors (k, k)."""
        u, v, w = jacobian.u, jacobian.v, jacobian.w
        p_u, p_v, p_w = u @ self.precision, v @ self.precision, w @ self.precision
        q_u, q_v = u @ self.weighted, v @ self.weighted
        # twice tr(P dSigma_i (PTP) dSigma_j)
        mixed = (q_u @ v.T) * (p_u @ v.T).T
        twice = mixed + mixed.T + (q_v @ v.T) * (p_u @ u.T) + (q_u @ u.T) * (p_v @ v.T)
        # d' P dSigma_i P dmu_j
        along = (u @ self.by_mu)[:, None] * (p_w @ v.T).T + (v @ self.by_mu)[:, None] * (p_w @ u.T).T
        return twice - self.metric(jacobian) + along + along.T + 2.0 * (p_w @ w.T)


def maximum_likelihood(sample: SampleMoments, sigma: Array, mu: Array) -> NormalDiscrepancy | None:
    """Normal-theory maximum likelihood: F = log|Sigma| + tr(T Sigma^-1) - log|S| - p.

    Returns None where Sigma is not positive definite. Source: Joreskog (1967), doi:10.1007/BF02289658.
    """
    factor = cholesky_or_none(sigma)
    if factor is None:
        return None
    precision = inverse_from_cholesky(factor)
    distance = sample.distance(mu)
    by_mu = precision @ distance
    weighted = precision @ sample.cov @ precision + np.outer(by_mu, by_mu)
    trace = float(np.sum(precision * sample.cov)) + float(distance @ by_mu)
    value = 0.5 * (log_determinant(factor) + trace - sample.log_det - len(sigma))
    return NormalDiscrepancy(value, precision, weighted, precision - weighted, by_mu)


def fisher(jacobian: RankOneJacobian, precision: Array) -> Array:
    """Fisher information of one normal observation for the parameters of a rank-one Jacobian (k, k).

    tr(P dSigma_i P dSigma_j) / 2 + dmu_i' P dmu_j, as elementwise products of small matrices.
    """
    u, v, w = jacobian.u, jacobian.v, jacobian.w
    p_u, p_v = u @ precision, v @ precision
    cross = p_u @ v.T
    return (p_u @ u.T) * (p_v @ v.T) + cross * cross.T + w @ precision @ w.T
