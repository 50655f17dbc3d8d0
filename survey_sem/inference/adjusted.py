"""Test statistics corrected for what normal theory leaves out: scaled, shifted, mean and variance adjusted.

Each rests on the trace of U Gamma, with U the residual weight of the model: its mean is df where normal theory holds.
Sources: Satorra & Bentler (1994); Yuan & Bentler (2000), doi:10.1111/0081-1750.00078; Asparouhov & Muthen (2010).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from survey_sem.estimation.conditional import moment_jacobian
from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.distributions import chi_square_tail
from survey_sem.inference.incomplete import is_determined, is_incomplete, saturated_trace, yuan_bentler_trace
from survey_sem.inference.sandwich import (
    Gammas,
    first_order_information,
    fitted_by,
    gamma_information,
    joint_scatter,
    moment_weight,
    normal_inverse,
    own_mean,
    rows_of,
    trace_inverse,
    uses_observed_weights,
    whole_gammas,
)
from survey_sem.inference.solution import Solution, fixed_exogenous, information_matrix
from survey_sem.linalg import Array, symmetric_root
from survey_sem.statistics.gamma import gamma, normal_trace, unit_weight


@dataclass(frozen=True, slots=True)
class AdjustedTest:
    """A corrected chi-square.

    ``statistic = chi2 / scaling + shift``, referred to `df` degrees of freedom (fractional where they are adjusted).
    `mean_scaling` is what the statistic's mean is off by, trace(U Gamma) / df of the model.
    """

    name: str
    statistic: float
    df: float
    scaling: float
    shift: float
    mean_scaling: float

    @property
    def has_scale(self) -> bool:
        """Whether the statistic can be used: dividing by a negative scaling would turn it round."""
        return self.scaling > 0.0

    @property
    def p_value(self) -> float:
        """Tail probability."""
        return chi_square_tail(self.statistic, self.df)


def adjusted_test(
    solution: Solution, name: str, chi2: float, df: int, saturated: float | None = None
) -> AdjustedTest | None:
    """The corrected statistic `name`, 0 without degrees of freedom; None without an information matrix.

    `saturated` is `complete_saturated_trace` of these moments, where it is known.
    """
    if solution.inverse is None or not is_determined(solution):
        return None
    if df == 0:
        return AdjustedTest(name, 0.0, 0.0, 1.0, 0.0, 1.0)
    if name == "yuan.bentler.mplus" or is_incomplete(solution.estimates):
        if name == "yuan.bentler.mplus":
            known, model = likelihood_traces(solution, saturated)
            trace = known - model
        else:
            trace = yuan_bentler_trace(solution)
        if trace == 0.0:  # a census: nothing varies
            return None
        return AdjustedTest(name, chi2 * df / trace, df, trace / df, 0.0, trace / df)
    if name in ("satorra.bentler", "yuan.bentler") and _is_normal(solution):
        trace = _normal_trace(solution)
        if trace == 0.0:
            return None
        return AdjustedTest(name, chi2 * df / trace, df, trace / df, 0.0, trace / df)
    trace, trace2 = _traces(solution)
    if trace == 0.0 or trace2 == 0.0:
        return None
    if name in ("satorra.bentler", "yuan.bentler"):
        return AdjustedTest(name, chi2 * df / trace, df, trace / df, 0.0, trace / df)
    if name == "mean.var.adjusted":
        return AdjustedTest(name, chi2 * trace / trace2, trace**2 / trace2, trace2 / trace, 0.0, trace / df)
    factor = sqrt(df / trace2)
    shift = df - factor * trace
    return AdjustedTest(name, chi2 * factor + shift, df, 1.0 / factor, shift, trace / df)


def _is_normal(solution: Solution) -> bool:
    """Whether the weights are normal-theory ones at the implied moments, so that no whole matrix is needed."""
    return solution.rules.information == "expected" and all(
        point.discrepancy.inverse is not None for point in solution.estimates.points
    )


def likelihood_traces(solution: Solution, saturated: float | None = None) -> tuple[float, float]:
    """tr(A^-1 B) of the saturated model and of the model, A the information and B the first-order one.

    Their difference is Muthen's form of the trace of U Gamma. Fixed exogenous variables are no part of either.
    """
    if is_incomplete(solution.estimates):
        return saturated_trace(solution), _model_trace(solution)
    if saturated is None:
        saturated = complete_saturated_trace(solution)
    return saturated, _model_trace(solution)


def _model_trace(solution: Solution) -> float:
    rules, inverse = solution.rules, solution.inverse
    if rules.information == "observed" and rules.observed_in_tests != rules.observed_information:
        wanted = replace(rules, observed_information=rules.observed_in_tests)
        information = information_matrix(solution.estimates, solution.moments, wanted)
        inverse = constrained_inverse(information, solution.estimates.active_directions())
    elif rules.has_casewise_errors and solution.vcov is not None:  # A^-1 B A^-1 is known
        return solution.n_scale * float(np.sum(solution.vcov * solution.information))
    assert inverse is not None
    return float(np.sum(inverse * first_order_information(solution.estimates, solution.moments, rules)))


def complete_saturated_trace(solution: Solution) -> float:
    """tr(W Gamma) of complete rows, W the normal-theory weight at the sample moments: the same for nested models."""
    samples = solution.estimates.model.samples
    return sum(
        _trace_less_exogenous(solution, block, np.linalg.inv(sample.cov)) for block, sample in enumerate(samples)
    )


def _normal_trace(solution: Solution) -> float:
    """tr(U Gamma) with normal-theory weights."""
    estimates = solution.estimates
    total = sum(_moment_trace(solution, block) for block in range(len(solution.moments)))
    middle = gamma_information(estimates, solution.moments, None, solution.rules)
    information = information_matrix(estimates, solution.moments, solution.rules)
    inverse = constrained_inverse(information, estimates.active_directions())
    assert inverse is not None
    return total - float(np.sum(inverse * middle))


def _moment_trace(solution: Solution, block: int) -> float:
    """tr(W Gamma) of one group, with the normal-theory weight of the implied moments."""
    sample, own = solution.estimates.model.samples[block], solution.moments[block]
    inverse = trace_inverse(sample, solution.estimates.points[block], solution.rules)
    if sample.given:
        return _trace_less_exogenous(solution, block, inverse)
    cov, fitted, with_mean = own.rescaled("n").cov, fitted_by(sample, own), sample.mean is not None
    return normal_trace(rows_of(own), own_mean(own), cov, inverse, with_mean=with_mean, fitted=fitted)


def _trace_less_exogenous(solution: Solution, block: int, inverse: Array) -> float:
    """tr(W Gamma) of one group; what belongs to the moments of fixed exogenous variables is taken off."""
    own = solution.moments[block]
    rows, with_mean = rows_of(own), solution.estimates.table.meanstructure
    cov = own.rescaled("n").cov
    total = normal_trace(rows, own_mean(own), cov, inverse, with_mean=with_mean)
    at = [own.names.index(name) for name in fixed_exogenous(solution.estimates, block)]
    if at:
        part = own.select([own.names[k] for k in at])
        own_inverse = np.linalg.inv(cov[np.ix_(at, at)])
        total -= normal_trace(rows_of(part), own_mean(part), part.rescaled("n").cov, own_inverse, with_mean=with_mean)
    return total


def _normal_traces(solution: Solution) -> tuple[float, float]:
    """tr(U Gamma) and tr((U Gamma)^2) with normal-theory weights, groups independent: one matrix (m, m) at a time.

    In units in which the weight is the identity, U = 1 - H C H' with H the Jacobian and C the inverse information, so
    that Gamma and its product with the few columns of H are all that is needed.
    """
    estimates = solution.estimates
    q = estimates.model.n_free
    information, middle, crossed = (np.zeros((q, q)) for _ in range(3))
    trace = trace2 = 0.0
    parts = zip(estimates.points, estimates.model.samples, solution.moments, estimates.model.shares, strict=True)
    for point, sample, own, share in parts:
        root, j = symmetric_root(normal_inverse(sample, point, solution.rules)), point.jacobian
        with_mean, fitted = sample.mean is not None, fitted_by(sample, own)
        spread = gamma(
            rows_of(own), own_mean(own), own.rescaled("n").cov, with_mean=with_mean, fitted=fitted, root=root
        )
        dense = RankOneJacobian(j.u @ root, j.v @ root, j.w @ root, j.theta).dense()
        dense[len(root) :] *= unit_weight(len(root))[:, None]
        dense = dense[-len(spread) :]
        across = spread @ dense
        at = np.ix_(j.theta, j.theta)
        information[at] += share * dense.T @ dense
        middle[at] += share * dense.T @ across
        crossed[at] += share * across.T @ across
        trace += float(np.trace(spread))
        trace2 += float(np.vdot(spread, spread))
    inverse = constrained_inverse(information, estimates.active_directions())
    assert inverse is not None
    turned = inverse @ middle
    trace -= float(np.trace(turned))
    trace2 += float(np.sum(turned * turned.T)) - 2.0 * float(np.sum(inverse * crossed))
    return trace, trace2


def _traces(solution: Solution) -> tuple[float, float]:
    """tr(U Gamma) and tr((U Gamma)^2), from whole matrices."""
    is_conditional = any(sample.given for sample in solution.estimates.model.samples)
    if _is_normal(solution) and not is_conditional and joint_scatter(solution.moments) is None:
        return _normal_traces(solution)
    estimates = solution.estimates
    shares = estimates.model.shares
    q = estimates.model.n_free
    samples, rules = estimates.model.samples, solution.rules
    weights = [moment_weight(*each, rules) for each in zip(samples, estimates.points, strict=True)]
    gammas = whole_gammas(solution.moments, samples)
    jacobians = []
    for point, sample, weight in zip(estimates.points, samples, weights, strict=True):
        dense = np.zeros((len(weight), q))
        implied = point.moments
        dense[:, point.jacobian.theta] = moment_jacobian(sample, point.jacobian, implied.sigma, implied.mu)
        jacobians.append(dense)
    information: Array = sum(
        (share * j.T @ w @ j for share, j, w in zip(shares, jacobians, weights, strict=True)), np.zeros((q, q))
    )
    if uses_observed_weights(estimates, replace(rules, h1_information="structured")) and (
        rules.observed_in_tests == "hessian"
    ):
        information = estimates.model.observed_information(estimates.points)
    inverse = constrained_inverse(information, estimates.active_directions())
    assert inverse is not None
    weighted = [w @ j for w, j in zip(weights, jacobians, strict=True)]
    groups = range(len(shares))
    residual: dict[tuple[int, int], Array] = {}
    for at in groups:
        for to in groups:
            left = -sqrt(shares[at] * shares[to]) * weighted[at] @ inverse @ weighted[to].T
            residual[at, to] = left + weights[at] if at == to else left
    product = {(at, to): _times(residual, gammas, at, to) for at in groups for to in groups}
    trace = sum(float(np.trace(product[at, at])) for at in groups)
    trace2 = sum(float(np.sum(product[at, to] * product[to, at].T)) for at in groups for to in groups)
    return trace, trace2


def _times(residual: dict[tuple[int, int], Array], gammas: Gammas, at: int, to: int) -> Array:
    """One block of U Gamma."""
    found = residual[at, to] @ gammas.own[to]
    for through in range(len(gammas.own)):
        between = gammas.between(through, to)
        if through != to and between is not None:
            found = found + residual[at, through] @ between
    return found
