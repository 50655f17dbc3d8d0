"""Latent means of groups, less those of the first group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.inference.distributions import normal_quantile, two_sided_p
from survey_sem.inference.latent_means import mean_differences
from survey_sem.linalg import as_array
from survey_sem.results import SemResult


@dataclass(frozen=True, slots=True)
class LatentMean:
    """A latent mean less that of the first group, on the factor's scale and in pooled standard deviations."""

    latent: str
    group: int
    group_label: str
    against: str
    difference: float
    se: float
    z: float
    p_value: float
    ci_lower: float
    ci_upper: float
    standardised: float
    standardised_se: float


def latent_means(fit: SemResult) -> tuple[LatentMean, ...]:
    """The differences of all factors and groups; none where the fit has no standard errors."""
    differences = mean_differences(fit.solution)
    if not differences or fit.options["se"] == "none" or not fit.identified:
        return ()
    se = fit.solution.standard_errors(np.array([each.slope for each in differences]))
    standardised_se = fit.solution.standard_errors(np.array([each.standardised_slope for each in differences]))
    width = normal_quantile(0.5 + fit.options["ci_level"] / 2.0)
    found = []
    for each, own, other in zip(differences, se, standardised_se, strict=True):
        if own <= 0.0:
            continue
        z = each.difference / float(own)
        found.append(
            LatentMean(
                each.latent, each.group, fit.group_labels[each.group - 1], fit.group_labels[0],
                each.difference, float(own), z, float(two_sided_p(as_array([z]))[0]),
                each.difference - width * float(own), each.difference + width * float(own),
                each.standardised, float(other),
            )
        )  # fmt: skip
    return tuple(found)
