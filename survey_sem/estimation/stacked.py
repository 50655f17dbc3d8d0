"""Many samples of one model at once: implied moments, fit function and gradient, stacked along the first axis.

The same formulas as in `implied`, `discrepancy` and `least_squares`, for estimators whose weights follow from the
covariance matrix of the sample itself: ML, GLS, ULS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from survey_sem.estimation.build import BuiltModel, Weighting
from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.least_squares import GeneralisedMoments, WeightedMoments
from survey_sem.estimation.model import Model
from survey_sem.estimation.representation import SYMMETRIC, Representation
from survey_sem.linalg import Array, Indices, cholesky_or_none

SAFE = 1e-7
"""Smallest diagonal element of the Cholesky factor of a correlation matrix that counts as positive definite."""


@dataclass(frozen=True, slots=True, eq=False)
class StackedMoments:
    """Sample moments of one group in R samples: `cov` (R, p, p), `mean` (R, p) or None, `n_obs` (R,)."""

    cov: Array
    mean: Array | None
    n_obs: Array

    def take(self, at: Indices) -> StackedMoments:
        """The samples at these positions."""
        return StackedMoments(self.cov[at], None if self.mean is None else self.mean[at], self.n_obs[at])


@dataclass(frozen=True, slots=True, eq=False)
class StackedPoint:
    """One group's model matrices and implied moments at R parameter vectors; names as in `ImpliedMoments`."""

    matrices: dict[str, Array]
    sigma: Array
    mu: Array
    reach: Array
    cov_eta: Array
    mean_eta: Array
    cov_y_eta: Array


@dataclass(frozen=True, slots=True, eq=False)
class Exogenous:
    """Where one group's model matrices hold sample moments: those of fixed exogenous variables.

    Each entry: matrix, row and column, and the positions of the observed variables; the second is -1 for a mean.
    """

    entries: tuple[tuple[str, int, int, int, int], ...]

    def values(self, samples: StackedMoments) -> Array:
        """The sample moments (R, e)."""
        found = []
        for _, _, _, first, second in self.entries:
            if second >= 0:
                found.append(samples.cov[:, first, second])
            else:
                found.append(np.zeros(len(samples.cov)) if samples.mean is None else samples.mean[:, first])
        return np.stack(found, axis=1) if found else np.zeros((len(samples.cov), 0))

    def filled(self, fixed: dict[str, Array], values: Array) -> dict[str, Array]:
        """Matrices with these values, stacked (R, ., .); matrices without any stay as they are."""
        filled = dict(fixed)
        for name in {entry[0] for entry in self.entries}:
            filled[name] = np.repeat(fixed[name][None], len(values), axis=0)
        for at, (name, i, j, _, _) in enumerate(self.entries):
            filled[name][:, i, j] = values[:, at]
            if name in SYMMETRIC:
                filled[name][:, j, i] = values[:, at]
        return filled


def exogenous_places(built: BuiltModel, block: int) -> Exogenous:
    """The fixed exogenous moments of one group (0-based)."""
    rep = built.model.groups[block]
    found = []
    for row in built.table.parameters:
        if row.block == block + 1 and row.is_sample_moment:
            second = rep.observed.index(row.rhs) if row.op == "~~" else -1
            found.append((*rep.place(row), rep.observed.index(row.lhs), second))
    return Exogenous(tuple(found))


def stacked_point(rep: Representation, fixed: dict[str, Array], theta: Array) -> StackedPoint:
    """Implied moments at parameter vectors (R, q); NaN where I - Beta has no inverse."""
    n_draws = len(theta)
    m = {}
    for name, matrix in fixed.items():
        at = rep.places[name]
        filled = np.repeat(matrix[None], n_draws, axis=0) if matrix.ndim == 2 else matrix.copy()
        filled[:, at.row, at.column] = theta[:, at.theta]
        if name in SYMMETRIC:
            filled[:, at.column, at.row] = theta[:, at.theta]
        m[name] = filled
    with np.errstate(over="ignore", invalid="ignore"):
        total = _inverses(np.eye(m["Beta"].shape[-1]) - m["Beta"])
        reach = m["Lambda"] @ total
        disturbance = m["Psi"] @ total.transpose(0, 2, 1)
        cov_eta, cov_y_eta = total @ disturbance, reach @ disturbance
        sigma = cov_y_eta @ m["Lambda"].transpose(0, 2, 1) + m["Theta"]
        sigma = (sigma + sigma.transpose(0, 2, 1)) / 2.0
        mean_eta = (total @ m["alpha"])[..., 0]
        mu = m["nu"][..., 0] + (m["Lambda"] @ mean_eta[..., None])[..., 0]
    return StackedPoint(m, sigma, mu, reach, cov_eta, mean_eta, cov_y_eta)


