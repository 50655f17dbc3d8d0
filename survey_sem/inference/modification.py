"""Modification indices: what freeing one more parameter would gain, by the score test.

For one candidate with score s and expected information I (of one observation; the observed one can be negative for a
parameter that is not at its optimum),

    MI = N s^2 / V,  EPC = s / V,  V = I_jj - I_jf C I_fj,  C = K (K' I_ff K)^-1 K'

where f are the free parameters and C knows the equality constraints. Source: Sorbom (1989), doi:10.1007/BF02294623.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan, prod, sqrt

import numpy as np

from survey_sem.estimation.model import Model
from survey_sem.estimation.representation import represent
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.solution import Solution
from survey_sem.inference.standardise import KINDS, Kind, Variance, spreads
from survey_sem.linalg import Array
from survey_sem.syntax import Parameter, ParameterTable

AT_ONCE = 500
"""Candidates that are tried together: their information is a matrix."""


@dataclass(frozen=True, slots=True, eq=False)
class Modifications:
    """Candidates and, for each, index (k,), expected parameter change (k,) and its standardised versions."""

    rows: tuple[Parameter, ...]
    index: Array
    change: Array
    standardised: dict[Kind, Array]


def modification_indices(solution: Solution) -> Modifications | None:
    """Modification indices of all fixed parameters and of the plausible ones that the model leaves out.

    None where the information matrix of the free parameters has no inverse. Candidates without information of their
    own (those that the model's other parameters can imitate) are left out.
    """
    estimates = solution.estimates
    table = estimates.table
    candidates = candidate_rows(table)
    n_free = table.n_free
    inverse = constrained_inverse(estimates.model.expected_information(estimates.points), estimates.active_directions())
    if inverse is None:
        return None
    score, own, variance = np.zeros((3, len(candidates)))
    for start in range(0, len(candidates), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        downward, matrix = widened(solution, candidates[part])
        cross = matrix[n_free:, :n_free]
        score[part], own[part] = downward[n_free:], np.diag(matrix)[n_free:]
        variance[part] = own[part] - np.sum((cross @ inverse) * cross, axis=1)
    usable = variance > 1e-8 * np.maximum(own, 1e-300)
    kept = tuple(row for row, keep in zip(candidates, usable, strict=True) if keep)
    change = score[usable] / variance[usable]
    index = sum(moments.n_obs for moments in solution.moments) * score[usable] * change
    return Modifications(kept, index, change, _standardised_changes(solution, kept, change))


def widened(solution: Solution, candidates: Sequence[Parameter]) -> tuple[Array, Array]:
    """Downward gradient (q + k,) and expected information of the model with k more parameters, last in the vector.

    Candidates are free at the value that they are fixed at; those that stand in the table take their row's place.
    """
    estimates = solution.estimates
    table = estimates.table
    freed = tuple(replace(row, free=table.n_free + k + 1) for k, row in enumerate(candidates))
    fixed = {row.id for row in candidates}
    wider = table.replace_rows((*(row for row in table.rows if row.id not in fixed), *freed))
    groups = tuple(represent(wider, block + 1, moments.names) for block, moments in enumerate(solution.moments))
    model = Model(groups, estimates.model.samples, estimates.model.shares, table.n_free + len(freed))
    values = np.array([row.ustart or 0.0 for row in candidates])
    points = model.points(np.concatenate([estimates.theta, values]))
    return -model.gradient(points), model.expected_information(points)


def _standardised_changes(solution: Solution, rows: Sequence[Parameter], change: Array) -> dict[Kind, Array]:
    by_group = spreads(solution)
    result: dict[Kind, Array] = {}
    for kind in KINDS:
        factors = []
        for row in rows:
            up, down = by_group[row.block - 1].divisors(row, kind)
            factors.append(prod(map(_root, up)) / (prod(map(_root, down)) or nan))
        result[kind] = change * np.array(factors, dtype=np.float64)
    return result


def _root(variance: Variance) -> float:
    return sqrt(variance.value) if variance.value >= 0.0 else nan


def candidate_rows(table: ParameterTable) -> tuple[Parameter, ...]:
    """Fixed parameters of the table, then those that a wider model of the same variables could have."""
    fixed = tuple(row for row in table.parameters if not row.free and not row.is_sample_moment)
    present = {element_key(row.block, row.lhs, row.op, row.rhs) for row in table.parameters}
    wider: list[Parameter] = []
    for block in range(1, max(table.n_groups, 1) + 1):
        for lhs, op, rhs in _wider(table, block):
            key = element_key(block, lhs, op, rhs)
            if key not in present:
                present.add(key)
                wider.append(zero_row(table, block, lhs, op, rhs))
    return (*fixed, *wider)


def element_key(block: int, lhs: str, op: str, rhs: str) -> tuple[int, str, str, str]:
    """One name for one element: a loading is the regression of its indicator, a covariance has no direction."""
    if op == "=~":
        return block, rhs, "~", lhs
    if op == "~~" and lhs > rhs:
        lhs, rhs = rhs, lhs
    return block, lhs, op, rhs


def zero_row(table: ParameterTable, block: int, lhs: str, op: str, rhs: str) -> Parameter:
    """A row for an element that the table leaves out, fixed at zero."""
    template = next(row for row in table.parameters if row.block == block)
    return replace(
        template,
        id=0,
        lhs=lhs,
        op=op,
        rhs=rhs,
        user=0,
        free=0,
        ustart=0.0,
        exo=0,
        label="",
        plabel="",
        source="candidate",
    )


def _wider(table: ParameterTable, block: int) -> list[tuple[str, str, str]]:
    """Loadings of every factor, covariances of observed and of latent variables, regressions among the regressed."""
    factors = table.names("lv_regular", block)
    not_exogenous = table.names("ov_nox", block)
    latent = table.names("lv", block)
    found = [(factor, "=~", item) for factor in factors for item in not_exogenous]
    found += _pairs(not_exogenous)
    if table.names("eqs_y", block) and table.names("ov_x", block):
        found += [
            (y, "~~", x) for x in table.names("ov_x", block) for y in not_exogenous if y in table.names("eqs_y", block)
        ]
    found += _pairs(latent)
    targets = table.names("eqs_y", block)
    sources = table.names("eqs_x", block)
    involved = [*targets, *(name for name in sources if name not in targets)]
    found += [(y, "~", x) for y in targets for x in involved if x != y]
    exogenous = table.names("ov_x", block)
    free = [name for name in sources if name not in targets and name not in exogenous]
    found += [(x, "~", other) for x in free for other in involved if other != x]
    return found


def _pairs(names: Sequence[str]) -> list[tuple[str, str, str]]:
    return [(one, "~~", other) for at, one in enumerate(names) for other in names[at + 1 :]]
