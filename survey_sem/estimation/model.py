"""The model as a function of its parameter vector: value, gradient, information and Hessian, summed over groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.estimation.discrepancy import Discrepancy, SampleMoments
from survey_sem.estimation.implied import ImpliedMoments, RankOneJacobian, curvature, implied, implied_jacobian
from survey_sem.estimation.representation import Representation
from survey_sem.linalg import Array


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One group evaluated at a parameter vector."""

    moments: ImpliedMoments
    discrepancy: Discrepancy
    jacobian: RankOneJacobian


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Representations and samples of all groups, with their shares of the observations.

    ``value(theta) = sum_g share_g F_g(theta) / 2``, so that its Hessian is the information of one observation.
    """

    groups: tuple[Representation, ...]
    samples: tuple[SampleMoments, ...]
    shares: tuple[float, ...]
    n_free: int

    def value(self, theta: Array) -> float:
        """Half the fit function; infinity where a group's Sigma is not positive definite."""
        total = 0.0
        for rep, sample, share in zip(self.groups, self.samples, self.shares, strict=True):
            moments = implied(rep, theta)
            found = None if moments is None else sample.discrepancy(moments.sigma, moments.mu)
            if found is None:
                return float("inf")
            total += share * found.value
        return total

    def points(self, theta: Array) -> tuple[Point, ...]:
        """All groups at `theta`, which must be a point where `value` is finite."""
        found = []
        for rep, sample in zip(self.groups, self.samples, strict=True):
            moments = implied(rep, theta)
            discrepancy = None if moments is None else sample.discrepancy(moments.sigma, moments.mu)
            if moments is None or discrepancy is None:
                raise ValueError("the model has no likelihood at this point")
            found.append(Point(moments, discrepancy, implied_jacobian(rep, moments)))
        return tuple(found)

    def gradient(self, points: Sequence[Point]) -> Array:
        """Derivative of `value` (q,)."""
        total = np.zeros(self.n_free)
        for point, share in zip(points, self.shares, strict=True):
            j, d = point.jacobian, point.discrepancy
            total[j.theta] += share * (np.sum((j.u @ d.by_sigma) * j.v, axis=1) - j.w @ d.by_mu)
        return total

    def expected_information(self, points: Sequence[Point]) -> Array:
        """Expected information of one observation (q, q)."""
        total = np.zeros((self.n_free, self.n_free))
        for point, share in zip(points, self.shares, strict=True):
            at = point.jacobian.theta
            total[np.ix_(at, at)] += share * point.discrepancy.metric(point.jacobian)
        return total

    def observed_information(self, points: Sequence[Point]) -> Array:
        """Hessian of `value` (q, q), analytic."""
        total = np.zeros((self.n_free, self.n_free))
        for rep, point, share in zip(self.groups, points, self.shares, strict=True):
            at = point.jacobian.theta
            total[np.ix_(at, at)] += share * _hessian(rep, point)
        return total


def _hessian(rep: Representation, point: Point) -> Array:
    """Second derivatives of one group's F / 2."""
    found = point.discrepancy
    return found.second(point.jacobian) + curvature(rep, point.moments, found.by_sigma, found.by_mu)
