"""Is the parameter vector determined by the moments? Decided by the rank of the Jacobian, before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey_sem.estimation.implied import ImpliedMoments, RankOneJacobian, implied, implied_jacobian
from survey_sem.estimation.representation import Representation
from survey_sem.linalg import Array, Directions, cholesky_or_none, null_space, scaled_to_unit_diagonal
from survey_sem.syntax import Parameter, ParameterTable

CLEARLY_FULL = 1e-8
"""Smallest eigenvalue of the scaled cross-product of the Jacobian above which no closer look is needed."""
SINGULAR = 1e-7
"""Singular values of the scaled Jacobian below this share of the largest count as zero."""


def unidentified_directions(groups: Sequence[Representation], theta: Array, free: Directions) -> Array:
    """Directions of the parameter space (columns, q x d) along which no implied moment moves, to first order.

    Only directions count that the equality constraints leave free.

    Parameters
    ----------
    groups : sequence of Representation
    theta : array (q,)
        Where to look; a generic point tells of the model, the optimum also of the data.
    free : Directions
        Those that the equality constraints leave free.

    Notes
    -----
    Moments are put in units of the implied standard deviations and directions scaled so that the Jacobian has columns
    of unit length: units of measurement do not matter. Directions are in these units.
    """
    nothing = np.zeros((len(theta), 0))
    jacobians = []
    with np.errstate(over="ignore", invalid="ignore"):  # a search that ran away: asked below
        for rep in groups:
            moments = implied(rep, theta)
            if moments is None or not np.isfinite(moments.sigma).all():
                return nothing
            jacobians.append(_in_standard_units(implied_jacobian(rep, moments), moments))
        gram = free.of_blocks((jacobian.theta, _gram(jacobian)) for jacobian in jacobians)
    if not np.isfinite(gram).all():
        return nothing
    reduced = scaled_to_unit_diagonal(gram)
    if not reduced.size or cholesky_or_none(reduced - CLEARLY_FULL * np.eye(len(reduced))) is not None:
        return nothing
    length = np.sqrt(np.diag(gram))
    length[length == 0.0] = 1.0
    directions = free.dense()
    stacked = np.vstack([jacobian.dense() @ directions[jacobian.theta] for jacobian in jacobians])
    return directions @ null_space(stacked / length, SINGULAR)


def _gram(jacobian: RankOneJacobian) -> Array:
    """Products of the columns of the Jacobian, every covariance counted in both its places (k, k)."""
    u, v, w = jacobian.u, jacobian.v, jacobian.w
    cross = u @ v.T
    return np.asarray(2 * ((u @ u.T) * (v @ v.T) + cross * cross.T) + w @ w.T)


def _in_standard_units(jacobian: RankOneJacobian, moments: ImpliedMoments) -> RankOneJacobian:
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(moments.sigma)), 1e-300))
    return RankOneJacobian(jacobian.u * scale, jacobian.v * scale, jacobian.w * scale, jacobian.theta)


def generic_point(theta: Array, seed: int = 20260101) -> Array:
    """A nearby point without the coincidences of a start (equal loadings, zero paths)."""
    rng = np.random.default_rng(seed)
    factor, shift = rng.uniform(0.6, 1.4, len(theta)), rng.uniform(-0.3, 0.3, len(theta))
    return np.asarray(theta * factor + np.where(theta == 0.0, shift, 0.0))


def advice(table: ParameterTable, positions: Sequence[int]) -> str:
    """What to do about parameters (positions in the parameter vector) that are not determined."""
    undetermined = [row for row in table.parameters if row.free and row.free - 1 in set(positions)]
    composites = {row.lhs for row in table.parameters if row.op == "<~"}
    loose = next((row for row in undetermined if row.op == "<~" and _has_no_scale(table, row)), None)
    if loose is not None:
        return f"give the composite its scale: {loose.lhs} <~ 1*{loose.rhs} + ..."
    for row in undetermined:
        ends = [name for name in (row.lhs, row.rhs) if name in composites]
        if row.op == "~~" and row.user == 0 and ends:
            return f"a composite has no disturbance that could covary: {row.lhs} ~~ 0*{row.rhs}"
    if any(row.op == "<~" for row in undetermined):
        return "a composite needs two or more variables that depend on it, and no covariance between all of these"
    return "fix or constrain one of these, add indicators, or let the factors covary"


def _has_no_scale(table: ParameterTable, weight: Parameter) -> bool:
    """Whether neither a weight of the composite nor a path or loading from it is fixed to a value other than zero."""
    name, block = weight.lhs, weight.block
    fixed = [row for row in table.parameters if row.block == block and not row.free and row.ustart]
    return not any(
        (row.op in ("<~", "=~") and row.lhs == name) or (row.op in ("~", "<~") and row.rhs == name) for row in fixed
    )


def involved(directions: Array, share: float = 0.05) -> list[int]:
    """Positions of the parameters that take part in any of the directions, those that move most first."""
    if not directions.size:
        return []
    weight = np.abs(directions) / np.maximum(np.abs(directions).max(axis=0), 1e-300)
    most = weight.max(axis=1)
    return [int(i) for i in np.argsort(-most, kind="stable") if most[i] > share]
