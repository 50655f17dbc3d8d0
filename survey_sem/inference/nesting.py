"""Is one model nested in another? By what the models can say of the moments, not by the names of their parameters.

A model is nested in a larger one where the larger one can reach all moments that the smaller one can imply. The
procedure of Bentler and Satorra (2010, doi:10.1037/a0019625) fits the larger model to the moments that the smaller one
implies at its estimates: only where it is nested is the discrepancy zero. Its point there is the smaller model written
in the parameters of the larger one, which the strictly positive difference test needs too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey_sem.errors import SurveySemError
from survey_sem.estimation.build import build_model
from survey_sem.estimation.estimate import Estimates, estimate
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array
from survey_sem.statistics import Moments

REACHED = 1e-8
"""A discrepancy per observation below this is zero: optima end at 1e-12, models that differ at 1e-5 and more."""


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """How near the larger model comes to the moments that the smaller one implies.

    Parameters
    ----------
    discrepancy : float
        The maximum likelihood fit function at its minimum; NaN where it could not be found.
    theta : array (q,) or None
        The larger model's parameters there.
    reason : str
        Why there is no discrepancy, where there is none.
    """

    discrepancy: float
    theta: Array | None
    reason: str = ""

    @property
    def is_nested(self) -> bool:
        """Whether the moments were reached."""
        return self.discrepancy < REACHED


def reach(larger: Solution, smaller: Solution) -> Reached:
    """Fit the larger model to the moments that the smaller one implies. Groups are told apart by their labels."""
    moments = implied_as_moments(smaller, larger.moments)
    table = larger.estimates.table.with_ustart(_starting(larger, smaller))
    try:
        found = estimate(build_model(table, moments))
    except SurveySemError as error:
        return Reached(float("nan"), None, error.what)
    return Reached(2.0 * max(found.optimum.value, 0.0), found.theta)


def implied_as_moments(solution: Solution, like: Sequence[Moments]) -> list[Moments]:
    """The moments that a solution implies, groups and variables in the order of `like`."""
    found = []
    for own in like:
        block = group_position(solution, own.label)
        at = variable_positions(solution, block, own.names)
        point = solution.estimates.points[block].moments
        sigma = point.sigma[np.ix_(at, at)]
        found.append(Moments(own.names, own.n_obs, sigma, point.mu[at], "n", own.label))
    return found


def group_position(solution: Solution, label: str) -> int:
    """Position of the group with this label."""
    return [own.label for own in solution.moments].index(label)


def variable_positions(solution: Solution, block: int, names: Sequence[str]) -> list[int]:
    """Positions of variables in one group's arrays."""
    own = solution.moments[block].names
    return [own.index(name) for name in names]


def at_parameters(solution: Solution, theta: Array) -> Estimates:
    """The solution's model, for the data, at other parameters; no search."""
    estimates = solution.estimates
    optimum = replace(estimates.optimum, theta=theta, value=estimates.model.value(theta))
    return replace(estimates, optimum=optimum, points=estimates.model.points(theta))


def _starting(larger: Solution, smaller: Solution) -> dict[int, float | None]:
    """Starting values: the smaller model's where it has the parameter, else the larger one's own."""
    known = {}
    for row, value in zip(smaller.rows, smaller.row_values(), strict=True):
        known[(smaller.moments[row.block - 1].label, row.lhs, row.op, row.rhs)] = float(value)
    found: dict[int, float | None] = {}
    for row, value in zip(larger.rows, larger.row_values(), strict=True):
        if row.free:
            key = (larger.moments[row.block - 1].label, row.lhs, row.op, row.rhs)
            found[row.id] = known.get(key, float(value))
    return found
