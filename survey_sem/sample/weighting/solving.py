"""A calibration solved and reported; what variances need to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from survey_sem.errors import Warned
from survey_sem.linalg import Array, Indices, one_blas_thread
from survey_sem.sample.weighting.building import Request, calibration_problem
from survey_sem.sample.weighting.classes import rows_of
from survey_sem.sample.weighting.problem import CalibrationProblem
from survey_sem.sample.weighting.result import MarginRow, Weighting, total_step
from survey_sem.sampling.columns import Columns, sums_of
from survey_sem.sampling.residuals import Residuals, class_mean_residuals

VarianceRule = Literal["class-means", "regression"]
VARIANCE_RULES: tuple[VarianceRule, ...] = get_args(VarianceRule)


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Weights, and what variances and replicates need to know of how they came about.

    Parameters
    ----------
    weighting : Weighting
        The weights and their report.
    problem : CalibrationProblem
        What was solved, of the rows in the sample.
    inside : array of int
        These rows.
    """

    weighting: Weighting
    problem: CalibrationProblem
    inside: Indices

    def residuals(self, rule: VarianceRule = "class-means") -> Residuals:
        """What to take out of variances under the new weights: of every row (n,), zero where there is no weight."""
        weights = self.weighting.weights.to_numpy(dtype=float)
        own = weights[self.inside]
        if self.weighting.method == "rake" and rule == "class-means":
            found = class_mean_residuals(self.problem.margins, own)
        else:
            found = self.problem.residuals(own)
        return _spread(found, self.inside, weights)


def solved(data: Any, weights: Any, request: Request) -> Solved:
    """Solve what a user asks for.

    Raises
    ------
    DataError, OptionError
        See :func:`rake` and :func:`calibrate`.
    """
    import pandas as pd

    frame, given = rows_of(data, weights)
    inside = np.arange(len(frame)) if given is None else np.flatnonzero(given > 0)
    problem = calibration_problem(frame, given, inside, request)
    with one_blas_thread():
        solution = problem.solve()
    base, new = np.zeros(len(frame)), np.zeros(len(frame))
    base[inside] = problem.base
    new[inside] = problem.base * solution.ratio
    series = pd.Series(new, index=frame.index, name="weight")
    margins = margin_rows(problem, new[inside])
    details = {
        "method": request.method,
        "bounds": request.bounds,
        "bounds_on": "weight" if request.on_weights else "ratio",
        "iterations": solution.iterations,
        "targets": [
            {"of": each.name, "classes": dict(zip(each.labels, each.values, strict=True)), "source": each.source}
            for each in problem.targets
        ],
        "totals": dict(zip(problem.numeric_names, problem.numeric_totals.tolist(), strict=True)),
    }
    names = [*(target.name for target in problem.targets), *problem.numeric_names]
    step = total_step("calibrate-weights", f"weights by {request.method} to {', '.join(names)}", details, series)
    weighting = Weighting(
        weights=series,
        base=pd.Series(base, index=frame.index, name="base_weight"),
        method=request.method,
        margins=margins,
        iterations=solution.iterations,
        bounds=request.bounds,
        steps=(step,),
        notes=_negative(new),
    )
    return Solved(weighting, problem, inside)


def margin_rows(problem: CalibrationProblem, weights: Array) -> tuple[MarginRow, ...]:
    """Every target before and after, under the weights (n,) of the rows in the sample."""
    rows = []
    before_sum, after_sum = float(problem.base.sum()), float(weights.sum())
    for target, margin in zip(problem.targets, problem.margins, strict=True):
        count = np.bincount(margin.codes, minlength=margin.n_classes)
        before = sums_of(margin.codes, problem.base, margin.n_classes)
        after = sums_of(margin.codes, weights, margin.n_classes)
        wanted = float(margin.totals.sum())
        for at, label in enumerate(target.labels):
            totals = (float(before[at]), float(after[at]), float(margin.totals[at]))
            shares = (totals[0] / before_sum, totals[1] / after_sum, totals[2] / wanted)
            rows.append(MarginRow(target.name, label, int(count[at]), *totals, *shares, target.source))
    population = float(problem.margins[0].totals.sum()) if problem.margins else after_sum
    for at, name in enumerate(problem.numeric_names):
        column = problem.numeric[:, at]
        totals = (float(problem.base @ column), float(weights @ column), float(problem.numeric_totals[at]))
        means = (totals[0] / before_sum, totals[1] / after_sum, totals[2] / population)
        rows.append(MarginRow(name, "", len(column), *totals, *means))
    return tuple(rows)


def _negative(weights: Array) -> tuple[Warned, ...]:
    n_negative = int((weights < 0).sum())
    if not n_negative:
        return ()
    what = f"{n_negative} weights are negative (least {weights.min():.4g})"
    return (Warned("negative-weights", what, hint="method raking or logit, or bounds from 0, keep weights positive"),)


def _spread(found: Residuals, inside: Indices, weights: Array) -> Residuals:
    """Residuals of the rows inside as residuals of all rows: those outside have no share and no weight."""
    if len(inside) == len(weights):
        return found
    shares, n_rows = np.zeros(len(weights)), len(weights)
    shares[inside] = found.shares
    columns = found.columns
    by_row = np.zeros((n_rows, columns.by_row.shape[1]))
    by_row[inside] = columns.by_row
    assert columns.cell is not None
    cell = np.zeros(n_rows, dtype=np.intp)
    cell[inside] = columns.cell
    return Residuals(Columns(columns.by_cell, cell, by_row), weights, shares, found.solver)
