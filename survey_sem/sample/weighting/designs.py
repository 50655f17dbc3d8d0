"""Weighting a sample with a design: the new weights, and what they do to variances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array, Indices, one_blas_thread
from survey_sem.sample.weighting.building import Request
from survey_sem.sample.weighting.nonresponse import NonresponsePlan, adjusted
from survey_sem.sample.weighting.result import Weighting
from survey_sem.sample.weighting.solving import VARIANCE_RULES, Solved, VarianceRule, solved
from survey_sem.sample.weighting.trimming import Unit, remeasured, trimmed_weighting
from survey_sem.sampling import Replicates
from survey_sem.sampling.columns import sums_of

if TYPE_CHECKING:
    from survey_sem.sample.design.survey_design import SurveyDesign


def calibrated_design(design: SurveyDesign, request: Request, rule: VarianceRule = "class-means") -> SurveyDesign:
    """The design with calibrated weights.

    Linearised variances use residuals on the calibration variables; with replicate weights every replicate is
    calibrated as the sample is.

    Raises
    ------
    DataError
        See :func:`survey_sem.rake`; a replicate that cannot be calibrated is named.
    OptionError
        An unknown rule.
    """
    if rule not in VARIANCE_RULES:
        expected = ", ".join(VARIANCE_RULES)
        raise OptionError("unknown-option", f"there are no residuals {rule!r}", where="residuals", expected=expected)
    if design.weights[design.weights != 0].min() < 0:
        raise DataError(
            "wrong-weights",
            "some weights are negative and cannot be calibrated again",
            where="weights",
            hint="calibrate with method raking or logit, or with bounds, whose weights are positive",
        )
    done = solved(design.data, design.weights, request)
    weights = done.weighting.weights.to_numpy(dtype=float)
    if design.replicates is None:
        changed = replace(design, weights=weights, adjustments=(*design.adjustments, done.residuals(rule)))
    else:
        with one_blas_thread():
            changed = replace(design, weights=weights, replicates=_calibrated_replicates(design, done, weights))
    return _reported(design, changed, done.weighting)


def trimmed_design(
    design: SurveyDesign, *, lower: float | None, upper: float | None, unit: Unit, strict: bool
) -> SurveyDesign:
    """The design with trimmed weights; what calibration did to variances, and factors of replicates, stay."""
    import pandas as pd

    weights = pd.Series(design.weights, index=design.data.index, name="base_weight")
    before = design.weighting or Weighting(weights, weights, "")
    before = replace(before, weights=weights)  # a domain may have been taken since
    done = trimmed_weighting(before, lower=lower, upper=upper, unit=unit, strict=strict)
    return replace(design, weights=done.weights.to_numpy(dtype=float), weighting=remeasured(done, design.data))


def responding_design(design: SurveyDesign, plan: NonresponsePlan) -> SurveyDesign:
    """The domain of the respondents, with weights that stand for the non-respondents too.

    Every replicate is adjusted in the same groups of cells; inverse propensities are not fitted again. Linearised
    variances take the factors as known.
    """
    done = adjusted(design.data, design.weights, plan)
    weights = done.weighting.weights.to_numpy(dtype=float)
    sampling = design.sampling if design.sampling is None else replace(design.sampling, inside=weights != 0)
    changed = replace(design, weights=weights, sampling=sampling)
    if design.replicates is not None and done.group is not None:
        group, answered = done.group, done.answered
        n_groups = int(group.max()) + 1

        def ratio(base: Array, which: int) -> Array:
            asked, found = sums_of(group, base, n_groups), sums_of(group, base * answered, n_groups)
            if (empty := (asked > 0) & (found == 0)).any():
                raise DataError(
                    "replicate-failed",
                    f"{int(empty.sum())} groups of cells have no respondent in replicate {which + 1}",
                    where="adjust_nonresponse",
                    hint="join small cells: least_respondents and collapse",
                )
            return np.divide(asked, found, out=np.ones(n_groups), where=found > 0)[group] * answered

        changed = replace(changed, replicates=_readjusted(design, done.inside, group, weights, ratio))
    return _reported(design, changed, done.weighting)


def _calibrated_replicates(design: SurveyDesign, done: Solved, weights: Array) -> Replicates:
    problem = done.problem
    cell = None if problem.on_weights or problem.numeric_names else problem.columns().cell

    def ratio(base: Array, which: int) -> Array:
        return problem.solve(base, f", in replicate {which + 1}").ratio

    return _readjusted(design, done.inside, cell, weights, ratio)


def _readjusted(
    design: SurveyDesign,
    inside: Indices,
    cell: Indices | None,
    weights: Array,
    ratio: Callable[[Array, int], Array],
) -> Replicates:
    """Replicates whose weights are adjusted as those of the sample: factors of the new weights.

    Kept once for every unit and cell that occur together, where `cell` (n_inside,) is what the ratios depend on.
    """
    replicates = design.replicates
    assert replicates is not None
    own = weights[inside]
    used = own != 0  # factors belong to rows with weight: non-respondents have none
    code, first = _shared_rows(replicates, inside[used], None if cell is None else cell[used], len(weights))
    inverse = np.divide(1.0, own, out=np.zeros_like(own), where=own != 0)
    factors = np.zeros((len(first), replicates.n_replicates))
    place = np.full(len(weights), -1)
    place[inside[used]] = np.flatnonzero(used)
    known = place[first] >= 0
    for which in range(replicates.n_replicates):
        base = replicates.weights(design.weights, which)[inside]
        new = base * ratio(base, which) * inverse
        factors[known, which] = new[place[first[known]]]
    return replace(replicates, factors=factors, unit=code, base=None)


def _shared_rows(
    replicates: Replicates, inside: Indices, cell: Indices | None, n_rows: int
) -> tuple[Indices | None, Indices]:
    """Code of each row's factors, and a row of each code."""
    if cell is None or replicates.unit is None or replicates.base is not None:
        return None, np.arange(n_rows)
    whole = np.zeros(n_rows, dtype=np.intp)
    whole[inside] = cell + 1
    pairs = replicates.unit * (int(whole.max()) + 1) + whole
    _, first, code = np.unique(pairs, return_index=True, return_inverse=True)
    return code.reshape(-1).astype(np.intp), first


def _reported(before: SurveyDesign, after: SurveyDesign, weighting: Weighting) -> SurveyDesign:
    """The design with the report of all that was done to its weights."""
    told = weighting if before.weighting is None else weighting.after(before.weighting)
    return replace(after, weighting=told)
