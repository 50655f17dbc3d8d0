"""The middle of sandwich covariances: variability of casewise scores, and traces of weight times Gamma.

A parameter's casewise score under a normal-theory weight is (u'Pz)(v'Pz) + w'Pz with the rank-one factors of its
Jacobian, so that one pass over the rows gives sums for all parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from scipy.linalg import block_diag

from survey_sem.errors import DataError
from survey_sem.estimation.conditional import ConditionalLeastSquares, Regression, moment_jacobian, regression
from survey_sem.estimation.discrepancy import NormalDiscrepancy, SampleMoments, fisher
from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.full_information import IncompleteMoments, by_moments
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.estimation.least_squares import WeightedLeastSquares, WeightedMoments
from survey_sem.estimation.model import Point
from survey_sem.inference.rules import STRUCTURED, Rules
from survey_sem.linalg import Array, Indices, vech_indices
from survey_sem.statistics import Moments, RowBlocks
from survey_sem.statistics.gamma import Blocks, conditional_influences, influences, projections
from survey_sem.statistics.incomplete import projected_scores
from survey_sem.statistics.scatter import Scatter


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
    """First-order information of one observation (q, q): how much the sum of scores around the implied moments varies.

    Of independent rows, the average square of a score; clusters and designs come in through `RowBlocks.totals`.
    """
    scores = [
        Scores(point.jacobian.theta, _casewise(point, sample, own))
        for point, sample, own in zip(estimates.points, estimates.model.samples, moments, strict=True)
    ]
    return spread_of(scores, moments, estimates.model.shares, estimates.model.n_free)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Weighted scores of one group's rows by blocks (k, block), each with the rows' places, for the parameters `at`."""

    at: Indices
    blocks: Iterable[tuple[Array, Indices | slice]]


def spread_of(scores: Sequence[Scores], moments: tuple[Moments, ...], shares: Sequence[float], n_free: int) -> Array:
    """Covariance of the sum of scores over all groups, for one observation (q, q).

    Groups are independent, unless a design knows units that hold rows of several of them.
    """
    joint = joint_scatter(moments)
    total = np.zeros((n_free, n_free))
    if joint is None:
        for each, own, share in zip(scores, moments, shares, strict=True):
            rows = rows_of(own)
            totals = rows.totals(len(each.at))
            for values, where in each.blocks:
                totals.add(values, where)
            total[np.ix_(each.at, each.at)] += share / rows.size * totals.covariance()
        return total
    over_groups = joint.totals(n_free)
    for each in scores:
        for values, where in each.blocks:
            wide = np.zeros((n_free, values.shape[1]))
            wide[each.at] = values
            over_groups.add(wide, where)
    return over_groups.covariance() / sum(rows_of(own).size for own in moments)


def joint_scatter(moments: Sequence[Moments]) -> Scatter | None:
    """The design of all groups, where it is one whose units can hold rows of several groups; else None."""
    return None if len(moments) == 1 or moments[0].rows is None else moments[0].rows.scatter


def _casewise(point: Point, sample: SampleMoments, own: Moments) -> Iterable[tuple[Array, Indices | slice]]:
    """Scores of one group's rows around the implied moments."""
    jacobian, rows = point.jacobian, rows_of(own)
    if isinstance(sample, IncompleteMoments):
        implied = point.moments.sigma, point.moments.mu
        return projected_scores(sample.patterns, rows, implied, (jacobian.u, jacobian.v, jacobian.w))
    centre = own_mean(own) if sample.mean is None else point.moments.mu
    precision = point.discrepancy.precision
    constant = _expected(jacobian, precision, point.moments.sigma)
    return projections(rows, centre, _turned(jacobian, precision), constant)


def _turned(jacobian: RankOneJacobian, inverse: Array) -> tuple[Array, Array, Array]:
    return jacobian.u @ inverse, jacobian.v @ inverse, jacobian.w @ inverse


