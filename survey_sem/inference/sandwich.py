"""The middle of sandwich covariances: variability of casewise scores, and traces of weight times Gamma.

A parameter's casewise score under a normal-theory weight is (u'Pz)(v'Pz) + w'Pz with the rank-one factors of its
Jacobian, so that one pass over the rows gives sums for all parameters.
"""

from __future__ import annotations

import numpy as np

from survey_sem.errors import DataError
from survey_sem.estimation.discrepancy import SampleMoments, fisher
from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.full_information import IncompleteMoments, by_moments
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.estimation.least_squares import WeightedLeastSquares
from survey_sem.estimation.model import Point
from survey_sem.linalg import Array, vech_indices
from survey_sem.statistics import Moments, RowBlocks
from survey_sem.statistics.gamma import gamma, projected
from survey_sem.statistics.incomplete import projected_scores


def rows_of(moments: Moments) -> RowBlocks:
    """The rows behind moments.

    Raises
    ------
    DataError
        There are none: robust standard errors and tests need them.
    """
    if moments.rows is None:
        raise _rows_needed()
    return moments.rows


def _rows_needed() -> DataError:
    return DataError(
        "rows-needed",
        "robust standard errors and tests need the rows, and these moments have none",
        hint="pass the data themselves",
    )


def casewise_information(estimates: Estimates, moments: tuple[Moments, ...]) -> Array:
    """First-order information of one observation (q, q): scores around the implied moments, squared and averaged."""
    model = estimates.model
    total = np.zeros((model.n_free, model.n_free))
    for point, sample, own, share in zip(estimates.points, model.samples, moments, model.shares, strict=True):
        if isinstance(sample, IncompleteMoments):
            at = point.jacobian.theta
            total[np.ix_(at, at)] += share * incomplete_scores(point, sample)
            continue
        centre = own_mean(own) if sample.mean is None else point.moments.mu
        precision = point.discrepancy.precision
        constant = _expected(point.jacobian, precision, point.moments.sigma)
        _add(total, share, point.jacobian, precision, own, centre, constant)
    return total


def incomplete_scores(point: Point, sample: IncompleteMoments) -> Array:
    """Average of s s' over the incomplete rows of one group, s their scores at the implied moments (k, k)."""
    jacobian, implied = point.jacobian, point.moments
    if sample.rows is None:
        raise _rows_needed()
    moments = implied.sigma, implied.mu
    return projected_scores(sample.patterns, sample.rows, moments, jacobian.u, jacobian.v, jacobian.w)


def gamma_information(estimates: Estimates, moments: tuple[Moments, ...], gammas: tuple[Array | None, ...]) -> Array:
    """J' W Gamma W J of one observation (q, q), Gamma centred at the sample moments.

    Parameters
    ----------
    gammas : tuple of arrays or None
        Gamma of every group where the weight matrix is a general one; None where it follows from normal theory.
    """
    model = estimates.model
    total = np.zeros((model.n_free, model.n_free))
    for point, own, share, whole in zip(estimates.points, moments, model.shares, gammas, strict=True):
        if whole is None:
            inverse = point.discrepancy.inverse
            assert inverse is not None
            constant = _expected(point.jacobian, inverse, own.cov)
            _add(total, share, point.jacobian, inverse, own, own_mean(own), constant)
            continue
        at = point.jacobian.theta
        projection = weighted_jacobian(point)
        total[np.ix_(at, at)] += share * (projection.T @ whole @ projection)
    return total


def _add(
    total: Array,
    share: float,
    jacobian: RankOneJacobian,
    inverse: Array,
    own: Moments,
    centre: Array,
    constant: Array,
) -> None:
    """Add one group's average of s s', s = projections less `constant`."""
    rows = rows_of(own)
    sums, products = projected(rows, centre, jacobian.u @ inverse, jacobian.v @ inverse, jacobian.w @ inverse)
    mean = sums / rows.n_rows
    cross = np.outer(mean, constant)
    at = jacobian.theta
    total[np.ix_(at, at)] += share * (products / rows.n_rows - cross - cross.T + np.outer(constant, constant))


