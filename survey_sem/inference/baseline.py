"""The baseline model: no relation between variables, except that exogenous and auxiliary ones keep theirs.

Where the model conditions on exogenous variables, those may explain the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from survey_sem.estimation.build import assemble
from survey_sem.estimation.conditional import regression
from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.estimate import Estimates, one_step, settled
from survey_sem.estimation.full_information import IncompleteMoments
from survey_sem.inference.solution import fixed_exogenous
from survey_sem.linalg import Array
from survey_sem.statistics import Moments
from survey_sem.syntax import AUXILIARY, Parameter, ParameterTable


def baseline_estimates(estimates: Estimates, moments: tuple[Moments, ...]) -> Estimates:
    """The baseline model at its optimum, by the fit function of `estimates`.

    Sample moments are its maximum likelihood estimates; under least squares it is linear, one step from there. Of
    incomplete rows, available means and variances are; where exogenous variables are modelled, a search ends there.
    """
    table = independence_table(estimates, moments)
    model = estimates.model
    built = assemble(table, moments, model.samples, model.shares)
    theta = _start_values(table, estimates, moments)
    return settled(built, theta) if estimates.built.weighting == "ML" else one_step(built, theta)


def _start_values(table: ParameterTable, estimates: Estimates, moments: tuple[Moments, ...]) -> Array:
    """Sample moments; available means and variances of incomplete rows, where a variable stands for itself."""
    related = {
        (row.block, name)
        for row in table.parameters
        for name in (row.lhs, row.rhs)
        if row.op == "~~" and row.lhs != row.rhs
    }
    available = [
        sample.patterns.available_moments() if isinstance(sample, IncompleteMoments) else None
        for sample in estimates.model.samples
    ]
    values = []
    for row in table.parameters:
        if not row.free:
            continue
        own = available[row.block - 1]
        if own is None or (row.block, row.lhs) in related:
            values.append(_sample_value(row, estimates, moments))
            continue
        mean, variance = own
        at = moments[row.block - 1].names.index(row.lhs)
        values.append(float(mean[at] if row.op == "~1" else variance[at]))
    return np.array(values)


def _sample_value(row: Parameter, estimates: Estimates, moments: tuple[Moments, ...]) -> float:
    sample, names = estimates.model.samples[row.block - 1], moments[row.block - 1].names
    if sample.given and not row.exo:
        return _conditional_value(row, sample, names)
    if row.op == "~1":
        return 0.0 if sample.mean is None else float(sample.mean[names.index(row.lhs)])
    return float(sample.cov[names.index(row.lhs), names.index(row.rhs)])


def _conditional_value(row: Parameter, sample: SampleMoments, names: Sequence[str]) -> float:
    """Intercept, slope or residual variance of a variable given the exogenous ones."""
    assert sample.mean is not None
    found = regression(sample.cov, sample.mean, sample.given)
    at = int(np.searchsorted(found.dependent, names.index(row.lhs)))
    if row.op == "~1":
        return float(found.intercepts[at])
    if row.op == "~":
        return float(found.slopes[at, np.searchsorted(found.given, names.index(row.rhs))])
    return float(found.cov[at, at])


def independence_table(estimates: Estimates, moments: tuple[Moments, ...]) -> ParameterTable:
    """Variances, means, covariances of exogenous and with auxiliary variables: free, or fixed as in the model."""
    rows: list[Parameter] = []
    for block in range(len(estimates.model.groups)):
        rows += _block(estimates, moments, block)
    free = 0
    numbered = []
    for at, row in enumerate(rows, 1):
        free += not row.exo
        numbered.append(replace(row, id=at, plabel=f".p{at}.", free=0 if row.exo else free))
    return replace(estimates.table, rows=tuple(numbered))


def _block(estimates: Estimates, moments: tuple[Moments, ...], block: int) -> Iterator[Parameter]:
    table = estimates.table
    template = next(row for row in table.parameters if row.block == block + 1)
    exogenous = table.names("ov_x", block + 1)
    fixed = fixed_exogenous(estimates, block)
    names = table.names("ov", block + 1)
    pairs = [(name, "~~", name) for name in names]
    pairs += [(one, "~~", other) for at, one in enumerate(exogenous) for other in exogenous[at + 1 :]]
    added = [row for row in table.block(block + 1) if row.source == AUXILIARY and row.op == "~~"]
    pairs += [(row.lhs, "~~", row.rhs) for row in added if row.lhs != row.rhs]
    pairs += [(name, "~1", "") for name in names] if table.meanstructure else []
    if table.conditional_x:
        pairs += [(name, "~", x) for name in names if name not in fixed for x in fixed]
    for lhs, op, rhs in pairs:
        exo = int(lhs in fixed)
        row = replace(template, lhs=lhs, op=op, rhs=rhs, exo=exo, label="", lower=-np.inf, upper=np.inf, user=0)
        yield replace(row, ustart=_sample_value(row, estimates, moments) if exo else None)
