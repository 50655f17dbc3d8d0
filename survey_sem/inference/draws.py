"""Values that parameter vectors imply, many vectors at a time: all rows of the table, raw and standardised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from survey_sem.estimation.stacked import exogenous_places, stacked_point
from survey_sem.inference.solution import Solution
from survey_sem.inference.standardise import Spread, ValueKind, Variance, row_places, scaled_by
from survey_sem.linalg import Array

AT_ONCE = 512
"""Vectors whose matrices are held at the same time."""
MONTE_CARLO_DRAWS = 20_000
"""Draws from the normal distribution of the estimates behind a Monte Carlo interval."""


def drawn_values(solution: Solution, kind: ValueKind, theta: Array, exogenous: Sequence[Array] = ()) -> Array:
    """Values of every model parameter and definition (R, rows) at parameter vectors (R, q).

    Parameters
    ----------
    kind : {"est", "std_lv", "std_all", "std_nox"}
        Raw or standardised.
    exogenous : sequence of arrays (R, e)
        Moments of fixed exogenous variables in the samples behind the vectors; those of the sample itself without it.
        They enter variances; as rows of their own they stay as they are.
    """
    parts = []
    for start in range(0, len(theta), AT_ONCE):
        chunk = slice(start, start + AT_ONCE)
        parts.append(_values(solution, kind, theta[chunk], [each[chunk] for each in exogenous]))
    return np.concatenate(parts)


def _values(solution: Solution, kind: ValueKind, theta: Array, exogenous: Sequence[Array]) -> Array:
    values = np.repeat(solution.row_values()[None], len(theta), axis=0)
    for at, row in enumerate(solution.rows):
        if row.free:
            values[:, at] = theta[:, row.free - 1]
    definitions = solution.definitions
    if kind == "est":
        return np.hstack([values, definitions.values(theta)])
    by_group = _spreads(solution, theta, exogenous)
    own = _spreads(solution, solution.estimates.theta[None], ())
    with np.errstate(all="ignore"):
        for at, row in enumerate(solution.rows):
            spread = own if row.is_sample_moment else by_group
            values[:, at] = scaled_by(values[:, at], *spread[row.block - 1].divisors(row, kind))
    environment: dict[str, Any] = {name: values[:, at] for name, at in row_places(solution).items()}
    return np.hstack([values, definitions.values_in(environment, (len(theta),))])


def _spreads(solution: Solution, theta: Array, exogenous: Sequence[Array]) -> list[Spread]:
    """Variances of all variables (R,), group by group, without derivatives."""
    estimates, found = solution.estimates, []
    nothing = np.zeros(1)
    for block, rep in enumerate(estimates.model.groups):
        fixed = rep.fixed
        if exogenous:
            fixed = exogenous_places(estimates.built, block).filled(fixed, exogenous[block])
        point = stacked_point(rep, fixed, theta)
        total, residual = {}, {}
        for at, name in enumerate(rep.observed):
            total[name] = Variance(point.sigma[:, at, at], nothing)
            residual[name] = Variance(point.matrices["Theta"][:, at, at], nothing)
        for at, name in enumerate(rep.latent):
            total.setdefault(name, Variance(point.cov_eta[:, at, at], nothing))
            residual[name] = Variance(point.matrices["Psi"][:, at, at], nothing)
        latent = frozenset(estimates.table.names("lv", block + 1))
        found.append(
            Spread(
                total, residual, nothing[None], rep.theta, latent, frozenset(estimates.table.names("ov_x", block + 1))
            )
        )
    return found


def normal_draws(theta: Array, vcov: Array, seed: int, n_draws: int = MONTE_CARLO_DRAWS) -> Array:
    """Parameter vectors (n_draws, q) from the normal distribution with mean `theta` and covariance matrix `vcov`."""
    values, vectors = np.linalg.eigh(vcov)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    return np.asarray(theta + stream.standard_normal((n_draws, len(theta))) @ root.T)