def first_order_information(estimates: Estimates, moments: tuple[Moments, ...], rules: Rules) -> Array:
    """First-order information at the implied moments, or that of the saturated model, carried over (q, q)."""
    model = estimates.model
    if rules.h1_information == "structured" or any(sample.given for sample in model.samples):
        return casewise_information(estimates, moments)
    if not any(isinstance(sample, IncompleteMoments) for sample in model.samples):
        return gamma_information(estimates, moments, None, rules)
    total = np.zeros((model.n_free, model.n_free))
    for point, sample, share in zip(estimates.points, model.samples, model.shares, strict=True):
        assert isinstance(sample, IncompleteMoments)
        at = point.jacobian.theta
        total[np.ix_(at, at)] += share * by_moments(point.jacobian, sample.first_order)
    return total


def gamma_information(
    estimates: Estimates, moments: tuple[Moments, ...], gammas: Gammas | None, rules: Rules = STRUCTURED
) -> Array:
    """J' W Gamma W J of one observation (q, q), Gamma centred at the sample moments.

    Parameters
    ----------
    gammas : Gammas or None
        Of weight matrices that are general ones; None where they follow from normal theory, and Gamma is not needed as
        a matrix.
    rules : Rules
        Whether normal-theory weights are expected or observed ones, at the implied or at the sample moments.
    """
    model = estimates.model
    if gammas is None and uses_observed_weights(estimates, rules):
        placed: list[Placed] = []
        for sample, point in zip(model.samples, estimates.points, strict=True):
            dense = moment_jacobian(sample, point.jacobian, point.moments.sigma, point.moments.mu)
            placed.append((point.jacobian.theta, moment_weight(sample, point, rules) @ dense))
        return whole_gammas(moments, model.samples).sandwiched(placed, placed, model.shares, model.n_free)
    if gammas is not None:
        pairs = zip(model.samples, estimates.points, strict=True)
        turned = [(point.jacobian.theta, weighted_jacobian(sample, point)) for sample, point in pairs]
        return gammas.sandwiched(turned, turned, model.shares, model.n_free)
    scores = []
    for point, sample, own in zip(estimates.points, model.samples, moments, strict=True):
        inverse = normal_inverse(sample, point, rules)
        fitted = fitted_by(sample, own)
        left = own.cov if fitted is None else own.cov - fitted @ own.cov @ fitted.T
        constant = _expected(point.jacobian, inverse, left)
        blocks = projections(rows_of(own), own_mean(own), _turned(point.jacobian, inverse), constant, fitted)
        scores.append(Scores(point.jacobian.theta, blocks))
    return spread_of(scores, moments, model.shares, model.n_free)


def _expected(jacobian: RankOneJacobian, inverse: Array, cov: Array) -> Array:
    """tr(P dSigma P C) / 2 for every parameter: what the quadratic projection of a row with covariance C averages."""
    return np.asarray(np.sum((jacobian.u @ inverse @ cov @ inverse.T) * jacobian.v, axis=1))


def fitted_by(sample: SampleMoments, own: Moments) -> Array | None:
    """(p, p) what predicts all variables from the fixed exogenous ones; None without such, or where they are given.

    Gamma of all moments is then that of what they leave: their own moments do not vary.
    """
    if not sample.exogenous or sample.conditional:
        return None
    cov = own.cov
    x = list(sample.exogenous)
    found = np.zeros_like(cov)
    found[:, x] = np.linalg.solve(cov[np.ix_(x, x)], cov[x]).T
    return found


def normal_inverse(sample: SampleMoments, point: Point, rules: Rules = STRUCTURED) -> Array:
    """P of a group whose weight is the normal-theory one of P^-1.

    For Gamma of conditional moments the residuals of a row are those from the sample's slopes, not from the implied
    ones: with T making residuals of deviations, P is T_implied' Omega^-1 T_sample and the inverse covariances of x.
    """
    return _inverse_given(sample, point, rules, ours=False)


def trace_inverse(sample: SampleMoments, point: Point, rules: Rules = STRUCTURED) -> Array:
    """P for the trace of weight times Gamma: as `normal_inverse`, both sides with the sample's slopes."""
    return _inverse_given(sample, point, rules, ours=True)


