"""Residuals: sample minus implied moments, raw, as correlations and standardised, and their root mean squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from survey_sem.estimation.conditional import Regression, regression
from survey_sem.estimation.discrepancy import SampleMoments, fisher
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.estimation.model import Point
from survey_sem.estimation.stored import StoredMoments
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.incomplete import is_incomplete, residual_variances
from survey_sem.inference.solution import Solution, fixed_exogenous
from survey_sem.linalg import Array, vech

ResidualKind = Literal["raw", "cor_bollen", "cor_bentler", "standardized", "normalized"]
RESIDUAL_KINDS: tuple[ResidualKind, ...] = ("raw", "cor_bollen", "cor_bentler", "standardized", "normalized")


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """Residual covariances (p, p) and means (p,) of one group; NaN where a standardised one has no variance."""

    cov: Array
    mean: Array | None


def residuals(solution: Solution, kind: ResidualKind = "raw") -> tuple[Residuals, ...]:
    """Residuals of every group.

    * ``raw``: S - Sigma, mean - mu.
    * ``cor_bollen``: difference of the two correlation matrices; means as ``cor_bentler``.
    * ``cor_bentler``: S - Sigma divided by the sample standard deviations.
    * ``normalized``: divided by the standard errors of the sample moments (N divisor, normal theory).
    * ``standardized``: divided by the standard errors of the residuals themselves.
    """
    pairs = zip(solution.estimates.model.samples, solution.estimates.points, strict=True)
    if kind in ("standardized", "normalized") and (known := _incomplete_variances(solution, kind)):
        return tuple(
            _over_errors(sample, point, variance / own.n_obs)
            for (sample, point), variance, own in zip(pairs, known, solution.moments, strict=True)
        )
    if kind in ("standardized", "normalized"):
        return tuple(_z_residuals(solution, group, kind) for group in range(len(solution.moments)))
    return tuple(_plain(_joint(sample, point), kind) for sample, point in pairs)


def conditional_residuals(solution: Solution, kind: ResidualKind, group: int) -> tuple[Residuals, Array] | None:
    """Residuals of one group given the exogenous variables: of covariances and intercepts, and of slopes (y, x).

    None where the model does not condition on them, and for residuals over their standard errors.
    """
    sample, point = solution.estimates.model.samples[group], solution.estimates.points[group]
    if not sample.given or kind in ("standardized", "normalized"):
        return None
    own, implied = _regressions(sample, point)
    return _plain(_given(sample, point), kind), own.slopes - implied.slopes


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Moments of the sample and what the model implies for them."""

    cov: Array
    mean: Array | None
    sigma: Array
    mu: Array


def _joint(sample: SampleMoments, point: Point) -> _Pair:
    return _Pair(sample.cov, sample.mean, point.moments.sigma, point.moments.mu)


def _given(sample: SampleMoments, point: Point) -> _Pair:
    """Residual covariances and intercepts, given the exogenous variables."""
    own, implied = _regressions(sample, point)
    return _Pair(own.cov, own.intercepts, implied.cov, implied.intercepts)


def _regressions(sample: SampleMoments, point: Point) -> tuple[Regression, Regression]:
    assert sample.mean is not None
    implied = regression(point.moments.sigma, point.moments.mu, sample.given)
    return regression(sample.cov, sample.mean, sample.given), implied


def _plain(pair: _Pair, kind: ResidualKind) -> Residuals:
    s, sigma = pair.cov, pair.sigma
    s_sd, sigma_sd = np.sqrt(np.diag(s)), np.sqrt(np.diag(sigma))
    mean, mu = pair.mean, pair.mu
    if kind == "raw":
        return Residuals(s - sigma, None if mean is None else mean - mu)
    if kind == "cor_bentler":
        return Residuals((s - sigma) / np.outer(s_sd, s_sd), None if mean is None else (mean - mu) / s_sd)
    cov = s / np.outer(s_sd, s_sd) - sigma / np.outer(sigma_sd, sigma_sd)
    return Residuals(cov, None if mean is None else (mean - mu) / s_sd)


def _z_residuals(solution: Solution, group: int, kind: ResidualKind) -> Residuals:
    """Residuals over their standard errors, from the normal-theory covariance Gamma of the sample moments.

    Normalized residuals use Gamma(S) itself, standardized ones the covariance of the residuals, Q Gamma(S) Q' with
    Q = I - J (J'WJ)^-1 J'W and W the inverse of Gamma(Sigma). Moments of fixed exogenous variables do not vary: what
    they explain of S is taken off.
    """
    estimates = solution.estimates
    sample, point = estimates.model.samples[group], estimates.points[group]
    explained = _explained_by_exogenous(solution, group)
    variance = _moment_variance(sample.cov) - _moment_variance(explained)
    if kind == "standardized":
        inverse = constrained_inverse(
            estimates.model.expected_information(estimates.points), estimates.active_directions()
        )
        at = point.jacobian.theta
        variance -= np.nan if inverse is None else _taken_up(point, sample.cov, explained, inverse[np.ix_(at, at)])
    return _over_errors(sample, point, variance / solution.moments[group].n_obs)


def _over_errors(sample: SampleMoments, point: Point, variance: Array) -> Residuals:
    """Raw residuals over the roots of their variances (p + p*,)."""
    raw = _plain(_joint(sample, point), "raw")
    p = len(sample.cov)
    rows, columns = np.tril_indices(p)
    cov = np.zeros((p, p))
    cov[rows, columns] = _over_root(vech(raw.cov), variance[p:])
    cov[columns, rows] = cov[rows, columns]
    return Residuals(cov, None if raw.mean is None else _over_root(raw.mean, variance[:p]))


