"""Confidence limits of a proportion from its estimate and its design-based variance.

Korn & Graubard (1998), Survey Methodology 24, 193-201 (beta); Rao & Scott (1984), doi:10.1214/aos/1176346391
(likelihood).
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy import optimize, special

from survey_sem.sample.design.results import t_quantile

ProportionInterval = Literal["logit", "xlogit", "likelihood", "asin", "beta", "mean"]
PROPORTION_INTERVALS: tuple[ProportionInterval, ...] = get_args(ProportionInterval)


def proportion_limits(
    method: ProportionInterval, p: float, variance: float, n: int, df: float, level: float
) -> tuple[float, float]:
    """Lower and upper limit.

    Parameters
    ----------
    method : {"logit", "xlogit", "likelihood", "asin", "beta", "mean"}
        t limits on the scale of the logit (two names for the same from one variance), of the arcsine of the root, or as
        it is (``mean``); the likelihood of n independent answers, its deviance divided by the design effect; ``beta``:
        Clopper and Pearson's limits at the effective sample size.
    p, variance : float
        The estimate and its sampling variance.
    n : int
        Rows with a weight.
    df : float
        Degrees of freedom of the design.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        NaN where the method has none: no variance, no degrees of freedom, or a proportion of 0 or 1 (``beta`` has
        one there, from n alone).
    """
    t, spread, se = t_quantile(level, df), p * (1 - p), float(np.sqrt(max(variance, 0.0)))
    if method == "mean":
        return p - t * se, p + t * se
    if np.isnan(variance):
        return float("nan"), float("nan")
    if method == "beta":
        return _beta(p, variance, n, df, level)
    if not 0 < p < 1 or not variance > 0:
        return float("nan"), float("nan")
    if method in ("logit", "xlogit"):
        middle, half = float(special.logit(p)), t * se / spread
        return float(special.expit(middle - half)), float(special.expit(middle + half))
    if method == "asin":
        middle, half = float(np.arcsin(np.sqrt(p))), t * se / (2 * np.sqrt(spread))
        low, high = max(middle - half, 0.0), min(middle + half, np.pi / 2)
        return float(np.sin(low) ** 2), float(np.sin(high) ** 2)
    return _likelihood(p, t * t * variance / spread)


def _beta(p: float, variance: float, n: int, df: float, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    effective = float(n)
    if variance > 0 and 0 < p < 1:
        effective = p * (1 - p) / variance * (t_quantile(level, n - 1) / t_quantile(level, df)) ** 2
    low = special.betaincinv(effective * p, effective * (1 - p) + 1, tail) if p > 0 else 0.0
    high = special.betaincinv(effective * p + 1, effective * (1 - p), 1 - tail) if p < 1 else 1.0
    return float(low), float(high)


def _likelihood(p: float, height: float) -> tuple[float, float]:
    """Where twice the Kullback-Leibler distance from p, per observation, reaches `height`."""

    def excess(logit: float) -> float:
        other = special.expit(logit)
        return float(2 * (special.rel_entr(p, other) + special.rel_entr(1 - p, 1 - other)) - height)

    middle, step = float(special.logit(p)), 1.0
    while min(excess(middle - step), excess(middle + step)) < 0:
        step *= 2
    low = optimize.brentq(excess, middle - step, middle, xtol=1e-13)
    high = optimize.brentq(excess, middle, middle + step, xtol=1e-13)
    return float(special.expit(low)), float(special.expit(high))