def _inverse_given(sample: SampleMoments, point: Point, rules: Rules, *, ours: bool) -> Array:
    inverse = point.discrepancy.inverse
    assert inverse is not None
    if not sample.given and rules.h1_information == "unstructured" and isinstance(point.discrepancy, NormalDiscrepancy):
        return np.asarray(np.linalg.inv(sample.cov), dtype=np.float64)
    if not sample.given:
        return inverse
    own = _own_regression(sample)
    implied = regression(point.moments.sigma, point.moments.mu, sample.given)
    left = own if ours else implied
    joined = left.residual_of().T @ np.linalg.inv(implied.cov) @ own.residual_of()
    joined[np.ix_(own.given, own.given)] += np.linalg.inv(own.cov_x)
    return np.asarray(joined)


def _own_regression(sample: SampleMoments) -> Regression:
    assert sample.mean is not None
    return regression(sample.cov, sample.mean, sample.given)


def weighted_jacobian(sample: SampleMoments, point: Point) -> Array:
    """W J (m, k) of a group that was fitted with a general weight matrix."""
    found = point.discrepancy
    assert isinstance(found, WeightedLeastSquares | ConditionalLeastSquares)
    dense = moment_jacobian(sample, point.jacobian, point.moments.sigma, point.moments.mu)
    return found.weight[:, None] * dense if found.weight.ndim == 1 else found.weight @ dense


def uses_observed_weights(estimates: Estimates, rules: Rules) -> bool:
    """Whether moments are weighted by their observed information; at the sample moments it is the expected one."""
    if rules.information != "observed" or rules.h1_information != "structured":
        return False
    return all(isinstance(point.discrepancy, NormalDiscrepancy) for point in estimates.points)


def moment_weight(sample: SampleMoments, point: Point, rules: Rules) -> Array:
    """The weight matrix of one group's moments (m, m)."""
    if point.discrepancy.inverse is None:
        assert isinstance(sample, WeightedMoments)
        return np.asarray(np.diag(sample.weight) if sample.weight.ndim == 1 else sample.weight)
    inverse = point.discrepancy.inverse if sample.given else normal_inverse(sample, point, rules)
    other = inverse
    structured = rules.h1_information == "structured" or bool(sample.given)
    if rules.information == "observed" and structured and isinstance(point.discrepancy, NormalDiscrepancy):
        other = 2.0 * point.discrepancy.weighted - inverse
    if not sample.given:
        return normal_weight(inverse, other, with_mean=sample.mean is not None)
    found = regression(point.moments.sigma, point.moments.mu, sample.given)
    y = np.ix_(found.dependent, found.dependent)
    by_cov = normal_weight(inverse[y], other[y], with_mean=False)
    return np.asarray(block_diag(np.kron(found.products(), inverse[y]), by_cov))


def own_mean(moments: Moments) -> Array:
    """Sample means of the rows behind moments."""
    rows_of(moments)
    assert moments.mean is not None
    return moments.mean


def moment_influences(own: Moments, sample: SampleMoments) -> tuple[Blocks, int]:
    """Influences of one group's rows on the moments that its sample compares, and how many moments these are."""
    rows, mean, cov = rows_of(own), own_mean(own), own.rescaled("n").cov
    p = len(cov)
    if sample.given:
        found = regression(cov, mean, sample.given)
        blocks = conditional_influences(rows, mean, found.residual_of(), sample.given, found.products())
        return blocks, len(found.moments())
    with_mean = sample.mean is not None
    blocks = influences(rows, mean, cov, with_mean=with_mean, fitted=fitted_by(sample, own))
    return blocks, p * (p + 1) // 2 + (p if with_mean else 0)


