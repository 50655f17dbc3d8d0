"""Little's test of missing completely at random, exact from maximum likelihood moments of incomplete rows.

Source: Little (1988), doi:10.1080/01621459.1988.10478722.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array
from survey_sem.statistics.continuous import Moments
from survey_sem.statistics.incomplete import project, side_of


@dataclass(frozen=True, slots=True, eq=False)
class MeanDistance:
    """How far the means of the patterns lie from the common means.

    Parameters
    ----------
    statistic : float
        Sum over the patterns of n (m - mu)' S^-1 (m - mu), with the observed block S of the covariance matrix.
    df : int
        Observed variables summed over the patterns, less the number of variables.
    by_pattern : array (r,)
        The patterns' parts of the statistic.
    """

    statistic: float
    df: int
    by_pattern: Array


def mean_distance(moments: Moments) -> MeanDistance:
    """Little's statistic at maximum likelihood moments with their patterns; the covariance matrix has the divisor N."""
    patterns = moments.patterns
    assert patterns is not None and moments.mean is not None
    n_obs, cov = patterns.n_obs, moments.cov
    precision = np.linalg.inv(cov)
    parts = np.zeros(len(patterns.counts))
    for chunk in patterns.chunks:
        n_means = chunk.last - chunk.first
        columns = patterns.columns(chunk, moments.mean)[:, :n_means]
        own = np.arange(n_means)
        projected = project(chunk, side_of(chunk, cov, precision), precision, columns.copy(), own)
        parts[chunk.first : chunk.last] = n_obs * np.sum(columns * projected, axis=0)
    return MeanDistance(float(parts.sum()), int(patterns.observed.sum()) - len(cov), parts)


@dataclass(frozen=True, slots=True, eq=False)
class MeanDifferences:
    """Means of every variable (rows) where another one (columns) is missing, less those where it is observed.

    Parameters
    ----------
    standardised : array (p, p)
        In maximum likelihood standard deviations; NaN where one side has no rows.
    n_missing, n_observed : arrays (p, p)
        Rows on either side.
    """

    standardised: Array
    n_missing: Array
    n_observed: Array


def mean_differences(moments: Moments) -> MeanDifferences:
    """Mean differences between rows that lack a variable and rows that have it."""
    patterns = moments.patterns
    assert patterns is not None
    has = patterns.observed.astype(np.float64)
    rows, sums = has * patterns.counts, patterns.means * patterns.counts
    lacking, having = rows @ (1.0 - has).T, rows @ has.T
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = (sums @ (1.0 - has).T) / lacking - (sums @ has.T) / having
    difference[(lacking == 0.0) | (having == 0.0)] = np.nan
    return MeanDifferences(difference / np.sqrt(np.diag(moments.cov))[:, None], lacking, having)
