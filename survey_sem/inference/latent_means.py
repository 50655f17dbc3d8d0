"""Means of latent variables, compared over groups."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from survey_sem.estimation.implied import eta_jacobian
from survey_sem.inference.solution import Solution
from survey_sem.inference.standardise import spreads
from survey_sem.linalg import Array


@dataclass(frozen=True, slots=True, eq=False)
class MeanDifference:
    """A latent mean less that of the first group.

    Parameters
    ----------
    latent : str
    group : int
        1-based.
    difference, slope : float, array (q,)
        On the factor's scale, with its derivative.
    standardised, standardised_slope : float, array (q,)
        Divided by the pooled standard deviation of the two groups, variances weighted by the numbers of observations;
        NaN where that is not positive.
    """

    latent: str
    group: int
    difference: float
    slope: Array
    standardised: float
    standardised_slope: Array


def mean_differences(solution: Solution) -> tuple[MeanDifference, ...]:
    """Differences of all latent means from the first group's, group by group."""
    estimates = solution.estimates
    by_group = spreads(solution)
    counts = [moments.n_obs for moments in solution.moments]
    found = []
    for block in range(1, len(counts)):
        for name in estimates.table.names("lv", block + 1):
            if name not in estimates.table.names("lv", 1):
                continue
            here, there = _mean(solution, block, name), _mean(solution, 0, name)
            difference, slope = here[0] - there[0], here[1] - there[1]
            share = counts[block] / (counts[block] + counts[0])
            own, first = by_group[block].total[name], by_group[0].total[name]
            variance = share * own.value + (1.0 - share) * first.value
            change = share * own.change + (1.0 - share) * first.change
            standardised, turned = _over_root(difference, slope, variance, change)
            found.append(MeanDifference(name, block + 1, difference, slope, standardised, turned))
    return tuple(found)


def _over_root(value: float, slope: Array, variance: float, change: Array) -> tuple[float, Array]:
    """value / sqrt(variance) and its derivative."""
    if variance <= 0.0:
        return float("nan"), np.full_like(slope, np.nan)
    root = sqrt(variance)
    return value / root, slope / root - 0.5 * value * change / (variance * root)


def _mean(solution: Solution, block: int, name: str) -> tuple[float, Array]:
    estimates = solution.estimates
    rep, moments = estimates.model.groups[block], estimates.points[block].moments
    at = rep.latent.index(name)
    slope = np.zeros(len(estimates.theta))
    slope[rep.theta] = eta_jacobian(rep, moments).w[:, at]
    return float(moments.mean_eta[at]), slope