def _inverses(matrices: Array) -> Array:
    try:
        return np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        return np.stack([_inverse(each) for each in matrices])


def _inverse(matrix: Array) -> Array:
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan)


def cholesky_factors(matrices: Array) -> Array:
    """Lower Cholesky factors of a stack (R, p, p); NaN where a matrix is not positive definite."""
    if np.isfinite(matrices).all():
        try:
            return np.linalg.cholesky(matrices)
        except np.linalg.LinAlgError:
            pass
    factors = np.full_like(matrices, np.nan)
    for at, matrix in enumerate(matrices):
        factor = cholesky_or_none(matrix)
        if factor is not None:
            factors[at] = factor
    return factors


def log_determinants(covs: Array) -> Array:
    """Log-determinants (R,) of sample covariance matrices; NaN where one is not safely positive definite."""
    variance = np.diagonal(covs, axis1=1, axis2=2)
    with np.errstate(all="ignore"):
        sd = np.sqrt(variance)
        factors = cholesky_factors(covs / (sd[:, :, None] * sd[:, None, :]))
        diagonal = np.diagonal(factors, axis1=1, axis2=2)
        found = 2.0 * np.log(diagonal).sum(axis=1) + np.log(variance).sum(axis=1)
    return np.where(np.nan_to_num(diagonal, nan=0.0).min(axis=1) < SAFE, np.nan, found)


Slopes = tuple[Array, Array, Array]
"""Half the fit function (R,), its derivative by Sigma (R, p, p), and by mu, turned round (R, p)."""


def _likelihood(samples: StackedMoments, log_det: Array, sigma: Array, distance: Array) -> Slopes:
    factors = cholesky_factors(sigma)
    half = _inverses(np.where(np.isnan(factors), np.eye(sigma.shape[-1]), factors))
    precision = half.transpose(0, 2, 1) @ half
    by_mu = (precision @ distance[..., None])[..., 0]
    weighted = precision @ samples.cov @ precision + by_mu[:, :, None] * by_mu[:, None, :]
    trace = np.sum(precision * samples.cov, axis=(1, 2)) + np.sum(distance * by_mu, axis=1)
    found = 2.0 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    return 0.5 * (found + trace - log_det - sigma.shape[-1]), precision - weighted, by_mu


def _generalised(samples: StackedMoments, log_det: Array, sigma: Array, distance: Array) -> Slopes:
    del log_det
    inverse = _inverses(samples.cov)
    weighted = inverse @ (samples.cov - sigma)
    by_mu = (inverse @ distance[..., None])[..., 0]
    value = 0.5 * (0.5 * np.sum(weighted * weighted.transpose(0, 2, 1), axis=(1, 2)) + np.sum(distance * by_mu, axis=1))
    return value, -weighted @ inverse, by_mu


def _unweighted(samples: StackedMoments, log_det: Array, sigma: Array, distance: Array) -> Slopes:
    del log_det
    difference = samples.cov - sigma
    diagonal = np.diagonal(difference, axis1=1, axis2=2)
    size = sigma.shape[-1]
    value = 0.25 * (np.sum(difference**2, axis=(1, 2)) + np.sum(diagonal**2, axis=1)) + 0.5 * np.sum(distance**2, 1)
    return value, -difference * (1.0 + np.eye(size)), distance


_FUNCTIONS: dict[Weighting, Callable[[StackedMoments, Array, Array, Array], Slopes]] = {
    "ML": _likelihood,
    "GLS": _generalised,
    "ULS": _unweighted,
}
STACKED: tuple[Weighting, ...] = tuple(_FUNCTIONS)
"""Fit functions that know many samples at once."""


