"""Answer sheets that resemble one another: equal ids and addresses, bursts, answer vectors that are nearly the same.

Arrays only. Keys are codes from 0 (-1: unknown).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices

_MOST_NEIGHBOURS = 64
"""In a group of candidates larger than this, a sheet is held against so many neighbours in sorted order."""
_LEAST_ANSWERED = 0.5
_PAIRS_AT_ONCE = 500_000


def others_alike(codes: Indices) -> Array:
    """How many other sheets have the same key; NaN where it is unknown."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return np.where(codes >= 0, counts[np.maximum(codes, 0)] - 1.0, np.nan)


def burst_size(codes: Indices, seconds: Array, window: float) -> Array:
    """Most sheets of the same key within `window` seconds, this one among them; NaN where key or time is unknown."""
    found = np.full(len(codes), np.nan)
    rows = np.flatnonzero((codes >= 0) & ~np.isnan(seconds))
    if not len(rows):
        return found
    times = seconds[rows] - seconds[rows].min()
    line = codes[rows] * (times.max() + 2.0 * window + 1.0) + times  # keys one behind the other, too far to mix
    order = np.argsort(line, kind="stable")
    line = line[order]
    after = np.searchsorted(line, line + window, side="right")
    before = np.searchsorted(line, line - window, side="left")
    at = np.arange(len(line))
    found[rows[order]] = _range_maxima((after - at).astype(np.float64), before, at)
    return found


def _range_maxima(values: Array, first: Indices, last: Indices) -> Array:
    """Greatest of ``values[first..last]`` for every pair, by a table of maxima over powers of two."""
    lengths = last - first + 1
    levels = np.frexp(lengths)[1] - 1
    found = np.empty(len(values))
    table = values
    for level in range(int(levels.max()) + 1):
        rows = np.flatnonzero(levels == level)
        found[rows] = np.maximum(table[first[rows]], table[last[rows] - (1 << level) + 1])
        step = 1 << level
        table = np.maximum(table[:-step], table[step:]) if len(table) > step else table
    return found


def near_duplicates(answers: Array, least: float) -> Array:
    """Greatest share of equal answers with any other sheet, where that is at least `least`; else 0.

    Sheets that differ in at most d items agree throughout in one of d + 1 blocks of items: only those whose block has
    the same hash are compared, never all with all. Sheets with fewer than half of the answers say nothing: NaN; an
    answer that is missing equals none. Where more than a few dozen sheets share a block, each is compared with those
    next to it in the order of their answers.

    Parameters
    ----------
    answers : array (n, p)
        Before anything is reversed.
    least : float
        Share in (0, 1].
    """
    n, p = answers.shape
    found = np.full(n, np.nan)
    rows = np.flatnonzero((~np.isnan(answers)).mean(axis=1) >= _LEAST_ANSWERED)
    if len(rows) < 2:
        found[rows] = 0.0
        return found
    codes = _codes(answers[rows])
    best = np.zeros(len(rows))
    spare = int(np.floor((1.0 - least) * p + 1e-9))
    for block in np.array_split(np.arange(p), spare + 1):
        if len(block):
            _compare_groups(codes, _hashes(codes[:, block]), best)
    found[rows] = np.where(best >= least - 1e-12, best, 0.0)
    return found


def _codes(answers: Array) -> NDArray[np.int16]:
    """Answers as small whole numbers, -1 where missing."""
    codes = np.unique(answers, return_inverse=True)[1]
    found = codes.reshape(answers.shape).astype(np.int16)
    found[np.isnan(answers)] = -1
    return found


def _hashes(codes: NDArray[np.int16]) -> NDArray[np.uint64]:
    """64 bits per row; equal rows have equal ones, and what has equal ones is compared afterwards."""
    drawn = np.random.default_rng(20260501).integers(1, 2**63, codes.shape[1], dtype=np.uint64)
    factors = np.bitwise_or(drawn << np.uint64(1), np.uint64(1))  # odd: no bit of a code is lost
    found = np.zeros(len(codes), dtype=np.uint64)
    for at in range(codes.shape[1]):
        np.add(found, (codes[:, at] + np.int16(2)).astype(np.uint64) * factors[at], out=found)
    return found


def _compare_groups(codes: NDArray[np.int16], hashes: NDArray[np.uint64], best: Array) -> None:
    """Raise `best` to the share of equal answers of every pair within a group of equal hashes."""
    order = np.lexsort((_hashes(codes), hashes))
    sorted_hashes = hashes[order]
    starts = np.flatnonzero(np.r_[True, sorted_hashes[1:] != sorted_hashes[:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    left = np.repeat(sizes, sizes) - (np.arange(len(order)) - np.repeat(starts, sizes)) - 1
    for step in range(1, min(int(sizes.max()) - 1, _MOST_NEIGHBOURS) + 1):
        places = np.flatnonzero(left >= step)
        for low in range(0, len(places), _PAIRS_AT_ONCE):
            at = places[low : low + _PAIRS_AT_ONCE]
            one, other = order[at], order[at + step]
            a, b = codes[one], codes[other]
            share = ((a == b) & (a >= 0)).mean(axis=1)
            np.maximum.at(best, one, share)
            np.maximum.at(best, other, share)
