"""Moments of the endogenous variables given the exogenous ones, as functions of all variables' means and covariances.

With y regressed on x, y = a + B x + e, the conditional moments are the intercepts a, the slopes B and the residual
covariances Omega = cov(e), in the order (a, B column by column, vech Omega). Models imply them through Sigma and mu,
in which the moments of x are those of the sample: their derivatives by a parameter are rank-one as those of Sigma are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.estimation.least_squares import WeightedMoments, half_weighted, symmetric_weight
from survey_sem.linalg import Array, Indices, vech


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """The regression of the dependent variables on the given ones.

    Parameters
    ----------
    dependent, given : arrays of int
        Positions among all variables.
    intercepts, slopes, cov : arrays (y,), (y, x), (y, y)
        a, B and Omega.
    cov_x, mean_x : arrays (x, x), (x,)
        Moments of the given variables.
    """

    dependent: Indices
    given: Indices
    intercepts: Array
    slopes: Array
    cov: Array
    cov_x: Array
    mean_x: Array

    def moments(self) -> Array:
        """(a, B column by column, vech Omega)."""
        return np.concatenate([self.intercepts, self.slopes.T.ravel(), vech(self.cov)])

    def residual_of(self) -> Array:
        """(y, p): what makes residuals of deviations of all variables from their means."""
        turn = np.zeros((len(self.dependent), len(self.dependent) + len(self.given)))
        turn[np.arange(len(self.dependent)), self.dependent] = 1.0
        turn[:, self.given] = -self.slopes
        return turn

    def products(self) -> Array:
        """Averages of (1, x)(1, x)' (1 + x, 1 + x)."""
        means = np.concatenate([[1.0], self.mean_x])
        found = np.outer(means, means)
        found[1:, 1:] += self.cov_x
        return found


def regression(cov: Array, mean: Array, given: Sequence[int]) -> Regression:
    """The regression that means and covariances of all variables hold."""
    x = np.array(given, dtype=np.intp)
    y = np.setdiff1d(np.arange(len(cov)), x)
    cov_x, cov_yx = cov[np.ix_(x, x)], cov[np.ix_(y, x)]
    slopes = np.linalg.solve(cov_x, cov_yx.T).T
    left = cov[np.ix_(y, y)] - slopes @ cov_yx.T
    return Regression(y, x, mean[y] - slopes @ mean[x], slopes, (left + left.T) / 2.0, cov_x, mean[x])


def conditional_jacobian(jacobian: RankOneJacobian, found: Regression) -> RankOneJacobian:
    """Derivatives of the conditional moments from those of Sigma and mu; `w` holds those of (a, B column by column).

    The moments of the given variables must not depend on the parameters.
    """
    turn = found.residual_of()
    u, v = jacobian.u @ turn.T, jacobian.v @ turn.T
    by_x = np.linalg.inv(found.cov_x)
    u_x, v_x = jacobian.u[:, found.given] @ by_x, jacobian.v[:, found.given] @ by_x
    slopes = v_x[:, :, None] * u[:, None, :] + u_x[:, :, None] * v[:, None, :]
    intercepts = jacobian.w[:, found.dependent] - found.mean_x @ slopes
    w = np.concatenate([intercepts, slopes.reshape(len(u), -1)], axis=1)
    return RankOneJacobian(u, v, w, jacobian.theta)


def moment_jacobian(sample: SampleMoments, jacobian: RankOneJacobian, sigma: Array, mu: Array) -> Array:
    """Derivatives of the moments that a sample compares (m, k): (mu, vech Sigma), or the conditional ones."""
    if sample.given:
        return conditional_jacobian(jacobian, regression(sigma, mu, sample.given)).dense()
    dense = jacobian.dense()
    return dense if sample.mean is not None else dense[len(sigma) :]


def residual_moments(sample: SampleMoments, sigma: Array, mu: Array) -> Array:
    """Sample less implied moments (m,), in the order of `moment_jacobian`."""
    if sample.given:
        assert sample.mean is not None
        own = regression(sample.cov, sample.mean, sample.given)
        return own.moments() - regression(sigma, mu, sample.given).moments()
    residual = vech(sample.cov - sigma)
    return residual if sample.mean is None else np.concatenate([sample.distance(mu), residual])


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalMoments(WeightedMoments):
    """Moments for weighted least squares between conditional moments; see `WeightedMoments`."""

    def discrepancy(self, sigma: Array, mu: Array) -> ConditionalLeastSquares:
        """F = e' W e."""
        differences = residual_moments(self, sigma, mu)
        value, weighted = half_weighted(self.weight, differences)
        return ConditionalLeastSquares(value, sigma, self.weight, weighted, regression(sigma, mu, self.given))


@dataclass(frozen=True, eq=False)
class ConditionalLeastSquares:
    """Weighted least squares between conditional moments at implied ones; see `Discrepancy`.

    `weighted` is W e, the differences weighted.
    """

    value: float
    sigma: Array
    weight: Array
    weighted: Array = field(repr=False)
    at: Regression = field(repr=False)

    @property
    def precision(self) -> Array:
        """Sigma^-1."""
        return np.linalg.inv(self.sigma)

    @property
    def inverse(self) -> None:
        """None: the weight is a general one."""

    @property
    def _by_cov(self) -> Array:
        """C with tr(C dOmega) / 2 = -(the part of `weighted` for Omega)' vech(dOmega)."""
        n_y, n_x = self.at.slopes.shape
        return symmetric_weight(self.weighted[n_y * (1 + n_x) :], n_y)

    @property
    def by_sigma(self) -> Array:
        """Derivative with respect to Sigma (p, p), the part of the given variables left at zero."""
        n_y, n_x = self.at.slopes.shape
        by_intercept, by_slope = self.weighted[:n_y], self.weighted[n_y : n_y * (1 + n_x)].reshape(n_x, n_y).T
        turned = by_slope - np.outer(by_intercept, self.at.mean_x)
        across = -np.linalg.solve(self.at.cov_x, turned.T).T - self._by_cov @ self.at.slopes
        result = np.zeros_like(self.sigma)
        result[np.ix_(self.at.dependent, self.at.dependent)] = self._by_cov
        result[np.ix_(self.at.dependent, self.at.given)] = across
        result[np.ix_(self.at.given, self.at.dependent)] = across.T
        return result

    @property
    def by_mu(self) -> Array:
        """Derivative with respect to mu, turned round (p,)."""
        result = np.zeros(len(self.sigma))
        result[self.at.dependent] = self.weighted[: len(self.at.dependent)]
        return result

    def metric(self, jacobian: RankOneJacobian) -> Array:
        """J' W J."""
        dense = conditional_jacobian(jacobian, self.at).dense()
        weighted = self.weight[:, None] * dense if self.weight.ndim == 1 else self.weight @ dense
        return np.asarray(dense.T @ weighted)

    def second(self, jacobian: RankOneJacobian) -> Array:
        """J' W J and what the residual covariances, quadratic in the covariances with the given variables, add."""
        y, x = self.at.dependent, self.at.given
        across = jacobian.u[:, y, None] * jacobian.v[:, None, x] + jacobian.v[:, y, None] * jacobian.u[:, None, x]
        turned = self._by_cov @ across @ np.linalg.inv(self.at.cov_x)
        size = len(across)
        return self.metric(jacobian) - turned.reshape(size, -1) @ across.reshape(size, -1).T