@dataclass(frozen=True, slots=True, eq=False)
class Gammas:
    """Covariances of the moments of all groups.

    Parameters
    ----------
    own : tuple of arrays (m, m)
        N_g times the covariance of each group's moments.
    crossed : mapping
        By (group, later group) the root of N_g N_h times the covariance of their moments; empty where groups are
        independent.
    """

    own: tuple[Array, ...]
    crossed: Mapping[tuple[int, int], Array] = field(default_factory=dict)

    def between(self, group: int, other: int) -> Array | None:
        """The block of two groups (m, m'); None where they are independent."""
        if group == other:
            return self.own[group]
        found = self.crossed.get((min(group, other), max(group, other)))
        return found if found is None or group < other else found.T

    def sandwiched(self, left: Sequence[Placed], right: Sequence[Placed], shares: Sequence[float], size: int) -> Array:
        """Sum over groups g, h of the roots of their shares times L_g' Gamma_gh R_h (q, q).

        `left` and `right` hold, for every group, where its columns are in the parameter vector, and the matrix (m, k).
        """
        total = np.zeros((size, size))
        for group, (at, one) in enumerate(left):
            for other, (to, two) in enumerate(right):
                block = self.between(group, other)
                if block is not None:
                    total[np.ix_(at, to)] += sqrt(shares[group] * shares[other]) * (one.T @ block @ two)
        return total


Placed = tuple[Indices, Array]
"""Columns of one group's matrix in the parameter vector, and the matrix."""


def whole_gammas(moments: Sequence[Moments], samples: Sequence[SampleMoments]) -> Gammas:
    """Gamma of all groups, of the moments that their samples compare."""
    joint = joint_scatter(moments)
    found = [moment_influences(*each) for each in zip(moments, samples, strict=True)]
    if joint is None:
        return Gammas(tuple(_gamma(own, *each) for own, each in zip(moments, found, strict=True)))
    blocks, widths = zip(*found, strict=True)
    return joint_gammas(joint, blocks, widths, [rows_of(own).size for own in moments])


def _gamma(own: Moments, blocks: Blocks, width: int) -> Array:
    rows = rows_of(own)
    totals = rows.totals(width)
    for values, at in blocks:
        totals.add(values, at)
    return totals.covariance() / rows.size


def joint_gammas(
    joint: Scatter,
    blocks: Sequence[Iterable[tuple[Array, Indices | slice]]],
    widths: Sequence[int],
    sizes: Sequence[float],
) -> Gammas:
    """Covariances of the totals of every group's influences (`blocks`), of `widths` variables each, as Gamma is.

    `sizes` are the groups' sums of weights.
    """
    ends = np.cumsum(widths)
    places = [slice(int(end) - width, int(end)) for end, width in zip(ends, widths, strict=True)]
    totals = joint.totals(int(ends[-1]))
    for place, group in zip(places, blocks, strict=True):
        for values, where in group:
            wide = np.zeros((int(ends[-1]), values.shape[1]))
            wide[place] = values
            totals.add(wide, where)
    whole = totals.covariance()
    found = {
        (one, two): whole[places[one], places[two]] / sqrt(sizes[one] * sizes[two])
        for one in range(len(places))
        for two in range(one, len(places))
    }
    crossed = {pair: block for pair, block in found.items() if pair[0] != pair[1]}
    return Gammas(tuple(found[at, at] for at in range(len(places))), crossed)


def normal_gammas(estimates: Estimates) -> Gammas:
    """Normal-theory Gamma of the sample moments of every group."""
    samples = estimates.model.samples
    return Gammas(tuple(normal_sample_gamma(sample, sample.cov, sample.mean) for sample in samples))


def normal_sample_gamma(sample: SampleMoments, cov: Array, mean: Array | None) -> Array:
    """Normal-theory Gamma of the moments that a sample compares, where these are the moments of all variables."""
    if not sample.given:
        return normal_gamma(cov, with_mean=sample.mean is not None)
    assert mean is not None
    found = regression(cov, mean, sample.given)
    by_slope = np.kron(np.linalg.inv(found.products()), found.cov)
    return np.asarray(block_diag(by_slope, normal_gamma(found.cov, with_mean=False)))


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
