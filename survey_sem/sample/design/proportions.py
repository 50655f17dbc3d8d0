"""Proportions with intervals that stay between 0 and 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array
from survey_sem.sample.design.means import mean_of, mean_statistic
from survey_sem.sample.design.proportion_intervals import PROPORTION_INTERVALS, ProportionInterval, proportion_limits
from survey_sem.sample.design.results import Estimates
from survey_sem.sample.design.survey_design import Deff, SurveyDesign
from survey_sem.sample.design.variables import Names, Question, question


def proportions(
    design: SurveyDesign,
    variables: Names,
    *,
    by: Names,
    missing: str | None,
    interval: ProportionInterval,
    deff: Deff,
    level: float,
) -> Estimates:
    """Proportions, see `SurveyDesign.proportion`."""
    if interval not in PROPORTION_INTERVALS:
        raise OptionError(
            "unknown-option",
            f"interval does not know '{interval}'",
            where="interval",
            expected=", ".join(PROPORTION_INTERVALS),
        )
    asked = question(design, variables, by, missing)
    found = mean_of(asked, level, deff)
    if ((found.estimate < 0) | (found.estimate > 1 + 1e-12)).any():
        raise DataError(
            "no-proportion",
            "a variable is neither 0 or 1 nor a category",
            where="variables",
            hint="design.mean() has means; design.assign(high=data['x'] > 3) makes a yes or no",
        )
    variance = np.diag(found.cov)
    if interval == "logit" and asked.design.replicates is not None:
        variance = _replicated_on_logits(asked, found.estimate)
    own_df = asked.own_df(len(variance) // asked.groups.n_groups)
    limits = [
        proportion_limits(interval, min(float(p), 1.0), float(v), int(n), float(df), level)
        for p, v, n, df in zip(found.estimate, variance, found.n, own_df, strict=True)
    ]
    bounds = np.array(limits)
    notes = found.notes
    if (own_df <= 0).any() and found.df > 0:
        notes = (*notes, "no intervals where a group leaves no degrees of freedom")
    if np.isnan(bounds[own_df > 0]).any():
        notes = (*notes, f"no '{interval}' interval where a share is 0 or 1 ('beta' has one) or has no variance")
    method = f"{found.method}, {interval} interval"
    return replace(found, interval=bounds, notes=notes, method=method, own_df=own_df)


def _replicated_on_logits(asked: Question, estimate: Array) -> Array:
    """Variances (k,) of the logits from the logits in each replicate, brought to the scale of the proportions."""
    shares = mean_statistic(asked)
    with np.errstate(divide="ignore"):
        cov = asked.design.replicate_covariance(
            lambda weights: special.logit(shares.estimate(weights)), special.logit(estimate), partial=True
        )
    return np.asarray(np.diag(cov) * (estimate * (1 - estimate)) ** 2)
