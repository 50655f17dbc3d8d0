"""Tail of a weighted sum of chi-squares over another chi-square, as Rao-Scott tests with few sampling units need it."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from survey_sem.linalg import Array


def saddlepoint_f_tail(value: float, weights: Array, df: float) -> float:
    """P(sum of weights_i chi2_1 > value chi2_df / df) by a saddlepoint approximation.

    Weights (k,) above 0. Source: Kuonen (1999), doi:10.1093/biomet/86.4.929.
    """
    terms = np.append(weights, -value / df)
    counts = np.append(np.ones(len(weights)), df)

    def slope(t: float) -> float:
        return float((counts * terms / (1 - 2 * t * terms)).sum())

    mean = slope(0.0)
    if abs(mean) < 1e-6 * value:  # the formula has a removable gap where the mean is 0
        near = [saddlepoint_f_tail(value * (1 + step), weights, df) for step in (-1e-3, 1e-3)]
        return float(np.mean(near))
    low, high = -0.5 * df / value * (1 - 1e-12), 0.5 / weights.max() * (1 - 1e-12)
    t = optimize.brentq(slope, low, high, xtol=1e-300, rtol=1e-14)
    cumulant = -0.5 * (counts * np.log1p(-2 * t * terms)).sum()
    curvature = 2 * (counts * (terms / (1 - 2 * t * terms)) ** 2).sum()
    w = np.sign(t) * np.sqrt(-2 * cumulant)
    return float(special.ndtr(-(w + np.log(t * np.sqrt(curvature) / w) / w)))
