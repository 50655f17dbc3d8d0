"""Predictive mean matching: the observed values whose predictions are nearest.

Predictions are compared at single precision, so that rows with equal predictors tie. Every donor's key holds its
prediction, mapped to an unsigned integer of the same order, above the position of its value in a table of values: one
sort of plain integers orders the donors and carries the values along.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices

Keys = NDArray[np.uint64]
Codes = NDArray[np.uint64]

_SIGN = np.uint32(0x80000000)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
"""The key of a row that is no donor: behind all others."""


def ordered_bits(values: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Unsigned integers in the order of the values."""
    bits = values.view(np.uint32)
    return bits ^ ((values.view(np.int32) >> 31).view(np.uint32) | _SIGN)


def _values(bits: NDArray[np.uint32]) -> NDArray[np.float32]:
    """The values behind `ordered_bits`."""
    negative = bits < _SIGN
    return np.where(negative, ~bits, bits ^ _SIGN).view(np.float32)


def donor_keys(predictions: NDArray[np.float32], codes: Codes, others: Indices, n_donors: int) -> Keys:
    """Sorted keys of the donors.

    Parameters
    ----------
    predictions : float32 array (n,)
        Of all rows.
    codes : uint64 array (n,)
        Positions of the rows' values in a table, below 2^32.
    others : array of row numbers
        Rows that are no donors.
    n_donors : int
        Number of rows that are.
    """
    keys = ordered_bits(predictions).astype(np.uint64)
    keys <<= _HALF
    keys |= codes
    keys[others] = LAST
    keys.sort()
    return keys[:n_donors]


def match(keys: Keys, predictions: NDArray[np.float32], n_nearest: int, rng: np.random.Generator) -> Codes:
    """For each prediction the code of one of its `n_nearest` donors, drawn at random.

    Where more donors than that are equally near, chance decides which of them count.
    """
    n_nearest = min(n_nearest, len(keys))
    ordering = np.argsort(predictions, kind="stable")
    wanted = predictions[ordering]
    donors = _values((keys >> _HALF).astype(np.uint32))
    start = _nearest_window(donors, keys, wanted, n_nearest)
    picked = start + rng.integers(0, n_nearest, len(wanted))
    chance = rng.random(len(wanted))
    low, high = donors[start], donors[start + n_nearest - 1]
    farthest = np.where(wanted - low >= high - wanted, low, high)
    tied = np.flatnonzero(donors[picked] == farthest)
    edge = ordered_bits(farthest[tied]).astype(np.uint64) << _HALF
    first, last = np.searchsorted(keys, edge, side="left"), np.searchsorted(keys, edge | _LOW, side="right")
    picked[tied] = first + (chance[tied] * (last - first)).astype(np.intp)
    found = np.empty(len(wanted), dtype=np.uint64)
    found[ordering] = keys[picked] & _LOW
    return found


def _nearest_window(donors: Array, keys: Keys, wanted: NDArray[np.float32], size: int) -> Indices:
    """Where the run of the `size` nearest donors begins, for sorted predictions."""
    n = len(donors)
    at = np.searchsorted(keys, ordered_bits(wanted).astype(np.uint64) << _HALF)
    start = np.clip(at - size, 0, n - size)
    for _ in range(size):
        beyond = start + size
        inside = beyond < n
        right = donors[np.minimum(beyond, n - 1)] - wanted
        start += inside & (right < wanted - donors[start])
    return start