def _expected(jacobian: RankOneJacobian, inverse: Array, cov: Array) -> Array:
    """tr(P dSigma P C) / 2 for every parameter: what the quadratic projection of a row with covariance C averages."""
    return np.asarray(np.sum((jacobian.u @ inverse @ cov @ inverse) * jacobian.v, axis=1))


def weighted_jacobian(point: Point) -> Array:
    """W J (m, k) of a group that was fitted with a general weight matrix."""
    found = point.discrepancy
    assert isinstance(found, WeightedLeastSquares)
    dense = point.jacobian.dense()[-len(found.weight) :]
    return found.weight[:, None] * dense if found.weight.ndim == 1 else found.weight @ dense


def own_mean(moments: Moments) -> Array:
    """Sample means of the rows behind moments."""
    rows_of(moments)
    assert moments.mean is not None
    return moments.mean


def whole_gamma(moments: Moments, *, with_mean: bool) -> Array:
    """Gamma of one group."""
    return gamma(rows_of(moments), own_mean(moments), moments.rescaled("n").cov, with_mean=with_mean)


def normal_gammas(estimates: Estimates) -> tuple[Array, ...]:
    """Normal-theory Gamma of the sample moments of every group."""
    return tuple(normal_gamma(sample.cov, with_mean=sample.mean is not None) for sample in estimates.model.samples)


def normal_gamma(cov: Array, *, with_mean: bool) -> Array:
    """N times the sampling covariance of (mean, vech S) of normal variables with this covariance matrix."""
    rows, columns = vech_indices(len(cov))
    straight = cov[np.ix_(rows, rows)] * cov[np.ix_(columns, columns)]
    crossed = cov[np.ix_(rows, columns)] * cov[np.ix_(columns, rows)]
    if not with_mean:
        return straight + crossed
    p = len(cov)
    return np.block([[cov, np.zeros((p, len(rows)))], [np.zeros((len(rows), p)), straight + crossed]])


def unstructured_information(estimates: Estimates, *, observed: bool = False) -> Array:
    """Information of one observation (q, q), with the weight of the sample moments."""
    model = estimates.model
    total = np.zeros((model.n_free, model.n_free))
    for point, sample, share in zip(estimates.points, model.samples, model.shares, strict=True):
        at = point.jacobian.theta
        total[np.ix_(at, at)] += share * _unstructured(point, sample, observed=observed)
    return total


def _unstructured(point: Point, sample: SampleMoments, *, observed: bool) -> Array:
    """One group's part; complete rows have one information about their moments, observed or expected."""
    if isinstance(sample, IncompleteMoments):
        information = sample.information
        return by_moments(point.jacobian, information.observed if observed else information.expected)
    return fisher(point.jacobian, np.linalg.inv(sample.cov))


def normal_weight(inverse: Array, other: Array, *, with_mean: bool) -> Array:
    """Weight of (mean, vech S), P and Q for Sigma^-1: D' (P x Q + Q x P) D / 4 for the covariances, P for the means."""
    rows, columns = vech_indices(len(inverse))

    def kron(one: Array, two: Array) -> Array:
        return one[np.ix_(rows, rows)] * two[np.ix_(columns, columns)]

    def swapped(one: Array, two: Array) -> Array:
        return one[np.ix_(rows, columns)] * two[np.ix_(columns, rows)]

    total = kron(inverse, other) + kron(other, inverse) + swapped(inverse, other) + swapped(other, inverse)
    scale = np.where(rows == columns, 0.5, 1.0)
    weight = 0.5 * total * scale[:, None] * scale
    if not with_mean:
        return weight
    p = len(inverse)
    return np.block([[inverse, np.zeros((p, len(rows)))], [np.zeros((len(rows), p)), weight]])
