"""Proportions with intervals that stay between 0 and 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.sample.design.means import means
from survey_sem.sample.design.proportion_intervals import PROPORTION_INTERVALS, ProportionInterval, proportion_limits
from survey_sem.sample.design.results import Estimates
from survey_sem.sample.design.survey_design import Deff, SurveyDesign
from survey_sem.sample.design.variables import Names


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
    found = means(design, variables, by=by, missing=missing, deff=deff, level=level)
    if ((found.estimate < 0) | (found.estimate > 1 + 1e-12)).any():
        raise DataError(
            "no-proportion",
            "a variable is neither 0 or 1 nor a category",
            where="variables",
            hint="design.mean() has means; design.assign(high=data['x'] > 3) makes a yes or no",
        )
    variance = np.diag(found.cov)
    limits = [
        proportion_limits(interval, min(float(p), 1.0), float(v), int(n), found.df, level)
        for p, v, n in zip(found.estimate, variance, found.n, strict=True)
    ]
    bounds = np.array(limits)
    notes = found.notes
    if np.isnan(bounds).any():
        notes = (*notes, f"no '{interval}' interval where a share is 0 or 1 ('beta' has one)")
    return replace(found, interval=bounds, notes=notes, method=f"{found.method}, {interval} interval")