def _incomplete_variances(solution: Solution, kind: ResidualKind) -> tuple[Array, ...] | None:
    """Number of rows times the variances of the residuals of incomplete rows, computed or as stored; else None."""
    samples = solution.estimates.model.samples
    if is_incomplete(solution.estimates):
        return residual_variances(solution, standardized=kind == "standardized")
    if not all(isinstance(sample, StoredMoments) for sample in samples):
        return None
    return tuple(sample.residual_variances[kind] for sample in samples if isinstance(sample, StoredMoments))


def _explained_by_exogenous(solution: Solution, group: int) -> Array:
    """The part of S that fixed exogenous variables explain (p, p); zero where there are none."""
    names = solution.moments[group].names
    at = [names.index(name) for name in fixed_exogenous(solution.estimates, group)]
    cov = solution.estimates.model.samples[group].cov
    if not at:
        return np.zeros_like(cov)
    return np.asarray(cov[:, at] @ np.linalg.solve(cov[np.ix_(at, at)], cov[at]))


def _moment_variance(cov: Array) -> Array:
    """N times the variances of the sample means and covariances of normal variables with this covariance matrix."""
    rows, columns = np.tril_indices(len(cov))
    diagonal = np.diag(cov)
    return np.concatenate([diagonal, diagonal[rows] * diagonal[columns] + cov[rows, columns] ** 2])


def _taken_up(point: Point, cov: Array, explained: Array, inverse: Array) -> Array:
    """How much smaller the residuals' variances are than those of the sample moments (p + p*,).

    Every derivative of Sigma is of rank one, and so is what Gamma makes of it: no p* x p* matrix is needed.
    """
    jacobian, precision = point.jacobian, point.discrepancy.precision

    def through(matrix: Array) -> Array:
        turn = precision @ matrix
        return RankOneJacobian(jacobian.u @ turn, jacobian.v @ turn, jacobian.w @ turn, jacobian.theta).dense()

    def own(matrix: Array) -> Array:
        return fisher(jacobian, precision @ matrix @ precision)

    weighted = jacobian.dense() @ inverse
    cross, inner = through(cov) - through(explained), own(cov) - own(explained)
    return np.asarray(2.0 * np.sum(weighted * cross, axis=1) - np.sum((weighted @ inner) * weighted, axis=1))


def _over_root(value: Array, variance: Array) -> Array:
    """value / sqrt(variance); 0 where the residual is zero, NaN where there is no variance to speak of."""
    result = np.full(len(value), np.nan)
    positive = variance > 1e-12
    result[positive] = value[positive] / np.sqrt(variance[positive])
    result[np.abs(value) < 1e-10] = 0.0
    return result


def _own_mean_residuals(pair: _Pair) -> Array | None:
    """Sample and implied means, each by its own standard deviations, as Mplus compares them."""
    if pair.mean is None:
        return None
    s_sd, sigma_sd = np.sqrt(np.diag(pair.cov)), np.sqrt(np.diag(pair.sigma))
    return np.asarray(pair.mean / s_sd - pair.mu / sigma_sd)


def root_mean_squares(solution: Solution) -> dict[str, float]:
    """RMR, SRMR and CRMR with their variants, weighted over groups by their shares of the observations.

    `srmr` (Bentler) divides by the sample standard deviations, `crmr` (Bollen) compares correlations without the
    diagonal (and means as `srmr` does), `srmr_mplus` compares correlations and relative variances. ``_nomean``
    leaves means out. Given exogenous variables, residual covariances and intercepts stand for covariances and means,
    as in lavaan: intercepts depend on where the exogenous variables have their zero.
    """
    total: dict[str, float] = {}
    estimates = solution.estimates
    for sample, point, share in zip(estimates.model.samples, estimates.points, estimates.model.shares, strict=True):
        pair = _given(sample, point) if sample.given else _joint(sample, point)
        for name, value in _group_root_mean_squares(pair).items():
            total[name] = total.get(name, 0.0) + share * value
    return total


def _group_root_mean_squares(pair: _Pair) -> dict[str, float]:
    p = len(pair.cov)
    n_pairs = p * (p + 1) // 2
    raw, bollen, bentler = (_plain(pair, kind) for kind in ("raw", "cor_bollen", "cor_bentler"))
    mplus = bollen.cov + np.diag(1.0 - np.diag(pair.sigma) / np.diag(pair.cov))
    squares = {
        "rmr": (vech(raw.cov), raw.mean, n_pairs),
        "srmr": (vech(bentler.cov), bentler.mean, n_pairs),
        "srmr_bentler": (vech(bentler.cov), bentler.mean, n_pairs),
        "crmr": (vech(bollen.cov), bollen.mean, n_pairs - p),
        "srmr_mplus": (vech(mplus), _own_mean_residuals(pair), n_pairs),
    }
    found = {}
    for name, (cov, mean, count) in squares.items():
        total = float(cov @ cov)
        extra = 0.0 if mean is None else float(mean @ mean)
        n_means = 0 if mean is None else p
        with_means = (total + extra) / (count + n_means) if count + n_means else 0.0
        without = total / count if count else 0.0
        found[name] = float(np.sqrt(with_means))
        if name != "srmr":
            found[f"{name}_nomean"] = float(np.sqrt(without))
    return found
