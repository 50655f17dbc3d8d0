"""Test statistics corrected for what normal theory leaves out: scaled, shifted, mean and variance adjusted.

Each rests on the trace of U Gamma, with U the residual weight of the model: its mean is df where normal theory holds.
Sources: Satorra & Bentler (1994); Yuan & Bentler (2000), doi:10.1111/0081-1750.00078; Asparouhov & Muthen (2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.linalg import block_diag

from survey_sem.estimation.conditional import moment_jacobian, regression
from survey_sem.estimation.discrepancy import NormalDiscrepancy
from survey_sem.estimation.least_squares import WeightedMoments
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.distributions import chi_square_tail
from survey_sem.inference.incomplete import is_determined, is_incomplete, mplus_trace, yuan_bentler_trace
from survey_sem.inference.sandwich import (
    Gammas,
    casewise_information,
    fitted_by,
    gamma_information,
    normal_weight,
    own_mean,
    rows_of,
    trace_inverse,
    whole_gammas,
)
from survey_sem.inference.solution import Solution, fixed_exogenous
from survey_sem.linalg import Array
from survey_sem.statistics.gamma import normal_trace


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
        trace = (
            _incomplete_trace(solution, name)
            if is_incomplete(solution.estimates)
            else _mplus_trace(solution, saturated)
        )
        return AdjustedTest(name, chi2 * df / trace, df, trace / df, 0.0, trace / df)
    if name in ("satorra.bentler", "yuan.bentler") and _is_normal(solution):
        trace = _normal_trace(solution)
        return AdjustedTest(name, chi2 * df / trace, df, trace / df, 0.0, trace / df)
    trace, trace2 = _traces(solution)
    if name in ("satorra.bentler", "yuan.bentler"):
        return AdjustedTest(name, chi2 * df / trace, df, trace / df, 0.0, trace / df)
    if name == "mean.var.adjusted":
        return AdjustedTest(name, chi2 * trace / trace2, trace**2 / trace2, trace2 / trace, 0.0, trace / df)
    factor = sqrt(df / trace2)
    shift = df - factor * trace
    return AdjustedTest(name, chi2 * factor + shift, df, 1.0 / factor, shift, trace / df)


def _incomplete_trace(solution: Solution, name: str) -> float:
    """tr(U Gamma) of incomplete rows."""
    return mplus_trace(solution) if name == "yuan.bentler.mplus" else yuan_bentler_trace(solution)


def _is_normal(solution: Solution) -> bool:
    """Whether the weights are normal-theory ones at the implied moments, so that no whole matrix is needed."""
    return solution.rules.information == "expected" and all(
        point.discrepancy.inverse is not None for point in solution.estimates.points
    )


def _mplus_trace(solution: Solution, saturated: float | None) -> float:
    """Trace for the saturated model at the sample moments less that for the model: Muthen's form."""
    if saturated is None:
        saturated = complete_saturated_trace(solution)
    if solution.rules.has_casewise_errors and solution.vcov is not None:  # A^-1 B A^-1 is known
        return saturated - solution.n_scale * float(np.sum(solution.vcov * solution.information))
    assert solution.inverse is not None
    model = casewise_information(solution.estimates, solution.moments)
    return saturated - float(np.sum(solution.inverse * model))


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
    middle = gamma_information(estimates, solution.moments, None)
    information = estimates.model.expected_information(estimates.points)
    inverse = constrained_inverse(information, estimates.active_directions())
    assert inverse is not None
    return total - float(np.sum(inverse * middle))


def _moment_trace(solution: Solution, block: int) -> float:
    """tr(W Gamma) of one group, with the normal-theory weight of the implied moments."""
    sample, own = solution.estimates.model.samples[block], solution.moments[block]
    inverse = trace_inverse(sample, solution.estimates.points[block])
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


def _traces(solution: Solution) -> tuple[float, float]:
    """tr(U Gamma) and tr((U Gamma)^2), from whole matrices."""
    estimates = solution.estimates
    shares = estimates.model.shares
    q = estimates.model.n_free
    weights = [_weight(solution, block) for block in range(len(shares))]
    samples = estimates.model.samples
    gammas = whole_gammas(solution.moments, samples)
    jacobians = []
    for point, sample, weight in zip(estimates.points, samples, weights, strict=True):
        dense = np.zeros((len(weight), q))
        implied = point.moments
        dense[:, point.jacobian.theta] = moment_jacobian(sample, point.jacobian, implied.sigma, implied.mu)
        jacobians.append(dense)
    information = sum(
        (share * j.T @ w @ j for share, j, w in zip(shares, jacobians, weights, strict=True)), np.zeros((q, q))
    )
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


def _weight(solution: Solution, block: int) -> Array:
    """The weight matrix of one group's moments (m, m)."""
    estimates = solution.estimates
    point, sample = estimates.points[block], estimates.model.samples[block]
    inverse = point.discrepancy.inverse
    if inverse is None:
        assert isinstance(sample, WeightedMoments)
        return np.asarray(np.diag(sample.weight) if sample.weight.ndim == 1 else sample.weight)
    if solution.rules.information == "observed" and isinstance(point.discrepancy, NormalDiscrepancy):
        other: Array = 2.0 * point.discrepancy.weighted - point.discrepancy.precision
    else:
        other = inverse
    if not sample.given:
        return normal_weight(inverse, other, with_mean=sample.mean is not None)
    found = regression(point.moments.sigma, point.moments.mu, sample.given)
    y = np.ix_(found.dependent, found.dependent)
    by_cov = normal_weight(inverse[y], other[y], with_mean=False)
    return np.asarray(block_diag(np.kron(found.products(), inverse[y]), by_cov))
