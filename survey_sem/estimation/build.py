"""From a parameter table and moments to a model, its constraints and its starting points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from survey_sem.errors import DataError, ModelError, Warned
from survey_sem.estimation.conditional import ConditionalMoments
from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.full_information import incomplete
from survey_sem.estimation.functions import ParameterFunctions, equality_functions, inequality_functions
from survey_sem.estimation.least_squares import GeneralisedMoments, WeightedMoments
from survey_sem.estimation.model import Model
from survey_sem.estimation.optimise import Constraints
from survey_sem.estimation.representation import represent
from survey_sem.linalg import (
    Array,
    Indices,
    Ties,
    cholesky_or_none,
    correlation,
    inverse_from_cholesky,
    log_determinant,
    over_ties,
)
from survey_sem.statistics import Moments
from survey_sem.syntax import Parameter, ParameterTable

Likelihood = Literal["normal", "wishart"]
FIXED_BELOW = 1e-20
"""Variances of moments below this share of the largest are rounding errors of zero."""
Weighting = Literal["ML", "GLS", "ULS", "DWLS", "WLS"]
"""Fit functions; estimators differ also in their standard errors and tests."""


@dataclass(frozen=True, slots=True, eq=False)
class BuiltModel:
    """A model ready to be estimated.

    Parameters
    ----------
    table : ParameterTable
        With the sample values of fixed exogenous variables filled in.
    model : Model
    constraints : Constraints
        Linear equalities in full row rank, nonlinear ones, inequalities, bounds.
    given : array (q,)
        The user's starting values, NaN where there is none.
    warnings : tuple of Warned
        Redundant constraints.
    weighting : str
        The fit function.
    """

    table: ParameterTable
    model: Model
    constraints: Constraints
    given: Array
    warnings: tuple[Warned, ...] = ()
    weighting: Weighting = "ML"


def build_model(
    table: ParameterTable,
    moments: Sequence[Moments],
    likelihood: Likelihood = "normal",
    *,
    rescale: bool = True,
    weighting: Weighting = "ML",
    weights: Sequence[Array | None] = (),
) -> BuiltModel:
    """The model of a table for the moments of its groups (one per block, in order).

    Maximum likelihood takes covariances with the divisor N under ``likelihood="normal"``, with N-1 under
    ``"wishart"``; least squares takes N-1. `rescale` False takes a published matrix as it is.

    Parameters
    ----------
    weighting : {"ML", "GLS", "ULS", "DWLS", "WLS"}
        The fit function.
    weights : sequence of arrays
        Of every group under WLS and DWLS; see `weights_of`.

    Raises
    ------
    DataError
        A sample covariance matrix is not positive definite.
    ModelError
        Equality constraints contradict each other.
    """
    used = fitted_moments(moments, likelihood, rescale=rescale, weighting=weighting)
    filled = _with_exogenous_values(table, used)
    plain = plain_samples(table, used)
    weighted = [_weighted(*each, weighting) for each in zip(plain, weights or [None] * len(used), strict=True)]
    counts = [m.n_obs if weighting == "ML" else m.n_obs - 1 for m in used]
    built = assemble(filled, used, weighted, [count / sum(counts) for count in counts])
    return replace(built, weighting=weighting)


def fitted_moments(
    moments: Sequence[Moments], likelihood: Likelihood, *, rescale: bool, weighting: Weighting
) -> list[Moments]:
    """The moments with the divisor that the fit function takes; see `build_model`."""
    divisor: Literal["n", "n-1"] = "n" if weighting == "ML" and likelihood == "normal" else "n-1"
    return [m.rescaled(divisor) if rescale or m.divisor == "n" else m for m in moments]


def assemble(
    table: ParameterTable, moments: Sequence[Moments], samples: Sequence[SampleMoments], shares: Sequence[float]
) -> BuiltModel:
    """The model of a table whose rows of fixed exogenous variables are filled in, for samples that are ready."""
    groups = tuple(represent(table, block + 1, m.names) for block, m in enumerate(moments))
    constraints, warnings = _constraints(table)
    return BuiltModel(
        table, Model(groups, tuple(samples), tuple(shares), table.n_free), constraints, _given(table), warnings
    )


def _weighted(plain: SampleMoments, weight: Array | None, weighting: Weighting) -> SampleMoments:
    """The sample as a fit function wants it."""
    common = (plain.cov, plain.mean, plain.log_det)
    if weighting == "ML":
        return plain
    if weighting == "GLS":
        return GeneralisedMoments(*common, inverse=np.linalg.inv(plain.cov))
    if weight is None:
        n_given = len(plain.given)
        p = len(plain.cov) - n_given
        weight = np.ones(p * (p + 1) // 2 + (p * (1 + n_given) if plain.mean is not None else 0))
    if plain.given:
        return ConditionalMoments(*common, weight=weight, exogenous=plain.exogenous, conditional=True)
    return WeightedMoments(*common, weight=weight, exogenous=plain.exogenous)


def plain_samples(table: ParameterTable, moments: Sequence[Moments]) -> list[SampleMoments]:
    """The samples of all groups as maximum likelihood wants them."""
    plain = [sample_for(m, with_mean=table.meanstructure) for m in moments]
    fixed = _exogenous_positions(table, moments)
    return [replace(m, exogenous=x, conditional=table.conditional_x) for m, x in zip(plain, fixed, strict=True)]


def _exogenous_positions(table: ParameterTable, moments: Sequence[Moments]) -> list[tuple[int, ...]]:
    """Positions of the exogenous variables whose moments are fixed at those of the sample, group by group."""
    found = []
    for block, own in enumerate(moments, 1):
        rows = (row for row in table.parameters if row.block == block and row.exo and row.op == "~~")
        found.append(tuple(sorted(own.names.index(row.lhs) for row in rows if row.lhs == row.rhs)))
    return found


def weights_of(gamma: Array, weighting: Weighting, moments: Moments) -> Array:
    """Weights from Gamma: its inverse (WLS), or the inverse of its diagonal (DWLS).

    Moments that do not vary, those of fixed exogenous variables, weigh nothing: they are met exactly.

    Raises
    ------
    DataError
        Gamma has no inverse.
    """
    variance = np.diag(gamma)
    varies = np.flatnonzero(variance > FIXED_BELOW * variance.max(initial=0.0))
    if weighting == "DWLS":
        weights = np.zeros(len(gamma))
        weights[varies] = 1.0 / variance[varies]
        return weights
    factor = cholesky_or_none(gamma[np.ix_(varies, varies)])
    if factor is None or moments.n_obs <= len(varies):
        raise DataError(
            "gamma-singular",
            f"the weight matrix of WLS has no inverse: {moments.n_obs} observations for {len(varies)} moments"
            + (f" in group {moments.label}" if moments.label else ""),
            hint="WLS needs more observations than moments, many more to be of use: estimator='MLM' or 'MLR' do not",
        )
    inverse = np.zeros_like(gamma)
    inverse[np.ix_(varies, varies)] = inverse_from_cholesky(factor)
    return inverse


def sample_for(moments: Moments, *, with_mean: bool) -> SampleMoments:
    """Moments in the form that discrepancies take; the covariance matrix must be positive definite."""
    factor = cholesky_or_none(correlation(moments.cov))
    if factor is None or np.diag(factor).min() < 1e-7:
        raise _not_positive_definite(moments)
    if with_mean and moments.mean is None:
        raise DataError(
            "means-missing",
            "the model has a mean structure, but the moments have no means",
            hint="pass mean=... to ss.moments, or drop the intercepts from the model",
        )
    log_det = log_determinant(factor) + float(np.sum(np.log(np.diag(moments.cov))))
    sample = SampleMoments(moments.cov, moments.mean if with_mean else None, log_det)
    return sample if moments.patterns is None else incomplete(sample, moments.patterns, moments.rows)


def _not_positive_definite(moments: Moments) -> DataError:
    """The error that names the variables whose combination has no variance."""
    values, vectors = np.linalg.eigh(correlation(moments.cov))
    weight = np.abs(vectors[:, 0])
    named = [name for name, w in zip(moments.names, weight, strict=True) if w > 0.1]
    few = moments.n_obs <= len(moments.names)
    reason = (
        f"{moments.n_obs} observations cannot carry {len(moments.names)} variables"
        if few
        else f"a combination of {', '.join(named)} has no variance"
        if values[0] > -1e-8
        else f"no data can have these covariances (look at {', '.join(named)})"
    )
    return DataError(
        "covariance-singular",
        "the sample covariance matrix is not positive definite"
        + (f" in group {moments.label}" if moments.label else ""),
        got=f"{reason}; smallest eigenvalue of the correlations {values[0]:.3g}",
        hint="leave out a variable that is a copy or a sum of others"
        if not few
        else "use fewer variables or more rows",
    )


def _with_exogenous_values(table: ParameterTable, moments: Sequence[Moments]) -> ParameterTable:
    """The table with sample moments in the fixed rows of exogenous variables."""
    rows = []
    for row in table.rows:
        if row.is_sample_moment and row.ustart is None:
            row = replace(row, ustart=_sample_value(row, moments[row.block - 1]))
        rows.append(row)
    return table.replace_rows(rows)


def _sample_value(row: Parameter, moments: Moments) -> float:
    at = moments.names.index(row.lhs)
    if row.op == "~1":
        return 0.0 if moments.mean is None else float(moments.mean[at])
    return float(moments.cov[at, moments.names.index(row.rhs)])


def _given(table: ParameterTable) -> Array:
    given = np.full(table.n_free, np.nan)
    for row in table.parameters:
        if row.free and row.ustart is not None:
            given[row.free - 1] = row.ustart
    return given


def _constraints(table: ParameterTable) -> tuple[Constraints, tuple[Warned, ...]]:
    equal = equality_functions(table)
    linear = equal.is_linear()
    texts = [f"{row.lhs} == {row.rhs}" for row, is_linear in zip(table.equalities, linear, strict=True) if is_linear]
    matrix, target, redundant = _independent(equal.subset(linear), texts, table.n_free)
    warnings = tuple(
        Warned("constraint-redundant", f"the constraint '{text}' follows from the others and adds no degree of freedom")
        for text in redundant
    )
    lower, upper = _bounds(table)
    nonlinear = equal.subset(~linear)
    return Constraints(matrix, target, nonlinear, inequality_functions(table), lower, upper), warnings


def _independent(functions: ParameterFunctions, texts: Sequence[str], size: int) -> tuple[Array, Array, list[str]]:
    """Rows and targets of the linear constraints that add something, and the texts of those that do not.

    Parameters that are simply equal are settled first and count as one for the other constraints.
    """
    origin = np.zeros(size)
    rows, values = functions.jacobian(origin), functions.values(origin)
    kept, others, place = _tied(rows, values)
    merged = over_ties(rows[others], place, int(place.max(initial=-1)) + 1)
    basis = np.zeros((0, merged.shape[1]))
    for at, row in zip(others, merged, strict=True):
        left = row - (row @ basis.T) @ basis
        left = left - (left @ basis.T) @ basis
        if np.abs(left).max(initial=0.0) > 1e-9 * max(1.0, np.abs(row).max(initial=0.0)):
            kept.append(at)
            basis = np.vstack([basis, left / np.linalg.norm(left)])
        else:
            _check_follows(rows, values, kept, at, texts)
    kept.sort()
    return rows[kept], -values[kept], [text for at, text in enumerate(texts) if at not in set(kept)]


def _tied(rows: Array, values: Array) -> tuple[list[int], list[int], Indices]:
    """Rows that make two parameters equal which were not yet, rows that say something else, and the ties (q,)."""
    ties = Ties(rows.shape[1])
    kept, others = [], []
    for at, row in enumerate(rows):
        pair = np.flatnonzero(row)
        if len(pair) != 2 or row[pair[0]] != -row[pair[1]] or values[at] != 0.0:
            others.append(at)
        elif ties.join(int(pair[0]), int(pair[1])):
            kept.append(at)
    return kept, others, ties.places()


def _check_follows(rows: Array, values: Array, kept: Sequence[int], at: int, texts: Sequence[str]) -> None:
    """Refuse a constraint whose left side follows from those that are kept, and whose right side contradicts them."""
    weights = np.linalg.lstsq(rows[kept].T, rows[at], rcond=None)[0] if kept else np.zeros(0)
    if abs(values[at] - values[kept] @ weights) <= 1e-9 * max(1.0, abs(values[at])):
        return
    involved = [texts[k] for k, weight in zip(kept, weights, strict=True) if abs(weight) > 1e-9]
    raise ModelError(
        "constraints-contradict",
        f"the constraint '{texts[at]}' cannot hold" + (f" together with {_quoted(involved)}" if involved else ""),
        hint="drop or correct one of them",
    )


def _quoted(texts: Sequence[str]) -> str:
    return " and ".join(f"'{text}'" for text in texts)


def _bounds(table: ParameterTable) -> tuple[Array, Array]:
    lower, upper = np.full(table.n_free, -np.inf), np.full(table.n_free, np.inf)
    for row in table.parameters:
        if row.free:
            lower[row.free - 1], upper[row.free - 1] = row.lower, row.upper
            if row.lower > row.upper:
                raise ModelError(
                    "bounds-contradict",
                    f"the lower bound of '{row.lhs} {row.op} {row.rhs}' is above its upper bound",
                    got=f"{row.lower:g} and {row.upper:g}",
                )
    return lower, upper
