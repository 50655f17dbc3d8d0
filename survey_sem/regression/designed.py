"""Regressions of a sample with a design: the variance of the coefficients comes from how the rows were drawn.

The coefficients solve the weighted score equations, and the variance of the sum of the weighted scores stands between
two inverse information matrices. With replicate weights the regression is fitted again under each replicate's weights.
Source: Binder (1983), doi:10.2307/1402588.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from survey_sem.errors import DataError
from survey_sem.linalg import Array, symmetric
from survey_sem.regression.families import Task, fit_family
from survey_sem.regression.fitted import Fitted
from survey_sem.sample.design import SurveyDesign
from survey_sem.sampling.stages import Booleans

LIKELIHOOD = ("logl", "null_logl", "aic", "bic", "deviance", "rss")
"""Measures that a weighted sum of log-likelihoods, which is no likelihood, does not have."""


def by_design(fit: Fitted, task: Task, design: SurveyDesign, used: Booleans) -> tuple[Array, float]:
    """Covariance matrix of the coefficients, and degrees of freedom: those of the design less predictors.

    Parameters
    ----------
    fit, task : Fitted, Task
        The regression, over the rows that are used.
    design : SurveyDesign
        Of all rows.
    used : array of bool (n,)
        Rows in the domain without missing values.
    """
    domain = design if np.array_equal(used, design.inside) else design.subset(used)
    df = float(domain.degrees_of_freedom + 1 - len(fit.theta))
    if df < 1:
        raise DataError(
            "too-few-units",
            f"{len(fit.theta)} coefficients for {domain.degrees_of_freedom} degrees of freedom of the design",
            hint="fewer predictors: every coefficient needs sampling units of its own",
        )
    if domain.replicates is not None:
        return domain.replicate_covariance(lambda w: _refitted(fit, task, w[used]), fit.theta), df
    scores = fit.scores.T
    if not used.all():
        scores = np.zeros((len(fit.theta), len(used)))
        scores[:, used] = fit.scores.T
    return symmetric(fit.bread @ domain.influence_covariance(scores) @ fit.bread), df


def _refitted(fit: Fitted, task: Task, weights: Array) -> Array:
    """Coefficients under other weights; rows of weight 0 are left out."""
    some = weights != 0
    scaled = weights[some] * (int(some.sum()) / weights.sum())
    again = replace(task, x=task.x[some], y=task.y[some], weights=scaled, offset=task.offset[some])
    return fit_family(again).theta


def without_likelihood(measures: Mapping[str, float]) -> dict[str, float]:
    """The measures that mean something in a weighted sample."""
    return {name: value for name, value in measures.items() if name not in LIKELIHOOD}