@dataclass(frozen=True, slots=True, eq=False)
class StackedModel:
    """A model with R samples of every group.

    `shares` (R, groups) are the groups' shares of the observations.
    """

    built: BuiltModel
    samples: tuple[StackedMoments, ...]
    log_dets: tuple[Array, ...]
    exogenous: tuple[Array, ...]
    places: tuple[Exogenous, ...]
    shares: Array

    @property
    def is_usable(self) -> NDArray[np.bool_]:
        """Whether all sample covariance matrices are positive definite (R,)."""
        return np.asarray(np.isfinite(np.stack(self.log_dets)).all(axis=0))

    def take(self, at: Indices) -> StackedModel:
        """The samples at these positions."""
        return replace(
            self,
            samples=tuple(each.take(at) for each in self.samples),
            log_dets=tuple(each[at] for each in self.log_dets),
            exogenous=tuple(each[at] for each in self.exogenous),
            shares=self.shares[at],
        )

    def points(self, theta: Array) -> tuple[StackedPoint, ...]:
        """All groups at parameter vectors (R, q)."""
        return tuple(
            stacked_point(rep, places.filled(rep.fixed, exogenous), theta)
            for rep, places, exogenous in zip(self.built.model.groups, self.places, self.exogenous, strict=True)
        )

    def value_and_gradient(self, theta: Array) -> tuple[Array, Array]:
        """Half the fit function (R,), infinity where it has no value, and its gradient (R, q), at vectors (R, q)."""
        value, gradient = np.zeros(len(theta)), np.zeros(theta.shape)
        function = _FUNCTIONS[self.built.weighting]
        for at, point in enumerate(self.points(theta)):
            samples, share = self.samples[at], self.shares[:, at]
            distance = np.zeros_like(point.mu) if samples.mean is None else samples.mean - point.mu
            with np.errstate(invalid="ignore", over="ignore"):
                found, by_sigma, by_mu = function(samples, self.log_dets[at], point.sigma, distance)
                value += share * found
                _add_gradient(gradient, share, self.built.model.groups[at], point, by_sigma, by_mu)
        return np.where(np.isfinite(value) & np.isfinite(gradient).all(axis=1), value, np.inf), gradient

    def single(self, at: int) -> Model:
        """The model of one sample."""
        groups = tuple(
            replace(
                rep,
                fixed={
                    name: each if each.ndim == 2 else each[0]
                    for name, each in places.filled(rep.fixed, exogenous[at : at + 1]).items()
                },
            )
            for rep, places, exogenous in zip(self.built.model.groups, self.places, self.exogenous, strict=True)
        )
        samples = tuple(
            _single(plain, stacked, log_det, at)
            for plain, stacked, log_det in zip(self.built.model.samples, self.samples, self.log_dets, strict=True)
        )
        return Model(groups, samples, tuple(self.shares[at].tolist()), self.built.model.n_free)


def _single(plain: SampleMoments, stacked: StackedMoments, log_det: Array, at: int) -> SampleMoments:
    """One sample, of the kind that the estimator wants."""
    mean = None if stacked.mean is None else stacked.mean[at]
    common = (stacked.cov[at], mean, float(log_det[at]))
    if isinstance(plain, GeneralisedMoments):
        return GeneralisedMoments(*common, inverse=np.linalg.inv(stacked.cov[at]))
    if isinstance(plain, WeightedMoments):
        return WeightedMoments(*common, weight=plain.weight)
    return SampleMoments(*common)


def _add_gradient(
    gradient: Array, share: Array, rep: Representation, point: StackedPoint, by_sigma: Array, by_mu: Array
) -> None:
    """Add one group's part of the gradient, matrix by matrix."""
    weight = share[:, None]
    along = by_sigma @ point.cov_y_eta
    back = point.reach.transpose(0, 2, 1)
    back_mu = (back @ by_mu[..., None])[..., 0]
    sides = {
        "Lambda": along - by_mu[:, :, None] * point.mean_eta[:, None, :],
        "Beta": back @ along - back_mu[:, :, None] * point.mean_eta[:, None, :],
        "Psi": back @ by_sigma @ point.reach,
        "Theta": by_sigma,
        "nu": -by_mu[..., None],
        "alpha": -back_mu[..., None],
    }
    for name, side in sides.items():
        at = rep.places[name]
        if len(at):
            half = np.where(at.row == at.column, 0.5, 1.0) if name in SYMMETRIC else 1.0
            gradient[:, at.theta] += weight * side[:, at.row, at.column] * half


def stacked_model(built: BuiltModel, samples: Sequence[StackedMoments], counts: Array) -> StackedModel:
    """The model of R samples; `counts` (R, groups) say how much each group weighs."""
    places = tuple(exogenous_places(built, block) for block in range(len(samples)))
    return StackedModel(
        built,
        tuple(samples),
        tuple(log_determinants(each.cov) for each in samples),
        tuple(place.values(each) for place, each in zip(places, samples, strict=True)),
        places,
        counts / counts.sum(axis=1, keepdims=True),
    )
