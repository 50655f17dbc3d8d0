"""The model as a function of its parameter vector: value, gradient, information and Hessian, summed over groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from survey_sem.estimation.discrepancy import Discrepancy, SampleMoments
from survey_sem.estimation.implied import ImpliedMoments, RankOneJacobian, curvature, implied, implied_jacobian
from survey_sem.estimation.representation import Representation
from survey_sem.linalg import Array, Directions, Indices, all_directions


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One group evaluated at a parameter vector."""

    moments: ImpliedMoments
    discrepancy: Discrepancy
    jacobian: RankOneJacobian


Evaluated = list[tuple[ImpliedMoments, Discrepancy]]
"""Implied moments and discrepancy of every group."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Representations and samples of all groups, with their shares of the observations.

    ``value(theta) = sum_g share_g F_g(theta) / 2``, so that its Hessian is the information of one observation.
    """

    groups: tuple[Representation, ...]
    samples: tuple[SampleMoments, ...]
    shares: tuple[float, ...]
    n_free: int

    @property
    def size(self) -> float:
        """Size of the terms that `value` is a difference of, where it is larger than 1."""
        return max((sample.size for sample in self.samples), default=1.0)

    def value(self, theta: Array) -> float:
        """Half the fit function; infinity where a group's Sigma is not positive definite."""
        return self.value_of(self.evaluated(theta))

    def evaluated(self, theta: Array) -> Evaluated | None:
        """Implied moments and discrepancies of all groups; None where one of them has no likelihood."""
        found = []
        for rep, sample in zip(self.groups, self.samples, strict=True):
            moments = implied(rep, theta)
            discrepancy = None if moments is None else sample.discrepancy(moments.sigma, moments.mu)
            if moments is None or discrepancy is None:
                return None
            found.append((moments, discrepancy))
        return found

    def value_of(self, evaluated: Evaluated | None) -> float:
        """`value` from what has been evaluated."""
        if evaluated is None:
            return float("inf")
        return sum(share * found.value for share, (_, found) in zip(self.shares, evaluated, strict=True))

    def value_at(self, points: Sequence[Point]) -> float:
        """`value` at points that are there."""
        return sum(share * point.discrepancy.value for share, point in zip(self.shares, points, strict=True))

    def points(self, theta: Array, evaluated: Evaluated | None = None) -> tuple[Point, ...]:
        """All groups at `theta`, which must be a point where `value` is finite."""
        evaluated = self.evaluated(theta) if evaluated is None else evaluated
        if evaluated is None:
            raise ValueError("the model has no likelihood at this point")
        return tuple(
            Point(moments, found, implied_jacobian(rep, moments))
            for rep, (moments, found) in zip(self.groups, evaluated, strict=True)
        )

    def gradient(self, points: Sequence[Point]) -> Array:
        """Derivative of `value` (q,)."""
        total = np.zeros(self.n_free)
        for point, share in zip(points, self.shares, strict=True):
            j, d = point.jacobian, point.discrepancy
            total[j.theta] += share * (np.sum((j.u @ d.by_sigma) * j.v, axis=1) - j.w @ d.by_mu)
        return total

    def expected_information(self, points: Sequence[Point], free: Directions | None = None) -> Array:
        """Expected information of one observation (q, q), or K' A K (r, r) for the directions K that are `free`."""
        blocks = (
            (point.jacobian.theta, share * point.discrepancy.metric(point.jacobian))
            for point, share in zip(points, self.shares, strict=True)
        )
        return self._summed(blocks, free)

    def observed_information(self, points: Sequence[Point], free: Directions | None = None) -> Array:
        """Hessian of `value` (q, q), analytic, or K' H K (r, r) for the directions K that are `free`."""
        blocks = (
            (point.jacobian.theta, share * _hessian(rep, point))
            for rep, point, share in zip(self.groups, points, self.shares, strict=True)
        )
        return self._summed(blocks, free)

    def _summed(self, blocks: Iterable[tuple[Indices, Array]], free: Directions | None) -> Array:
        return (free or all_directions(self.n_free)).of_blocks(blocks)


def _hessian(rep: Representation, point: Point) -> Array:
    """Second derivatives of one group's F / 2."""
    found = point.discrepancy
    return found.second(point.jacobian) + curvature(rep, point.moments, found.by_sigma, found.by_mu)
