"""Tail areas of the distributions that tests refer to."""

from __future__ import annotations

from math import isfinite

from scipy import special

from survey_sem.linalg import Array, as_array


def chi_square_tail(statistic: float, df: float) -> float:
    """P(chi-square with `df` degrees of freedom > statistic)."""
    return float(special.chdtrc(df, statistic))


def chi_square_quantile(probability: float, df: float) -> float:
    """The value that chi-square with `df` degrees of freedom stays below with `probability`."""
    return float(special.chdtri(df, 1.0 - probability))


def noncentral_chi_square_below(statistic: float, df: float, noncentrality: float) -> float:
    """P(noncentral chi-square < statistic)."""
    return float(special.chndtr(statistic, df, noncentrality))


def noncentrality_for(statistic: float, df: float, probability: float) -> float:
    """The noncentrality under which the statistic is reached or exceeded with 1 - `probability`; 0 where none is.

    Solves ``P(noncentral chi-square(df, nc) < statistic) = probability`` for nc by bisection to full precision.
    """
    if not isfinite(statistic) or noncentral_chi_square_below(statistic, df, 0.0) < probability:
        return 0.0
    low, high = 0.0, max(4.0 * statistic, 10.0)
    while noncentral_chi_square_below(statistic, df, high) > probability:
        low, high = high, 4.0 * high
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if noncentral_chi_square_below(statistic, df, middle) > probability:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def two_sided_p(z: Array) -> Array:
    """Two-sided p-value of standard normal statistics."""
    return 2.0 * as_array(special.ndtr(-abs(z)))


def normal_quantile(probability: float) -> float:
    """Standard normal quantile."""
    return float(special.ndtri(probability))
