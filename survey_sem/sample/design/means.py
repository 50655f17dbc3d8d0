"""Means, totals, ratios, variances, with design effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array, vech_indices
from survey_sem.sample.design.results import Estimates, check_level, estimates
from survey_sem.sample.design.statistics import Covariances, Ratios, Statistic, Totals
from survey_sem.sample.design.survey_design import Deff, SurveyDesign
from survey_sem.sample.design.variables import Names, Question, question

BLOCK = 4096
"""Rows of which the squares are taken at a time."""
ROUNDING = 1e-28
"""A variance below this share of the mean square is the rounding of zero."""

EMPTY_IN_REPLICATE = (
    "no standard errors where a group is empty in a replicate: merge small groups, or use linearisation"
)


def means(
    design: SurveyDesign, variables: Names, *, by: Names, missing: str | None, deff: Deff, level: float
) -> Estimates:
    """Means and shares, see `SurveyDesign.mean`."""
    return mean_of(question(design, variables, by, missing), level, deff)


def mean_of(asked: Question, level: float, deff: Deff) -> Estimates:
    """Means and shares of what is asked."""
    return answer(asked, mean_statistic(asked), level, deff)


def mean_statistic(asked: Question) -> Ratios:
    """Means and shares as functions of the weights."""
    return Ratios(asked.values, _ones(asked), asked.groups)


def totals(
    design: SurveyDesign, variables: Names, *, by: Names, missing: str | None, deff: Deff, level: float
) -> Estimates:
    """Totals and counts, see `SurveyDesign.total`."""
    asked = question(design, variables, by, missing)
    return answer(asked, Totals(asked.values, asked.groups), level, deff, of_totals=True)


def ratios(
    design: SurveyDesign, numerator: Names, denominator: Names, *, by: Names, missing: str | None, level: float
) -> Estimates:
    """Ratios of totals, see `SurveyDesign.ratio`."""
    above = question(design, numerator, by, missing, levels=False, what="numerator")
    below = question(above.design, denominator, by, missing, levels=False, what="denominator")
    above = question(below.design, numerator, by, missing, levels=False, what="numerator")
    n_above, n_below = len(above.values), len(below.values)
    at, to = np.repeat(np.arange(n_above), n_below), np.tile(np.arange(n_below), n_above)
    own = np.arange(above.groups.n_groups)[:, None]
    labels = above.labels.iloc[(own * n_above + at).ravel()].reset_index(drop=True)
    under = below.labels["variable"].iloc[(own * n_below + to).ravel()].reset_index(drop=True)
    labels = labels.rename(columns={"variable": "numerator"}).assign(denominator=under)
    asked = Question(above.design, above.values[at], labels, above.groups, above.n)
    statistic = Ratios(asked.values, below.values[to], asked.groups)
    if not np.isfinite(statistic.estimate(asked.design.weights)).all():
        raise DataError("zero-denominator", "the total of a denominator is 0", where="denominator")
    return answer(asked, statistic, level, False)


def variances(design: SurveyDesign, variables: Names, *, by: Names, missing: str | None, level: float) -> Estimates:
    """Variances and covariances, see `SurveyDesign.variance`."""
    asked = question(design, variables, by, missing, levels=False)
    if (few := asked.n < 2).all():
        raise DataError("too-few-rows", "no group has two rows", where="by")
    at, to = vech_indices(len(asked.values))
    n_groups = asked.groups.n_groups
    names = asked.labels["variable"].iloc[: len(asked.values)].tolist()
    own = (np.arange(n_groups)[:, None] * len(asked.values) + at).ravel()
    labels = asked.labels.iloc[own].reset_index(drop=True)
    labels = labels.assign(**{"with": [names[k] for k in to] * n_groups})
    described = Question(asked.design, asked.values, labels, asked.groups, asked.n)
    found = answer(described, Covariances(asked.values, asked.groups, asked.n), level, False)
    if not few.any():
        return found
    return replace(found, notes=(f"no variance in groups of a single row: {int(few.sum())}", *found.notes))


def answer(asked: Question, statistic: Statistic, level: float, deff: Deff, *, of_totals: bool = False) -> Estimates:
    """A statistic with its covariance, intervals and design effects."""
    level = check_level(level)
    estimate, cov = asked.design.evaluate(statistic)
    effects, notes = design_effects(asked, np.diag(cov), deff, of_totals=of_totals)
    per_group = statistic.width // asked.groups.n_groups
    if asked.design.replicates is not None and np.isnan(cov).any():
        notes = (*notes, EMPTY_IN_REPLICATE)
    return estimates(
        asked.labels,
        estimate,
        cov,
        asked.design.degrees_of_freedom,
        np.repeat(asked.n, per_group),
        level=level,
        deff=effects,
        method="replicates" if asked.design.replicates is not None else "linearisation",
        notes=notes,
    )


def design_effects(
    asked: Question, variance: Array, deff: Any, *, of_totals: bool
) -> tuple[Array | None, tuple[str, ...]]:
    """Variances over those of a simple random sample of the same size, and what is to be said about them."""
    if deff not in (True, False, "replace"):
        raise OptionError(
            "unknown-option", "deff is not known", where="deff", expected="True, False, 'replace'", got=repr(deff)
        )
    if deff is False:
        return None, ()
    weights, k = asked.design.weights, len(asked.values)
    size = asked.groups.sums(np.ones((1, len(weights))), weights).ravel()
    n = asked.n.astype(np.float64)
    is_relative = (weights[weights != 0] < 1).any()  # who stands for a population stands for himself at least
    if deff is True and (is_relative or (size <= n).any()):
        return None, ("no design effects: weights do not sum to a population larger than the sample (deff='replace')",)
    simple = _variances(asked) * n[:, None] / np.maximum(n - 1, 1)[:, None]
    share = 1.0 if deff == "replace" else (size - n) / size
    simple = simple * (share / n)[:, None] if deff is True else simple / n[:, None]
    if of_totals:
        simple = simple * (size**2)[:, None]
    simple = simple.reshape(asked.groups.n_groups * k)
    found = np.divide(variance, simple, out=np.full(len(simple), np.nan), where=(simple > 0) & (np.repeat(n, k) > 1))
    return found, ()


def _variances(asked: Question) -> Array:
    """Weighted variances (n_groups, k), divisor the sum of weights."""
    weights, found = asked.design.weights, []
    for group in range(asked.groups.n_groups):
        rows = asked.groups.rows(group)
        w, values = weights[rows], asked.values[:, rows]
        mean = values @ w / w.sum()
        variance = np.zeros(len(mean))
        for start in range(0, len(w), BLOCK):
            centred = values[:, start : start + BLOCK] - mean[:, None]
            variance += np.square(centred, out=centred) @ w[start : start + BLOCK]
        variance /= w.sum()
        variance[variance <= ROUNDING * (variance + mean**2)] = 0.0
        found.append(variance)
    return np.array(found)


def _ones(asked: Question) -> Array:
    return np.ones((1, asked.values.shape[1]))
