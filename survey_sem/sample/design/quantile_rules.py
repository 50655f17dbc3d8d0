"""Quantiles of weighted values, by rule: those of R's survey package, under its names.

``math`` (hf1) is the smallest value that has the share p of the weights at or below it, ``school`` (hf2) averages it
with the next where p is exactly its share, hf3 then takes the one of even rank. hf4 to hf9 interpolate between the
sorted values as Hyndman & Fan (1996), doi:10.1080/00031305.1996.10473566, define them, with the share of the weights
in the place of k/n. ``shahvaish`` (Shah & Vaish 2006) takes the last value whose middle share is at most p; as in R,
half a value's weight is taken unscaled, so that this rule alone depends on the sum of the weights.

Below the share of the smallest value every rule gives the smallest value (survey 4.1 gives the second one, or
interpolates from zero).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices

QuantileRule = Literal["math", "school", "shahvaish", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]
QUANTILE_RULES: tuple[QuantileRule, ...] = get_args(QuantileRule)
ROUNDING = 1e-12
"""Shares closer than this are the same: a sum of weights carries rounding."""


def quantiles(values: Array, weights: Array, p: Array, rule: QuantileRule) -> Array:
    """Quantiles (k,) at shares p (k,) of ascending values (n,) with weights (n,); NaN where nothing has a weight.

    Shares outside [0, 1] are moved to its ends.
    """
    used = weights > 0
    values, weights = values[used], weights[used]
    if not len(values):
        return np.full(len(p), np.nan)
    return _RULES[rule](values, weights, np.clip(p, 0.0, 1.0))


def _steps(values: Array, weights: Array, p: Array) -> tuple[Array, Indices, NDArray[np.bool_]]:
    """Distinct values, for every p the first one whose share reaches it, and whether the share is exactly p."""
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    share = np.cumsum(np.add.reduceat(weights, starts)) / weights.sum()
    at = np.minimum(np.searchsorted(share, p - ROUNDING, side="left"), len(starts) - 1)
    return values[starts], at, np.abs(share[at] - p) <= ROUNDING


def _math(values: Array, weights: Array, p: Array) -> Array:
    distinct, at, _ = _steps(values, weights, p)
    return np.asarray(distinct[at])


def _school(values: Array, weights: Array, p: Array) -> Array:
    distinct, at, exact = _steps(values, weights, p)
    following = np.minimum(at + exact, len(distinct) - 1)
    return np.asarray((distinct[at] + distinct[following]) / 2)


def _even(values: Array, weights: Array, p: Array) -> Array:
    distinct, at, exact = _steps(values, weights, p)
    return np.asarray(distinct[np.minimum(at + (exact & (at % 2 == 0)), len(distinct) - 1)])


def _shahvaish(values: Array, weights: Array, p: Array) -> Array:
    n = len(values)
    share = (np.cumsum(weights) * (n / weights.sum()) + 0.5 - weights / 2) / (n + 1)
    order = np.argsort(share, kind="stable")
    at = np.searchsorted(share[order], p + ROUNDING, side="right") - 1
    return np.asarray(values[order][np.maximum(at, 0)])


def _interpolated(share: Callable[[Array, Array], Array]) -> Callable[[Array, Array, Array], Array]:
    """A rule that interpolates between the values placed at their shares."""

    def rule(values: Array, weights: Array, p: Array) -> Array:
        return np.asarray(np.interp(p, share(np.cumsum(weights), weights), values))

    return rule


def _hf7(cumulated: Array, weights: Array) -> Array:
    if len(weights) == 1:
        return np.zeros(1)
    return np.asarray(np.concatenate([[0.0], cumulated[:-1]]) / cumulated[-2])


_RULES: dict[QuantileRule, Callable[[Array, Array, Array], Array]] = {
    "math": _math,
    "school": _school,
    "shahvaish": _shahvaish,
    "hf1": _math,
    "hf2": _school,
    "hf3": _even,
    "hf4": _interpolated(lambda c, w: c / c[-1]),
    "hf5": _interpolated(lambda c, w: (c - w / 2) / c[-1]),
    "hf6": _interpolated(lambda c, w: c / (c[-1] + w[-1])),
    "hf7": _interpolated(_hf7),
    "hf8": _interpolated(lambda c, w: (c - w / 3) / (c[-1] + w[-1] / 3)),
    "hf9": _interpolated(lambda c, w: (c - 3 * w / 8) / (c[-1] + w[-1] / 4)),
}
