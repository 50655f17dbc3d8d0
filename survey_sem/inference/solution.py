"""A solution: estimates together with their sampling covariance, the common input of all inference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.functions import ParameterFunctions, definition_functions
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.rules import Rules
from survey_sem.inference.sandwich import (
    Gammas,
    first_order_information,
    gamma_information,
    normal_gammas,
    unstructured_information,
    whole_gammas,
)
from survey_sem.linalg import Array
from survey_sem.statistics import Moments
from survey_sem.syntax import Parameter

AT_ONCE = 64
"""Functions whose standard errors are computed together."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Estimates with what their standard errors rest on.

    Parameters
    ----------
    estimates : Estimates
    moments : tuple of Moments
        One per group.
    information : array (q, q)
        Information of one observation, of the kind asked for.
    inverse : array (q, q) or None
        Its constrained inverse; None where it has none.
    vcov : array (q, q) or None
        Sampling covariance of the parameter vector: `inverse` / `n_scale`.
    n_scale : float
        What the fit function is multiplied with: N, or N - G under Wishart and least squares.
    rules : Rules
        What standard errors and tests rest on.
    """

    estimates: Estimates
    moments: tuple[Moments, ...]
    information: Array
    inverse: Array | None
    vcov: Array | None
    n_scale: float
    rules: Rules

    @property
    def rows(self) -> tuple[Parameter, ...]:
        """The table's model parameters, without constraints and definitions."""
        return self.estimates.table.parameters

    @property
    def definitions(self) -> ParameterFunctions:
        """The ``:=`` functions."""
        return definition_functions(self.estimates.table)

    def row_values(self) -> Array:
        """Value of every model parameter, free or fixed, in the table's order."""
        theta = self.estimates.theta
        return np.array([theta[row.free - 1] if row.free else row.ustart or 0.0 for row in self.rows])

    def row_slopes(self) -> Array:
        """Derivative of every model parameter with respect to the parameter vector (rows, q)."""
        slopes = np.zeros((len(self.rows), len(self.estimates.theta)))
        for at, row in enumerate(self.rows):
            if row.free:
                slopes[at, row.free - 1] = 1.0
        return slopes

    def standard_errors(self, slopes: Array) -> Array:
        """Delta-method standard errors of functions with derivatives `slopes` (r, q); NaN without a vcov."""
        return delta_standard_errors(slopes, self.vcov)


def solve(estimates: Estimates, moments: Sequence[Moments], rules: Rules, gammas: Gammas | None = None) -> Solution:
    """The solution under `rules`.

    Standard errors take active inequality constraints as equalities, as lavaan does, and ignore bounds. `gammas` are
    those that the weights were made of, where they were.
    """
    own = tuple(moments)
    fitted, estimates = estimates, _with_information_shares(estimates, own)
    n_scale = float(sum(m.n_obs for m in own) - (0 if rules.uses_n else len(own)))
    is_hessian = rules.information == "observed" and rules.observed_information == "hessian"
    matrix = information_matrix(fitted if is_hessian else estimates, own, rules)
    inverse = constrained_inverse(matrix, estimates.active_directions())
    vcov = None if inverse is None else _covariance(estimates, own, rules, inverse, gammas) / n_scale
    return Solution(estimates, own, matrix, inverse, vcov, n_scale, rules)


def _with_information_shares(estimates: Estimates, moments: tuple[Moments, ...]) -> Estimates:
    """Groups weigh n_g / N in information matrices, as in lavaan, also where least squares weighs n_g - 1.

    The Hessian alone keeps the weights of the fit function.
    """
    total = sum(m.n_obs for m in moments)
    model = replace(estimates.model, shares=tuple(m.n_obs / total for m in moments))
    return replace(estimates, built=replace(estimates.built, model=model))


def information_matrix(estimates: Estimates, moments: tuple[Moments, ...], rules: Rules) -> Array:
    """Information of one observation (q, q), of the kind that the rules name."""
    model, points = estimates.model, estimates.points
    if rules.information == "first.order" or rules.se == "first.order":
        return first_order_information(estimates, moments, rules)
    if rules.information == "observed" and rules.observed_information == "hessian":
        return model.observed_information(points)
    if rules.information == "observed":
        return saturated_information(estimates, rules)
    if rules.h1_information == "unstructured":
        return unstructured_information(estimates)
    return model.expected_information(points)


def saturated_information(estimates: Estimates, rules: Rules) -> Array:
    """J' W J with W the saturated model's observed information, at the sample or at the implied moments (q, q)."""
    if rules.h1_information == "unstructured":
        return unstructured_information(estimates, observed=True)
    model = estimates.model
    total = np.zeros((model.n_free, model.n_free))
    for point, share in zip(estimates.points, model.shares, strict=True):
        at = point.jacobian.theta
        total[np.ix_(at, at)] += share * point.discrepancy.second(point.jacobian)
    return total


def _covariance(
    estimates: Estimates,
    moments: tuple[Moments, ...],
    rules: Rules,
    inverse: Array,
    gammas: Gammas | None,
) -> Array:
    """N times the sampling covariance, the inverse information given."""
    if rules.has_casewise_errors:
        return inverse @ first_order_information(estimates, moments, rules) @ inverse
    if rules.se == "robust.sem":
        if estimates.points[0].discrepancy.inverse is not None:
            gammas = None
        elif gammas is None:
            gammas = whole_gammas(moments, estimates.model.samples)
        return inverse @ gamma_information(estimates, moments, gammas, rules) @ inverse
    if rules.se == "standard" and estimates.points[0].discrepancy.inverse is None and not rules.is_efficient:
        return inverse @ gamma_information(estimates, moments, normal_gammas(estimates)) @ inverse
    return inverse


def delta_standard_errors(slopes: Array, vcov: Array | None) -> Array:
    """Square roots of the diagonal of ``slopes @ vcov @ slopes.T``."""
    if vcov is None:
        return np.full(len(slopes), np.nan)
    variance = np.empty(len(slopes))
    for start in range(0, len(slopes), AT_ONCE):  # neighbours belong to one group, and depend on its parameters alone
        rows = slopes[start : start + AT_ONCE]
        used = np.flatnonzero(rows.any(axis=0))
        rows = rows[:, used]
        variance[start : start + AT_ONCE] = np.sum((rows @ vcov[np.ix_(used, used)]) * rows, axis=1)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def fixed_exogenous(estimates: Estimates, block: int) -> tuple[str, ...]:
    """Exogenous observed variables of one group whose moments are fixed at the sample values."""
    return tuple(
        row.lhs
        for row in estimates.table.parameters
        if row.block == block + 1 and row.exo and row.op == "~~" and row.lhs == row.rhs
    )
