"""Least squares discrepancies: F = e' W e with e the differences between sample and implied moments.

Moments are (mu, vech Sigma), each element once. Source: Browne (1984), doi:10.1111/j.2044-8317.1984.tb00789.x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.estimation.discrepancy import Discrepancy, SampleMoments, fisher
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.linalg import Array, vech, vech_indices


@dataclass(frozen=True, slots=True, eq=False)
class GeneralisedMoments(SampleMoments):
    """Moments for generalised least squares: W is the normal-theory weight at S, held as `inverse` = S^-1."""

    inverse: Array

    def discrepancy(self, sigma: Array, mu: Array) -> GeneralisedLeastSquares:
        """F = tr((S^-1 (S - Sigma))^2) / 2 + d' S^-1 d."""
        weighted = self.inverse @ (self.cov - sigma)
        distance = self.distance(mu)
        by_mu = self.inverse @ distance
        value = 0.5 * (0.5 * float(np.sum(weighted * weighted.T)) + float(distance @ by_mu))
        return GeneralisedLeastSquares(value, sigma, self.inverse, -weighted @ self.inverse, by_mu)


@dataclass(frozen=True, slots=True, eq=False)
class GeneralisedLeastSquares:
    """Generalised least squares at implied moments; see `Discrepancy`."""

    value: float
    sigma: Array
    inverse: Array
    by_sigma: Array
    by_mu: Array

    @property
    def precision(self) -> Array:
        """Sigma^-1."""
        return np.linalg.inv(self.sigma)

    def metric(self, jacobian: RankOneJacobian) -> Array:
        """J' W J."""
        return fisher(jacobian, self.inverse)

    def second(self, jacobian: RankOneJacobian) -> Array:
        """J' W J: the discrepancy is quadratic in the moments."""
        return self.metric(jacobian)


@dataclass(frozen=True, slots=True, eq=False)
class WeightedMoments(SampleMoments):
    """Moments for weighted least squares.

    `weight` is W, of shape (m, m), or its diagonal, of shape (m,); m = p + p*, or p* without a mean structure.
    """

    weight: Array

    def discrepancy(self, sigma: Array, mu: Array) -> Discrepancy:
        """F = e' W e."""
        differences = vech(self.cov - sigma)
        if self.mean is not None:
            differences = np.concatenate([self.mean - mu, differences])
        value, weighted = half_weighted(self.weight, differences)
        n_means = 0 if self.mean is None else len(mu)
        by_mu = weighted[:n_means] if n_means else np.zeros(len(mu))
        return WeightedLeastSquares(value, sigma, self.weight, symmetric_weight(weighted[n_means:], len(mu)), by_mu)


def half_weighted(weight: Array, differences: Array) -> tuple[float, Array]:
    """e' W e / 2 and W e, W a matrix or its diagonal."""
    weighted = weight * differences if weight.ndim == 1 else weight @ differences
    return 0.5 * float(differences @ weighted), weighted


def symmetric_weight(weighted: Array, size: int) -> Array:
    """M with tr(M dSigma) / 2 = -weighted' vech(dSigma)."""
    rows, columns = vech_indices(size)
    result = np.zeros((size, size))
    result[rows, columns] = -weighted
    return result + result.T


@dataclass(frozen=True, slots=True, eq=False)
class WeightedLeastSquares:
    """Weighted least squares at implied moments; see `Discrepancy`."""

    value: float
    sigma: Array
    weight: Array
    by_sigma: Array
    by_mu: Array

    @property
    def precision(self) -> Array:
        """Sigma^-1."""
        return np.linalg.inv(self.sigma)

    @property
    def inverse(self) -> None:
        """None: the weight is a general one."""

    def metric(self, jacobian: RankOneJacobian) -> Array:
        """J' W J."""
        dense = jacobian.dense()[-len(self.weight) :]
        weighted = self.weight[:, None] * dense if self.weight.ndim == 1 else self.weight @ dense
        return dense.T @ weighted

    def second(self, jacobian: RankOneJacobian) -> Array:
        """J' W J: the discrepancy is quadratic in the moments."""
        return self.metric(jacobian)
