"""Confidence intervals from bootstrap draws.

Sources: Davison & Hinkley (1997), chapter 5; Efron (1987), doi:10.1080/01621459.1987.10478410.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from survey_sem.inference.distributions import normal_quantile
from survey_sem.linalg import Array

IntervalKind = Literal["percentile", "bc", "bca", "normal"]
INTERVALS: tuple[IntervalKind, ...] = ("percentile", "bc", "bca", "normal")


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Standard errors and intervals of k quantities, each of shape (k,).

    `is_extreme` (k,) says whether an end lies beyond what the number of draws can show: it is then the smallest or
    largest draw.
    """

    se: Array
    lower: Array
    upper: Array
    is_extreme: Array


def bootstrap_intervals(
    draws: Array, values: Array, kind: IntervalKind, level: float, acceleration: Array | None = None
) -> Intervals:
    """Standard errors and intervals of k quantities.

    Parameters
    ----------
    draws : array (R, k)
        Draws that are not finite are left out, quantity by quantity.
    values : array (k,)
        Estimates from the sample itself.
    kind : {"percentile", "bc", "bca", "normal"}
        ``normal`` is centred at the estimate less its bootstrap bias.
    level : float
        Coverage.
    acceleration : array (k,), optional
        Of the estimates, for ``bca``.
    """
    columns = []
    for at, value in enumerate(values):
        own = draws[np.isfinite(draws[:, at]), at]
        speed = 0.0 if acceleration is None else float(acceleration[at])
        columns.append(_interval(np.sort(own), float(value), kind, level, speed))
    se, lower, upper, extreme = (np.array(column) for column in zip(*columns, strict=True)) if columns else ([],) * 4
    return Intervals(np.asarray(se), np.asarray(lower), np.asarray(upper), np.asarray(extreme, dtype=bool))


def _interval(
    draws: Array, value: float, kind: IntervalKind, level: float, acceleration: float
) -> tuple[float, float, float, bool]:
    if len(draws) < 2 or not np.isfinite(value):
        return np.nan, np.nan, np.nan, False
    if draws[0] == draws[-1] == value:
        return 0.0, value, value, False
    se = float(draws.std(ddof=1))
    if kind == "normal":
        width, centre = normal_quantile(0.5 + level / 2.0) * se, 2.0 * value - float(draws.mean())
        return se, centre - width, centre + width, False
    bias = 0.0 if kind == "percentile" else bias_correction(draws, value)
    tails = [
        adjusted_level(bias, acceleration if kind == "bca" else 0.0, (1.0 + sign * level) / 2.0) for sign in (-1, 1)
    ]
    lower, upper = (interpolated_quantile(draws, tail) for tail in tails)
    n_draws = len(draws)
    is_extreme = any(not 1 <= tail * (n_draws + 1) <= n_draws for tail in tails)
    return se, min(lower, upper), max(lower, upper), is_extreme


def bias_correction(draws: Array, value: float) -> float:
    """z0: the normal quantile of the share of draws below the estimate, ties counted half."""
    below = float(np.mean(draws < value) + 0.5 * np.mean(draws == value))
    return float(special.ndtri(below))


def adjusted_level(bias: float, acceleration: float, probability: float) -> float:
    """The level of the bootstrap distribution that stands for `probability` (Efron 1987)."""
    if not np.isfinite(bias):
        return 0.0 if bias < 0 else 1.0
    shifted = bias + normal_quantile(probability)
    below = 1.0 - acceleration * shifted
    if below <= 0.0:
        return 1.0 if shifted > 0 else 0.0
    return float(special.ndtr(bias + shifted / below))


def interpolated_quantile(ordered: Array, probability: float) -> float:
    """Quantile of draws in ascending order, interpolated on the normal scale (Davison & Hinkley 1997, eq. 5.8)."""
    n_draws = len(ordered)
    position = (n_draws + 1) * probability
    k = int(position + 1e-9)
    if k < 1:
        return float(ordered[0])
    if k >= n_draws:
        return float(ordered[-1])
    low, high = normal_quantile(k / (n_draws + 1)), normal_quantile((k + 1) / (n_draws + 1))
    weight = max(0.0, (normal_quantile(probability) - low) / (high - low))
    return float(ordered[k - 1] + weight * (ordered[k] - ordered[k - 1]))
