"""Tests of the difference between two nested models.

With T the standard statistics, c their scaling factors and d the degrees of freedom of the smaller model (0) and the
larger one (1), the difference D = T0 - T1 on d = d0 - d1 degrees of freedom is divided by

* ``satorra.bentler.2001``: (d0 c0 - d1 c1) / d, which can be negative (doi:10.1007/BF02296192)
* ``satorra.bentler.2010``: (d0 c0 - d1 c10) / d, c10 that of the larger model at the smaller one's moments, which is
  positive (doi:10.1007/s11336-009-9135-y)
* ``satorra.2000``: the difference is scaled and shifted so that it has the mean and variance of chi-square, from the
  traces of U Gamma and its square, U the weight of the directions in which the larger model is wider.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from survey_sem.estimation.implied import RankOneJacobian
from survey_sem.inference.adjusted import adjusted_test
from survey_sem.inference.distributions import chi_square_tail
from survey_sem.inference.fit import degrees_of_freedom
from survey_sem.inference.nesting import at_parameters, group_position, variable_positions
from survey_sem.inference.sandwich import Gammas, gamma_information, whole_gammas
from survey_sem.inference.solution import Solution, solve
from survey_sem.linalg import Array, null_space


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference test: statistic, degrees of freedom, and what the plain difference was divided by and shifted by."""

    method: str
    statistic: float
    df: int
    scaling: float = 1.0
    shift: float = 0.0

    @property
    def p_value(self) -> float:
        """Tail probability."""
        return chi_square_tail(self.statistic, self.df)


def scaled_difference(method: str, chi2: float, df0: int, c0: float, df1: int, c1: float) -> Difference:
    """The difference `chi2` divided by (df0 c0 - df1 c1) / (df0 - df1); its sign may turn with the divisor's."""
    df = df0 - df1
    scaling = (df0 * c0 - df1 * c1) / df
    return Difference(method, chi2 / scaling, df, scaling)


def scaling_at(larger: Solution, theta: Array, name: str) -> float | None:
    """Scaling factor of the larger model's test at other parameters; None without an information matrix there."""
    rules = replace(larger.rules, se="none")
    found = solve(at_parameters(larger, theta), larger.moments, rules)
    test = adjusted_test(found, name, 1.0, degrees_of_freedom(larger.estimates))
    return None if test is None else test.scaling


def satorra_2000(larger: Solution, smaller: Solution, chi2: float, df: int) -> Difference | None:
    """The scaled and shifted difference; None where the larger model has no information matrix.

    The directions that only the larger model has are those of its tangent space at its estimates that are orthogonal
    to the projection of the smaller one's. The information is of the kind that the fits used.

    Raises
    ------
    DataError
        There are no rows.
    """
    estimates = larger.estimates
    wide, narrow = null_space(estimates.active_jacobian()), null_space(smaller.estimates.active_jacobian())
    own = np.vstack(_jacobians(larger, larger)) @ wide
    other = np.vstack(_jacobians(smaller, larger)) @ narrow
    projection = np.linalg.lstsq(own, other, rcond=None)[0]
    directions = np.linalg.svd(projection, full_matrices=True)[0][:, -df:].T
    information = wide.T @ larger.information @ wide
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    middle = wide.T @ gamma_information(estimates, larger.moments, _general_gammas(larger)) @ wide
    across = directions @ inverse
    weighted = middle @ across.T @ np.linalg.solve(across @ directions.T, across)
    trace, trace2 = float(np.trace(weighted)), float(np.sum(weighted * weighted.T))
    factor = sqrt(df / trace2)
    shift = df - factor * trace
    return Difference("satorra.2000", chi2 * factor + shift, df, 1.0 / factor, shift)


def _general_gammas(solution: Solution) -> Gammas | None:
    """Gamma of all groups, where their weight matrices are general ones."""
    if solution.estimates.points[0].discrepancy.inverse is not None:
        return None
    return whole_gammas(solution.moments, solution.estimates.model.samples)


def _jacobians(solution: Solution, like: Solution) -> list[Array]:
    """Derivatives of every group's moments (m, q), groups and variables in the order of `like`."""
    found: list[Array] = []
    for own in like.moments:
        block = group_position(solution, own.label)
        at = variable_positions(solution, block, own.names)
        jacobian = solution.estimates.points[block].jacobian
        turned = RankOneJacobian(jacobian.u[:, at], jacobian.v[:, at], jacobian.w[:, at], jacobian.theta)
        dense = np.zeros((len(at) * (len(at) + 3) // 2, solution.estimates.model.n_free))
        dense[:, jacobian.theta] = turned.dense()
        found.append(dense)
    return found
