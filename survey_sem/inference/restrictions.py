"""Score and Wald tests: what would releasing restrictions gain, and do the estimates keep to others?

With g the downward gradient and A the expected information of one observation at the estimates, and K a basis of the
directions that the constraints which stay leave free,

    X2 = N g' C g,  change = C g,  C = K (K' A K)^-1 K'

Rao's score test, with the expected change of all parameters (Saris, Satorra & Sorbom 1987, doi:10.2307/271030). Where
what is left is no longer identified, C is the inverse on the directions that are, and only those count as degrees of
freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_sem.estimation.functions import ParameterFunctions, equality_functions
from survey_sem.inference.distributions import chi_square_tail
from survey_sem.inference.modification import widened
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array, as_array, free_directions, symmetric
from survey_sem.syntax import Parameter

Mask = NDArray[np.bool_]

IDENTIFIED = 1e-9
"""Eigenvalues of an information matrix with unit diagonal that are below this belong to undetermined directions."""


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """One score test: statistic, degrees of freedom, expected change of the parameters (q,)."""

    statistic: float
    df: int
    change: Array

    @property
    def p_value(self) -> float:
        """Tail probability; NaN without degrees of freedom."""
        return chi_square_tail(self.statistic, self.df) if self.df else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class ScoreMaterial:
    """What score tests need of a fitted model, perhaps with more parameters.

    Parameters
    ----------
    gradient : array (q,)
        Downward.
    information : array (q, q)
        Expected, of one observation.
    constraints : array (r, q)
        Derivatives of the constraints that may be released.
    binding : array (s, q)
        Derivatives of those that stay in any case: inequalities that hold as equalities.
    held : int
        Directions in which the fitted model's parameters are identified.
    n_obs : float
    """

    gradient: Array
    information: Array
    constraints: Array
    binding: Array
    held: int
    n_obs: float

    def test(self, kept: Mask) -> Score:
        """The test of releasing all constraints but those that the mask `kept` (r,) keeps."""
        inverse, rank = _inverse(self.information, np.vstack([self.constraints[kept], self.binding]))
        change = inverse @ self.gradient
        return Score(max(self.n_obs * float(self.gradient @ change), 0.0), rank - self.held, change)


def _inverse(information: Array, constraints: Array) -> tuple[Array, int]:
    """K (K' A K)^+ K' and the rank of K' A K."""
    free = free_directions(constraints)
    reduced = symmetric(free.of_matrix(information))
    scale = np.sqrt(np.maximum(np.diag(reduced), 0.0))
    scale[scale == 0.0] = 1.0
    values, vectors = np.linalg.eigh(reduced / np.outer(scale, scale))
    usable = values > IDENTIFIED
    half = vectors[:, usable] / scale[:, None]
    return free.around(as_array((half / values[usable]) @ half.T)), int(usable.sum())


def score_material(solution: Solution, rows: Sequence[Parameter] = ()) -> ScoreMaterial:
    """Of a fitted model: its equality constraints in the table's order, then one for each of the further `rows`.

    The rows are fixed parameters, or such that the model leaves out; they come last in the parameter vector.
    """
    estimates = solution.estimates
    gradient, information = widened(solution, rows)
    own = equality_functions(estimates.table).jacobian(estimates.theta)
    active = estimates.constraints.positive.jacobian(estimates.theta)[estimates.active_inequalities()]
    added = len(rows)
    held = np.hstack([np.zeros((added, len(estimates.theta))), np.eye(added)])
    constraints = np.vstack([np.hstack([own, np.zeros((len(own), added))]), held])
    binding = np.hstack([active, np.zeros((len(active), added))])
    _, rank = _inverse(information, np.vstack([constraints, binding]))
    return ScoreMaterial(gradient, information, constraints, binding, rank, sum(m.n_obs for m in solution.moments))


def wald(functions: ParameterFunctions, theta: Array, vcov: Array) -> tuple[float, int]:
    """Statistic and degrees of freedom of the hypothesis that all `functions` are zero: h' (J V J')^-1 h.

    Degrees of freedom are the rank of J V J'; NaN and 0 where a function has no value at the estimates, or cannot vary.
    """
    values, jacobian = functions.values(theta), functions.jacobian(theta)
    spread = jacobian @ vcov @ jacobian.T
    if not (np.isfinite(values).all() and np.isfinite(spread).all()):
        return float("nan"), 0
    largest = (np.abs(jacobian) @ np.sqrt(np.maximum(np.diag(vcov), 0.0))) ** 2
    if (np.diag(spread) <= IDENTIFIED * largest).any():
        return float("nan"), 0
    scale = np.sqrt(np.diag(spread))
    eigenvalues, vectors = np.linalg.eigh(spread / np.outer(scale, scale))
    usable = eigenvalues > IDENTIFIED
    projected = vectors[:, usable].T @ (values / scale)
    return float(np.sum(projected**2 / eigenvalues[usable])), int(usable.sum())
