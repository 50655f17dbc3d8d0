"""Cutting off extreme weights, and giving what was cut to the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array

MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Trimmed:
    """Weights within limits.

    Parameters
    ----------
    weights : array (n,)
        They sum to what the weights summed to before.
    n_low, n_high : int
        Rows whose weight was raised to the lower, cut to the upper limit, in all rounds.
    rounds : int
        Passes; more than one under `strict` only.
    within : bool
        Whether every weight is within the limits; without `strict` redistribution may push some beyond.
    """

    weights: Array
    n_low: int
    n_high: int
    rounds: int
    within: bool


def trim(weights: Array, lower: float, upper: float, *, strict: bool = False) -> Trimmed | None:
    """Cut weights to the limits and share the difference equally among those that were within them.

    A row without weight is not in the sample and stays so.

    Parameters
    ----------
    weights : array (n,)
        Weights.
    lower, upper : float
        Limits; infinite: none.
    strict : bool
        Again until redistribution pushes no weight beyond a limit.

    Returns
    -------
    Trimmed or None
        None where no weight is left to share the difference: the limits cannot hold the sum of the weights.
    """
    there = weights != 0
    now = weights.copy()
    n_low = n_high = rounds = 0
    while rounds < (MOST_ROUNDS if strict else 1):
        low, high = there & (now < lower), there & (now > upper)
        if not (low.any() or high.any()):
            break
        free = there & ~low & ~high
        cut = np.where(low, lower, np.where(high, upper, now))
        if not free.any():
            return None
        rest = float((now - cut).sum())
        now = np.where(free, now + rest / int(free.sum()), cut)
        n_low, n_high, rounds = n_low + int(low.sum()), n_high + int(high.sum()), rounds + 1
    limits = (lower - 1e-9 * abs(lower) if np.isfinite(lower) else lower, upper * (1 + 1e-9))
    within = bool((there & ((now < limits[0]) | (now > limits[1]))).sum() == 0)
    if strict and not within:
        return None
    return Trimmed(now, n_low, n_high, rounds, within)
