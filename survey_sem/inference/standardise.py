"""Standardised solutions, with derivatives so that their standard errors follow by the delta method.

``std_lv`` standardises the latent variables, ``std_all`` all variables, ``std_nox`` all but exogenous observed ones.
A covariance is divided by the standard deviations of the two (residual) terms that covary, a variance by the total
variance of its variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from survey_sem.estimation.implied import eta_jacobian
from survey_sem.estimation.representation import Places
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array, Indices
from survey_sem.syntax import Parameter

Kind = Literal["std_lv", "std_all", "std_nox"]
KINDS: tuple[Kind, ...] = ("std_lv", "std_all", "std_nox")
ValueKind = Literal["est", "std_lv", "std_all", "std_nox"]
VALUE_KINDS: tuple[ValueKind, ...] = ("est", *KINDS)


Variance = tuple[Any, Array]
"""A variance, or those of many draws (R,), with its derivative (q,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Total and residual variances of every variable of one group, with their derivatives."""

    total: Mapping[str, Variance]
    residual: Mapping[str, Variance]
    latent: frozenset[str]
    exogenous: frozenset[str]

    def divisors(self, row: Parameter, kind: Kind) -> tuple[list[Variance], list[Variance]]:
        """Variances whose square roots multiply, and variances whose square roots divide, the row's value."""
        if row.op == "=~":
            return self._keep([row.lhs], kind), self._keep([row.rhs], kind)
        if row.op in ("~", "<~"):
            return self._keep([row.rhs], kind), self._keep([row.lhs], kind)
        if row.op == "~1":
            return [], self._keep([row.lhs], kind)
        if row.lhs == row.rhs:
            return [], self._keep([row.lhs, row.lhs], kind)
        names = [name for name in (row.lhs, row.rhs) if self._is_standardised(name, kind)]
        return [], [
            (abs(self.residual[name][0]), np.sign(self.residual[name][0]) * self.residual[name][1]) for name in names
        ]

    def _keep(self, names: list[str], kind: Kind) -> list[Variance]:
        return [self.total[name] for name in names if self._is_standardised(name, kind)]

    def _is_standardised(self, name: str, kind: Kind) -> bool:
        if name in self.latent:
            return True
        return kind == "std_all" or (kind == "std_nox" and name not in self.exogenous)


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Standardised values (rows,) and their derivatives (rows, q), definitions after the parameters."""

    values: Array
    slopes: Array


def spreads(solution: Solution) -> tuple[Spread, ...]:
    """Variances of all variables, group by group."""
    estimates = solution.estimates
    size = len(estimates.theta)
    found = []
    for block, (rep, point) in enumerate(zip(estimates.model.groups, estimates.points, strict=True)):
        matrices = rep.matrices(estimates.theta)
        total, residual = {}, {}
        observed_slopes, eta_slopes = point.jacobian.diagonal(), eta_jacobian(rep, point.moments).diagonal()
        for at, name in enumerate(rep.observed):
            total[name] = float(point.moments.sigma[at, at]), _spread_out(observed_slopes[:, at], rep.theta, size)
            residual[name] = _diagonal(matrices["Theta"], rep.places["Theta"], at, size)
        for at, name in enumerate(rep.latent):
            if name not in total:
                total[name] = float(point.moments.cov_eta[at, at]), _spread_out(eta_slopes[:, at], rep.theta, size)
            residual[name] = _diagonal(matrices["Psi"], rep.places["Psi"], at, size)
        latent = frozenset(estimates.table.names("lv", block + 1))
        found.append(Spread(total, residual, latent, frozenset(estimates.table.names("ov_x", block + 1))))
    return tuple(found)


def _spread_out(values: Array, theta: Indices, size: int) -> Array:
    full = np.zeros(size)
    full[theta] = values
    return full


def _diagonal(matrix: Array, places: Places, at: int, size: int) -> tuple[float, Array]:
    slope = np.zeros(size)
    slope[places.theta[(places.row == at) & (places.column == at)]] = 1.0
    return float(matrix[at, at]), slope


def standardise(solution: Solution, kind: Kind, by_group: tuple[Spread, ...] | None = None) -> Standardised:
    """The standardised solution of all model parameters and definitions; NaN where a variance is not positive.

    `by_group` are the `spreads` of the solution, where they are known already.
    """
    values, slopes = solution.row_values(), solution.row_slopes()
    by_group = by_group or spreads(solution)
    with np.errstate(all="ignore"):
        for at, row in enumerate(solution.rows):
            up, down = by_group[row.block - 1].divisors(row, kind)
            values[at], slopes[at] = _scaled(values[at], slopes[at], up, down)
    return _with_definitions(solution, values, slopes)


def _scaled(value: float, slope: Array, up: list[Variance], down: list[Variance]) -> tuple[float, Array]:
    """value * prod sqrt(up) / prod sqrt(down), and its derivative."""
    factor, relative = float(scaled_by(1.0, up, down)), np.zeros_like(slope)
    for variances, sign in ((up, 1.0), (down, -1.0)):
        for variance, change in variances:
            relative = relative + sign * 0.5 * change / variance
    return value * factor, factor * (slope + value * relative)


def scaled_by(value: Any, up: list[Variance], down: list[Variance]) -> Any:
    """value * prod sqrt(up) / prod sqrt(down), for one value or those of many draws (R,)."""
    for variances, sign in ((up, 1.0), (down, -1.0)):
        for variance, _ in variances:
            value = value * np.sqrt(variance) ** sign
    return value


def row_places(solution: Solution) -> dict[str, int]:
    """Label -> position of its model parameter."""
    table = solution.estimates.table
    at_row = {row.id: at for at, row in enumerate(solution.rows)}
    return {name: at_row[table.rows[k].id] for name, k in table.symbols.items() if table.rows[k].id in at_row}


def _with_definitions(solution: Solution, values: Array, slopes: Array) -> Standardised:
    definitions = solution.definitions
    if not len(definitions):
        return Standardised(values, slopes)
    known = row_places(solution)
    environment = {name: np.float64(values[at]) for name, at in known.items()}
    change = {name: slopes[at] for name, at in known.items()}
    return Standardised(
        np.concatenate([values, definitions.values_in(environment)]),
        np.vstack([slopes, definitions.jacobian_in(environment, change, slopes.shape[1])]),
    )
