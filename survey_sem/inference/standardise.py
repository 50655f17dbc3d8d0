"""Standardised solutions, with derivatives so that their standard errors follow by the delta method.

``std_lv`` standardises the latent variables, ``std_all`` all variables, ``std_nox`` all but exogenous observed ones.
A covariance is divided by the standard deviations of the two (residual) terms that covary, a variance by the total
variance of its variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

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


class Variance(NamedTuple):
    """A variance, or those of many draws (R,), with its derivative (q,) and its position among those of its group."""

    value: Any
    change: Array
    at: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Total and residual variances of every variable of one group, with their derivatives.

    `relative` (n, k) has for each of these variances half the derivative of its logarithm with respect to the group's
    own parameters, whose positions in the parameter vector are `theta` (k,).
    """

    total: Mapping[str, Variance]
    residual: Mapping[str, Variance]
    relative: Array
    theta: Indices
    latent: frozenset[str]
    exogenous: frozenset[str]

    def divisors(self, row: Parameter, kind: Kind) -> tuple[list[Variance], list[Variance]]:
        """Variances whose square roots multiply, and variances whose square roots divide, the row's value.

        A residual variance stands for its size, without its sign.
        """
        if row.op == "=~":
            return self._keep([row.lhs], kind), self._keep([row.rhs], kind)
        if row.op in ("~", "<~"):
            return self._keep([row.rhs], kind), self._keep([row.lhs], kind)
        if row.op == "~1":
            return [], self._keep([row.lhs], kind)
        if row.lhs == row.rhs:
            return [], self._keep([row.lhs, row.lhs], kind)
        names = [name for name in (row.lhs, row.rhs) if self._is_standardised(name, kind)]
        return [], [self.residual[name]._replace(value=abs(self.residual[name].value)) for name in names]

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
        matrices, moments = rep.matrices(estimates.theta), point.moments
        p, m = len(rep.observed), len(rep.latent)
        change = np.zeros((2 * (p + m), size))
        change[:p, rep.theta] = point.jacobian.diagonal().T
        change[p : p + m, rep.theta] = eta_jacobian(rep, moments).diagonal().T
        _set_own(change[p + m : 2 * p + m], rep.places["Theta"])
        _set_own(change[2 * p + m :], rep.places["Psi"])
        value = np.concatenate(
            [np.diag(each) for each in (moments.sigma, moments.cov_eta, matrices["Theta"], matrices["Psi"])]
        )
        known = [Variance(float(value[at]), change[at], at) for at in range(len(value))]
        total = dict(zip(rep.latent, known[p : p + m], strict=True)) | dict(zip(rep.observed, known[:p], strict=True))
        residual = dict(zip((*rep.observed, *rep.latent), known[p + m :], strict=False))
        residual |= dict(zip(rep.latent, known[2 * p + m :], strict=True))
        with np.errstate(all="ignore"):
            relative = 0.5 * change[:, rep.theta] / value[:, None]
        names = (frozenset(estimates.table.names(kind, block + 1)) for kind in ("lv", "ov_x"))
        found.append(Spread(total, residual, relative, rep.theta, *names))
    return tuple(found)


def _set_own(change: Array, places: Places) -> None:
    """Set the derivatives (n, q) of the diagonal of a matrix with respect to its own free elements."""
    is_variance = places.row == places.column
    change[places.row[is_variance], places.theta[is_variance]] = 1.0


def standardise(solution: Solution, kind: Kind, by_group: tuple[Spread, ...] | None = None) -> Standardised:
    """The standardised solution of all model parameters and definitions; NaN where a variance is not positive.

    `by_group` are the `spreads` of the solution, where they are known already.
    """
    values, slopes = solution.row_values(), solution.row_slopes()
    with np.errstate(all="ignore"):
        for block, spread in enumerate(by_group or spreads(solution)):
            at = np.array([k for k, row in enumerate(solution.rows) if row.block == block + 1], dtype=np.intp)
            factor, relative = _factors([solution.rows[k] for k in at], spread, kind)
            slopes[at] *= factor[:, None]
            slopes[np.ix_(at, spread.theta)] += (factor * values[at])[:, None] * relative
            values[at] *= factor
    return _with_definitions(solution, values, slopes)


def _factors(rows: Sequence[Parameter], spread: Spread, kind: Kind) -> tuple[Array, Array]:
    """What the values of one group's rows are multiplied with (r,), and the derivatives of its logarithm (r, k)."""
    factors, exponents = np.ones(len(rows)), np.zeros((len(rows), len(spread.relative)))
    for at, row in enumerate(rows):
        up, down = spread.divisors(row, kind)
        factors[at] = scaled_by(1.0, up, down)
        for variance in up:
            exponents[at, variance.at] += 1.0
        for variance in down:
            exponents[at, variance.at] -= 1.0
    defined = np.isfinite(spread.relative).all(axis=1)
    relative = exponents[:, defined] @ spread.relative[defined]
    relative[exponents[:, np.logical_not(defined)].any(axis=1)] = np.nan
    return factors, relative


def scaled_by(value: Any, up: list[Variance], down: list[Variance]) -> Any:
    """value * prod sqrt(up) / prod sqrt(down), for one value or those of many draws (R,)."""
    for variance in up:
        value = value * np.sqrt(variance.value)
    for variance in down:
        value = value / np.sqrt(variance.value)
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
